#include "server/algorithms/acquisition/acquisition.h"

#include <algorithm>
#include <cmath>

#include "server/algorithms/acquisition/log_expected_improvement.h"

namespace photinus {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

constexpr double kShortfallSlope = 10;  // Vizier's
constexpr double kOptimism = 0.5;       // standard deviations
constexpr double kPenaltySlope = 1e4;   // per nat of probability below the least

// A model of exact observations has a little noise, too, so that its covariance can be factored.
double NoiseOf(const Posterior& posterior) {
  constexpr double kOfExactObservations = 1e-4;  // measured: less hides noise, more slows the end of exact searches
  return std::max(posterior.parameters().noise_variance - kOfExactObservations, 0.0);
}

VectorXd LogEiScores(const Posterior::Prediction& p, double incumbent, double noise) {
  VectorXd scores(p.mean.size());
  for (Index i = 0; i < scores.size(); ++i) {
    scores[i] = LogAugmentedExpectedImprovement(p.mean[i], std::sqrt(p.variance[i]), incumbent, noise).value;
  }
  return scores;
}

VectorXd ExplorationScores(const Posterior::Prediction& p, double threshold) {
  const Eigen::ArrayXd stddev = p.variance.array().sqrt();
  return stddev + kShortfallSlope * (p.mean.array() + kOptimism * stddev - threshold).min(0);
}

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

LogEiAcquisition::LogEiAcquisition(const Posterior& objective, double incumbent)
    : objective_(objective), incumbent_(incumbent), noise_(NoiseOf(objective)) {}

VectorXd LogEiAcquisition::Score(const MatrixXd& features) const {
  return LogEiScores(objective_.Predict(features), incumbent_, noise_);
}

// It grows with the mean and with the standard deviation.
VectorXd LogEiAcquisition::Bound(const MatrixXd& features) const {
  return LogEiScores(objective_.Bound(features), incumbent_, noise_);
}

VectorXd LogEiAcquisition::ScoreWithGradient(const MatrixXd& features, MatrixXd& gradients) const {
  const Posterior::Gradient p = objective_.PredictWithGradient(features);
  VectorXd scores(features.rows()), by_mean(features.rows()), by_variance(features.rows());
  for (Index i = 0; i < scores.size(); ++i) {
    const double stddev = std::sqrt(p.variance[i]);
    const LogEi ei = LogAugmentedExpectedImprovement(p.mean[i], stddev, incumbent_, noise_);
    scores[i] = ei.value;
    by_mean[i] = ei.by_mean;
    by_variance[i] = ei.by_stddev / (2 * stddev);
  }
  gradients = by_mean.asDiagonal() * p.mean_gradient;
  gradients += by_variance.asDiagonal() * p.variance_gradient;
  return scores;
}

VectorXd PureExplorationAcquisition::Score(const MatrixXd& features) const {
  return ExplorationScores(objective_.Predict(features), threshold_);
}

VectorXd PureExplorationAcquisition::Bound(const MatrixXd& features) const {
  return ExplorationScores(objective_.Bound(features), threshold_);
}

VectorXd PureExplorationAcquisition::ScoreWithGradient(const MatrixXd& features, MatrixXd& gradients) const {
  const Posterior::Gradient p = objective_.PredictWithGradient(features);
  const Eigen::ArrayXd stddev = p.variance.array().sqrt();
  const Eigen::ArrayXd missing = p.mean.array() + kOptimism * stddev - threshold_;
  const Eigen::ArrayXd penalty = (missing < 0).select(Eigen::ArrayXd::Constant(stddev.size(), kShortfallSlope), 0);
  const VectorXd by_variance = (1 + penalty * kOptimism) / (2 * stddev);
  gradients = penalty.matrix().asDiagonal() * p.mean_gradient;
  gradients += by_variance.asDiagonal() * p.variance_gradient;
  return stddev + penalty * missing;
}

LogPhi LogNormalCdf(double z) {
  if (z > -30) {
    const double distribution = 0.5 * std::erfc(-z / M_SQRT2);
    return {std::log(distribution), std::exp(-0.5 * z * z) / std::sqrt(2 * M_PI) / distribution};
  }
  const double correction = 1 - 1 / (z * z);  // of the asymptote, below 1e-5 out here
  return {-0.5 * z * z - std::log(-z) - 0.5 * std::log(2 * M_PI) + std::log(correction), -z / correction};
}

VectorXd FeasibleAcquisition::ProbabilityAtRows(const Posterior& feasibility) {
  const VectorXd mean = feasibility.MeanAtRows(), variance = feasibility.VarianceAtRows();
  const double noise = feasibility.parameters().noise_variance;
  VectorXd probability(mean.size());
  for (Index i = 0; i < probability.size(); ++i) {
    probability[i] = std::exp(LogNormalCdf(mean[i] / std::sqrt(variance[i] + noise)).value);
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

// More variance raises the probability of a point that is likely infeasible, and lowers that of others.
VectorXd FeasibleAcquisition::Bound(const MatrixXd& features) const {
  VectorXd bounds = inner_.Bound(features);
  const Posterior::Prediction label = feasibility_.Bound(features);
  const double noise = feasibility_.parameters().noise_variance;
  for (Index i = 0; i < bounds.size(); ++i) {
    const double variance = label.mean[i] < 0 ? label.variance[i] + noise : noise;
    bounds[i] += FeasibilityScore(label.mean[i] / std::sqrt(variance), least_).value;
  }
  return bounds;
}

VectorXd FeasibleAcquisition::ScoreWithGradient(const MatrixXd& features, MatrixXd& gradients) const {
  VectorXd scores = inner_.ScoreWithGradient(features, gradients);
  const Posterior::Gradient label = feasibility_.PredictWithGradient(features);
  VectorXd by_mean(scores.size()), by_variance(scores.size());
  for (Index i = 0; i < scores.size(); ++i) {
    const double variance = label.variance[i] + feasibility_.parameters().noise_variance;
    const double z = label.mean[i] / std::sqrt(variance);
    const LogPhi feasible = FeasibilityScore(z, least_);
    scores[i] += feasible.value;
    by_mean[i] = feasible.derivative / std::sqrt(variance);
    by_variance[i] = -feasible.derivative * 0.5 * z / variance;
  }
  gradients += by_mean.asDiagonal() * label.mean_gradient;
  gradients += by_variance.asDiagonal() * label.variance_gradient;
  return scores;
}

}  // namespace photinus
