#include "server/stopping/rungs.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"

namespace photinus {
namespace {

constexpr double kRounding = 1 + 1e-9;  // of powers of eta, and more than that of logarithms

}  // namespace

std::optional<double> HighestRung(const Rungs& rungs, double step) {
  if (!(rungs.first > 0) || !(step * kRounding >= rungs.first)) return std::nullopt;
  const double halvings = (std::log(step * kRounding) - std::log(rungs.first)) / std::log(rungs.eta);
  return rungs.first * std::pow(rungs.eta, std::floor(halvings));
}

StoppingDecision DecideAtRung(const StoppingRequest& request, const Rungs& rungs,
                              const std::function<bool(const LearningCurve&)>& rivals) {
  const LearningCurve& trial = request.trial;
  if (!trial.points.empty() && !std::isfinite(trial.points.back().value)) {
    return {.stop = true, .reason = absl::StrCat("the value at step ", trial.points.back().step, " is not finite")};
  }
  const double step = LastStep(trial);
  const std::optional<double> rung = HighestRung(rungs, step);
  if (!rung.has_value()) {
    return {.reason = absl::StrCat("step ", step, " is before the first rung, at ", rungs.first)};
  }
  if (request.study.horizon > 0 && step >= request.study.horizon) {
    return {.reason = absl::StrCat("step ", step, " has reached the horizon ", request.study.horizon)};
  }
  const auto own = FirstValueFrom(trial, *rung / kRounding);
  if (!own.has_value()) return {.reason = absl::StrCat("no value at the rung ", *rung)};
  int better = 0, all = 1;
  for (const auto& other : request.study.finished) {
    if (!other->finished || other->trial_id == trial.trial_id || !rivals(*other)) continue;
    const auto value = FirstValueFrom(*other, *rung / kRounding);
    if (!value.has_value()) continue;
    ++all;
    better += (request.study.maximize ? *value > *own : *value < *own) ? 1 : 0;
  }
  const int kept = std::max(1, static_cast<int>(std::floor(all / rungs.eta)));
  return {.stop = better >= kept,
          .reason = absl::StrCat("value ", *own, " at the rung ", *rung, " is number ", better + 1, " of ", all,
                                 "; the best ", kept, " go on")};
}

}  // namespace photinus
