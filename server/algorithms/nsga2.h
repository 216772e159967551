#ifndef PHOTINUS_SERVER_ALGORITHMS_NSGA2_H_
#define PHOTINUS_SERVER_ALGORITHMS_NSGA2_H_

#include <cstdint>
#include <string_view>

#include "server/algorithms/suggestion_algorithm.h"

namespace photinus {

// NSGA2 [Deb et al. 2002], for any number of objectives.
//
// The population of 50 follows from the history alone: finished trials, in the order of their ids, arrive in
// generations of 50, the last of which may be incomplete; each time the best 50 of the old population and the new
// generation survive, by front, then by crowding distance. So a result counts as soon as it is known, and no worker
// waits for a generation to end. Failed trials never survive. A suggestion is the child of two winners of binary
// tournaments by crossover (probability 0.9) and mutation. Until 50 trials are there, points come from the initial
// design; in a study that starts warm the best trials of the others take the free places of the population.
class Nsga2 final : public SuggestionAlgorithm {
 public:
  bool UsesEncodedTrials(std::string_view, int64_t) const override { return true; }
  absl::StatusOr<SuggestResult> Suggest(const SuggestRequest& request) const override;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_NSGA2_H_
