// What a finished trial achieved, as every search algorithm sees it.
#ifndef PHOTINUS_SERVER_ALGORITHMS_GOALS_H_
#define PHOTINUS_SERVER_ALGORITHMS_GOALS_H_

#include <optional>
#include <string>
#include <vector>

namespace photinus {

struct Objective {
  std::string metric;
  bool maximize = true;
};

// What trials must satisfy. A trial's slack says how far it is from violating it: negative if it does, NaN if nobody
// knows.
struct Constraint {
  double least_feasible = 0;  // the share of suggestions that are to satisfy it, if the algorithm can; it may want more
};

// A finished trial's objectives, in their order, as goals: finite, and larger is better. Nullopt: the trial failed,
// because it is infeasible, or an objective is missing or not finite; it is worse than every other trial.
// objectives: in the metrics' own units.
std::optional<std::vector<double>> GoalsOf(std::vector<double> objectives, bool infeasible,
                                           const std::vector<Objective>& problem);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_GOALS_H_
