#include "server/algorithms/acquisition/acquisition.h"

#include <algorithm>
#include <cmath>

#include "server/algorithms/acquisition/log_expected_improvement.h"

namespace photinus {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

VectorXd LogEiAcquisition::Score(const MatrixXd& features) const {
  const Posterior::Prediction prediction = objective_.Predict(features);
  VectorXd scores(features.rows());
  for (Index i = 0; i < scores.size(); ++i) {
    scores[i] = LogExpectedImprovement(prediction.mean[i], std::sqrt(prediction.variance[i]), incumbent_).value;
  }
  return scores;
}

double LogEiAcquisition::ScoreWithGradient(const VectorXd& features, VectorXd& gradient) const {
  const Posterior::Gradient p = objective_.PredictWithGradient(features);
  const double stddev = std::sqrt(p.variance);
  const LogEi ei = LogExpectedImprovement(p.mean, stddev, incumbent_);
  gradient = ei.by_mean * p.mean_gradient + (ei.by_stddev / (2 * stddev)) * p.variance_gradient;
  return ei.value;
}

LogPhi LogNormalCdf(double z) {
  if (z > -30) {
    const double distribution = 0.5 * std::erfc(-z / M_SQRT2);
    return {std::log(distribution), std::exp(-0.5 * z * z) / std::sqrt(2 * M_PI) / distribution};
  }
  const double correction = 1 - 1 / (z * z);  // of the asymptote, below 1e-5 out here
  return {-0.5 * z * z - std::log(-z) - 0.5 * std::log(2 * M_PI) + std::log(correction), -z / correction};
}

namespace {

constexpr double kPenaltySlope = 1e4;  // per nat of probability below the least

// log p + slope * min(log p - log least, 0), by the label's mean over its standard deviation.
LogPhi FeasibilityScore(double z, double least) {
  LogPhi score = LogNormalCdf(z);
  const double missing = score.value - std::log(least);
  if (missing >= 0) return score;
  score.value += kPenaltySlope * missing;
  score.derivative *= 1 + kPenaltySlope;
  return score;
}

}  // namespace

VectorXd FeasibleAcquisition::Probability(const Posterior& feasibility, const MatrixXd& features) {
  const Posterior::Prediction label = feasibility.Predict(features);
  const double noise = feasibility.parameters().noise_variance;
  VectorXd probability(features.rows());
  for (Index i = 0; i < probability.size(); ++i) {
    probability[i] = std::exp(LogNormalCdf(label.mean[i] / std::sqrt(label.variance[i] + noise)).value);
  }
  return probability;
}

VectorXd FeasibleAcquisition::Score(const MatrixXd& features) const {
  VectorXd scores = inner_.Score(features);
  const Posterior::Prediction label = feasibility_.Predict(features);
  const double noise = feasibility_.parameters().noise_variance;
  for (Index i = 0; i < scores.size(); ++i) {
    scores[i] += FeasibilityScore(label.mean[i] / std::sqrt(label.variance[i] + noise), least_).value;
  }
  return scores;
}

double FeasibleAcquisition::ScoreWithGradient(const VectorXd& features, VectorXd& gradient) const {
  const double score = inner_.ScoreWithGradient(features, gradient);
  const Posterior::Gradient label = feasibility_.PredictWithGradient(features);
  const double variance = label.variance + feasibility_.parameters().noise_variance;
  const double z = label.mean / std::sqrt(variance);
  const LogPhi feasible = FeasibilityScore(z, least_);
  gradient += feasible.derivative *
              (label.mean_gradient / std::sqrt(variance) - (0.5 * z / variance) * label.variance_gradient);
  return score + feasible.value;
}

namespace {

constexpr double kOptimism = 0.5;       // standard deviations
constexpr double kShortfallSlope = 10;  // per unit that even the optimist misses the threshold by

}  // namespace

VectorXd PureExplorationAcquisition::Score(const MatrixXd& features) const {
  const Posterior::Prediction p = objective_.Predict(features);
  const Eigen::ArrayXd stddev = p.variance.array().sqrt();
  return stddev + kShortfallSlope * (p.mean.array() + kOptimism * stddev - threshold_).min(0);
}

double PureExplorationAcquisition::ScoreWithGradient(const VectorXd& features, VectorXd& gradient) const {
  const Posterior::Gradient p = objective_.PredictWithGradient(features);
  const double stddev = std::sqrt(p.variance);
  const VectorXd stddev_gradient = p.variance_gradient / (2 * stddev);
  const double shortfall = std::min(p.mean + kOptimism * stddev - threshold_, 0.0);
  gradient = stddev_gradient;
  if (shortfall < 0) gradient += kShortfallSlope * (p.mean_gradient + kOptimism * stddev_gradient);
  return stddev + kShortfallSlope * shortfall;
}

}  // namespace photinus
