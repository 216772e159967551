#ifndef PHOTINUS_SERVER_ALGORITHMS_RANDOM_SEARCH_H_
#define PHOTINUS_SERVER_ALGORITHMS_RANDOM_SEARCH_H_

#include "server/algorithms/suggestion_algorithm.h"

namespace photinus {

// RANDOM_SEARCH: independent uniform draws from the scaled space, in which integers on a linear scale, discrete values
// and categories are equally likely. Draw number i depends on the seed and the trial id only: points of a finite space
// repeat.
class RandomSearch final : public SuggestionAlgorithm {
 public:
  bool UsesHistory() const override { return false; }
  absl::StatusOr<SuggestResult> Suggest(const SuggestRequest& request) const override;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_RANDOM_SEARCH_H_
