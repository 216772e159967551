// The building blocks of the BBOB functions.
// [Hansen, Finck, Ros, Auger: Real-parameter black-box optimization benchmarking 2009: noiseless functions definitions]
#ifndef PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_BBOB_TRANSFORMS_H_
#define PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_BBOB_TRANSFORMS_H_

#include "Eigen/Core"
#include "common/base/random.h"

namespace photinus {

// T_osz: smooth, local irregularities; keeps 0, the sign and the order.
double Oscillate(double x);
Eigen::VectorXd Oscillate(const Eigen::VectorXd& x);

// T_asy^beta: stretches positive coordinates, later ones more.
Eigen::VectorXd BreakSymmetry(double beta, const Eigen::VectorXd& x);

// (i - 1) / (D - 1) for i = 1..D.
Eigen::VectorXd Ramp(Eigen::Index dimension);
// The diagonal of Lambda^alpha: alpha^(ramp / 2).
Eigen::VectorXd Conditioning(double alpha, Eigen::Index dimension);

// 10 (D - sum cos 2 pi z) + |z|^2.
double RastriginSum(const Eigen::VectorXd& z);
// How much the Rosenbrock functions stretch the box.
double RosenbrockScale(Eigen::Index dimension);
// 100 (z_i^2 - z_(i+1))^2 + (z_i - 1)^2 for i = 1..D-1: 0 where every coordinate is 1.
Eigen::VectorXd RosenbrockTerms(const Eigen::VectorXd& z);

// Uniform among orthogonal matrices.
Eigen::MatrixXd RandomRotation(Eigen::Index dimension, Random& random);

// Uniform in the middle 80 % of the box.
Eigen::VectorXd RandomOptimizer(Eigen::Index dimension, Random& random);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_SEARCH_PROBLEMS_BBOB_TRANSFORMS_H_
