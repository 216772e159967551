#include <algorithm>
#include <cmath>

#include "tests/benchmarks/search/problems/bbob.h"
#include "tests/benchmarks/search/problems/bbob_transforms.h"

namespace photinus {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

BoxFunction AttractiveSector(Index dimension, Random& random) {
  const VectorXd optimizer = RandomOptimizer(dimension, random);
  const MatrixXd r = RandomRotation(dimension, random), q = RandomRotation(dimension, random);
  const MatrixXd map = q * Conditioning(10, dimension).asDiagonal() * r;
  return {optimizer, [=](const VectorXd& x) {
            VectorXd z = map * (x - optimizer);
            for (Index i = 0; i < z.size(); ++i) z[i] *= z[i] * optimizer[i] > 0 ? 100 : 1;
            return std::pow(Oscillate(z.squaredNorm()), 0.9);
          }};
}

BoxFunction StepEllipsoid(Index dimension, Random& random) {
  const VectorXd optimizer = RandomOptimizer(dimension, random);
  const MatrixXd r = RandomRotation(dimension, random), q = RandomRotation(dimension, random);
  const MatrixXd map = Conditioning(10, dimension).asDiagonal() * r;
  const VectorXd scale = Conditioning(100, dimension);
  return {optimizer, [=](const VectorXd& x) {
            const VectorXd smooth = map * (x - optimizer);
            const VectorXd steps = smooth.unaryExpr(
                [](double v) { return std::abs(v) > 0.5 ? std::floor(0.5 + v) : std::floor(0.5 + 10 * v) / 10; });
            return 0.1 * std::max(std::abs(smooth[0]) / 1e4, (q * steps).cwiseProduct(scale).squaredNorm());
          }};
}

BoxFunction Rosenbrock(Index dimension, Random& random) {
  const VectorXd optimizer = RandomOptimizer(dimension, random);
  const double scale = RosenbrockScale(dimension);
  return {optimizer, [=](const VectorXd& x) {
            const VectorXd z = (scale * (x - optimizer)).array() + 1;
            return RosenbrockTerms(z).sum();
          }};
}

BoxFunction RotatedRosenbrock(Index dimension, Random& random) {
  const VectorXd optimizer = RandomOptimizer(dimension, random);
  const MatrixXd map = RosenbrockScale(dimension) * RandomRotation(dimension, random);
  return {optimizer, [=](const VectorXd& x) {
            const VectorXd z = (map * (x - optimizer)).array() + 1;
            return RosenbrockTerms(z).sum();
          }};
}

}  // namespace photinus
