#include "server/algorithms/gp/factor.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "Eigen/Cholesky"
#include "server/algorithms/gp/triangular.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::Lower;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kAttempts = 5;
constexpr double kJitterFactor = 100;
// Room for rows is a multiple of this, so that blocks of every factor are aligned alike and sums round alike.
constexpr Index kRoom = 64;

}  // namespace

Factor::Factor(const KernelParameters& parameters, const FeatureGroups& groups)
    : parameters_(parameters),
      groups_(groups),
      trend_(parameters.trend, groups, parameters.lengthscales),
      inverse_lengthscales_(InverseLengthscales(groups, parameters.lengthscales)) {}

std::optional<Factor> Factor::Make(const MatrixXd& unwarped, const FeatureGroups& groups,
                                   const KernelParameters& parameters) {
  Factor f(parameters, groups);
  const MatrixXd features = parameters.input_warp.Apply(groups, unwarped);
  f.Reserve(features.rows());
  f.size_ = features.rows();
  f.scaled_.topRows(f.size_) = features * f.inverse_lengthscales_.asDiagonal();
  MatrixXd covariance, slope;
  SymmetricMatern(f.scaled(), covariance, slope);
  covariance *= parameters.signal_variance;
  if (f.has_trend()) {
    const MatrixXd basis = f.trend_.Basis(features);
    covariance += parameters.trend_variance * f.trend_.Covariance(basis, basis, nullptr);
    f.trend_basis_.topRows(f.size_) = basis;
  }
  MatrixXd lower;
  double noise = parameters.noise_variance;
  for (int attempt = 0; attempt < kAttempts; ++attempt, noise *= kJitterFactor) {
    lower = covariance;
    lower.diagonal().array() += noise;
    const Eigen::LLT<Eigen::Ref<MatrixXd>, Lower> llt(lower);
    if (llt.info() != Eigen::Success) continue;
    f.parameters_.noise_variance = noise;
    f.observation_variances_.head(f.size_) = covariance.diagonal().array() + noise;
    InvertLowerInPlace(lower);
    f.inverse_.topLeftCorner(f.size_, f.size_).triangularView<Lower>() = lower;
    if (f.inverse_.topLeftCorner(f.size_, f.size_).allFinite()) return f;
  }
  return std::nullopt;
}

void Factor::Reserve(Index rows) {
  if (rows <= inverse_.rows()) return;
  const Index room = (rows + rows / 8 + kRoom - 1) / kRoom * kRoom;
  const auto grow = [&](MatrixXd& matrix, Index columns) {
    MatrixXd larger = MatrixXd::Zero(room, columns);
    larger.topLeftCorner(size_, std::min(columns, matrix.cols())) =
        matrix.topLeftCorner(size_, std::min(columns, matrix.cols()));
    matrix.swap(larger);
  };
  grow(scaled_, inverse_lengthscales_.size());
  grow(trend_basis_, trend_.size());
  grow(inverse_, room);
  observation_variances_.conservativeResize(room);
}

void Factor::Append(const VectorXd& unwarped) {
  const VectorXd features = parameters_.input_warp.Apply(groups_, unwarped.transpose()).transpose();
  Reserve(size_ + 1);
  const Index n = size_;
  const VectorXd scaled_row = features.cwiseProduct(inverse_lengthscales_);
  VectorXd cross = parameters_.signal_variance * Matern(scaled(), scaled_row.transpose(), nullptr).col(0);
  double prior = parameters_.signal_variance;
  if (has_trend()) {
    const MatrixXd basis = trend_.Basis(features.transpose());
    cross += parameters_.trend_variance * trend_.Covariance(trend_basis(), basis, nullptr).col(0);
    prior += parameters_.trend_variance * trend_.Variance(basis)[0];
    trend_basis_.row(n) = basis;
  }
  scaled_.row(n) = scaled_row;
  const VectorXd row = Inverse() * cross;
  observation_variances_[n] = prior + parameters_.noise_variance;
  // The conditional variance is at least the noise; rounding may have left less.
  const double variance = std::max(observation_variances_[n] - row.squaredNorm(), parameters_.noise_variance);
  const double inverse_diagonal = 1 / std::sqrt(variance);
  const VectorXd inverse_row = InverseTransposed() * row;
  inverse_.row(n).head(n) = -inverse_diagonal * inverse_row;
  inverse_(n, n) = inverse_diagonal;
  ++size_;
}

MatrixXd Factor::Whiten(const MatrixXd& v) const { return Inverse() * v; }

MatrixXd Factor::WhitenTransposed(const MatrixXd& v) const { return InverseTransposed() * v; }

VectorXd Factor::Solve(const VectorXd& v) const {
  const VectorXd whitened = Inverse() * v;
  return InverseTransposed() * whitened;
}

VectorXd Factor::PrecisionDiagonal() const {
  VectorXd diagonal(size_);
  for (Index i = 0; i < size_; ++i) diagonal[i] = inverse_.col(i).segment(i, size_ - i).squaredNorm();
  return diagonal;
}

// With Q = (K + noise)^-1 and rows u unknown, k known:  E[y_u] = -Q_uu^-1 Q_uk y_k.
VectorXd Factor::Complete(const VectorXd& values, const Eigen::Array<bool, Eigen::Dynamic, 1>& known) const {
  std::vector<Index> unknown;
  for (Index i = 0; i < size_; ++i) {
    if (!known[i]) unknown.push_back(i);
  }
  VectorXd completed = known.select(values, 0);
  if (unknown.empty()) return completed;
  const Index first = unknown.front(), rows = size_ - first;  // columns of L^-1 are zero above the diagonal
  MatrixXd columns = MatrixXd::Zero(rows, static_cast<Index>(unknown.size()));
  for (size_t c = 0; c < unknown.size(); ++c) {
    const Index i = unknown[c];
    columns.col(static_cast<Index>(c)).tail(size_ - i) = inverse_.col(i).segment(i, size_ - i);
  }
  const VectorXd whitened = Inverse() * completed;
  const MatrixXd precision = columns.transpose() * columns;
  completed(unknown) = -precision.llt().solve(columns.transpose() * whitened.tail(rows));
  return completed;
}

size_t Factor::bytes() const {
  return sizeof(double) * static_cast<size_t>(inverse_.size() + scaled_.size() + trend_basis_.size());
}

}  // namespace photinus
