// What is learnt of a study's learning curves, and what it tells of one more.
#ifndef PHOTINUS_SERVER_STOPPING_TSGP_TSGP_FIT_H_
#define PHOTINUS_SERVER_STOPPING_TSGP_TSGP_FIT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "Eigen/Core"
#include "common/study_document/warm_up.h"
#include "server/stopping/curve_scale.h"
#include "server/stopping/falls.h"
#include "server/stopping/final_model.h"
#include "server/stopping/tsgp/curve_posterior.h"
#include "server/stopping/tsgp/discrepancy.h"
#include "server/stopping/tsgp/end_gp.h"
#include "server/stopping/tsgp/gaussian.h"
#include "server/stopping/tsgp/late_rises.h"
#include "server/stopping/tsgp/parameter_map.h"
#include "server/stopping/tsgp/time_buckets.h"

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

// A plain value; its functions are const, hence thread-safe. "Scaled" is in units of `scale`, larger is better.
struct TsgpFit {
  static constexpr Eigen::Index kBuckets = 32;  // of a curve
  static constexpr Eigen::Index kLatest = 3;    // of its last points, at which a rule may look back, have a bucket each

  // A curve's last value, scaled, before calibration.
  struct Final {  // by the trust of this name
    Gaussian bold, right;
  };

  // [F]; those of a trial without parameters, or with others than the study's, are all 0.5.
  Eigen::VectorXd FeaturesOf(const LearningCurve& trial) const;
  // Its first `points` points, scaled, in at most so many buckets.
  CurveData DataOf(const LearningCurve& trial, size_t points, Eigen::Index buckets) const;
  // mu(x), scaled.
  double ExpectedEndOf(const LearningCurve& trial) const;
  // Of its first `points` points. nullopt: as CurvePosterior::Make.
  std::optional<CurvePosterior> PosteriorOf(const LearningCurve& trial, size_t points) const {
    return PosteriorOf(trial, points, map);
  }
  std::optional<CurvePosterior> PosteriorOf(const LearningCurve& trial, size_t points, const ParameterMap& by) const;

  // g - mu(x) of a trial, scaled, before its curve: of one that is none of the rows, and of any, given all the others.
  // `ends` must be set.
  Gaussian ResidualOf(const LearningCurve& trial) const { return ends->At(FeaturesOf(trial)); }
  Gaussian ResidualWithout(const LearningCurve& trial) const;

  // By the first `points` points; residual: of its end, before the curve. Finals: of all of them, of all but the last,
  // ..., `prefixes` of them, or until no point is left. Empty or nullopt: it cannot be told.
  std::vector<Final> FinalsOf(const LearningCurve& trial, size_t points, const Gaussian& residual,
                              Eigen::Index prefixes) const;
  std::optional<Final> FinalOf(const LearningCurve& trial, size_t points, const Gaussian& residual) const;

  TsgpOptions options;
  double horizon = 0;
  CurveScale scale;
  double reach = 0;           // how far below 0 scaled values are looked at
  Eigen::Index features = 0;  // F; 0: trials differ by their curves alone
  ParameterMap map;
  std::vector<int64_t> row_trials;  // of the rows of ends, ascending
  std::optional<EndGp> ends;        // of a whole fit: set
  Calibration calibration;
  std::optional<GoalLink> link;         // unset: the curve's last value is the goal
  std::optional<UsualRise> usual_rise;  // unset: no trial is known to fall
  Falls falls;                          // the end scaled
  LateRises late_rises;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_TSGP_TSGP_FIT_H_
