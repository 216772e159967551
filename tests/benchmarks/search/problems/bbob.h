// The 24 noiseless BBOB functions. [Hansen, Finck, Ros, Auger 2009]
//
// Every instance draws its own rotations and its own optimizer, uniform in the middle 80 % of the box, also where the
// original fixes it (f9, f19, f20, f24 are moved as a whole); only the linear slope (f5) keeps its optimizer in a
// corner. The original's penalty outside the box is left out, since nothing is evaluated there.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_BBOB_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_BBOB_H_

#include "common/base/random.h"
#include "tests/benchmarks/search/problems/box_function.h"

namespace photinus {

constexpr int kBbobFunctions = 24;

// 1 <= number <= kBbobFunctions, dimension >= 2.
BoxFunction BbobFunction(int number, Eigen::Index dimension, Random& random);

// Separable: f1..f5.
BoxFunction Sphere(Eigen::Index dimension, Random& random);
BoxFunction SeparableEllipsoid(Eigen::Index dimension, Random& random);
BoxFunction SeparableRastrigin(Eigen::Index dimension, Random& random);
BoxFunction BuecheRastrigin(Eigen::Index dimension, Random& random);
BoxFunction LinearSlope(Eigen::Index dimension, Random& random);
// Low or moderate conditioning: f6..f9.
BoxFunction AttractiveSector(Eigen::Index dimension, Random& random);
BoxFunction StepEllipsoid(Eigen::Index dimension, Random& random);
BoxFunction Rosenbrock(Eigen::Index dimension, Random& random);
BoxFunction RotatedRosenbrock(Eigen::Index dimension, Random& random);
// High conditioning, one peak: f10..f14.
BoxFunction Ellipsoid(Eigen::Index dimension, Random& random);
BoxFunction Discus(Eigen::Index dimension, Random& random);
BoxFunction BentCigar(Eigen::Index dimension, Random& random);
BoxFunction SharpRidge(Eigen::Index dimension, Random& random);
BoxFunction DifferentPowers(Eigen::Index dimension, Random& random);
// Many peaks with adequate global structure: f15..f19.
BoxFunction Rastrigin(Eigen::Index dimension, Random& random);
BoxFunction Weierstrass(Eigen::Index dimension, Random& random);
BoxFunction SchaffersF7(Eigen::Index dimension, Random& random);
BoxFunction IllConditionedSchaffersF7(Eigen::Index dimension, Random& random);
BoxFunction GriewankRosenbrock(Eigen::Index dimension, Random& random);
// Many peaks with weak global structure: f20..f24.
BoxFunction Schwefel(Eigen::Index dimension, Random& random);
BoxFunction Gallagher101(Eigen::Index dimension, Random& random);
BoxFunction Gallagher21(Eigen::Index dimension, Random& random);
BoxFunction Katsuura(Eigen::Index dimension, Random& random);
BoxFunction LunacekBiRastrigin(Eigen::Index dimension, Random& random);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_BBOB_H_
