#include "server/algorithms/acquisition/acquisition.h"

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

VectorXd FeasibleAcquisition::Score(const MatrixXd& features) const {
  VectorXd scores = inner_.Score(features);
  const Posterior::Prediction label = feasibility_.Predict(features);
  const double noise = feasibility_.parameters().noise_variance;
  for (Index i = 0; i < scores.size(); ++i) {
    scores[i] += LogNormalCdf(label.mean[i] / std::sqrt(label.variance[i] + noise)).value;
  }
  return scores;
}

double FeasibleAcquisition::ScoreWithGradient(const VectorXd& features, VectorXd& gradient) const {
  const double score = inner_.ScoreWithGradient(features, gradient);
  const Posterior::Gradient label = feasibility_.PredictWithGradient(features);
  const double variance = label.variance + feasibility_.parameters().noise_variance;
  const double z = label.mean / std::sqrt(variance);
  const LogPhi probability = LogNormalCdf(z);
  gradient += probability.derivative *
              (label.mean_gradient / std::sqrt(variance) - (0.5 * z / variance) * label.variance_gradient);
  return score + probability.value;
}

}  // namespace photinus
