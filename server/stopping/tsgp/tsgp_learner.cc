#include "server/stopping/tsgp/tsgp_learner.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "common/base/quantile.h"
#include "common/base/random.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

using Curves = std::vector<std::shared_ptr<const LearningCurve>>;

constexpr Index kMapBuckets = 16;   // of a curve to which the map is fitted
constexpr size_t kMapCurves = 150;  // to which the map is fitted
constexpr size_t kEndRows = 400;
constexpr double kWidening = 9;             // of the population's variance without a spatial part
constexpr double kCollapse = 1;             // spreads
constexpr double kReach = 100;              // spreads and rises
constexpr double kDoubt = 10;               // full trials, by which the variance of a decision grows by itself
constexpr size_t kCalibrationTrials = 100;  // the newest
constexpr size_t kMinScores = 20;
constexpr size_t kMinPairs = 10;  // of curve and goal; fewer tell nothing of how one leads to the other
// Of the side on which trials end better than predicted: the other one stops nothing that should go on, and trials that
// diverge late would widen it without end.
constexpr double kQuantile = 0.95, kNormalQuantile = 1.645;
constexpr double kMinMeanSquare = 0.25;
constexpr double kFarthest = 4;  // scores; those beyond are of trials that rise late, for which LateRises is
constexpr double kMinPrecision = 1e-12, kMinVariance = 1e-12;

std::optional<double> LastValue(const LearningCurve& curve) {
  if (curve.points.empty() || !std::isfinite(curve.points.back().value)) return std::nullopt;
  return curve.points.back().value;
}

// Those with a last value, by id.
Curves FullTrials(const StudyCurves& study, double horizon) {
  Curves full;
  for (const auto& curve : study.finished) {
    if (IsFull(*curve, horizon) && LastValue(*curve).has_value()) full.push_back(curve);
  }
  std::sort(full.begin(), full.end(), [](const auto& a, const auto& b) { return a->trial_id < b->trial_id; });
  return full;
}

// All finite ones that a scale is for: those of the curves, and the goals that curves have to exceed.
std::vector<double> KnownValues(const StudyCurves& study) {
  const double sign = study.maximize ? 1 : -1;
  std::vector<double> values;
  for (const auto& curve : study.finished) {
    if (!curve->finished) continue;
    for (const CurvePoint& point : curve->points) {
      if (std::isfinite(point.value)) values.push_back(point.value);
    }
    if (study.curve_is_objective && curve->goal.has_value()) values.push_back(sign * curve->ValueFor(*curve->goal));
  }
  return values;
}

// Whether the curve lost most of what it had gained: it then says nothing of how curves rise.
bool Collapsed(const CurveData& data) {
  const double best = data.values.maxCoeff(), first = data.values[0], last = data.values[data.size() - 1];
  return best - last > kCollapse && last - first < 0.5 * (best - first);
}

// How far below 0, where the finals are, the scaled values of curves may be: as far as curves rise, and much further.
// Values below stand for a failure, as the lowest that there is.
double ReachOf(const Curves& full, const CurveScale& scale) {
  std::vector<double> rises;
  for (const auto& curve : full) {
    const std::vector<CurvePoint> points = CleanPoints(*curve, curve->points.size());
    const auto [least, most] = std::minmax_element(points.begin(), points.end(),
                                                   [](const auto& a, const auto& b) { return a.value < b.value; });
    const double rise = std::abs(scale.Apply(most->value) - scale.Apply(least->value));
    if (std::isfinite(rise)) rises.push_back(rise);
  }
  return kReach * (1 + (rises.empty() ? 0 : Quantile(std::move(rises), 0.9)));
}

// Those that nowhere go below -reach, or where no number is left of a value.
Curves Within(double reach, const CurveScale& scale, Curves curves) {
  std::erase_if(curves, [&](const auto& curve) {
    return std::any_of(curve->points.begin(), curve->points.end(), [&](const CurvePoint& point) {
      const double scaled = scale.Apply(point.value);
      return std::isfinite(point.value) && (!std::isfinite(scaled) || scaled < -reach);
    });
  });
  return curves;
}

