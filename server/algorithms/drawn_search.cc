#include "server/algorithms/drawn_search.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/random.h"
#include "common/space/scale.h"
#include "server/algorithms/history.h"
#include "server/algorithms/sampling/visited_points.h"

namespace photinus {
namespace {

constexpr uint64_t kOtherStream = 0x07e5;
constexpr double kNever = 1e-15;  // chance of a point that does not come twice

// Of the levels of a parameter with any, the chance of the one that is drawn most often: the first or last one of
// integers on a log scale.
double ChanceOfLikeliestLevel(const Flatten& flatten, int parameter) {
  const Parameter& p = flatten.space().parameters()[static_cast<size_t>(parameter)];
  const auto levels = static_cast<double>(flatten.Levels(parameter));
  if (p.type != Parameter::Type::kInteger || levels == 1) return 1 / levels;
  const auto below = [&p](double value) {
    return ToUnitInterval(p.scale, p.min - 0.5, p.max + 0.5, value - 0.5).value_or(0.5);
  };
  return std::max(below(p.min + 1), 1 - below(p.max));
}

// The chance that a draw is the point that comes most often, or a little more; 0 where every point has a double.
double ChanceOfLikeliestPoint(const Flatten& flatten) {
  const std::vector<Parameter>& parameters = flatten.space().parameters();
  std::vector<std::map<ParameterValue, double>> under(parameters.size());  // of children, by the value they depend on
  double total = 1;
  for (size_t i = parameters.size(); i-- > 0;) {  // children stand after their parents
    const Parameter& p = parameters[i];
    const int64_t levels = flatten.Levels(static_cast<int>(i));
    double chance = 0;
    if (levels > 0) {
      double branch = std::ssize(under[i]) < levels ? 1 : 0;  // a value without children
      for (const auto& [value, children] : under[i]) branch = std::max(branch, children);
      chance = ChanceOfLikeliestLevel(flatten, static_cast<int>(i)) * branch;
    }
    if (p.parent < 0) total *= chance;
    for (const ParameterValue& value : p.parent_values) {
      under[static_cast<size_t>(p.parent)].try_emplace(value, 1).first->second *= chance;
    }
  }
  return total;
}

bool MayRepeat(const Flatten& flatten) { return ChanceOfLikeliestPoint(flatten) > kNever; }

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
