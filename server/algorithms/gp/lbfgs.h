// Minimisation of smooth functions of many variables within bounds.
#ifndef PHOTINUS_SERVER_ALGORITHMS_GP_LBFGS_H_
#define PHOTINUS_SERVER_ALGORITHMS_GP_LBFGS_H_

#include <functional>
#include <limits>
#include <optional>

#include "Eigen/Core"

namespace photinus {

// The value at a point and, in `gradient` (of the point's size), its slope; infinity where there is no value; nullopt
// to stop all.
using SmoothFunction = std::function<std::optional<double>(const Eigen::VectorXd& point, Eigen::VectorXd& gradient)>;

struct LbfgsEffort {
  int evaluations = 50;
  double tolerance = 1e-2;  // ends where an iteration gains less
};

struct LbfgsResult {
  Eigen::VectorXd point;  // the best that was seen; empty: none had a value
  double value = std::numeric_limits<double>::infinity();
  bool stopped = false;  // by the function
};

// L-BFGS (NLopt's) from `start`, which is moved into the bounds. Deterministic.
LbfgsResult Minimise(const SmoothFunction& function, Eigen::VectorXd start, const Eigen::VectorXd& low,
                     const Eigen::VectorXd& high, const LbfgsEffort& effort);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_GP_LBFGS_H_
