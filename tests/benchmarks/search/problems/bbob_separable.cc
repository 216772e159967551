#include <cmath>

#include "tests/benchmarks/search/problems/bbob.h"
#include "tests/benchmarks/search/problems/bbob_transforms.h"

namespace photinus {

using Eigen::Index;
using Eigen::VectorXd;

BoxFunction Sphere(Index dimension, Random& random) {
  const VectorXd optimizer = RandomOptimizer(dimension, random);
  return {optimizer, [=](const VectorXd& x) { return (x - optimizer).squaredNorm(); }};
}

BoxFunction SeparableEllipsoid(Index dimension, Random& random) {
  const VectorXd optimizer = RandomOptimizer(dimension, random);
  const VectorXd scale = Conditioning(1e6, dimension);
  return {optimizer, [=](const VectorXd& x) { return Oscillate(x - optimizer).cwiseProduct(scale).squaredNorm(); }};
}

BoxFunction SeparableRastrigin(Index dimension, Random& random) {
  const VectorXd optimizer = RandomOptimizer(dimension, random);
  const VectorXd scale = Conditioning(10, dimension);
  return {optimizer, [=](const VectorXd& x) {
            return RastriginSum(BreakSymmetry(0.2, Oscillate(x - optimizer)).cwiseProduct(scale));
          }};
}

BoxFunction BuecheRastrigin(Index dimension, Random& random) {
  const VectorXd optimizer = RandomOptimizer(dimension, random);
  const VectorXd scale = Conditioning(10, dimension);
  return {optimizer, [=](const VectorXd& x) {
            VectorXd z = Oscillate(x - optimizer);
            for (Index i = 0; i < z.size(); ++i) {
              const bool stretched = z[i] > 0 && i % 2 == 0;
              z[i] *= (stretched ? 10 : 1) * scale[i];
            }
            return RastriginSum(z);
          }};
}

BoxFunction LinearSlope(Index dimension, Random& random) {
  VectorXd optimizer(dimension);
  for (double& x : optimizer) x = random.Below(2) == 0 ? -kBoxSide : kBoxSide;
  const VectorXd slope = Conditioning(100, dimension).cwiseProduct(optimizer.cwiseSign());
  return {optimizer, [=](const VectorXd& x) { return slope.dot(optimizer - x); }};
}

}  // namespace photinus
