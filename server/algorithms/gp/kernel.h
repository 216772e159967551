// The covariance of the GP: Matern-5/2 with one lengthscale per feature group, plus an optional trend.
//   k(x, x') = s (1 + sqrt5 r + 5/3 r^2) exp(-sqrt5 r) + t trend(x, x')
//   r^2 = sum_f (x_f - x'_f)^2 / l_g(f)^2
// x are features, which an input warp may have moved. Features are Flatten's, so that a category differs from another
// by 1 and conditional spaces need no special case.
#ifndef PHOTINUS_SERVER_ALGORITHMS_GP_KERNEL_H_
#define PHOTINUS_SERVER_ALGORITHMS_GP_KERNEL_H_

#include <vector>

#include "Eigen/Core"
#include "common/space/flatten.h"
#include "server/algorithms/gp/input_warp.h"
#include "server/algorithms/gp/trend.h"

namespace photinus {

struct KernelParameters {
  Eigen::VectorXd lengthscales;  // [groups], in units of the features
  double signal_variance = 1;    // s
  double noise_variance = 1e-6;  // of observations, on top of k
  double trend_variance = 0;     // t; positive if there is a trend
  TrendKind trend = TrendKind::kNone;
  InputWarp input_warp;  // of the features, before all else
};

// Columns of features that share a lengthscale; the groups cover all columns in order.
using FeatureGroups = std::vector<Flatten::FeatureGroup>;

// Per column 1 / lengthscale of its group.
Eigen::VectorXd InverseLengthscales(const FeatureGroups& groups, const Eigen::VectorXd& lengthscales);

// Matern-5/2 of unit variance between the rows of a and b, [a.rows(), b.rows()], whose columns are divided by their
// lengthscales. `slope`, if not null, becomes (5/3)(1 + sqrt5 r) e^(-sqrt5 r), which is -2 dk/d(r^2).
Eigen::MatrixXd Matern(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b, Eigen::MatrixXd* slope);

// The lower triangle of the same between the rows of a; the rest is unspecified.
void SymmetricMatern(const Eigen::MatrixXd& a, Eigen::MatrixXd& values, Eigen::MatrixXd& slope);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_GP_KERNEL_H_
