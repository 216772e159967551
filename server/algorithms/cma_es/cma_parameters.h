// The constants of CMA-ES.
#ifndef PHOTINUS_SERVER_ALGORITHMS_CMA_ES_CMA_PARAMETERS_H_
#define PHOTINUS_SERVER_ALGORITHMS_CMA_ES_CMA_PARAMETERS_H_

#include "Eigen/Core"

namespace photinus {

// Default parameters for n dimensions and generations of lambda points [Hansen 2016, "The CMA Evolution Strategy: A
// Tutorial", table 1 and equations 49-58].
struct CmaParameters {
  int n = 0;
  int lambda = 0;
  int mu = 0;               // points with positive weights
  Eigen::VectorXd weights;  // [lambda], best first; the positive ones sum to 1, the others are negative (active CMA)
  double mu_eff = 0;        // variance effective selection mass
  double c_sigma = 0, d_sigma = 0;
  double c_c = 0, c_1 = 0, c_mu = 0;
  double chi_n = 0;  // expected length of a standard normal vector

  // n >= 1; lambda >= 4.
  static CmaParameters Default(int n, int lambda);
  // 4 + floor(3 ln n).
  static int DefaultLambda(int n);
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_CMA_ES_CMA_PARAMETERS_H_
