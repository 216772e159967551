// The inverse Cholesky factor of a GP's covariance, kept up to date row by row.
#ifndef PHOTINUS_SERVER_ALGORITHMS_GP_FACTOR_H_
#define PHOTINUS_SERVER_ALGORITHMS_GP_FACTOR_H_

#include <cstddef>
#include <optional>

#include "Eigen/Core"
#include "server/algorithms/gp/kernel.h"

namespace photinus {

// L^-1 with L L^T = K + noise I, of rows in a fixed order. It depends on where was evaluated, not on what was found, so
// that a result costs no update. L itself is not kept: a row is appended by two products with L^-1 [gp.md 3.5], and
// dropping the last rows is free. A row's numbers depend on the rows before it alone, bit for bit, however the factor
// came to them, as long as it began with the same base rows.
class Factor {
 public:
  // unwarped: [n, F], features of the base rows. nullopt if their covariance stays indefinite although its noise was
  // raised a few times.
  static std::optional<Factor> Make(const Eigen::MatrixXd& unwarped, const FeatureGroups& groups,
                                    const KernelParameters& parameters);

  // A new last row, [F], in O(n^2).
  void Append(const Eigen::VectorXd& unwarped);
  // Forgets all rows but the first `rows`.
  void Truncate(Eigen::Index rows) { size_ = rows; }

  Eigen::Index size() const { return size_; }
  // With the noise that was needed.
  const KernelParameters& parameters() const { return parameters_; }
  // Per column of the features.
  const Eigen::VectorXd& inverse_lengthscales() const { return inverse_lengthscales_; }
  // [n, F]: rows, warped and divided by the lengthscales; [n, P]: the trend's basis at them.
  Eigen::Block<const Eigen::MatrixXd> scaled() const { return scaled_.topRows(size_); }
  Eigen::Block<const Eigen::MatrixXd> trend_basis() const { return trend_basis_.topRows(size_); }
  const Trend& trend() const { return trend_; }
  const FeatureGroups& groups() const { return groups_; }
  // [n]: prior variances of observations, with noise.
  Eigen::VectorBlock<const Eigen::VectorXd> observation_variances() const { return observation_variances_.head(size_); }
  bool has_trend() const { return parameters_.trend != TrendKind::kNone; }

  // L^-1 v and L^-T v of columns, [n, q].
  Eigen::MatrixXd Whiten(const Eigen::MatrixXd& v) const;
  Eigen::MatrixXd WhitenTransposed(const Eigen::MatrixXd& v) const;
  // (K + noise)^-1 v.
  Eigen::VectorXd Solve(const Eigen::VectorXd& v) const;

  // The diagonal of (K + noise)^-1.
  Eigen::VectorXd PrecisionDiagonal() const;

  // The expected values of the rows where `known` is false, given those of the others, about mean zero; `values` at
  // unknown rows are not looked at. Returns all n values, the known ones as they are.
  Eigen::VectorXd Complete(const Eigen::VectorXd& values, const Eigen::Array<bool, Eigen::Dynamic, 1>& known) const;

  size_t bytes() const;

 private:
  Factor(const KernelParameters& parameters, const FeatureGroups& groups);

  void Reserve(Eigen::Index rows);
  auto Inverse() const { return inverse_.topLeftCorner(size_, size_).triangularView<Eigen::Lower>(); }
  auto InverseTransposed() const {
    return inverse_.topLeftCorner(size_, size_).transpose().triangularView<Eigen::Upper>();
  }

  KernelParameters parameters_;
  FeatureGroups groups_;
  Trend trend_;
  Eigen::VectorXd inverse_lengthscales_;
  // Beyond size_ rows there is room.
  Eigen::MatrixXd scaled_, trend_basis_;
  Eigen::VectorXd observation_variances_;
  Eigen::MatrixXd inverse_;  // L^-1 in its lower triangle
  Eigen::Index size_ = 0;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_GP_FACTOR_H_
