#include "server/algorithms/grid_search.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/space/flatten.h"
#include "server/algorithms/encoded_trials.h"
#include "server/algorithms/history.h"
#include "server/algorithms/sampling/grid.h"
#include "server/algorithms/sampling/index_permutation.h"
#include "server/algorithms/sampling/visited_points.h"

namespace photinus {
namespace {

// What is remembered of a study: where the order had its first point without a trial.
struct GridCache final : AlgorithmCache {
  size_t bytes() const override { return sizeof *this; }

  int64_t newest_id = 0;  // of the trials at that time,
  uint64_t key = 0;       // and EncodedTrials::KeyOfFirst of them
  uint64_t first_free = 0;
};

// A position before which no point is free: as long as the trials that the cache knew are there, the one that it knows.
uint64_t BeginOf(const SuggestRequest& request) {
  auto* const cache = request.cache == nullptr ? nullptr : dynamic_cast<GridCache*>(request.cache->get());
  if (cache == nullptr || request.trials == nullptr) return 0;
  const size_t known = request.trials->LowerBound(cache->newest_id + 1);
  return request.trials->KeyOfFirst(known) == cache->key ? cache->first_free : 0;
}

void Remember(const SuggestRequest& request, uint64_t first_free) {
  const EncodedTrials* const trials = request.trials;
  if (request.cache == nullptr || trials == nullptr || trials->size() == 0) return;
  auto cache = std::make_unique<GridCache>();
  cache->newest_id = trials->id(trials->size() - 1);
  cache->key = trials->KeyOfFirst(trials->size());
  cache->first_free = first_free;
  *request.cache = std::move(cache);
}

// How often the points of the grid have trials.
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

// One call of Suggest.
class Session {
 public:
  Session(const SuggestRequest& request, const Flatten& flatten, const Grid& grid, GridOrder order)
      : request_(request),
        flatten_(flatten),
        grid_(grid),
        order_(order),
        size_(*grid.size()),
        shuffled_(size_, request.seed) {}

  // Every point once.
  absl::StatusOr<SuggestResult> Once() {
    const VisitedPoints tried = TriedPoints(flatten_, request_);
    std::optional<uint64_t> first_free;
    for (uint64_t position = BeginOf(request_); position < size_ && !IsDone(); ++position) {
      if (IsCancelled()) return Cancelled();
      const uint64_t index = IndexAt(position);
      if (tried.Contains(grid_.At(index))) continue;
      if (!first_free.has_value()) first_free = position;
      Add(index);
    }
    Remember(request_, first_free.value_or(size_));
    return std::move(result_);
  }

  // Round after round, in which points that are being evaluated have to wait.
  absl::StatusOr<SuggestResult> InRounds() {
    Visits visits(flatten_, grid_, request_);
    uint64_t position = 0;
    int64_t round = 0;
    while (!IsDone()) {
      if (IsCancelled()) return Cancelled();
      if (position == size_) {
        if (visits.running() == size_) break;  // every point has a trial
        position = 0;
        ++round;
      }
      const uint64_t index = IndexAt(position++);
      if (visits.Finished(index) > round || visits.IsRunning(index)) continue;
      visits.Begin(index);
      Add(index);
    }
    return std::move(result_);
  }

 private:
  bool IsDone() const { return result_.suggestions.size() >= static_cast<size_t>(request_.count); }
  bool IsCancelled() const { return request_.cancelled && request_.cancelled(); }
  static absl::Status Cancelled() { return absl::CancelledError("grid search was cancelled"); }
  uint64_t IndexAt(uint64_t position) const {
    return order_ == GridOrder::kShuffled ? shuffled_.At(position) : position;
  }
  void Add(uint64_t index) {
    result_.suggestions.push_back(
        {flatten_.ToPoint(grid_.At(index)), {"grid", absl::StrCat("point ", index + 1, " of a grid of ", size_)}});
  }

  const SuggestRequest& request_;
  const Flatten& flatten_;
  const Grid& grid_;
  const GridOrder order_;
  const uint64_t size_;
  const IndexPermutation shuffled_;
  SuggestResult result_;
};

}  // namespace

absl::StatusOr<SuggestResult> GridSearch::Suggest(const SuggestRequest& request) const {
  const Flatten flatten(request.space);
  const Grid grid(flatten);
  if (!grid.size().has_value()) return absl::InvalidArgumentError("the grid of this space has too many points");
  Session session(request, flatten, grid, order_);
  return request.noisy ? session.InRounds() : session.Once();
}

}  // namespace photinus
