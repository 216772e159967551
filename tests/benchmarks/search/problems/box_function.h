// Functions on the box [-5, 5]^D and the problems made of them: continuous, mixed and noisy.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_BOX_FUNCTION_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_BOX_FUNCTION_H_

#include <cstdint>
#include <functional>

#include "Eigen/Core"
#include "tests/benchmarks/search/problems/problem.h"

namespace photinus {

constexpr double kBoxSide = 5;  // the box is [-kBoxSide, kBoxSide]^D

// To be minimised; the least value, at `optimizer`, is 0.
struct BoxFunction {
  Eigen::VectorXd optimizer;  // [D], in the box
  std::function<double(const Eigen::VectorXd&)> value;
};

// D doubles x0, x1, ...; the optimum is not 0 but a number of the instance's own.
Problem ContinuousProblem(const BoxFunction& function, Random& random);

// A third of the parameters, drawn at random, becomes ordinal with 5 levels, a third categorical with 4 levels in no
// order. The levels are evenly spaced and one of them is the optimizer's coordinate, so the optimum stays the same.
Problem MixedProblem(const BoxFunction& function, Random& random);

// Adds normal noise whose deviation is `fraction` of the interquartile range of 1,000 uniform points.
Problem WithNoise(Problem problem, double fraction, uint64_t seed);

// Every twentieth evaluation or so shows a value that is a million times too bad, as of a training that diverged.
Problem WithOutliers(Problem problem);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_BOX_FUNCTION_H_
