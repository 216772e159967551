#include "server/stopping/median_rule.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "common/base/quantile.h"

namespace photinus {
namespace {

constexpr size_t kMinFinishedTrials = 5;  // as Optuna's n_startup_trials
constexpr int kMinValues = 3;
constexpr double kMinShareOfHorizon = 0.1;

// A sum of values so much smaller cannot overflow; as a power of two it changes no digit of them.
constexpr double kShrink = 0x1p-40;

// What a curve's finite values up to some step amount to.
struct Summary {
  int values = 0;
  double best = 0;
  double average = 0;
  double last_step = 0;
};

Summary Summarise(const LearningCurve& curve, double last_step, bool maximize) {
  Summary s;
  double sum = 0, highest = -INFINITY, lowest = INFINITY;
  for (const CurvePoint& point : curve.points) {
    if (point.step > last_step) break;
    if (!std::isfinite(point.value)) continue;
    ++s.values;
    sum += kShrink * point.value;
    highest = std::max(highest, point.value);
    lowest = std::min(lowest, point.value);
    s.last_step = point.step;
  }
  s.best = maximize ? highest : lowest;
  s.average = sum / s.values / kShrink;
  return s;
}

StoppingDecision GoOn(std::string reason) { return {.stop = false, .reason = std::move(reason)}; }

}  // namespace

absl::StatusOr<StoppingDecision> MedianRule::Decide(const StoppingRequest& request) const {
  const std::vector<CurvePoint>& points = request.trial.points;
  if (!points.empty() && !std::isfinite(points.back().value)) {
    return StoppingDecision{
        .stop = true, .reason = absl::StrCat("median rule: the value at step ", points.back().step, " is not finite")};
  }
  const Summary own = Summarise(request.trial, INFINITY, request.study.maximize);
  if (own.values < kMinValues) {
    return GoOn(absl::StrCat("median rule: ", own.values, " of the first ", kMinValues, " values are there"));
  }
  const double step = own.last_step;
  if (request.study.horizon > 0 && step >= request.study.horizon) {
    return GoOn(absl::StrCat("median rule: step ", step, " has reached the horizon ", request.study.horizon));
  }
  if (step < kMinShareOfHorizon * request.study.horizon) {
    return GoOn(absl::StrCat("median rule: step ", step, " is before a tenth of the horizon ", request.study.horizon));
  }
  std::vector<double> averages;
  for (const auto& other : request.study.finished) {
    if (!other->finished || other->stopped_early || other->trial_id == request.trial.trial_id) continue;
    const Summary summary = Summarise(*other, step, request.study.maximize);
    if (summary.values > 0) averages.push_back(summary.average);
  }
  if (averages.size() < kMinFinishedTrials) {
    return GoOn(
        absl::StrCat("median rule: ", averages.size(), " of the first ", kMinFinishedTrials, " trials have finished"));
  }
  const double median = Quantile(averages, 0.5);
  const bool worse = request.study.maximize ? own.best < median : own.best > median;
  return StoppingDecision{.stop = worse,
                          .reason = absl::StrCat("median rule: best value ", own.best, " up to step ", step, " is ",
                                                 worse ? "worse" : "not worse", " than ", median, ", the median of ",
                                                 averages.size(), " finished trials' averages")};
}

}  // namespace photinus
