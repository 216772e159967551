#include "server/stopping/tsgp/tsgp_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "server/stopping/tsgp/tsgp_learner.h"

namespace photinus {
namespace {

constexpr double kNoiseOfNoGain = 0.5;  // of the variance of noise
constexpr double kLeastDoubt = 0.05;    // of the variance of noise: of a curve whose end is all but there

}  // namespace

std::shared_ptr<const TsgpModel> TsgpModel::Learn(const StudyCurves& all, const TsgpOptions& options,
                                                  const std::function<bool()>& cancelled) {
  std::optional<TsgpFit> fit = LearnTsgp(all, options, cancelled);
  if (!fit.has_value()) return nullptr;
  return std::shared_ptr<const TsgpModel>(new TsgpModel(*std::move(fit)));
}

// One factor of the curve's covariance serves predictions from all of its points and from all but the last few.
FinalModel::Predictor TsgpModel::PredictorOf(const LearningCurve& trial, double reference) const {
  const Gaussian residual = fit_.ResidualOf(trial);
  const size_t all = trial.points.size(), clean = CleanPoints(trial, all).size();
  return [=, this, &trial, latest = fit_.FinalsOf(trial, all, residual, TsgpFit::kLatest)](size_t points) {
    const size_t left_out = all - points;
    const bool is_prefix = left_out < latest.size() && CleanPoints(trial, points).size() + left_out == clean;
    const auto final = is_prefix ? latest[left_out] : fit_.FinalOf(trial, points, residual);
    return PredictionOf(final, trial, points, reference);
  };
}

Gaussian TsgpModel::GoalOf(const Gaussian& scaled) const {
  const double stddev = std::sqrt(scaled.variance);
  if (fit_.link.has_value()) {
    return {fit_.link->constant + fit_.link->slope * scaled.mean,
            std::pow(fit_.link->DeviationOf(scaled.mean, stddev), 2)};
  }
  const double sign = fit_.scale.maximize ? 1 : -1;
  const double span = fit_.scale.Invert(scaled.mean + stddev) - fit_.scale.Invert(scaled.mean - stddev);
  return {sign * fit_.scale.Invert(scaled.mean), span * span / 4};
}

Outcome TsgpModel::OutcomeOf(const Gaussian& final, const Trust& trust, double share) const {
  return {.mean = final.mean,
          .stddev = std::sqrt(trust.variance_factor * final.variance),
          .rise = fit_.late_rises.ChanceAfter(share),
          .rise_scale = fit_.late_rises.scale,
          .fall = fit_.falls.ChanceAfter(share),
          .fallen_mean = fit_.falls.end,
          .fallen_stddev = fit_.falls.end_stddev};
}

FinalPrediction TsgpModel::PredictionOf(std::optional<TsgpFit::Final> final, const LearningCurve& trial, size_t points,
                                        double reference) const {
  if (fit_.usual_rise.has_value() && fit_.usual_rise->StepOfFall(trial, points).has_value()) {
    const Gaussian goal = GoalOf({fit_.falls.end, fit_.falls.end_stddev * fit_.falls.end_stddev});
    return {.mean = goal.mean, .stddev = std::sqrt(goal.variance), .chance = 0, .gain = 0};
  }
  if (!final.has_value()) return {.mean = reference, .stddev = 0, .chance = 1};
  const double share = points > 0 ? trial.points[points - 1].step / fit_.horizon : 0;
  const Outcome predicted = OutcomeOf(final->right, fit_.calibration.right, share);
  const Gaussian goal = GoalOf({predicted.mean, std::pow(predicted.Deviation(), 2)});
  Outcome outcome = OutcomeOf(final->bold, fit_.calibration.bold, share);
  // A trial is worth what its last value would be without noise, but what it reports is noisy, as the incumbent's value
  // was: half of what noise might add is gain.
  const double noise = std::exp(2 * fit_.map.shared.log_sigma);
  double less_noisy = std::sqrt(fit_.calibration.bold.variance_factor *
                                std::max(final->bold.variance - kNoiseOfNoGain * noise, kLeastDoubt * noise));
  double unit = 1;
  if (fit_.link.has_value()) {
    less_noisy = fit_.link->DeviationOf(outcome.mean, less_noisy);
    outcome.stddev = fit_.link->DeviationOf(outcome.mean, outcome.stddev);
    outcome.mean = GoalOf(final->bold).mean;
    outcome.rise_scale *= fit_.link->slope;
    unit = std::abs(fit_.link->slope);
  } else {
    reference = fit_.scale.Apply(fit_.scale.maximize ? reference : -reference);
  }
  const double widening = std::sqrt(fit_.calibration.doubt), gain = outcome.GainAbove(reference, widening * less_noisy);
  return {.mean = goal.mean,
          .stddev = std::sqrt(goal.variance),
          .chance = outcome.ChanceAbove(reference, widening * outcome.stddev),
          .gain = unit > 0 ? gain / unit : std::numeric_limits<double>::infinity()};
}

size_t TsgpModel::bytes() const {
  return sizeof *this + fit_.ends->bytes() + sizeof(double) * static_cast<size_t>(fit_.map.w.size());
}

}  // namespace photinus
