// The Gaussian process of the ends of curves, their values at the horizon, over the trials' parameters.
#ifndef PHOTINUS_SERVER_STOPPING_TSGP_END_GP_H_
#define PHOTINUS_SERVER_STOPPING_TSGP_END_GP_H_

#include <functional>
#include <optional>

#include "Eigen/Cholesky"
#include "Eigen/Core"
#include "server/stopping/tsgp/gaussian.h"

namespace photinus {

// g(x) = mu(x) + b(x) + r(x) + e: r has a Matern-5/2 covariance with one lengthscale, e a variance of its own (the
// nugget). The trend b is a constant and a parabola in each feature, all of Gaussian coefficients: mu, which is fitted
// to whole curves and not to ends, is no more than a first guess, and r alone forgets a trend where there are no
// trials.
struct EndKernel {
  double lengthscale = 1;  // in units of the features
  double variance = 0.5;   // of r
  double nugget = 0.5;     // variance of e
};

// Of the constant and, over uniform features, of the sum of the parabolas, in the unit of ends; whether it is a quarter
// or four makes no difference.
inline constexpr double kTrendVariance = 1;

// One row per trial: where it is, what its curve tells of g - mu(x), and how surely.
struct EndRows {
  Eigen::MatrixXd features;    // [n, F]; F = 0: b and r are constants that all trials share
  Eigen::VectorXd residuals;   // [n]: observed g less mu(x)
  Eigen::VectorXd precisions;  // [n], > 0: of the observation of g
};

// -log density of the residuals under a zero mean, with its gradient by the logarithms of lengthscale, variance and
// nugget. nullopt: the covariance is not positive definite.
std::optional<double> EndCost(const EndRows& rows, const EndKernel& kernel, Eigen::Vector3d& gradient);

// Immutable, hence thread-safe.
class EndGp {
 public:
  // Fits the kernel to at most kFitRows of the rows. nullopt if cancelled, or if the covariance is not positive
  // definite.
  static std::optional<EndGp> Fit(const EndRows& rows, const std::function<bool()>& cancelled);
  // With a given kernel.
  static std::optional<EndGp> Make(const EndRows& rows, const EndKernel& kernel);

  static constexpr Eigen::Index kFitRows = 150;

  // g - mu(x) of a trial that is none of the rows.
  Gaussian At(const Eigen::VectorXd& features) const;
  // g - mu(x) of the trial of a row, given all the others (its cavity).
  Gaussian WithoutOwn(Eigen::Index row) const;

  const EndKernel& kernel() const { return kernel_; }
  size_t bytes() const;

 private:
  EndGp() = default;

  EndKernel kernel_;
  Eigen::MatrixXd scaled_;  // features / lengthscale
  Eigen::MatrixXd trend_;   // TrendBasis of the features
  Eigen::VectorXd residuals_, precisions_;
  Eigen::LLT<Eigen::MatrixXd> factor_;  // of the covariance B of the observations
  Eigen::VectorXd alpha_;               // B^-1 residuals
  Eigen::VectorXd inverse_diagonal_;    // of B^-1
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_TSGP_END_GP_H_
