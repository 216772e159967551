// The Gaussian process of the asymptotes over the trials' parameters.
#ifndef PHOTINUS_SERVER_STOPPING_TSGP_ASYMPTOTE_GP_H_
#define PHOTINUS_SERVER_STOPPING_TSGP_ASYMPTOTE_GP_H_

#include <functional>
#include <optional>

#include "Eigen/Cholesky"
#include "Eigen/Core"
#include "server/stopping/tsgp/curve_posterior.h"

namespace photinus {

// f(x) = m(x) + r(x) + e: r has a Matern-5/2 covariance with one lengthscale, e a variance of its own (the nugget).
struct AsymptoteKernel {
  double lengthscale = 1;  // in units of the features
  double variance = 0.5;   // of r
  double nugget = 0.5;     // variance of e
};

// One row per trial: where it is, what its curve tells of f - m(x), and how surely.
struct AsymptoteRows {
  Eigen::MatrixXd features;    // [n, F]; F = 0: r is a constant that all trials share
  Eigen::VectorXd residuals;   // [n]: observed f less m(x)
  Eigen::VectorXd precisions;  // [n], > 0: of the observation of f
};

// -log density of the residuals under a zero mean, with its gradient by the logarithms of lengthscale, variance and
// nugget. nullopt: the covariance is not positive definite.
std::optional<double> AsymptoteCost(const AsymptoteRows& rows, const AsymptoteKernel& kernel,
                                    Eigen::Vector3d& gradient);

// Immutable, hence thread-safe.
class AsymptoteGp {
 public:
  // Fits the kernel to at most kFitRows of the rows. nullopt if cancelled, or if the covariance is not positive
  // definite.
  static std::optional<AsymptoteGp> Fit(const AsymptoteRows& rows, const std::function<bool()>& cancelled);
  // With a given kernel.
  static std::optional<AsymptoteGp> Make(const AsymptoteRows& rows, const AsymptoteKernel& kernel);

  static constexpr Eigen::Index kFitRows = 150;

  // f - m(x) of a trial that is none of the rows.
  Gaussian At(const Eigen::VectorXd& features) const;
  // f - m(x) of the trial of a row, given all the others (its cavity).
  Gaussian WithoutOwn(Eigen::Index row) const;

  const AsymptoteKernel& kernel() const { return kernel_; }
  size_t bytes() const;

 private:
  AsymptoteGp() = default;

  AsymptoteKernel kernel_;
  Eigen::MatrixXd scaled_;  // features / lengthscale
  Eigen::VectorXd residuals_, precisions_;
  Eigen::LLT<Eigen::MatrixXd> factor_;  // of the covariance B of the observations
  Eigen::VectorXd alpha_;               // B^-1 residuals
  Eigen::VectorXd inverse_diagonal_;    // of B^-1
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_TSGP_ASYMPTOTE_GP_H_
