#include "server/algorithms/grid_search.h"

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "common/space/flatten.h"
#include "server/algorithms/sampling/grid.h"
#include "server/algorithms/sampling/index_permutation.h"

namespace photinus {
namespace {

// How many trials each point of the grid has.
class Visits {
 public:
  Visits(const Flatten& flatten, const Grid& grid, const SuggestRequest& request) {
    for (const EvaluatedPoint& evaluated : request.completed) Count(grid, flatten.ToUnit(evaluated.point));
    for (const Point& point : request.pending) Count(grid, flatten.ToUnit(point));
  }

  int64_t At(uint64_t index) const {
    const auto found = visits_.find(index);
    return found == visits_.end() ? 0 : found->second;
  }
  void Add(uint64_t index) { ++visits_[index]; }

 private:
  void Count(const Grid& grid, const std::optional<UnitPoint>& unit) {
    const std::optional<uint64_t> index = unit.has_value() ? grid.IndexOf(*unit) : std::nullopt;
    if (index.has_value()) Add(*index);
  }

  std::unordered_map<uint64_t, int64_t> visits_;
};

}  // namespace

absl::StatusOr<SuggestResult> GridSearch::Suggest(const SuggestRequest& request) const {
  const Flatten flatten(request.space);
  const Grid grid(flatten);
  const std::optional<uint64_t> size = grid.size();
  if (!size.has_value()) return absl::InvalidArgumentError("the grid of this space has too many points");
  const IndexPermutation shuffled(*size, request.seed);
  Visits visits(flatten, grid, request);
  SuggestResult result;
  uint64_t position = 0;
  int64_t round = 0;
  while (result.suggestions.size() < static_cast<size_t>(request.count)) {
    if (request.cancelled && request.cancelled()) return absl::CancelledError("grid search was cancelled");
    if (position == *size) {
      if (!request.noisy) break;  // every point has a trial
      position = 0;
      ++round;
    }
    const uint64_t index = order_ == GridOrder::kShuffled ? shuffled.At(position) : position;
    ++position;
    if (visits.At(index) > round) continue;
    visits.Add(index);
    result.suggestions.push_back(
        {flatten.ToPoint(grid.At(index)), absl::StrCat("point ", index + 1, " of a grid of ", *size)});
  }
  return result;
}

}  // namespace photinus
