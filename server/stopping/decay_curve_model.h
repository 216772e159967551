#ifndef PHOTINUS_SERVER_STOPPING_DECAY_CURVE_MODEL_H_
#define PHOTINUS_SERVER_STOPPING_DECAY_CURVE_MODEL_H_

#include <functional>
#include <memory>
#include <vector>

#include "Eigen/Cholesky"
#include "Eigen/Core"
#include "server/stopping/final_model.h"

namespace photinus {

// The performance-curve Gaussian process of [Golovin et al. 2017, 3.2.1]: trials whose curves are alike so far end
// alike. A curve up to step s is the means c of its values over B equal time buckets, standardised by those of the
// newest full trials; its goal is a Gaussian process over c,
//   k(c, c') = c.c' / B + exp(-|c - c'|^2 / (2 l^2 B)) + noise [c = c'],
// with l and the noise of greatest likelihood. Neither says the paper more of its kernel. It knows nothing of
// parameters; and the curve may be of any metric. Learnt for a number of steps s; a prediction takes the last of them
// that the trial has reached.
class DecayCurveModel final : public FinalModel {
 public:
  // Null: fewer than WarmUp(1) full trials that have goals, no horizon, or cancelled.
  static std::shared_ptr<const DecayCurveModel> Learn(const StudyCurves& study, const std::function<bool()>& cancelled);

  FinalPrediction Predict(const LearningCurve& trial, size_t points, double reference) const override;
  size_t bytes() const override;

 private:
  // What was learnt for one step s.
  struct Stage {
    double step = 0;
    Eigen::RowVectorXd mean, deviation;  // [B]
    Eigen::MatrixXd curves;              // [n, B], standardised
    double lengthscale = 1, noise = 0.1;
    Eigen::LLT<Eigen::MatrixXd> factor;
    Eigen::VectorXd alpha;
  };

  static Stage LearnStage(double step, Eigen::MatrixXd curves, const Eigen::VectorXd& goals);

  std::vector<Stage> stages_;  // ascending step
  double goal_mean_ = 0, goal_deviation_ = 1;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_DECAY_CURVE_MODEL_H_
