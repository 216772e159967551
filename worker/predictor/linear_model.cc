#include "worker/predictor/linear_model.h"

#include <Eigen/QR>
#include <string>

namespace photinus::predictor {

Result<LinearModel> LinearModel::Train(const FeatureMatrix& features, const Eigen::VectorXd& targets) {
  if (targets.size() == 0 || targets.size() != features.rows()) {
    return InvalidArgument("a linear model needs rows, and as many targets");
  }
  const Eigen::MatrixXd rows = features.cast<double>();
  const Eigen::RowVectorXd means = rows.colwise().mean();
  Eigen::MatrixXd standardised = rows.rowwise() - means;
  Eigen::RowVectorXd deviations = (standardised.array().square().colwise().mean()).sqrt();
  deviations = (deviations.array() > 0).select(deviations, 1);  // a constant feature gets no weight
  standardised.array().rowwise() /= deviations.array();
  const double mean = targets.mean();
  const Eigen::VectorXd centred = targets.array() - mean;
  Eigen::VectorXd weights = standardised.completeOrthogonalDecomposition().solve(centred);
  weights.array() /= deviations.transpose().array();
  return LinearModel(weights, mean - means.dot(weights));
}

Result<Eigen::VectorXd> LinearModel::Predict(const FeatureMatrix& features) const {
  if (features.cols() != weights_.size()) {
    return InvalidArgument("the linear model was trained with " + std::to_string(weights_.size()) +
                           " features and is asked with " + std::to_string(features.cols()));
  }
  return Eigen::VectorXd((features.cast<double>() * weights_).array() + constant_);
}

}  // namespace photinus::predictor
