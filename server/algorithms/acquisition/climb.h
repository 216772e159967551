// Ascent of many points at once: each evaluation of all of them is one batch.
#ifndef PHOTINUS_SERVER_ALGORITHMS_ACQUISITION_CLIMB_H_
#define PHOTINUS_SERVER_ALGORITHMS_ACQUISITION_CLIMB_H_

#include <functional>

#include "Eigen/Core"

namespace photinus {

// Values, [q], at the rows of x, [q, n]; writes the gradients, [q, n].
using BatchFunction = std::function<Eigen::VectorXd(const Eigen::MatrixXd& x, Eigen::MatrixXd& gradients)>;

struct Climbed {
  Eigen::MatrixXd points;  // [q, n]
  Eigen::VectorXd values;  // [q]
};

struct ClimbLimits {
  int evaluations = 50;     // of each start
  double tolerance = 1e-3;  // an accepted step that gains less is the last
};

// Climbs from each row of starts, [q, n], inside the box low <= x <= high, both [q, n]; where they are equal a
// coordinate stays. Projected L-BFGS [Schmidt, Kim & Sra 2012, section 3]: the coordinates at a bound that the gradient
// pushes against are held. No result is worse than its start.
Climbed Climb(const BatchFunction& function, const Eigen::MatrixXd& starts, const Eigen::MatrixXd& low,
              const Eigen::MatrixXd& high, const ClimbLimits& limits);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_ACQUISITION_CLIMB_H_
