// The part of a GP's covariance that is a polynomial of finite degree: what it has learnt holds everywhere.
#ifndef PHOTINUS_SERVER_ALGORITHMS_GP_TREND_H_
#define PHOTINUS_SERVER_ALGORITHMS_GP_TREND_H_

#include <vector>

#include "Eigen/Core"
#include "common/space/flatten.h"

namespace photinus {

enum class TrendKind {
  kNone,
  // ((1 + u.u') / (1 + F/3))^2 with u = 2 x - 1: the prior of a full second-degree polynomial of all F features, so
  // that bowls and slopes are learnt from few trials.
  kQuadratic,
  // The mean over the G feature groups of u u' + 1.5 (u^2 - 1/3) (u'^2 - 1/3), or of 1[x = x'] for categories: every
  // parameter has an effect of its own, whatever the others are. Many categories are learnt from few trials.
  kAdditive,
};

// The trend of unit variance. Points are given as rows of its basis, the functions whose inner products it is made of.
class Trend {
 public:
  Trend(TrendKind kind, const std::vector<Flatten::FeatureGroup>& groups);

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
  // Of categories, whose points are corners of a simplex, they are 0.
  Eigen::MatrixXd ByFeatures(const Eigen::MatrixXd& features, const Eigen::MatrixXd& by_basis) const;

 private:
  TrendKind kind_;
  std::vector<Flatten::FeatureGroup> groups_;
  Eigen::Index features_ = 0;  // F
  Eigen::Index size_ = 0;      // P
  double offset_ = 0;          // kQuadratic: (offset + a.b)^2
  double scale_ = 0;           // of the basis
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_GP_TREND_H_
