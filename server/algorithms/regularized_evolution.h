#ifndef PHOTINUS_SERVER_ALGORITHMS_REGULARIZED_EVOLUTION_H_
#define PHOTINUS_SERVER_ALGORITHMS_REGULARIZED_EVOLUTION_H_

#include <cstdint>
#include <string_view>

#include "server/algorithms/suggestion_algorithm.h"

namespace photinus {

// REGULARIZED_EVOLUTION, aging evolution [Real et al. 2019, algorithm 1]: the population is the latest 100 finished
// trials, however good they are. Each suggestion mutates one parameter of the best of 25 that are drawn from it with
// replacement; failed trials are worse than all others. Until 100 trials are there, points come from the initial
// design; in a study that starts warm the best trials of the others come before all its own. A function of the history
// alone. One objective; without any, all trials are equally good.
class RegularizedEvolution final : public SuggestionAlgorithm {
 public:
  bool UsesEncodedTrials(std::string_view, int64_t) const override { return true; }
  absl::StatusOr<SuggestResult> Suggest(const SuggestRequest& request) const override;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_REGULARIZED_EVOLUTION_H_
