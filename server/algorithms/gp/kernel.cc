#include "server/algorithms/gp/kernel.h"

#include <cmath>

namespace photinus {
namespace {

const double kSqrt5 = std::sqrt(5.0);

// Column `j` from row `first` on, squared distances in, covariances out; rounding may have left distances below zero.
void MaternColumn(Eigen::Index j, Eigen::Index first, Eigen::MatrixXd& values, Eigen::MatrixXd* slope) {
  auto column = values.col(j).tail(values.rows() - first).array();
  const Eigen::ArrayXd r = kSqrt5 * column.max(0).sqrt();
  const Eigen::ArrayXd decay = (-r).exp();
  if (slope != nullptr) slope->col(j).tail(values.rows() - first) = (5.0 / 3) * (1 + r) * decay;
  column = (1 + r + r.square() / 3) * decay;
}

}  // namespace

Eigen::VectorXd InverseLengthscales(const FeatureGroups& groups, const Eigen::VectorXd& lengthscales) {
  const Flatten::FeatureGroup& last = groups.back();
  Eigen::VectorXd inverse(last.first + last.size);
  for (size_t g = 0; g < groups.size(); ++g) {
    inverse.segment(groups[g].first, groups[g].size).setConstant(1 / lengthscales[static_cast<Eigen::Index>(g)]);
  }
  return inverse;
}

Eigen::MatrixXd Matern(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b, Eigen::MatrixXd* slope) {
  Eigen::MatrixXd values = -2 * a * b.transpose();
  values.colwise() += a.rowwise().squaredNorm();
  values.rowwise() += b.rowwise().squaredNorm().transpose();
  if (slope != nullptr) slope->resize(values.rows(), values.cols());
  for (Eigen::Index j = 0; j < values.cols(); ++j) MaternColumn(j, 0, values, slope);
  return values;
}

void SymmetricMatern(const Eigen::MatrixXd& a, Eigen::MatrixXd& values, Eigen::MatrixXd& slope) {
  const Eigen::VectorXd norms = a.rowwise().squaredNorm();
  values.setZero(a.rows(), a.rows());
  values.selfadjointView<Eigen::Lower>().rankUpdate(a, -2);
  slope.resize(a.rows(), a.rows());
  for (Eigen::Index j = 0; j < a.rows(); ++j) {
    values.col(j).tail(a.rows() - j).array() += norms.tail(a.rows() - j).array() + norms[j];
    values(j, j) = 0;
    MaternColumn(j, j, values, &slope);
  }
}

Eigen::MatrixXd QuadraticKernel(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) {
  Eigen::MatrixXd products = (2 * a.array() - 1).matrix() * (2 * b.array() - 1).matrix().transpose();
  products = ((products.array() + 1) * TrendScale(a.cols())).square();
  return products;
}

}  // namespace photinus