// Borrows the curves.
StudyCurves WithCurves(const StudyCurves& study, const Curves& curves) {
  return {.finished = curves,
          .maximize = study.maximize,
          .horizon = study.horizon,
          .maximize_goal = study.maximize_goal,
          .curve_is_objective = study.curve_is_objective,
          .seed = study.seed};
}

// By which variances are too small, at least 1.
double VarianceFactor(std::vector<double> scores) {
  const double spread = Quantile(std::move(scores), kQuantile) / kNormalQuantile;
  return std::pow(std::max(1.0, spread), 2);
}

// None counts as more than kFarthest.
double MeanSquare(const std::vector<double>& scores) {
  double squares = 0;
  for (const double score : scores) squares += std::pow(std::clamp(score, -kFarthest, kFarthest), 2);
  return squares / static_cast<double>(scores.size());
}

size_t PointsUpTo(const LearningCurve& curve, double step) {
  return static_cast<size_t>(std::count_if(curve.points.begin(), curve.points.end(),
                                           [&](const CurvePoint& point) { return point.step <= step; }));
}

// At most `most` of the curves that teach something, by id: half of them the newest, a quarter the best, the others one
// of every so many.
Curves Chosen(const TsgpFit& fit, const StudyCurves& study, size_t most) {
  Curves usable;
  for (const auto& curve : study.finished) {
    if (!curve->finished || !LastValue(*curve).has_value()) continue;
    if (fit.features > 0 && static_cast<Index>(curve->features.size()) != fit.features) continue;
    if (!Collapsed(fit.DataOf(*curve, curve->points.size(), kMapBuckets))) usable.push_back(curve);
  }
  const auto by_id = [](const auto& a, const auto& b) { return a->trial_id < b->trial_id; };
  std::sort(usable.begin(), usable.end(), by_id);
  if (usable.size() <= most) return usable;
  Curves chosen(usable.end() - static_cast<std::ptrdiff_t>(most / 2), usable.end());
  usable.resize(usable.size() - most / 2);
  std::stable_sort(usable.begin(), usable.end(), [&](const auto& a, const auto& b) {
    return fit.scale.Apply(*LastValue(*a)) > fit.scale.Apply(*LastValue(*b));
  });
  const size_t best = most / 4, others = most - most / 2 - best, left = usable.size() - best;
  chosen.insert(chosen.end(), usable.begin(), usable.begin() + static_cast<std::ptrdiff_t>(best));
  for (size_t i = 0; i < others; ++i) chosen.push_back(usable[best + i * left / others]);
  std::sort(chosen.begin(), chosen.end(), by_id);
  return chosen;
}

// nullopt: of no curve, or as FitParameterMap.
std::optional<ParameterMap> FitMap(const TsgpFit& fit, const StudyCurves& study, size_t most,
                                   const std::function<bool()>& cancelled) {
  if (!fit.options.spatial) return DefaultParameterMap();
  std::vector<CurveData> data;
  const Curves chosen = Chosen(fit, study, most);
  if (chosen.empty()) return std::nullopt;  // as where no curve rises
  MatrixXd features(static_cast<Index>(chosen.size()), fit.features);
  for (const auto& curve : chosen) {
    features.row(static_cast<Index>(data.size())) = fit.FeaturesOf(*curve).transpose();
    data.push_back(fit.DataOf(*curve, curve->points.size(), kMapBuckets));
  }
  return FitParameterMap(data, features, cancelled);
}

// Each fitted without the trials of one fold. Those are told by a hash, as parameters may follow even and odd ids.
struct HeldOutMaps {
  size_t FoldOf(const LearningCurve& trial) const {
    constexpr uint64_t kStream = 0xf01d;
    return MixSeed(MixSeed(seed, kStream), static_cast<uint64_t>(trial.trial_id)) % maps.size();
  }

