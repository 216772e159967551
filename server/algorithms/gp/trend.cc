#include "server/algorithms/gp/trend.h"

#include <cmath>

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

const double kBend = std::sqrt(1.5);         // of a scalar's square
const double kCategoryScale = std::sqrt(2);  // a category's feature is sqrt(1/2)

}  // namespace

Trend::Trend(TrendKind kind, const std::vector<Flatten::FeatureGroup>& groups) : kind_(kind), groups_(groups) {
  if (groups.empty()) return;
  features_ = groups.back().first + groups.back().size;
  if (kind == TrendKind::kQuadratic) {
    size_ = features_;
    offset_ = 1 / (1 + static_cast<double>(features_) / 3);
    scale_ = std::sqrt(offset_);
  } else if (kind == TrendKind::kAdditive) {
    for (const Flatten::FeatureGroup& group : groups) size_ += group.categorical ? group.size : 2;
    scale_ = 1 / std::sqrt(static_cast<double>(groups.size()));
  }
}

MatrixXd Trend::Basis(const MatrixXd& features) const {
  if (kind_ == TrendKind::kQuadratic) return scale_ * (2 * features.array() - 1);
  MatrixXd basis(features.rows(), size_);
  if (kind_ == TrendKind::kNone) return basis;
  Index column = 0;
  for (const Flatten::FeatureGroup& group : groups_) {
    if (group.categorical) {
      basis.middleCols(column, group.size) = scale_ * kCategoryScale * features.middleCols(group.first, group.size);
      column += group.size;
    } else {
      const Eigen::ArrayXd u = 2 * features.col(group.first).array() - 1;
      basis.col(column++) = scale_ * u;
      basis.col(column++) = scale_ * kBend * (u.square() - 1.0 / 3);
    }
  }
  return basis;
}

MatrixXd Trend::Covariance(const MatrixXd& a, const MatrixXd& b, MatrixXd* slope) const {
  MatrixXd products = a * b.transpose();
  if (kind_ == TrendKind::kAdditive) {
    if (slope != nullptr) slope->setOnes(products.rows(), products.cols());
    return products;
  }
  products.array() += offset_;
  if (slope != nullptr) *slope = 2 * products;
  return products.cwiseAbs2();
}

VectorXd Trend::Variance(const MatrixXd& basis) const {
  const VectorXd norms = basis.rowwise().squaredNorm();
  return kind_ == TrendKind::kAdditive ? norms : VectorXd((offset_ + norms.array()).square());
}

MatrixXd Trend::VarianceByBasis(const MatrixXd& basis) const {
  if (kind_ == TrendKind::kAdditive) return 2 * basis;
  return (4 * (offset_ + basis.rowwise().squaredNorm().array())).matrix().asDiagonal() * basis;
}

MatrixXd Trend::ByFeatures(const MatrixXd& features, const MatrixXd& by_basis) const {
  if (kind_ == TrendKind::kQuadratic) return 2 * scale_ * by_basis;
  MatrixXd gradient = MatrixXd::Zero(features.rows(), features.cols());
  if (kind_ == TrendKind::kNone) return gradient;
  Index column = 0;
  for (const Flatten::FeatureGroup& group : groups_) {
    if (group.categorical) {
      column += group.size;
      continue;
    }
    const Eigen::ArrayXd u = 2 * features.col(group.first).array() - 1;
    gradient.col(group.first) =
        2 * scale_ * (by_basis.col(column).array() + 2 * kBend * u * by_basis.col(column + 1).array());
    column += 2;
  }
  return gradient;
}

}  // namespace photinus
