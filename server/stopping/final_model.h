// Models that predict how trials end.
#ifndef PHOTINUS_SERVER_STOPPING_FINAL_MODEL_H_
#define PHOTINUS_SERVER_STOPPING_FINAL_MODEL_H_

#include <cstddef>

#include "server/stopping/stopping_rule.h"

namespace photinus {

// What a trial's curve will lead to at the horizon: its goal less its offset.
struct FinalPrediction {
  double mean = 0, stddev = 0;
  double chance = 0;  // that it exceeds the reference
};

class FinalModel : public StoppingModel {
 public:
  // From the first `points` points of a trial that is not among those that the model was made of.
  // points: <= trial.points.size().
  virtual FinalPrediction Predict(const LearningCurve& trial, size_t points, double reference) const = 0;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_FINAL_MODEL_H_