  uint64_t seed = 0;
  std::array<ParameterMap, 2> maps;
};

// A map that was fitted to a curve knows its end: judged by it, begins of curves would be trusted too much, most of all
// those that mislead.
std::optional<HeldOutMaps> FitHeldOutMaps(const TsgpFit& fit, const StudyCurves& study,
                                          const std::function<bool()>& cancelled) {
  if (!fit.options.spatial) return std::nullopt;
  HeldOutMaps held_out{.seed = study.seed};
  for (size_t fold = 0; fold < held_out.maps.size(); ++fold) {
    Curves others = study.finished;
    std::erase_if(others, [&](const auto& curve) { return held_out.FoldOf(*curve) == fold; });
    const StudyCurves rest = WithCurves(study, others);
    auto map = FitMap(fit, rest, kMapCurves / held_out.maps.size(), cancelled);
    if (!map.has_value()) return std::nullopt;
    held_out.maps[fold] = *std::move(map);
  }
  return held_out;
}

// A trial as the model sees it.
struct Row {
  int64_t trial_id;
  VectorXd features;
  double expected;  // mu(x)
  double end, precision;
};

std::optional<Row> MakeRow(const TsgpFit& fit, const LearningCurve& trial) {
  const auto posterior = fit.PosteriorOf(trial, trial.points.size());
  if (!posterior.has_value() || !(posterior->precision() > kMinPrecision)) return std::nullopt;
  const Gaussian seen = fit.calibration.right.discrepancies.At(LastStep(trial) / fit.horizon)
                            .Corrected(posterior->end(), posterior->precision());
  return Row{trial.trial_id, fit.FeaturesOf(trial), fit.ExpectedEndOf(trial), seen.mean, 1 / seen.variance};
}

// The rows and what they tell of ends, as far as the discrepancies are known. False: no row, or as EndGp::Fit.
bool FitRows(const StudyCurves& study, const std::function<bool()>& cancelled, TsgpFit& fit) {
  std::vector<Row> rows;
  for (const auto& curve : Chosen(fit, study, kEndRows)) {
    if (auto row = MakeRow(fit, *curve); row.has_value()) rows.push_back(*std::move(row));
  }
  const Index n = static_cast<Index>(rows.size());
  if (n == 0) return false;
  fit.row_trials.clear();
  EndRows data{MatrixXd(n, fit.features), VectorXd(n), VectorXd(n)};
  for (Index i = 0; i < n; ++i) {
    const Row& row = rows[static_cast<size_t>(i)];
    fit.row_trials.push_back(row.trial_id);
    data.features.row(i) = row.features.transpose();
    data.residuals[i] = row.end - row.expected;
    data.precisions[i] = row.precision;
  }
  fit.ends = EndGp::Fit(data, cancelled);
  if (!fit.ends.has_value() || fit.options.spatial) return fit.ends.has_value();
  EndKernel wide = fit.ends->kernel();
  wide.nugget *= kWidening;
  fit.ends = EndGp::Make(data, wide);
  return fit.ends.has_value();
}

// Full trials that nobody would have stopped, as the others are a biased sample: those before the model and the exempt.
// Those that fell are none, as a model of their own says what becomes of them.
Curves Judges(const TsgpFit& fit, const StudyCurves& study) {
  Curves judges = FullTrials(study, fit.horizon);
  const auto exempt = [&](const auto& curve) { return ShareOfTrial(study.seed, curve->trial_id) < fit.options.exempt; };
  judges.erase(std::stable_partition(
                   judges.begin() + std::min(static_cast<std::ptrdiff_t>(fit.options.warm_up), std::ssize(judges)),
                   judges.end(), exempt),
               judges.end());
  std::erase_if(judges, [&](const auto& curve) {
    return fit.usual_rise.has_value() && fit.usual_rise->StepOfFall(*curve, curve->points.size()).has_value();
  });
  if (judges.size() > kCalibrationTrials) {
    judges.erase(judges.begin(), judges.end() - static_cast<std::ptrdiff_t>(kCalibrationTrials));
  }
  return judges;
}

