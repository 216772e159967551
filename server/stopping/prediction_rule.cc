#include "server/stopping/prediction_rule.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/study_document/warm_up.h"
#include "server/stopping/falls.h"

namespace photinus {
namespace {

constexpr int64_t kNewTrials = 10;
constexpr double kNewShare = 0.05;

// Whether a finished trial is at least as good as the trial in all goals but the curve's. What is not known is taken to
// be good, so that it cannot speak for a stop.
bool NoWorseElsewhere(const LearningCurve& finished, const LearningCurve& trial) {
  for (size_t i = 0; i < trial.other_goals.size(); ++i) {
    if (i >= finished.other_goals.size() || !(finished.other_goals[i] >= trial.other_goals[i])) return false;
  }
  return true;
}

bool LacksAnObjective(const LearningCurve& trial) {
  return std::any_of(trial.other_goals.begin(), trial.other_goals.end(), [](double goal) { return std::isnan(goal); });
}

// The goal that a trial has to exceed; nullopt: none stands against it.
std::optional<double> Reference(const StoppingRequest& request, int64_t top) {
  std::vector<double> goals;
  for (const auto& other : request.study.finished) {
    if (!other->finished || other->stopped_early || !other->goal.has_value()) continue;
    if (other->trial_id != request.trial.trial_id && NoWorseElsewhere(*other, request.trial)) {
      goals.push_back(*other->goal);
    }
  }
  if (goals.size() < static_cast<size_t>(top)) return std::nullopt;
  const auto at = goals.begin() + (top - 1);
  std::nth_element(goals.begin(), at, goals.end(), std::greater<>());
  return *at;
}

// The least integer that is not less, but for rounding.
size_t AtLeastOne(double number) { return static_cast<size_t>(std::max(std::ceil(number - 1e-9), 1.0)); }

// Why the trial cannot be stopped yet whatever is predicted; empty: it can.
std::string TooEarly(const StoppingRequest& request, const PredictionOptions& options) {
  const std::vector<CurvePoint> points = CleanPoints(request.trial, request.trial.points.size());
  const bool automatic = options.min_steps == 0;
  const size_t least = automatic ? AtLeastOne(options.min_values * options.care) : 1;
  if (points.size() < least) return absl::StrCat(points.size(), " of the first ", least, " values are there");
  const double horizon = HorizonOf(request.study), last = points.back().step;
  const double first = automatic ? options.min_share * options.care * horizon : options.min_steps;
  const size_t checks = automatic ? std::min(static_cast<size_t>(options.checks), points.size()) : 1;
  const double step = points[points.size() - checks].step;
  if (step < first) return absl::StrCat("step ", step, " is before step ", first);
  if (horizon > 0 && last >= horizon) return absl::StrCat("step ", last, " has reached the horizon ", horizon);
  return "";
}

int64_t CountFullTrials(const StudyCurves& study) {
  const double horizon = HorizonOf(study);
  return std::count_if(study.finished.begin(), study.finished.end(), [&](const auto& curve) {
    return IsFull(*curve, horizon) && !curve->points.empty() && std::isfinite(curve->points.back().value);
  });
}

// In words; left: the share of the horizon, > 0.
std::string PromiseOf(const FinalPrediction& final, double left) {
  if (!final.gain.has_value()) return absl::StrCat(final.chance);
  return absl::StrCat(final.chance, " and gain ", *final.gain / left, " per full trial");
}

// What was wanted and what is predicted, in the objective's own units; adding 0 makes 0 of -0.
std::string AimOf(const FinalPrediction& final, double reference, const LearningCurve& trial, bool maximize) {
  const double sign = maximize ? 1 : -1;
  return absl::StrCat(" to be ", maximize ? "above " : "below ", sign * reference + 0.0, " (predicted ",
                      sign * trial.GoalAt(final.mean) + 0.0, " +- ", trial.factor * final.stddev, ")");
}

}  // namespace

PredictionRule::PredictionRule(std::string name, const PredictionOptions& options, Learner learn)
    : name_(std::move(name)), options_(options), learn_(std::move(learn)) {}

absl::StatusOr<StoppingDecision> PredictionRule::Decide(const StoppingRequest& request) const {
  const LearningCurve& trial = request.trial;
  const auto go_on = [&](const auto&... reason) {
    return StoppingDecision{.stop = false, .reason = absl::StrCat(name_, ": ", reason...)};
  };
  if (!trial.points.empty() && !std::isfinite(trial.points.back().value)) {
    return StoppingDecision{.stop = true, .reason = absl::StrCat(name_, ": diverged: the last value is not finite")};
  }
  if (const std::string reason = TooEarly(request, options_); !reason.empty()) return go_on(reason);
  const std::optional<double> reference = Reference(request, options_.top);
  if (HasFallenToChance(trial, request.study)) {
    StoppingDecision decision{.reason = absl::StrCat(name_, ": diverged: fallen to where curves begin")};
    decision.reference = reference;
    return StopUnlessExempt(std::move(decision), request);
  }
  if (request.model == nullptr) {
    const int64_t full = CountFullTrials(request.study), wanted = WarmUp(options_.care);
    if (full < wanted)
      return go_on("nothing has been learnt yet: ", full, " of the first ", wanted, " full trials are there");
    return go_on("nothing could be learnt yet from ", full, " full trials");
  }
  if (!reference.has_value()) {
    if (LacksAnObjective(trial)) return go_on("another objective of the trial is not known yet");
    return go_on("fewer than ", options_.top, " full trials to compare with satisfy the constraints",
                 trial.other_goals.empty() ? "" : " and are as good in the other objectives");
  }
  const auto& model = static_cast<const FinalModel&>(*request.model);
  const FinalModel::Predictor predict = model.PredictorOf(trial, trial.ValueFor(*reference));
  const double horizon = HorizonOf(request.study);
  StoppingDecision decision;
  decision.of_exempt_share = IsExempt(request);
  for (size_t check = 0; check < static_cast<size_t>(options_.checks); ++check) {
    if (check >= trial.points.size()) return go_on(check, " of ", options_.checks, " checks can be made");
    const FinalPrediction final = predict(trial.points.size() - check);
    const double left = horizon > 0 ? 1 - trial.points[trial.points.size() - 1 - check].step / horizon : 1;
    if (check == 0) {
      if (final.stddev > 0 && std::isfinite(final.stddev)) {  // else nothing can be told
        decision.predicted_final = trial.GoalAt(final.mean);
        decision.predicted_stddev = trial.factor * final.stddev;
      }
      decision.reference = reference;
      decision.reason = absl::StrCat(name_, ": chance ", PromiseOf(final, left),
                                     AimOf(final, *reference, trial, request.study.maximize_goal));
    }
    if (PromisesTooLittle(final, left)) continue;
    absl::StrAppend(&decision.reason,
                    check == 0 ? "" : absl::StrCat("; it was ", PromiseOf(final, left), " ", check, " values before"));
    return decision;
  }
  return StopUnlessExempt(std::move(decision), request);
}

bool PredictionRule::PromisesTooLittle(const FinalPrediction& final, double left) const {
  if (!final.gain.has_value()) return final.chance < options_.delta;
  return *final.gain < options_.delta * left && final.chance < kMostChance * options_.delta;
}

bool PredictionRule::IsExempt(const StoppingRequest& request) const {
  return ShareOfTrial(request.study.seed, request.trial.trial_id) < options_.exempt;
}

StoppingDecision PredictionRule::StopUnlessExempt(StoppingDecision decision, const StoppingRequest& request) const {
  decision.exempt = decision.of_exempt_share = IsExempt(request);
  decision.stop = !decision.exempt;
  if (decision.exempt) absl::StrAppend(&decision.reason, "; goes on because it is exempt");
  return decision;
}

bool PredictionRule::LearnsAnew(int64_t then, int64_t now) const {
  if (then == 0) return now >= WarmUp(options_.care);
  return now - then >= std::max(kNewTrials, static_cast<int64_t>(kNewShare * static_cast<double>(then)));
}

std::shared_ptr<const StoppingModel> PredictionRule::Learn(const StudyCurves& study,
                                                           const std::function<bool()>& cancelled) const {
  return learn_(study, cancelled);
}

}  // namespace photinus
