#include "tests/benchmarks/search/problems/bbob_transforms.h"

#include <algorithm>
#include <cmath>

#include "tests/benchmarks/search/problems/box_function.h"

namespace photinus {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

double Oscillate(double x) {
  if (x == 0) return 0;
  const double logarithm = std::log(std::abs(x));
  const double fast = x > 0 ? 10 : 5.5, slow = x > 0 ? 7.9 : 3.1;
  return std::copysign(std::exp(logarithm + 0.049 * (std::sin(fast * logarithm) + std::sin(slow * logarithm))), x);
}

VectorXd Oscillate(const VectorXd& x) {
  return x.unaryExpr([](double v) { return Oscillate(v); });
}

VectorXd BreakSymmetry(double beta, const VectorXd& x) {
  VectorXd y = x;
  const VectorXd ramp = Ramp(x.size());
  for (Index i = 0; i < x.size(); ++i) {
    if (x[i] > 0) y[i] = std::pow(x[i], 1 + beta * ramp[i] * std::sqrt(x[i]));
  }
  return y;
}

VectorXd Ramp(Index dimension) { return VectorXd::LinSpaced(dimension, 0, 1); }

VectorXd Conditioning(double alpha, Index dimension) { return (0.5 * std::log(alpha) * Ramp(dimension)).array().exp(); }

double RastriginSum(const VectorXd& z) {
  return 10 * (static_cast<double>(z.size()) - (2 * M_PI * z.array()).cos().sum()) + z.squaredNorm();
}

double RosenbrockScale(Index dimension) { return std::max(1.0, std::sqrt(static_cast<double>(dimension)) / 8); }

VectorXd RosenbrockTerms(const VectorXd& z) {
  const auto head = z.head(z.size() - 1).array(), tail = z.tail(z.size() - 1).array();
  return 100 * (head.square() - tail).square() + (head - 1).square();
}

MatrixXd RandomRotation(Index dimension, Random& random) {
  MatrixXd rotation(dimension, dimension);
  for (Index i = 0; i < dimension; ++i) {  // Gram and Schmidt on normal draws, twice against rounding
    for (Index k = 0; k < dimension; ++k) rotation(i, k) = random.Normal();
    for (int pass = 0; pass < 2; ++pass) {
      const auto earlier = rotation.topRows(i);
      rotation.row(i) -= ((rotation.row(i) * earlier.transpose()) * earlier).eval();
      rotation.row(i).normalize();
    }
  }
  return rotation;
}

VectorXd RandomOptimizer(Index dimension, Random& random) {
  VectorXd optimizer(dimension);
  for (double& x : optimizer) x = 0.8 * kBoxSide * (2 * random.Uniform() - 1);
  return optimizer;
}

}  // namespace photinus
