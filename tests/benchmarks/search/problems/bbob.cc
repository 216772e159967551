#include "tests/benchmarks/search/problems/bbob.h"

namespace photinus {
namespace {

using Maker = BoxFunction (*)(Eigen::Index dimension, Random& random);

constexpr Maker kMakers[kBbobFunctions] = {
    &Sphere,
    &SeparableEllipsoid,
    &SeparableRastrigin,
    &BuecheRastrigin,
    &LinearSlope,
    &AttractiveSector,
    &StepEllipsoid,
    &Rosenbrock,
    &RotatedRosenbrock,
    &Ellipsoid,
    &Discus,
    &BentCigar,
    &SharpRidge,
    &DifferentPowers,
    &Rastrigin,
    &Weierstrass,
    &SchaffersF7,
    &IllConditionedSchaffersF7,
    &GriewankRosenbrock,
    &Schwefel,
    &Gallagher101,
    &Gallagher21,
    &Katsuura,
    &LunacekBiRastrigin,
};

}  // namespace

BoxFunction BbobFunction(int number, Eigen::Index dimension, Random& random) {
  return kMakers[number - 1](dimension, random);
}

}  // namespace photinus
