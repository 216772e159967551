// Problems of one objective whose outcome is constrained, on the unit cube, with optima in closed form. At the optimum
// a constraint is active; every point tells by how much it satisfies or violates each.
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_CONSTRAINED_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_CONSTRAINED_H_

#include "common/base/random.h"
#include "tests/benchmarks/search/problems/problem.h"

namespace photinus {

// A convex quadratic of condition 100 in 8 dimensions with three linear constraints, in the manner of bbob-constrained
// [Dufosse et al. 2022]: one cuts off the unconstrained optimum, along the contour through a drawn point x*. So x* is
// best, f(x) >= f(x*) + grad f(x*)'(x - x*), and stays so under constraints that it satisfies.
Problem HalfspacesProblem(Random& random);

// A wavy but ever rising function of a linear one, in 5 dimensions, to be maximised in a ball that has about 3 % of the
// cube.
Problem BallProblem(Random& random);

// The distance to a point out of reach, in 6 dimensions, inside a ball. Its constraint is a safety metric: nine tenths
// of the trials are to satisfy it.
Problem SafetyProblem(Random& random);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_CONSTRAINED_H_
