// Predictions of a GP with given hyper-parameters.
#ifndef PHOTINUS_SERVER_ALGORITHMS_GP_POSTERIOR_H_
#define PHOTINUS_SERVER_ALGORITHMS_GP_POSTERIOR_H_

#include <optional>

#include "Eigen/Core"
#include "server/algorithms/gp/kernel.h"

namespace photinus {

// Of the function, without observation noise. Immutable, hence thread-safe.
class Posterior {
 public:
  // features: [n, F]; values: [n]; mean: the constant prior mean. nullopt if the covariance stays indefinite although
  // its noise was raised a few times.
  static std::optional<Posterior> Make(const Eigen::MatrixXd& features, const FeatureGroups& groups,
                                       const Eigen::VectorXd& values, const KernelParameters& parameters, double mean);

  struct Prediction {
    Eigen::VectorXd mean, variance;  // [q]; variance >= 0
  };
  // features: [q, F].
  Prediction Predict(const Eigen::MatrixXd& features) const;
  Eigen::VectorXd Mean(const Eigen::MatrixXd& features) const;

  struct Gradient {
    double mean = 0, variance = 0;
    Eigen::VectorXd mean_gradient, variance_gradient;  // [F]
  };
  // At one point, [F].
  Gradient PredictWithGradient(const Eigen::VectorXd& features) const;

  const KernelParameters& parameters() const { return parameters_; }

 private:
  Posterior() = default;

  Eigen::VectorXd WeightedGradient(const Eigen::VectorXd& scaled, const Eigen::VectorXd& slope,
                                   const Eigen::VectorXd& trend_slope, const Eigen::VectorXd& weights) const;

  Eigen::MatrixXd features_;
  Eigen::MatrixXd scaled_;                // features / lengthscale
  Eigen::MatrixXd centred_;               // 2 features - 1; empty without a trend
  Eigen::VectorXd inverse_lengthscales_;  // [F]
  KernelParameters parameters_;
  double mean_ = 0;
  Eigen::MatrixXd factor_;  // lower Cholesky factor of K + noise
  Eigen::VectorXd alpha_;   // (K + noise)^-1 (values - mean)
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_GP_POSTERIOR_H_
