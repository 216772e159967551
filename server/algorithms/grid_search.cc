#include "server/algorithms/grid_search.h"

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "absl/strings/str_cat.h"
#include "common/space/flatten.h"
#include "server/algorithms/encoded_trials.h"
#include "server/algorithms/sampling/grid.h"
#include "server/algorithms/sampling/index_permutation.h"

namespace photinus {
namespace {

// Which points of the grid have trials.
class Visits {
 public:
  Visits(const Flatten& flatten, const Grid& grid, const SuggestRequest& request) {
    if (request.trials != nullptr) Read(grid, *request.trials);
    for (const EvaluatedPoint& evaluated : request.completed) {
      if (const auto index = IndexOf(flatten, grid, evaluated.point); index.has_value()) ++finished_[*index];
    }
    for (const PendingPoint& pending : request.pending) {
      if (const auto index = IndexOf(flatten, grid, pending.point); index.has_value()) Begin(*index);
    }
  }

  // Finished trials.
  int64_t Finished(uint64_t index) const {
    const auto found = finished_.find(index);
    return found == finished_.end() ? 0 : found->second;
  }
  bool IsRunning(uint64_t index) const { return running_.count(index) > 0; }
  // Points that have running trials.
  uint64_t running() const { return running_.size(); }
  void Begin(uint64_t index) { running_.insert(index); }

 private:
  void Read(const Grid& grid, const EncodedTrials& trials) {
    using Status = EncodedTrials::Status;
    for (size_t row = 0; row < trials.size(); ++row) {
      if (trials.status(row) == Status::kForeign) continue;
      const std::optional<uint64_t> index = grid.IndexOf(trials.unit(row));
      if (!index.has_value()) continue;
      if (trials.status(row) == Status::kPending) {
        Begin(*index);
      } else {
        ++finished_[*index];
      }
    }
  }

  static std::optional<uint64_t> IndexOf(const Flatten& flatten, const Grid& grid, const Point& point) {
    const std::optional<UnitPoint> unit = flatten.ToUnit(point);
    return unit.has_value() ? grid.IndexOf(*unit) : std::nullopt;
  }

  std::unordered_map<uint64_t, int64_t> finished_;
  std::unordered_set<uint64_t> running_;
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
      if (!request.noisy || visits.running() == *size) break;  // every point has a trial
      position = 0;
      ++round;
    }
    const uint64_t index = order_ == GridOrder::kShuffled ? shuffled.At(position) : position;
    ++position;
    if (visits.Finished(index) > round || visits.IsRunning(index)) continue;
    visits.Begin(index);
    result.suggestions.push_back(
        {flatten.ToPoint(grid.At(index)), {"grid", absl::StrCat("point ", index + 1, " of a grid of ", *size)}});
  }
  return result;
}

}  // namespace photinus
