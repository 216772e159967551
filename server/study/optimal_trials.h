// The incumbent and the Pareto front.
#ifndef PHOTINUS_SERVER_STUDY_OPTIMAL_TRIALS_H_
#define PHOTINUS_SERVER_STUDY_OPTIMAL_TRIALS_H_

#include <cstdint>
#include <vector>

namespace photinus {

struct TrialCosts {
  int64_t id = 0;
  std::vector<double> costs;  // to be minimised; finite

  bool operator==(const TrialCosts&) const = default;
};

// Ids, ascending, of the trials that no other dominates: is no worse anywhere and not the same. With one cost that is
// the incumbent alone, of equally good trials the oldest. All have equally many costs. O(n log n) for n trials and up
// to two costs, and less than O(n^1.6) for more.
std::vector<int64_t> OptimalTrials(std::vector<TrialCosts> trials);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_OPTIMAL_TRIALS_H_
