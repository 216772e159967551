#include "worker/predictor/accuracy.h"

#include <cmath>

namespace photinus::predictor {

Accuracy AccuracyOf(const Eigen::VectorXd& predictions, const Eigen::VectorXd& targets) {
  const double errors = (predictions - targets).squaredNorm();
  const double deviations = (targets.array() - targets.mean()).square().sum();
  return {.r2 = deviations > 0 ? 1 - errors / deviations : 0,
          .rmse = std::sqrt(errors / static_cast<double>(targets.size()))};
}

double Correlation(const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
  const Eigen::VectorXd x = a.array() - a.mean(), y = b.array() - b.mean();
  const double norms = x.norm() * y.norm();
  return norms > 0 ? x.dot(y) / norms : 0;
}

}  // namespace photinus::predictor
