#include "server/algorithms/drawn_search.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/random.h"
#include "server/algorithms/history.h"
#include "server/algorithms/sampling/visited_points.h"

namespace photinus {
namespace {

constexpr uint64_t kOtherStream = 0x07e5;
constexpr double kMaxPoints = 1e15;  // of more, none comes twice

// The number of points without a double that could take any value of a range; about, if it is large.
double CountDiscretePoints(const Flatten& flatten) {
  const std::vector<Parameter>& parameters = flatten.space().parameters();
  std::vector<std::map<ParameterValue, double>> under(parameters.size());  // of children, by the value they depend on
  double total = 1;
  for (size_t i = parameters.size(); i-- > 0;) {  // children stand after their parents
    const Parameter& p = parameters[i];
    double count = static_cast<double>(flatten.Levels(static_cast<int>(i)));
    for (const auto& [value, points] : under[i]) count += points - 1;
    if (p.parent < 0) total *= count;
    for (const ParameterValue& value : p.parent_values) {
      under[static_cast<size_t>(p.parent)].try_emplace(value, 1).first->second *= count;
    }
  }
  return total;
}

// Whether a drawn point may come twice.
bool MayRepeat(const Flatten& flatten) {
  const double points = CountDiscretePoints(flatten);
  return points > 0 && points <= kMaxPoints;
}

}  // namespace

bool DrawnSearch::UsesHistory(const SearchSpace& space, bool noisy) const {
  return !noisy && MayRepeat(Flatten(space));
}

absl::StatusOr<SuggestResult> DrawnSearch::Suggest(const SuggestRequest& request) const {
  const Flatten flatten(request.space);
  const bool repeats = request.noisy || !MayRepeat(flatten);
  VisitedPoints tried = repeats ? VisitedPoints(flatten) : TriedPoints(flatten, request);
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
