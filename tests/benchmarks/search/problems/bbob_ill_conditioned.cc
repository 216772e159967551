#include <cmath>

#include "tests/benchmarks/search/problems/bbob.h"
#include "tests/benchmarks/search/problems/bbob_transforms.h"

namespace photinus {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

BoxFunction Ellipsoid(Index dimension, Random& random) {
  const VectorXd optimizer = RandomOptimizer(dimension, random);
  const MatrixXd r = RandomRotation(dimension, random);
  const VectorXd scale = Conditioning(1e6, dimension);
  return {optimizer,
          [=](const VectorXd& x) { return Oscillate(r * (x - optimizer)).cwiseProduct(scale).squaredNorm(); }};
}

BoxFunction Discus(Index dimension, Random& random) {
  const VectorXd optimizer = RandomOptimizer(dimension, random);
  const MatrixXd r = RandomRotation(dimension, random);
  return {optimizer, [=](const VectorXd& x) {
            const VectorXd z = Oscillate(r * (x - optimizer));
            return 1e6 * z[0] * z[0] + z.tail(z.size() - 1).squaredNorm();
          }};
}

BoxFunction BentCigar(Index dimension, Random& random) {
  const VectorXd optimizer = RandomOptimizer(dimension, random);
  const MatrixXd r = RandomRotation(dimension, random);
  return {optimizer, [=](const VectorXd& x) {
            const VectorXd z = r * BreakSymmetry(0.5, r * (x - optimizer));
            return z[0] * z[0] + 1e6 * z.tail(z.size() - 1).squaredNorm();
          }};
}

BoxFunction SharpRidge(Index dimension, Random& random) {
  const VectorXd optimizer = RandomOptimizer(dimension, random);
  const MatrixXd r = RandomRotation(dimension, random), q = RandomRotation(dimension, random);
  const MatrixXd map = q * Conditioning(10, dimension).asDiagonal() * r;
  return {optimizer, [=](const VectorXd& x) {
            const VectorXd z = map * (x - optimizer);
            return z[0] * z[0] + 100 * z.tail(z.size() - 1).norm();
          }};
}

BoxFunction DifferentPowers(Index dimension, Random& random) {
  const VectorXd optimizer = RandomOptimizer(dimension, random);
  const MatrixXd r = RandomRotation(dimension, random);
  const VectorXd powers = 2 + 4 * Ramp(dimension).array();
  return {optimizer, [=](const VectorXd& x) {
            const VectorXd z = r * (x - optimizer);
            double sum = 0;
            for (Index i = 0; i < z.size(); ++i) sum += std::pow(std::abs(z[i]), powers[i]);
            return std::sqrt(sum);
          }};
}

}  // namespace photinus
