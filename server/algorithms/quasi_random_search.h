#ifndef PHOTINUS_SERVER_ALGORITHMS_QUASI_RANDOM_SEARCH_H_
#define PHOTINUS_SERVER_ALGORITHMS_QUASI_RANDOM_SEARCH_H_

#include "server/algorithms/suggestion_algorithm.h"

namespace photinus {

// QUASI_RANDOM_SEARCH: a scrambled Sobol sequence over the scaled space; trial id i gets point i - 1 of the sequence
// that the seed chooses. Children of a conditional space have coordinates of their own.
class QuasiRandomSearch final : public SuggestionAlgorithm {
 public:
  bool UsesHistory() const override { return false; }
  absl::StatusOr<SuggestResult> Suggest(const SuggestRequest& request) const override;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_QUASI_RANDOM_SEARCH_H_
