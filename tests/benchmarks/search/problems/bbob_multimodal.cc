#include <algorithm>
#include <cmath>

#include "tests/benchmarks/search/problems/bbob.h"
#include "tests/benchmarks/search/problems/bbob_transforms.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kWeierstrassTerms = 12;

// sum_k cos(2 pi 3^k (z + 1/2)) / 2^k, least at integers.
double WeierstrassSum(double z) {
  double sum = 0, amplitude = 1, frequency = 1;
  for (int k = 0; k < kWeierstrassTerms; ++k) {
    sum += amplitude * std::cos(2 * M_PI * frequency * (z + 0.5));
    amplitude /= 2;
    frequency *= 3;
  }
  return sum;
}

BoxFunction ConditionedSchaffersF7(double condition, Index dimension, Random& random) {
  const VectorXd optimizer = RandomOptimizer(dimension, random);
  const MatrixXd r = RandomRotation(dimension, random), q = RandomRotation(dimension, random);
  const MatrixXd map = Conditioning(condition, dimension).asDiagonal() * q;
  return {optimizer, [=](const VectorXd& x) {
            const VectorXd z = map * BreakSymmetry(0.5, r * (x - optimizer));
            double sum = 0;
            for (Index i = 0; i + 1 < z.size(); ++i) {
              const double s = std::hypot(z[i], z[i + 1]);
              sum += std::sqrt(s) * (1 + std::pow(std::sin(50 * std::pow(s, 0.2)), 2));
            }
            return std::pow(sum / static_cast<double>(dimension - 1), 2);
          }};
}

}  // namespace

BoxFunction Rastrigin(Index dimension, Random& random) {
  const VectorXd optimizer = RandomOptimizer(dimension, random);
  const MatrixXd r = RandomRotation(dimension, random), q = RandomRotation(dimension, random);
  const MatrixXd map = r * Conditioning(10, dimension).asDiagonal() * q;
  return {optimizer,
          [=](const VectorXd& x) { return RastriginSum(map * BreakSymmetry(0.2, Oscillate(r * (x - optimizer)))); }};
}

BoxFunction Weierstrass(Index dimension, Random& random) {
  const VectorXd optimizer = RandomOptimizer(dimension, random);
  const MatrixXd r = RandomRotation(dimension, random), q = RandomRotation(dimension, random);
  const MatrixXd map = r * Conditioning(0.01, dimension).asDiagonal() * q;
  return {optimizer, [=](const VectorXd& x) {
            const VectorXd z = map * Oscillate(r * (x - optimizer));
            double mean = 0;
            for (const double v : z) mean += WeierstrassSum(v) / static_cast<double>(dimension);
            return 10 * std::pow(std::max(mean - WeierstrassSum(0), 0.0), 3);
          }};
}

BoxFunction SchaffersF7(Index dimension, Random& random) { return ConditionedSchaffersF7(10, dimension, random); }

BoxFunction IllConditionedSchaffersF7(Index dimension, Random& random) {
  return ConditionedSchaffersF7(1000, dimension, random);
}

BoxFunction GriewankRosenbrock(Index dimension, Random& random) {
  const VectorXd optimizer = RandomOptimizer(dimension, random);
  const MatrixXd map = RosenbrockScale(dimension) * RandomRotation(dimension, random);
  return {optimizer, [=](const VectorXd& x) {
            const VectorXd z = (map * (x - optimizer)).array() + 1;
            const Eigen::ArrayXd terms = RosenbrockTerms(z).array();
            return 10 * (terms / 4000 - terms.cos() + 1).mean();
          }};
}

}  // namespace photinus