// The map by which the begin of a trial is judged.
using MapOf = std::function<const ParameterMap&(const LearningCurve&)>;

Discrepancies FitDiscrepancies(const TsgpFit& fit, const Curves& judges, const MapOf& map_of) {
  Discrepancies discrepancies;
  auto& by_share = discrepancies.by_share;
  for (size_t k = by_share.size(); k-- > 0;) {
    std::vector<JudgedBegin> judged;
    for (const auto& judge : judges) {
      const size_t points = PointsUpTo(*judge, Discrepancies::kShares[k] * fit.horizon);
      const auto begin = fit.PosteriorOf(*judge, points, map_of(*judge));
      if (!begin.has_value() || !(begin->precision() > kMinPrecision)) continue;
      const Gaussian residual = fit.ResidualWithout(*judge);
      judged.push_back({.prior = {fit.ExpectedEndOf(*judge) + residual.mean, std::max(residual.variance, kMinVariance)},
                        .told = begin->end(),
                        .precision = begin->precision(),
                        .end = fit.scale.Apply(*LastValue(*judge)),
                        .noise = std::exp(2 * fit.map.shared.log_sigma)});
    }
    const bool none = judged.empty() && k + 1 < by_share.size();  // as of few steps, the first of which comes later
    by_share[k] = none ? by_share[k + 1] : FitDiscrepancy(judged);
  }
  return discrepancies;
}

// The variance factors of its calibration, given the discrepancies.
void FitVariances(const Curves& judges, TsgpFit& fit) {
  std::vector<double> bold, right;
  for (const auto& judge : judges) {
    const Gaussian residual = fit.ResidualWithout(*judge);
    const double end = fit.scale.Apply(*LastValue(*judge));
    for (const double share : Discrepancies::kShares) {
      const size_t points = PointsUpTo(*judge, share * fit.horizon);
      const auto final = fit.FinalOf(*judge, points, residual);
      if (points == 0 || !final.has_value()) continue;
      bold.push_back((end - final->bold.mean) / std::sqrt(final->bold.variance));
      right.push_back((end - final->right.mean) / std::sqrt(final->right.variance));
    }
  }
  if (bold.size() < kMinScores) return;
  fit.calibration.bold.variance_factor = VarianceFactor(std::move(bold));
  fit.calibration.right.variance_factor = std::max(MeanSquare(right), kMinMeanSquare);
}

// Least squares over the full trials that have a goal, which those that violate constraints lack. nullopt: the curve's
// last value is the goal.
std::optional<GoalLink> FitLink(const TsgpFit& fit, const StudyCurves& study) {
  if (study.curve_is_objective) return std::nullopt;
  std::vector<std::pair<double, double>> pairs;
  double x_mean = 0, y_mean = 0;
  for (const auto& curve : FullTrials(study, fit.horizon)) {
    if (!curve->goal.has_value()) continue;
    pairs.emplace_back(fit.scale.Apply(*LastValue(*curve)), curve->ValueFor(*curve->goal));
    x_mean += pairs.back().first;
    y_mean += pairs.back().second;
  }
  const GoalLink unknown{.slope = 0, .variance = std::numeric_limits<double>::infinity()};
  if (pairs.size() < kMinPairs) return unknown;
  const double n = static_cast<double>(pairs.size());
  x_mean /= n;
  y_mean /= n;
  double xx = 0, xy = 0, squares = 0;
  for (const auto& [x, y] : pairs) {
    xx += (x - x_mean) * (x - x_mean);
    xy += (x - x_mean) * (y - y_mean);
  }
  if (!(xx > 0)) return unknown;
  GoalLink link{.slope = xy / xx, .centre = x_mean};
  link.constant = y_mean - link.slope * x_mean;
  for (const auto& [x, y] : pairs) squares += std::pow(y - link.constant - link.slope * x, 2);
  const double residual_variance = squares / (n - 2);
  link.variance = residual_variance * (1 + 1 / n);
  link.slope_variance = residual_variance / xx;
  return link;
}

