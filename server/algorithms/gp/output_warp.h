// Monotone transforms of the objective that make it easier to model.
#ifndef PHOTINUS_SERVER_ALGORITHMS_GP_OUTPUT_WARP_H_
#define PHOTINUS_SERVER_ALGORITHMS_GP_OUTPUT_WARP_H_

#include "Eigen/Core"

namespace photinus {

enum class WarpKind {
  kStandardise,  // (y - mean) / sd
  kYeoJohnson,   // the power transform of greatest likelihood [Yeo & Johnson 2000], then kStandardise
};

// Values after a warp, of mean 0 and variance 1 (all 0 if they were all equal), and how much the warp stretched each.
struct WarpedValues {
  Eigen::VectorXd values;        // [n]
  Eigen::VectorXd log_jacobian;  // [n], log dw/dy up to a constant that is the same for all kinds; 0 if all were equal
};

// values: [n], n >= 1, finite, to be maximised. Strictly increasing but for values so bad that they count as equal.
// Robust: huge values cannot overflow, and adding a constant or scaling by a positive number changes nothing.
WarpedValues Warp(WarpKind kind, const Eigen::VectorXd& values);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_GP_OUTPUT_WARP_H_
