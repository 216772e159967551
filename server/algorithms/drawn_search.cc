#include "server/algorithms/drawn_search.h"

#include <optional>
#include <utility>

#include "common/base/random.h"
#include "server/algorithms/encoded_trials.h"
#include "server/algorithms/history.h"
#include "server/algorithms/sampling/visited_points.h"

namespace photinus {
namespace {

constexpr uint64_t kOtherStream = 0x07e5;

// The points that trials of a request have.
VisitedPoints Tried(const Flatten& flatten, const SuggestRequest& request) {
  if (request.trials == nullptr) return ReadHistory(flatten, request).excluded;
  return VisitedPoints(flatten, request.trials->points());
}

}  // namespace

bool DrawnSearch::UsesHistory(const SearchSpace& space, bool noisy) const {
  return !noisy && space.Cardinality().has_value();
}

absl::StatusOr<SuggestResult> DrawnSearch::Suggest(const SuggestRequest& request) const {
  const Flatten flatten(request.space);
  const bool repeats = !UsesHistory(request.space, request.noisy);
  VisitedPoints tried = repeats ? VisitedPoints(flatten) : Tried(flatten, request);
  const std::unique_ptr<Points> points = PointsOf(flatten.dimension(), request.seed);
  SuggestResult result;
  for (int i = 0; i < request.count; ++i) {
    if (request.cancelled && request.cancelled()) return absl::CancelledError("drawing points was cancelled");
    const int64_t trial_id = request.first_trial_id + i;
    UnitPoint unit = points->At(trial_id);
    Explanation explanation = points->Explain(trial_id);
    if (!repeats) {
      flatten.Snap(unit);
      if (tried.Contains(unit)) {
        Random random(MixSeed(MixSeed(request.seed, kOtherStream), static_cast<uint64_t>(trial_id)));
        std::optional<UnitPoint> other = tried.DrawOther(random);
        if (!other.has_value()) break;  // the space is used up
        unit = *std::move(other);
        explanation = {kRandomArm, "a random point not tried yet"};
      }
      tried.Add(unit);
    }
    result.suggestions.push_back({flatten.ToPoint(unit), std::move(explanation)});
  }
  return result;
}

}  // namespace photinus
