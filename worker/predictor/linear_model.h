#ifndef PHOTINUS_WORKER_PREDICTOR_LINEAR_MODEL_H_
#define PHOTINUS_WORKER_PREDICTOR_LINEAR_MODEL_H_

#include <Eigen/Core>
#include <utility>

#include "worker/base/result.h"
#include "worker/predictor/features.h"

namespace photinus::predictor {

// Least squares on standardised features and a constant: the baseline that a forest has to beat. Features that are sums
// of others share their weight (the solution of least norm).
class LinearModel {
 public:
  // features: [rows, columns]; targets: [rows]. InvalidArgument: no rows, or not as many targets.
  static Result<LinearModel> Train(const FeatureMatrix& features, const Eigen::VectorXd& targets);

  // [rows]. InvalidArgument: another number of columns than it was trained with.
  Result<Eigen::VectorXd> Predict(const FeatureMatrix& features) const;

 private:
  LinearModel(Eigen::VectorXd weights, double constant) : weights_(std::move(weights)), constant_(constant) {}

  Eigen::VectorXd weights_;  // per unit of each feature
  double constant_;
};

}  // namespace photinus::predictor

#endif  // PHOTINUS_WORKER_PREDICTOR_LINEAR_MODEL_H_
