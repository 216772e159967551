// The log marginal likelihood of a GP's hyper-parameters, with its gradient in one pass.
#ifndef PHOTINUS_SERVER_ALGORITHMS_GP_LIKELIHOOD_H_
#define PHOTINUS_SERVER_ALGORITHMS_GP_LIKELIHOOD_H_

#include <optional>

#include "Eigen/Core"
#include "server/algorithms/gp/kernel.h"

namespace photinus {

// Hyper-parameters as the optimiser sees them, all logarithms:
//   [log l_1 .. log l_G, log s, log n], then, with a trend, log t, and, with an input warp, log a_1 .. log a_G, log b_1
//   .. log b_G.
Eigen::VectorXd ToLogParameters(const KernelParameters& parameters);
KernelParameters FromLogParameters(const Eigen::VectorXd& log_parameters, int groups, TrendKind trend,
                                   bool warps_inputs = false);

// One data set. Immutable but for its work space: not thread-safe.
class MarginalLikelihood {
 public:
  // features: [n, F], values: [n], n >= 1.
  MarginalLikelihood(const Eigen::MatrixXd& features, const FeatureGroups& groups, const Eigen::VectorXd& values,
                     TrendKind trend, bool warps_inputs = false);

  int parameters() const {
    return static_cast<int>(groups_.size()) * (warps_inputs_ ? 3 : 1) + 2 + (has_trend() ? 1 : 0);
  }

  struct Value {
    double log_likelihood = 0;
    Eigen::VectorXd gradient;  // by the log parameters
    double mean = 0;           // the constant mean that maximises the likelihood (generalised least squares)
    // Leave-one-out predictions of the values [Rasmussen & Williams 2006, 5.4.2], noise included, the mean held.
    Eigen::VectorXd left_out_mean, left_out_variance;
  };

  // nullopt if the covariance is not positive definite in floating point, or a parameter is not finite.
  std::optional<Value> Evaluate(const Eigen::VectorXd& log_parameters, bool leave_one_out = false);

 private:
  bool has_trend() const { return trend_ != TrendKind::kNone; }
  bool FillCovariance(const KernelParameters& p);
  void AddTrendGradient(const KernelParameters& p, Value& value);
  void FillLengthscaleGradient(const KernelParameters& p, Value& value);

  const FeatureGroups& groups_;
  Eigen::MatrixXd features_;
  Eigen::VectorXd values_;
  const TrendKind trend_;
  const bool warps_inputs_;
  // Work space of one evaluation.
  Eigen::MatrixXd warped_;            // features, warped
  Eigen::MatrixXd by_warped_;         // derivatives by them
  Eigen::MatrixXd scaled_;            // warped / lengthscale
  Eigen::MatrixXd slope_;             // Matern slope of unit variance
  Eigen::MatrixXd trend_basis_;       // of the features
  Eigen::MatrixXd trend_covariance_;  // of unit variance
  Eigen::MatrixXd trend_slope_;       // of unit variance, by the inner products of the basis
  Eigen::MatrixXd covariance_;        // K, then its factor, then K^-1 (lower triangle)
  Eigen::VectorXd alpha_;             // K^-1 (y - mean)
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_GP_LIKELIHOOD_H_
