// TSGP: the learning curves of a study's trials as Gaussian processes that share what the trials' parameters say.
#ifndef PHOTINUS_SERVER_STOPPING_TSGP_TSGP_MODEL_H_
#define PHOTINUS_SERVER_STOPPING_TSGP_TSGP_MODEL_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "common/study_document/warm_up.h"
#include "server/stopping/curve_scale.h"
#include "server/stopping/falls.h"
#include "server/stopping/final_model.h"
#include "server/stopping/tsgp/discrepancy.h"
#include "server/stopping/tsgp/end_gp.h"
#include "server/stopping/tsgp/late_rises.h"
#include "server/stopping/tsgp/outcome.h"
#include "server/stopping/tsgp/parameter_map.h"

namespace photinus {

struct TsgpOptions {
  // Learns what parameters say of curves; else all curves have the default kernel, and ends the spread of the
  // population, widened because the search finds better trials than those before.
  bool spatial = true;
  std::optional<ScaleKind> scale;  // unset: as MakeCurveScale chooses
  double exempt = kExemptShare;    // the share of trials that the rule lets run, by which predictions are calibrated
  // Full trials without which nothing can be learnt; by the first of them, too, which no rule stopped, predictions are
  // calibrated, and their finals are the unit.
  size_t warm_up = static_cast<size_t>(WarmUp(1));
};

// How a goal follows from the last value of its curve, scaled: ValueFor(goal) = constant + slope * value + N(0,
// variance). The slope is known up to N(0, slope_variance), about values of `centre`.
struct GoalLink {
  double constant = 0, slope = 1, variance = 0;
  double centre = 0, slope_variance = 0;

  // Of ValueFor(goal), where the value is N(mean, stddev^2).
  double DeviationOf(double mean, double stddev) const;
};

// How far the begins of curves are trusted, by those of full trials of which no more was shown.
struct Trust {
  Discrepancies discrepancies;
  double variance_factor = 4;  // by which a variance is multiplied; of few such trials: 4
};

struct Calibration {
  // Discrepancies judged with the kernel that was fitted to the judged curves, too, and with kernels that have not seen
  // them. The first trust early values too much, the more so the lower they are: they decide, as that saves more for as
  // much lost. The others are right: by them trials are predicted and tell each other of their ends. The factors are
  // judged with the former kernel: held-out ones, each of half of the curves, would make deviations too wide.
  Trust bold, right;
  // By which a variance is multiplied once more where a decision hangs on it, as few trials teach it with errors that
  // those who taught it cannot show: 1 + 10 / (full trials).
  double doubt = 1.5;
};

class TsgpModel final : public FinalModel {
 public:
  // Null: fewer than options.warm_up full trials, no horizon, or cancelled.
  static std::shared_ptr<const TsgpModel> Learn(const StudyCurves& all, const TsgpOptions& options,
                                                const std::function<bool()>& cancelled);

  FinalPrediction Predict(const LearningCurve& trial, size_t points, double reference) const override {
    return PredictorOf(trial, reference)(points);
  }
  Predictor PredictorOf(const LearningCurve& trial, double reference) const override;
  size_t bytes() const override;

  const Calibration& calibration() const { return calibration_; }

 private:
  struct HeldOutMaps;
  // A trial as the model sees it.
  struct Row;
  // The curve's last value, scaled, before calibration.
  struct Final {  // by the trust of this name
    Gaussian bold, right;
  };

  TsgpModel() = default;
  Eigen::VectorXd FeaturesOf(const LearningCurve& trial) const;
  std::optional<Row> MakeRow(const LearningCurve& trial) const;
  double ExpectedEndOf(const LearningCurve& trial) const;
  std::optional<CurvePosterior> PosteriorOf(const LearningCurve& trial, size_t points) const {
    return PosteriorOf(trial, points, map_);
  }
  std::optional<CurvePosterior> PosteriorOf(const LearningCurve& trial, size_t points, const ParameterMap& map) const;
  std::vector<std::shared_ptr<const LearningCurve>> Chosen(const StudyCurves& study, size_t most) const;
  std::optional<ParameterMap> FitMap(const StudyCurves& study, size_t most,
                                     const std::function<bool()>& cancelled) const;
  std::optional<HeldOutMaps> FitHeldOutMaps(const StudyCurves& study, const std::function<bool()>& cancelled) const;
  bool FitRows(const StudyCurves& study, const std::function<bool()>& cancelled);
  std::vector<std::shared_ptr<const LearningCurve>> Judges(const StudyCurves& study) const;
  Gaussian ResidualWithout(const LearningCurve& trial) const;
  using MapOf = std::function<const ParameterMap&(const LearningCurve&)>;
  Discrepancies FitDiscrepancies(const std::vector<std::shared_ptr<const LearningCurve>>& judges,
                                 const MapOf& map_of) const;
  void FitVariance(const std::vector<std::shared_ptr<const LearningCurve>>& judges);
  void FitLink(const StudyCurves& study);
  CurveData DataOf(const LearningCurve& trial, size_t points, Eigen::Index buckets) const;
  // Scaled, of a trial that has come so far. final: of the curve's last value, scaled, before calibration.
  Outcome OutcomeOf(const Gaussian& final, const Trust& trust, double share) const;
  // nullopt: the last value cannot be told.
  FinalPrediction PredictionOf(std::optional<Final> final, const LearningCurve& trial, size_t points,
                               double reference) const;
  void FitFalls(const StudyCurves& study);
  void FitLateRises(const std::vector<std::shared_ptr<const LearningCurve>>& judges);
  // ValueFor a goal, where the scaled last value is so distributed.
  Gaussian GoalOf(const Gaussian& scaled) const;
  // The curve's last value, scaled, before calibration; residual: of its end, before the curve. Empty or nullopt: it
  // cannot be told.
  std::vector<Final> FinalsOf(const LearningCurve& trial, size_t points, const Gaussian& residual,
                              Eigen::Index prefixes) const;
  std::optional<Final> FinalOf(const LearningCurve& trial, size_t points, const Gaussian& residual) const;

  TsgpOptions options_;
  double horizon_ = 0;
  CurveScale scale_;
  double reach_ = 0;           // how far below 0 scaled values are looked at
  Eigen::Index features_ = 0;  // F; 0: trials differ by their curves alone
  ParameterMap map_;
  std::vector<int64_t> row_trials_;  // of the rows of ends_, ascending
  std::optional<EndGp> ends_;
  Calibration calibration_;
  std::optional<GoalLink> link_;         // unset: the curve's last value is the goal
  std::optional<UsualRise> usual_rise_;  // unset: no trial is known to fall
  Falls falls_;                          // the end scaled
  LateRises late_rises_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_TSGP_TSGP_MODEL_H_
