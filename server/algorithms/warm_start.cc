#include "server/algorithms/warm_start.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/space/flatten.h"
#include "server/algorithms/evolution/pareto_selection.h"
#include "server/algorithms/goals.h"

namespace photinus {
namespace {

constexpr double kNextTo = 0.05;  // in every feature: of so near points a few trials need only one
constexpr size_t kMaxNameBytes = 80;

struct FirstPoint {
  const PriorStudy* study;
  const EvaluatedPoint* trial;
};

// The evaluated trials of a study, best first: of several objectives those of its first Pareto front, the most
// different ones first.
std::vector<const EvaluatedPoint*> BestFirst(const SuggestRequest& request, const PriorStudy& study) {
  std::vector<const EvaluatedPoint*> trials;
  GoalTable goals;
  for (const EvaluatedPoint& trial : study.trials) {
    std::optional<std::vector<double>> values = GoalsOf(trial.objectives, trial.infeasible, request.objectives);
    if (!values.has_value()) continue;
    trials.push_back(&trial);
    goals.push_back(*std::move(values));
  }
  std::vector<const EvaluatedPoint*> best;
  const std::vector<int> fronts = request.objectives.size() > 1 ? NonDominatedRanks(goals) : std::vector<int>();
  for (const size_t i : SelectBest(goals, trials.size())) {
    if (fronts.empty() || fronts[i] == 0) best.push_back(trials[i]);
  }
  return best;
}

std::vector<double> FeaturesOf(const Flatten& flatten, const Point& point) {
  std::vector<double> features(static_cast<size_t>(flatten.feature_dimension()));
  UnitPoint unit = *flatten.ToUnit(point);
  flatten.Snap(unit);
  flatten.ToFeatures(unit, features.data());
  return features;
}

// At most `limit`, the studies taking turns. A study whose next point is next to one that is taken gives the one after.
std::vector<FirstPoint> FirstPoints(const SuggestRequest& request, size_t limit) {
  const Flatten flatten(request.space);
  std::vector<FirstPoint> first;
  std::vector<std::vector<double>> taken;  // features
  std::vector<std::vector<const EvaluatedPoint*>> studies;
  for (const PriorStudy& study : *request.prior) studies.push_back(BestFirst(request, study));
  const auto is_taken = [&](const std::vector<double>& features) {
    return std::any_of(taken.begin(), taken.end(),
                       [&](const auto& other) { return LargestDifference(features, other) < kNextTo; });
  };
  std::vector<size_t> next(studies.size());
  const auto take_one_of = [&](size_t k) {
    while (next[k] < studies[k].size()) {
      const EvaluatedPoint* trial = studies[k][next[k]++];
      std::vector<double> features = FeaturesOf(flatten, trial->point);
      if (is_taken(features)) continue;
      first.push_back({&(*request.prior)[k], trial});
      taken.push_back(std::move(features));
      return true;
    }
    return false;
  };
  for (bool any = true; any;) {
    any = false;
    for (size_t k = 0; k < studies.size(); ++k) {
      if (first.size() == limit) return first;
      any = take_one_of(k) || any;
    }
  }
  return first;
}

template <typename Trials>
bool Have(const Trials& trials, const Point& point) {
  return std::any_of(trials.begin(), trials.end(), [&](const auto& trial) { return trial.point == point; });
}

Suggestion SuggestionOf(const FirstPoint& first) {
  return {first.trial->point,
          {kWarmStartArm, absl::StrCat("trial ", first.trial->trial_id, ", one of the best of ",
                                       Shortened(first.study->name, kMaxNameBytes))}};
}

}  // namespace

bool WarmStart::UsesEncodedTrials(std::string_view state, int64_t first_trial_id) const {
  return first_trial_id > kMaxFirst && algorithm_->UsesEncodedTrials(state, first_trial_id);
}

absl::StatusOr<SuggestResult> WarmStart::Suggest(const SuggestRequest& request) const {
  if (request.first_trial_id > kMaxFirst || request.prior == nullptr) return algorithm_->Suggest(request);
  const std::vector<FirstPoint> points = FirstPoints(request, kMaxFirst);
  SuggestResult result{.state = std::string(request.state)};
  std::vector<PendingPoint> pending = request.pending;
  int64_t trial_id = request.first_trial_id;
  for (; static_cast<int>(result.suggestions.size()) < request.count; ++trial_id) {
    if (request.cancelled && request.cancelled()) return absl::CancelledError("the warm start was cancelled");
    const auto place = static_cast<size_t>(trial_id - 1);
    if (place >= points.size()) break;
    const FirstPoint& first = points[place];
    if (Have(request.completed, first.trial->point) || Have(pending, first.trial->point)) break;  // a client's trial
    result.suggestions.push_back(SuggestionOf(first));
    pending.push_back({trial_id, first.trial->point});
  }
  const int missing = request.count - static_cast<int>(result.suggestions.size());
  if (missing == 0) return result;
  const SuggestRequest rest{.space = request.space,
                            .objectives = request.objectives,
                            .completed = request.completed,
                            .pending = pending,
                            .constraints = request.constraints,
                            .noisy = request.noisy,
                            .count = missing,
                            .seed = request.seed,
                            .first_trial_id = trial_id,
                            .state = request.state,
                            .cancelled = request.cancelled,
                            .cache = request.cache,
                            .prior = request.prior};
  ASSIGN_OR_RETURN(SuggestResult others, algorithm_->Suggest(rest));
  result.state = std::move(others.state);
  result.suggestions.insert(result.suggestions.end(), std::make_move_iterator(others.suggestions.begin()),
                            std::make_move_iterator(others.suggestions.end()));
  return result;
}

}  // namespace photinus
