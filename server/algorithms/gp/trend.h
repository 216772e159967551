// The part of a GP's covariance that is a polynomial of finite degree: what it has learnt holds everywhere.
//
//   trend(x, x') = ((1 + c z) / (1 + c))^2,  z = sum_g w_g k_g(x_g, x'_g),  w_g = l_g^-2 / sum_h l_h^-2
//
// k_g is a kernel of one parameter alone, about 1 on the diagonal. z is a sum of effects, its square their interactions
// in pairs, and the weights are large where lengthscales are short: what matters near by matters far away.
#ifndef PHOTINUS_SERVER_ALGORITHMS_GP_TREND_H_
#define PHOTINUS_SERVER_ALGORITHMS_GP_TREND_H_

#include <vector>

#include "Eigen/Core"
#include "common/space/flatten.h"

namespace photinus {

// With u = 2 x - 1 of a number; of C categories k_g = (1[x = x'] - 1/C) / (1 - 1/C), or about that of more than 32.
enum class TrendKind {
  kNone,
  // k_g = 3 u u', c = G/3: the prior of a full second-degree polynomial, so that bowls and slopes are learnt from few
  // trials.
  kQuadratic,
  // k_g = (u u' + 1.5 (u^2 - 1/3) (u'^2 - 1/3)) / (7/15), c = 1: every parameter has a bent effect of its own, and
  // pairs interact less than that. Many categories are learnt from few trials.
  kEffects,
};

// The trend of unit variance. Points are given as rows of its basis, the functions whose inner products are z.
class Trend {
 public:
  // lengthscales: [G].
  Trend(TrendKind kind, const std::vector<Flatten::FeatureGroup>& groups, const Eigen::VectorXd& lengthscales);

  // features: [n, F]; returns [n, P]; P = 0 for kNone.
  Eigen::MatrixXd Basis(const Eigen::MatrixXd& features) const;
  Eigen::Index size() const { return size_; }

  // Covariances between the rows of a and b, both bases. `slope`, if not null, becomes their derivative by the inner
  // product of the two rows.
  Eigen::MatrixXd Covariance(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b, Eigen::MatrixXd* slope) const;
  // Of each row with itself, and their derivatives by the basis, [n, P].
  Eigen::VectorXd Variance(const Eigen::MatrixXd& basis) const;
  Eigen::MatrixXd VarianceByBasis(const Eigen::MatrixXd& basis) const;

  // From derivatives by the basis, [q, P], at the points with these features, [q, F], to those by the features, [q, F].
  // Of categories, which nothing can move, they are 0.
  Eigen::MatrixXd ByFeatures(const Eigen::MatrixXd& features, const Eigen::MatrixXd& by_basis) const;
  // The derivatives of sum_ij n_ij (b_i . b_j) by the log lengthscales, [G], for fixed n, from its parts
  // sum_ij n_ij b_ip b_jp per column p of the basis, [P].
  Eigen::VectorXd ByLogLengthscales(const Eigen::VectorXd& column_sums) const;

 private:
  Eigen::Index ColumnsOf(const Flatten::FeatureGroup& group) const;

  TrendKind kind_;
  std::vector<Flatten::FeatureGroup> groups_;
  Eigen::VectorXd weights_;  // w, [G]
  Eigen::Index size_ = 0;    // P
  double pairs_ = 0;         // c
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_GP_TREND_H_
