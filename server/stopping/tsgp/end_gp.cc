#include "server/stopping/tsgp/end_gp.h"

#include <algorithm>
#include <cmath>

#include "server/algorithms/gp/kernel.h"
#include "server/algorithms/gp/lbfgs.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::Vector3d;
using Eigen::VectorXd;

constexpr int kEvaluations = 30;
constexpr double kGoodEnough = 0.02;  // nats

// The prior of the logarithms is N(log centre, kPriorSd^2).
constexpr double kPriorSd = 1.5;

Vector3d Logs(const EndKernel& kernel) {
  return {std::log(kernel.lengthscale), std::log(kernel.variance), std::log(kernel.nugget)};
}

EndKernel FromLogs(const VectorXd& logs) {
  return {.lengthscale = std::exp(logs[0]), .variance = std::exp(logs[1]), .nugget = std::exp(logs[2])};
}

// In a unit cube of F features, points are about sqrt(F / 6) apart.
EndKernel Centre(Index features) {
  return {.lengthscale = std::sqrt(std::max<double>(static_cast<double>(features), 1) / 6) * 2};
}

// [n, 1 + 2 F]: its product with standard normal coefficients is b.
MatrixXd TrendBasis(const MatrixXd& features) {
  const Index f = features.cols();
  const Eigen::ArrayXXd centred = features.array() - 0.5;
  const double part = 1 / std::sqrt(std::max<double>(2 * static_cast<double>(f), 1));
  MatrixXd basis(features.rows(), 1 + 2 * f);
  basis << VectorXd::Ones(features.rows()), part * std::sqrt(12) * centred.matrix(),
      part * std::sqrt(180) * (centred.square() - 1.0 / 12).matrix();
  return std::sqrt(kTrendVariance) * basis;
}

// One row of every so many.
EndRows Thinned(const EndRows& rows, Index most) {
  const Index n = rows.residuals.size();
  if (n <= most) return rows;
  EndRows thin{MatrixXd(most, rows.features.cols()), VectorXd(most), VectorXd(most)};
  for (Index i = 0; i < most; ++i) {
    const Index from = i * n / most;
    thin.features.row(i) = rows.features.row(from);
    thin.residuals[i] = rows.residuals[from];
    thin.precisions[i] = rows.precisions[from];
  }
  return thin;
}

}  // namespace

std::optional<double> EndCost(const EndRows& rows, const EndKernel& kernel, Vector3d& gradient) {
  const Index n = rows.residuals.size();
  const MatrixXd scaled = rows.features / kernel.lengthscale;
  MatrixXd slope;
  const MatrixXd matern = Matern(scaled, scaled, &slope);
  const MatrixXd trend = TrendBasis(rows.features);
  MatrixXd covariance = kernel.variance * matern + trend * trend.transpose();
  covariance.diagonal().array() += kernel.nugget + rows.precisions.array().inverse();
  const Eigen::LLT<MatrixXd> factor(covariance);
  if (factor.info() != Eigen::Success) return std::nullopt;
  const VectorXd alpha = factor.solve(rows.residuals);
  const double cost = 0.5 * rows.residuals.dot(alpha) + factor.matrixLLT().diagonal().array().log().sum() +
                      0.5 * static_cast<double>(n) * std::log(2 * M_PI);
  if (!std::isfinite(cost)) return std::nullopt;
  const MatrixXd h = 0.5 * (factor.solve(MatrixXd::Identity(n, n)) - alpha * alpha.transpose());
  // dk / dlog l = slope r^2, and sum_ij M_ij |z_i - z_j|^2 = 2 (sum_i |z_i|^2 (M 1)_i - tr z' M z).
  const MatrixXd m = kernel.variance * h.cwiseProduct(slope);
  gradient[0] = 2 * (scaled.rowwise().squaredNorm().dot(m.rowwise().sum()) - scaled.cwiseProduct(m * scaled).sum());
  gradient[1] = kernel.variance * h.cwiseProduct(matern).sum();
  gradient[2] = kernel.nugget * h.trace();
  return cost;
}

std::optional<EndGp> EndGp::Fit(const EndRows& rows, const std::function<bool()>& cancelled) {
  const EndRows some = Thinned(rows, kFitRows);
  const Vector3d centre = Logs(Centre(rows.features.cols()));
  const SmoothFunction function = [&](const VectorXd& logs, VectorXd& gradient) -> std::optional<double> {
    if (cancelled && cancelled()) return std::nullopt;
    Vector3d slope;
    const auto cost = EndCost(some, FromLogs(logs), slope);
    if (!cost.has_value()) return std::numeric_limits<double>::infinity();
    const Vector3d distance = (logs - centre) / kPriorSd;
    gradient = slope + distance / kPriorSd;
    return *cost + 0.5 * distance.squaredNorm();
  };
  const Vector3d reach(std::log(20), std::log(1e4), std::log(1e4));
  const LbfgsResult best = Minimise(function, centre, centre - reach, centre + reach,
                                    {.evaluations = kEvaluations, .tolerance = kGoodEnough});
  if (best.stopped || best.point.size() == 0) return std::nullopt;
  return Make(rows, FromLogs(best.point));
}

std::optional<EndGp> EndGp::Make(const EndRows& rows, const EndKernel& kernel) {
  EndGp gp;
  gp.kernel_ = kernel;
  gp.scaled_ = rows.features / kernel.lengthscale;
  gp.trend_ = TrendBasis(rows.features);
  gp.residuals_ = rows.residuals;
  gp.precisions_ = rows.precisions;
  MatrixXd covariance = kernel.variance * Matern(gp.scaled_, gp.scaled_, nullptr) + gp.trend_ * gp.trend_.transpose();
  covariance.diagonal().array() += kernel.nugget + rows.precisions.array().inverse();
  gp.factor_.compute(covariance);
  if (gp.factor_.info() != Eigen::Success) return std::nullopt;
  gp.alpha_ = gp.factor_.solve(rows.residuals);
  const Index n = rows.residuals.size();
  gp.inverse_diagonal_ =
      MatrixXd(gp.factor_.matrixL().solve(MatrixXd::Identity(n, n))).colwise().squaredNorm().transpose();
  return gp;
}

Gaussian EndGp::At(const VectorXd& features) const {
  const MatrixXd scaled = features.transpose() / kernel_.lengthscale;
  const VectorXd trend = TrendBasis(features.transpose()).transpose();
  const VectorXd k = kernel_.variance * Matern(scaled_, scaled, nullptr).col(0) + trend_ * trend;
  const double before = kernel_.variance + trend.squaredNorm();
  const VectorXd z = factor_.matrixL().solve(k);
  return {k.dot(alpha_), std::max(before - z.squaredNorm(), 0.0) + kernel_.nugget};
}

Gaussian EndGp::WithoutOwn(Index row) const {
  const double inverse = inverse_diagonal_[row];
  return {residuals_[row] - alpha_[row] / inverse, std::max(1 / inverse - 1 / precisions_[row], 0.0)};
}

size_t EndGp::bytes() const {
  return sizeof(double) *
         static_cast<size_t>(scaled_.size() + trend_.size() + factor_.matrixLLT().size() + 4 * residuals_.size());
}

}  // namespace photinus
