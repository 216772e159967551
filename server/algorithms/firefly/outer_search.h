// The outer firefly of Hyper-Firefly: it searches for the hyper-parameters of the inner swarm while that searches.
#ifndef PHOTINUS_SERVER_ALGORITHMS_FIREFLY_OUTER_SEARCH_H_
#define PHOTINUS_SERVER_ALGORITHMS_FIREFLY_OUTER_SEARCH_H_

#include <cstdint>
#include <vector>

#include "server/algorithms/firefly/brightness.h"
#include "server/algorithms/firefly/fly.h"
#include "server/algorithms/firefly/hyper_parameters.h"

namespace photinus::firefly {

inline constexpr int64_t kEpoch = 50;  // completed trials between two steps of the outer search, and in its window

// Epoch 0 flies with the defaults. Afterwards a small swarm of plain fireflies, begun near the defaults, proposes the
// hyper-parameters of each epoch; its reward is the best objective of the latest kEpoch feasible trials, as in the
// paper. Its flies are short-lived, because rewards rise by themselves while the inner search gets on.
struct OuterSearch {
  // Counts a completed trial; `goals` is null for an infeasible one, which does not enter the window. True if an epoch
  // ended: then hyper() is new.
  bool Complete(const std::vector<double>* goals, const GoalRanges& ranges, uint64_t seed);

  HyperParameters hyper() const;

  int64_t epoch = 0;
  int64_t completed = 0;       // trials in this epoch
  std::vector<double> window;  // goals of the latest trials, one trial after the other, oldest first
  UnitPoint current;           // of the cube of hyper-parameters; empty: the defaults
  int64_t current_fly = 1;     // whose move it is
  std::vector<Fly> flies;      // ascending id

 private:
  void Judge(double reward);
  void Propose(uint64_t seed);
};

}  // namespace photinus::firefly

#endif  // PHOTINUS_SERVER_ALGORITHMS_FIREFLY_OUTER_SEARCH_H_
