#ifndef PHOTINUS_SERVER_ALGORITHMS_GRID_SEARCH_H_
#define PHOTINUS_SERVER_ALGORITHMS_GRID_SEARCH_H_

#include <cstdint>
#include <string_view>

#include "server/algorithms/suggestion_algorithm.h"

namespace photinus {

enum class GridOrder { kNestedLoops, kShuffled };

// GRID_SEARCH and SHUFFLED_GRID_SEARCH: every point of the Grid once, in its order or in one that the seed shuffles.
// The next suggestion is the first point of the order that no trial has, so trials that users add, delete or lose leave
// no gap and no repeat; with encoded trials and a cache it is found without going through those before it. When all
// points have trials the space ends; if the request is noisy, the next round begins, in which points that are being
// evaluated have to wait. InvalidArgument if the grid has more than Grid::kMaxPoints.
class GridSearch final : public SuggestionAlgorithm {
 public:
  explicit GridSearch(GridOrder order) : order_(order) {}
  bool UsesEncodedTrials(std::string_view, int64_t) const override { return true; }
  absl::StatusOr<SuggestResult> Suggest(const SuggestRequest& request) const override;

 private:
  GridOrder order_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_GRID_SEARCH_H_
