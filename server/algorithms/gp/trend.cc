#include "server/algorithms/gp/trend.h"

#include <algorithm>
#include <cmath>

namespace photinus {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

const double kSlope = std::sqrt(3.0);                                              // kQuadratic: of u
const double kStraight = std::sqrt(15.0 / 7), kBend = kStraight * std::sqrt(1.5);  // kEffects: of u and u^2
const double kFeatureOfCategory = std::sqrt(0.5);

ArrayXd Centred(const MatrixXd& features, const Flatten::FeatureGroup& group) {
  return 2 * features.col(group.first).array() - 1;
}

}  // namespace

Trend::Trend(TrendKind kind, const std::vector<Flatten::FeatureGroup>& groups, const VectorXd& lengthscales)
    : kind_(kind), groups_(groups) {
  if (kind == TrendKind::kNone) return;
  weights_ = lengthscales.array().square().inverse();
  weights_ /= weights_.sum();
  for (const Flatten::FeatureGroup& group : groups_) size_ += ColumnsOf(group);
  pairs_ = kind == TrendKind::kQuadratic ? static_cast<double>(groups.size()) / 3 : 1;
}

Index Trend::ColumnsOf(const Flatten::FeatureGroup& group) const {
  return group.categorical ? group.size : kind_ == TrendKind::kEffects ? 2 : 1;
}

MatrixXd Trend::Basis(const MatrixXd& features) const {
  MatrixXd basis(features.rows(), size_);
  if (size_ == 0) return basis;
  Index column = 0;
  for (size_t g = 0; g < groups_.size(); ++g) {
    const Flatten::FeatureGroup& group = groups_[g];
    const double scale = std::sqrt(weights_[static_cast<Index>(g)]);
    if (group.categorical) {
      const double share = 1.0 / group.size;
      basis.middleCols(column, group.size) =
          scale / std::sqrt(std::max(1 - share, share)) *
          (features.middleCols(group.first, group.size).array() / kFeatureOfCategory - share);
    } else if (kind_ == TrendKind::kEffects) {
      const ArrayXd u = Centred(features, group);
      basis.col(column) = scale * kStraight * u;
      basis.col(column + 1) = scale * kBend * (u.square() - 1.0 / 3);
    } else {
      basis.col(column) = scale * kSlope * Centred(features, group);
    }
    column += ColumnsOf(group);
  }
  return basis;
}

MatrixXd Trend::Covariance(const MatrixXd& a, const MatrixXd& b, MatrixXd* slope) const {
  const double c = pairs_ / (1 + pairs_);
  MatrixXd root = c * (a * b.transpose());
  root.array() += 1 - c;
  if (slope != nullptr) *slope = 2 * c * root;
  return root.cwiseAbs2();
}

VectorXd Trend::Variance(const MatrixXd& basis) const {
  return ((1 + pairs_ * basis.rowwise().squaredNorm().array()) / (1 + pairs_)).square();
}

MatrixXd Trend::VarianceByBasis(const MatrixXd& basis) const {
  const double c = pairs_ / (1 + pairs_);
  return (4 * c * (1 - c + c * basis.rowwise().squaredNorm().array())).matrix().asDiagonal() * basis;
}

MatrixXd Trend::ByFeatures(const MatrixXd& features, const MatrixXd& by_basis) const {
  MatrixXd gradient = MatrixXd::Zero(features.rows(), features.cols());
  if (size_ == 0) return gradient;
  Index column = 0;
  for (size_t g = 0; g < groups_.size(); ++g) {
    const Flatten::FeatureGroup& group = groups_[g];
    const double scale = 2 * std::sqrt(weights_[static_cast<Index>(g)]);
    if (!group.categorical && kind_ == TrendKind::kEffects) {
      gradient.col(group.first) = scale * (kStraight * by_basis.col(column).array() +
                                           2 * kBend * Centred(features, group) * by_basis.col(column + 1).array());
    } else if (!group.categorical) {
      gradient.col(group.first) = scale * kSlope * by_basis.col(column);
    }
    column += ColumnsOf(group);
  }
  return gradient;
}

// dz/dlog l_g = -2 w_g (k_g - z).
VectorXd Trend::ByLogLengthscales(const VectorXd& column_sums) const {
  VectorXd sums(static_cast<Index>(groups_.size()));
  Index column = 0;
  for (size_t g = 0; g < groups_.size(); ++g) {
    sums[static_cast<Index>(g)] = column_sums.segment(column, ColumnsOf(groups_[g])).sum();
    column += ColumnsOf(groups_[g]);
  }
  return -2 * (sums - sums.sum() * weights_);
}

}  // namespace photinus
