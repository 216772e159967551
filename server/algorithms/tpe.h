#ifndef PHOTINUS_SERVER_ALGORITHMS_TPE_H_
#define PHOTINUS_SERVER_ALGORITHMS_TPE_H_

#include <cstdint>
#include <string_view>

#include "server/algorithms/suggestion_algorithm.h"

namespace photinus {

// TPE, the tree-structured Parzen estimator [Bergstra et al. 2011] in its multivariate form [Falkner et al. 2018].
//
// After an initial design of 10 trials, the best 15 % of the finished ones (at most 25) are good, all others bad; of
// several objectives the best are those of the lowest fronts, the least crowded first. Failed trials and pending ones
// are bad. Of 24 draws from the density of the good points, the suggestion is the one with the highest ratio of that
// density to the density of the bad points [Bergstra et al. 2011, eq. 5].
//
// Until a study that starts warm has 30 finished trials, those of other studies stand for the missing ones, also for
// those of the initial design. They are divided into good and bad by themselves.
//
// The bad points have at most 500 kernels: beyond that, the latest 100 pending trials and evenly spaced ranks of the
// finished ones stand for all, so that a suggestion's cost does not grow with the number of trials but for reading
// them.
class Tpe final : public SuggestionAlgorithm {
 public:
  bool UsesEncodedTrials(std::string_view, int64_t) const override { return true; }
  absl::StatusOr<SuggestResult> Suggest(const SuggestRequest& request) const override;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_TPE_H_
