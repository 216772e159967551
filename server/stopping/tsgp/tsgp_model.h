// TSGP: the learning curves of a study's trials as Gaussian processes that share what the trials' parameters say.
#ifndef PHOTINUS_SERVER_STOPPING_TSGP_TSGP_MODEL_H_
#define PHOTINUS_SERVER_STOPPING_TSGP_TSGP_MODEL_H_

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "server/stopping/final_model.h"
#include "server/stopping/tsgp/outcome.h"
#include "server/stopping/tsgp/tsgp_fit.h"

namespace photinus {

// Immutable, hence thread-safe.
class TsgpModel final : public FinalModel {
 public:
  // Null: fewer than options.warm_up full trials, no horizon, no curve that rises, or cancelled.
  static std::shared_ptr<const TsgpModel> Learn(const StudyCurves& all, const TsgpOptions& options,
                                                const std::function<bool()>& cancelled);

  FinalPrediction Predict(const LearningCurve& trial, size_t points, double reference) const override {
    return PredictorOf(trial, reference)(points);
  }
  Predictor PredictorOf(const LearningCurve& trial, double reference) const override;
  size_t bytes() const override;

  const Calibration& calibration() const { return fit_.calibration; }

 private:
  explicit TsgpModel(TsgpFit fit) : fit_(std::move(fit)) {}

  // ValueFor a goal, where the scaled last value is so distributed.
  Gaussian GoalOf(const Gaussian& scaled) const;
  // Scaled, of a trial that has come so far. final: of the curve's last value, scaled, before calibration.
  Outcome OutcomeOf(const Gaussian& final, const Trust& trust, double share) const;
  // nullopt: the last value cannot be told.
  FinalPrediction PredictionOf(std::optional<TsgpFit::Final> final, const LearningCurve& trial, size_t points,
                               double reference) const;

  const TsgpFit fit_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_TSGP_TSGP_MODEL_H_
