// Monotone transforms of the objective that make it easier to model.
#ifndef PHOTINUS_SERVER_ALGORITHMS_GP_OUTPUT_WARP_H_
#define PHOTINUS_SERVER_ALGORITHMS_GP_OUTPUT_WARP_H_

#include <optional>

#include "Eigen/Core"

namespace photinus {

enum class WarpKind {
  kStandardise,  // (y - mean) / sd
  kYeoJohnson,   // the power transform of greatest likelihood [Yeo & Johnson 2000], then kStandardise
};

// A warp with its parameters, all of them numbers that a state blob can keep: values that came after the fit are warped
// alike.
struct OutputWarp {
  WarpKind kind = WarpKind::kStandardise;
  double unit = 1;                 // a value is divided by it first, so that no square or difference can overflow
  double centre = 0;               // then the centre is taken off (median)
  double spread = 0;               // and the rest divided by this (robust standard deviation); 0: all were equal
  double worst = 0;                // what is worse counts as this
  double lambda = 1;               // kYeoJohnson
  double mean = 0, deviation = 1;  // of what that gives, taken off at last

  // Strictly increasing but for values so bad or good that they count as equal; finite. All 0 where all were equal.
  Eigen::VectorXd Apply(const Eigen::VectorXd& values) const;
  // The value that Apply makes `warped` of, or, where it makes several of one, any; infinite beyond all that it makes.
  double Invert(double warped) const;
  // [n], log dw/dy up to a constant that is the same for all kinds; 0 where all were equal.
  Eigen::VectorXd LogJacobian(const Eigen::VectorXd& values) const;
};

// Fitted to values, [n], n >= 1, finite, to be maximised; Apply gives those mean 0 and variance 1. Robust: huge values
// cannot overflow, a few that are far worse than all others, as of diverged training, count as the worst of these, and
// adding a constant or scaling by a positive number changes nothing.
// threshold: a value of interest, as 0 is of slacks: outliers below it do not count as more than something below it.
OutputWarp FitWarp(WarpKind kind, const Eigen::VectorXd& values, std::optional<double> threshold = std::nullopt);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_GP_OUTPUT_WARP_H_
