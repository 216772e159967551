// Predictions of a GP with given hyper-parameters.
#ifndef PHOTINUS_SERVER_ALGORITHMS_GP_POSTERIOR_H_
#define PHOTINUS_SERVER_ALGORITHMS_GP_POSTERIOR_H_

#include "Eigen/Core"
#include "server/algorithms/gp/factor.h"
#include "server/algorithms/gp/kernel.h"

namespace photinus {

// Of the function, without observation noise. Immutable, hence thread-safe.
class Posterior {
 public:
  // The factor is borrowed and must not change meanwhile. values: [n], of its rows; mean: the constant prior mean.
  Posterior(const Factor& factor, const Eigen::VectorXd& values, double mean);

  struct Prediction {
    Eigen::VectorXd mean, variance;  // [q]; variance > 0
  };
  // features: [q, F].
  Prediction Predict(const Eigen::MatrixXd& features) const;
  // The means, and variances that are no less than the posterior's, for a fraction of the time: of each point, the
  // variance that is left by the one row that tells most about it.
  Prediction Bound(const Eigen::MatrixXd& features) const;
  Eigen::VectorXd Mean(const Eigen::MatrixXd& features) const;

  struct Gradient {
    Eigen::VectorXd mean, variance;                    // [q]
    Eigen::MatrixXd mean_gradient, variance_gradient;  // [q, F]
  };
  Gradient PredictWithGradient(const Eigen::MatrixXd& features) const;

  // The same at the factor's own rows, [n], where it takes no covariances.
  Eigen::VectorXd MeanAtRows() const;
  Eigen::VectorXd VarianceAtRows() const;

  const KernelParameters& parameters() const { return factor_.parameters(); }

 private:
  // Covariances between the factor's rows and some points, and the points' prior variances.
  struct Cross {
    Eigen::MatrixXd covariance;      // [n, q]
    Eigen::VectorXd prior;           // [q]
    Eigen::MatrixXd slope;           // [n, q], Matern's
    Eigen::MatrixXd trend_slope;     // [n, q], by the inner product of the trend's bases
    Eigen::MatrixXd scaled;          // [q, F]
    Eigen::MatrixXd warped;          // [q, F], the features as the kernel sees them; with slopes
    Eigen::MatrixXd prior_gradient;  // [q, F], by the warped features
  };
  Cross CrossTo(const Eigen::MatrixXd& unwarped, bool with_slopes) const;
  Eigen::MatrixXd WeightedGradient(const Cross& cross, const Eigen::MatrixXd& weights) const;

  const Factor& factor_;
  Eigen::VectorXd values_;
  double mean_;
  Eigen::VectorXd alpha_;  // (K + noise)^-1 (values - mean)
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_GP_POSTERIOR_H_
