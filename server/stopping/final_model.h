// Models that predict how trials end.
#ifndef PHOTINUS_SERVER_STOPPING_FINAL_MODEL_H_
#define PHOTINUS_SERVER_STOPPING_FINAL_MODEL_H_

#include <cstddef>
#include <functional>
#include <optional>

#include "server/stopping/stopping_rule.h"

namespace photinus {

// The share of trials that no prediction stops, unless the study says another: what is learnt stays unbiased.
inline constexpr double kExemptShare = 0.05;

// What a trial's curve will lead to at the horizon, as a value of the curve: LearningCurve::ValueFor its goal.
struct FinalPrediction {
  // Of a model that knows of trials that fall to chance the mean is that of those that do not, and the deviation the
  // root of the mean square about it of all.
  double mean = 0, stddev = 0;
  // That it exceeds the reference; this and the gain are what decisions are made by, so that a model may be bolder here
  // than in mean and stddev, which are to be right.
  double chance = 0;
  // How much it is expected to exceed it by, E[max(value - reference, 0)] of the value with half of its noise at most,
  // in spreads of full trials before the search learnt from them. Unset: the model does not say.
  std::optional<double> gain = {};
};

class FinalModel : public StoppingModel {
 public:
  // From the first `points` points of a trial that is not among those that the model was made of.
  // points: <= trial.points.size().
  virtual FinalPrediction Predict(const LearningCurve& trial, size_t points, double reference) const = 0;

  // Predict for one trial and reference, as a function of `points`: what does not depend on them is worked out once.
  // Borrows model and trial.
  using Predictor = std::function<FinalPrediction(size_t points)>;
  virtual Predictor PredictorOf(const LearningCurve& trial, double reference) const {
    return [this, &trial, reference](size_t points) { return Predict(trial, points, reference); };
  }
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_FINAL_MODEL_H_