// Their end scaled.
Falls FitFalls(const TsgpFit& fit, const StudyCurves& study) {
  if (!fit.usual_rise.has_value()) return {};
  Falls falls = FallsOf(study, *fit.usual_rise, fit.horizon);
  const auto scaled = [&](double end) { return fit.scale.Apply(fit.scale.maximize ? end : -end); };
  const double span = scaled(falls.end + falls.end_stddev) - scaled(falls.end - falls.end_stddev);
  falls.end = scaled(falls.end);
  falls.end_stddev = span / 2;
  return falls;
}

LateRises FitLateRises(const TsgpFit& fit, const Curves& judges) {
  std::vector<std::vector<CurvePosterior::Step>> steps;
  for (const auto& judge : judges) {
    if (const auto posterior = fit.PosteriorOf(*judge, judge->points.size())) steps.push_back(posterior->Steps());
  }
  return photinus::FitLateRises(steps, std::exp(fit.map.shared.log_sigma));
}

// The units, before anything is fitted. nullopt: fewer than options.warm_up full trials, or no horizon.
std::optional<TsgpFit> UnitsOf(const StudyCurves& all, const TsgpOptions& options) {
  TsgpFit fit;
  fit.options = options;
  fit.horizon = HorizonOf(all);
  if (fit.horizon == 0) return std::nullopt;
  std::vector<double> finals;
  const Curves full = FullTrials(all, fit.horizon);
  for (const auto& curve : full) {
    finals.push_back(*LastValue(*curve));
    if (options.spatial) fit.features = static_cast<Index>(curve->features.size());
  }
  if (finals.size() < options.warm_up) return std::nullopt;
  fit.calibration.doubt = 1 + kDoubt / static_cast<double>(finals.size());
  finals.resize(options.warm_up);  // later ones are ever more alike, and the unit is to stay what it was
  fit.scale = MakeCurveScale(finals, KnownValues(all), all.maximize, options.scale);
  fit.reach = ReachOf(full, fit.scale);
  return fit;
}

}  // namespace

std::optional<TsgpFit> LearnTsgp(const StudyCurves& all, const TsgpOptions& options,
                                 const std::function<bool()>& cancelled) {
  std::optional<TsgpFit> units = UnitsOf(all, options);
  if (!units.has_value()) return std::nullopt;
  TsgpFit fit = *std::move(units);
  const Curves near = Within(fit.reach, fit.scale, all.finished);
  const StudyCurves study = WithCurves(all, near);
  auto map = FitMap(fit, study, kMapCurves, cancelled);
  if (!map.has_value()) return std::nullopt;
  fit.map = *std::move(map);
  const auto held_out = FitHeldOutMaps(fit, study, cancelled);
  if (!FitRows(study, cancelled, fit)) return std::nullopt;
  fit.usual_rise = UsualRiseOf(study);
  const Curves judges = Judges(fit, study);
  const auto own = [&](const LearningCurve&) -> const ParameterMap& { return fit.map; };
  const auto other = [&](const LearningCurve& judge) -> const ParameterMap& {
    return held_out->maps[held_out->FoldOf(judge)];
  };
  Trust &bold = fit.calibration.bold, &right = fit.calibration.right;
  bold.discrepancies = right.discrepancies = FitDiscrepancies(fit, judges, own);
  if (held_out.has_value()) right.discrepancies = FitDiscrepancies(fit, judges, other);
  if (!FitRows(study, cancelled, fit)) return std::nullopt;  // as the discrepancies correct them
  FitVariances(judges, fit);
  fit.link = FitLink(fit, study);
  fit.falls = FitFalls(fit, study);
  fit.late_rises = FitLateRises(fit, judges);
  return fit;
}

}  // namespace photinus
