// A request's history as algorithms want it: in unit coordinates, with goals that are all to be maximised.
#ifndef PHOTINUS_SERVER_ALGORITHMS_HISTORY_H_
#define PHOTINUS_SERVER_ALGORITHMS_HISTORY_H_

#include <cstdint>
#include <vector>

#include "common/space/flatten.h"
#include "server/algorithms/sampling/visited_points.h"
#include "server/algorithms/suggestion_algorithm.h"

namespace photinus {

// A finished trial.
struct Evaluation {
  int64_t trial_id = 0;
  UnitPoint unit;             // may lie outside the bounds
  std::vector<double> goals;  // GoalsOf; empty if the trial failed
  bool failed = false;
};

// By the first goal. Failed trials are worse than all others; without goals all others are equal.
bool IsBetter(const Evaluation& a, const Evaluation& b);

struct History {
  std::vector<Evaluation> evaluations;  // ascending trial id; points from another space are left out
  std::vector<UnitPoint> pending;
  // What is not to be suggested: pending points and every other point that has a trial. If the request is noisy, of
  // those only the points that failed whenever they were tried; to violate a constraint, once, may have been chance.
  VisitedPoints excluded;
  std::vector<UnitPoint> only_failed = {};  // those, of a noisy request

  // Of a noisy request: excludes pending points only, as where no others are left. False if it did so already.
  bool AllowFailures();
  // Counts a point as pending from now on, because it is being suggested.
  void AddPending(UnitPoint unit);
};

// The points that have trials, whatever became of these. Borrowed: the flattened space, the request's encoded trials.
VisitedPoints TriedPoints(const Flatten& flatten, const SuggestRequest& request);

// From the request's lists or, where it has them, its encoded trials. They and the flattened space are borrowed.
History ReadHistory(const Flatten& flatten, const SuggestRequest& request);

// The trials of each study that the request starts warm with, in the same form. Which of two is better can be said
// within a study only.
std::vector<std::vector<Evaluation>> ReadPrior(const Flatten& flatten, const SuggestRequest& request);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_HISTORY_H_
