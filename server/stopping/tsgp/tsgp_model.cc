#include "server/stopping/tsgp/tsgp_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "common/base/quantile.h"
#include "common/base/random.h"
#include "server/stopping/tsgp/student_t.h"

namespace photinus {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

using Curves = std::vector<std::shared_ptr<const LearningCurve>>;

constexpr Index kBuckets = 32;      // of a curve
constexpr Index kLatest = 3;        // of its last points, at which a rule may look back, have a bucket each
constexpr Index kMapBuckets = 16;   // of a curve to which the map is fitted
constexpr size_t kMapCurves = 150;  // to which the map is fitted
constexpr size_t kEndRows = 400;
constexpr double kWidening = 9;             // of the population's variance without a spatial part
constexpr double kCollapse = 1;             // spreads
constexpr double kReach = 100;              // spreads and rises
constexpr double kDoubt = 10;               // full trials, by which the variance of a decision grows by itself
constexpr double kNoiseOfNoGain = 0.5;      // of the variance of noise
constexpr double kLeastDoubt = 0.05;        // of the variance of noise: of a curve whose end is all but there
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

}  // namespace

double GoalLink::DeviationOf(double mean, double stddev) const {
  const double squares = (mean - centre) * (mean - centre) + stddev * stddev;
  return std::sqrt(slope * slope * stddev * stddev + slope_variance * squares + variance);
}

// Each fitted without the trials of one fold. Those are told by a hash, as parameters may follow even and odd ids.
struct TsgpModel::HeldOutMaps {
  size_t FoldOf(const LearningCurve& trial) const {
    constexpr uint64_t kStream = 0xf01d;
    return MixSeed(MixSeed(seed, kStream), static_cast<uint64_t>(trial.trial_id)) % maps.size();
  }

  uint64_t seed = 0;
  std::array<ParameterMap, 2> maps;
};

struct TsgpModel::Row {
  int64_t trial_id;
  VectorXd features;
  double expected;  // mu(x)
  double end, precision;
};

VectorXd TsgpModel::FeaturesOf(const LearningCurve& trial) const {
  if (static_cast<Index>(trial.features.size()) != features_) {
    return VectorXd::Constant(features_, 0.5);
  }
  return Eigen::Map<const VectorXd>(trial.features.data(), features_);
}

CurveData TsgpModel::DataOf(const LearningCurve& trial, size_t points, Index buckets) const {
  const std::vector<CurvePoint> clean = CleanPoints(trial, points);
  ArrayXd times(static_cast<Index>(clean.size())), values(times.size());
  for (Index i = 0; i < times.size(); ++i) {
    times[i] = clean[static_cast<size_t>(i)].step / horizon_;
    values[i] = std::max(scale_.Apply(clean[static_cast<size_t>(i)].value), -reach_);
  }
  return IntoBuckets(times, values, buckets, kLatest);
}

// At most `most` of the curves that teach something, by id: half of them the newest, a quarter the best, the others one
// of every so many.
Curves TsgpModel::Chosen(const StudyCurves& study, size_t most) const {
  Curves usable;
  for (const auto& curve : study.finished) {
    if (!curve->finished || !LastValue(*curve).has_value()) continue;
    if (features_ > 0 && static_cast<Index>(curve->features.size()) != features_) continue;
    if (!Collapsed(DataOf(*curve, curve->points.size(), kMapBuckets))) usable.push_back(curve);
  }
  const auto by_id = [](const auto& a, const auto& b) { return a->trial_id < b->trial_id; };
  std::sort(usable.begin(), usable.end(), by_id);
  if (usable.size() <= most) return usable;
  Curves chosen(usable.end() - static_cast<std::ptrdiff_t>(most / 2), usable.end());
  usable.resize(usable.size() - most / 2);
  std::stable_sort(usable.begin(), usable.end(), [&](const auto& a, const auto& b) {
    return scale_.Apply(*LastValue(*a)) > scale_.Apply(*LastValue(*b));
  });
  const size_t best = most / 4, others = most - most / 2 - best, left = usable.size() - best;
  chosen.insert(chosen.end(), usable.begin(), usable.begin() + static_cast<std::ptrdiff_t>(best));
  for (size_t i = 0; i < others; ++i) chosen.push_back(usable[best + i * left / others]);
  std::sort(chosen.begin(), chosen.end(), by_id);
  return chosen;
}

std::optional<ParameterMap> TsgpModel::FitMap(const StudyCurves& study, size_t most,
                                              const std::function<bool()>& cancelled) const {
  if (!options_.spatial) return DefaultParameterMap();
  std::vector<CurveData> data;
  const Curves chosen = Chosen(study, most);
  if (chosen.empty()) return std::nullopt;  // as where no curve rises
  MatrixXd features(static_cast<Index>(chosen.size()), features_);
  for (const auto& curve : chosen) {
    features.row(static_cast<Index>(data.size())) = FeaturesOf(*curve).transpose();
    data.push_back(DataOf(*curve, curve->points.size(), kMapBuckets));
  }
  return FitParameterMap(data, features, cancelled);
}

// A map that was fitted to a curve knows its end: judged by it, begins of curves would be trusted too much, most of all
// those that mislead.
std::optional<TsgpModel::HeldOutMaps> TsgpModel::FitHeldOutMaps(const StudyCurves& study,
                                                                const std::function<bool()>& cancelled) const {
  if (!options_.spatial) return std::nullopt;
  HeldOutMaps held_out{.seed = study.seed};
  for (size_t fold = 0; fold < held_out.maps.size(); ++fold) {
    Curves others = study.finished;
    std::erase_if(others, [&](const auto& curve) { return held_out.FoldOf(*curve) == fold; });
    const StudyCurves rest = WithCurves(study, others);
    auto map = FitMap(rest, kMapCurves / held_out.maps.size(), cancelled);
    if (!map.has_value()) return std::nullopt;
    held_out.maps[fold] = *std::move(map);
  }
  return held_out;
}

double TsgpModel::ExpectedEndOf(const LearningCurve& trial) const {
  return ExpectedEnd(FromTheta(map_.ThetaAt(FeaturesOf(trial)), map_.shared));
}

std::optional<CurvePosterior> TsgpModel::PosteriorOf(const LearningCurve& trial, size_t points,
                                                     const ParameterMap& map) const {
  return CurvePosterior::Make(DataOf(trial, points, kBuckets), FromTheta(map.ThetaAt(FeaturesOf(trial)), map.shared),
                              std::exp(2 * map.shared.log_sigma));
}

std::optional<TsgpModel::Row> TsgpModel::MakeRow(const LearningCurve& trial) const {
  const auto posterior = PosteriorOf(trial, trial.points.size());
  if (!posterior.has_value() || !(posterior->precision() > kMinPrecision)) return std::nullopt;
  const Gaussian seen = calibration_.right.discrepancies.At(LastStep(trial) / horizon_)
                            .Corrected(posterior->end(), posterior->precision());
  return Row{trial.trial_id, FeaturesOf(trial), ExpectedEndOf(trial), seen.mean, 1 / seen.variance};
}

bool TsgpModel::FitRows(const StudyCurves& study, const std::function<bool()>& cancelled) {
  std::vector<Row> rows;
  for (const auto& curve : Chosen(study, kEndRows)) {
    if (auto row = MakeRow(*curve); row.has_value()) rows.push_back(*std::move(row));
  }
  const Index n = static_cast<Index>(rows.size());
  if (n == 0) return false;
  row_trials_.clear();
  EndRows data{MatrixXd(n, features_), VectorXd(n), VectorXd(n)};
  for (Index i = 0; i < n; ++i) {
    const Row& row = rows[static_cast<size_t>(i)];
    row_trials_.push_back(row.trial_id);
    data.features.row(i) = row.features.transpose();
    data.residuals[i] = row.end - row.expected;
    data.precisions[i] = row.precision;
  }
  ends_ = EndGp::Fit(data, cancelled);
  if (!ends_.has_value() || options_.spatial) return ends_.has_value();
  EndKernel wide = ends_->kernel();
  wide.nugget *= kWidening;
  ends_ = EndGp::Make(data, wide);
  return ends_.has_value();
}

std::optional<TsgpModel::Final> TsgpModel::FinalOf(const LearningCurve& trial, size_t points,
                                                   const Gaussian& residual) const {
  const std::vector<Final> finals = FinalsOf(trial, points, residual, 1);
  return finals.empty() ? std::nullopt : std::make_optional(finals.front());
}

std::vector<TsgpModel::Final> TsgpModel::FinalsOf(const LearningCurve& trial, size_t points, const Gaussian& residual,
                                                  Index prefixes) const {
  const auto posterior = PosteriorOf(trial, points);
  if (!posterior.has_value()) return {};
  const Gaussian end{ExpectedEndOf(trial) + residual.mean, residual.variance};
  const auto bold = posterior->PredictWithout(end, prefixes, calibration_.bold.discrepancies);
  const auto right = posterior->PredictWithout(end, prefixes, calibration_.right.discrepancies);
  std::vector<Final> finals;
  for (size_t i = 0; i < bold.size(); ++i) finals.push_back({bold[i], right[i]});
  return finals;
}

// Full trials that nobody would have stopped, as the others are a biased sample: those before the model and the exempt.
// Those that fell are none, as a model of their own says what becomes of them.
Curves TsgpModel::Judges(const StudyCurves& study) const {
  Curves judges = FullTrials(study, horizon_);
  const auto exempt = [&](const auto& curve) { return ShareOfTrial(study.seed, curve->trial_id) < options_.exempt; };
  judges.erase(std::stable_partition(
                   judges.begin() + std::min(static_cast<std::ptrdiff_t>(options_.warm_up), std::ssize(judges)),
                   judges.end(), exempt),
               judges.end());
  std::erase_if(judges, [&](const auto& curve) {
    return usual_rise_.has_value() && usual_rise_->StepOfFall(*curve, curve->points.size()).has_value();
  });
  if (judges.size() > kCalibrationTrials) {
    judges.erase(judges.begin(), judges.end() - static_cast<std::ptrdiff_t>(kCalibrationTrials));
  }
  return judges;
}

// The residual of its end, given all other trials.
Gaussian TsgpModel::ResidualWithout(const LearningCurve& trial) const {
  const auto row = std::lower_bound(row_trials_.begin(), row_trials_.end(), trial.trial_id);
  const bool known = row != row_trials_.end() && *row == trial.trial_id;
  return known ? ends_->WithoutOwn(row - row_trials_.begin()) : ends_->At(FeaturesOf(trial));
}

Discrepancies TsgpModel::FitDiscrepancies(const Curves& judges, const MapOf& map_of) const {
  Discrepancies discrepancies;
  auto& by_share = discrepancies.by_share;
  for (size_t k = by_share.size(); k-- > 0;) {
    std::vector<JudgedBegin> judged;
    for (const auto& judge : judges) {
      const size_t points = PointsUpTo(*judge, Discrepancies::kShares[k] * horizon_);
      const auto begin = PosteriorOf(*judge, points, map_of(*judge));
      if (!begin.has_value() || !(begin->precision() > kMinPrecision)) continue;
      const Gaussian residual = ResidualWithout(*judge);
      judged.push_back({.prior = {ExpectedEndOf(*judge) + residual.mean, std::max(residual.variance, kMinVariance)},
                        .told = begin->end(),
                        .precision = begin->precision(),
                        .end = scale_.Apply(*LastValue(*judge)),
                        .noise = std::exp(2 * map_.shared.log_sigma)});
    }
    const bool none = judged.empty() && k + 1 < by_share.size();  // as of few steps, the first of which comes later
    by_share[k] = none ? by_share[k + 1] : FitDiscrepancy(judged);
  }
  return discrepancies;
}

void TsgpModel::FitVariance(const Curves& judges) {
  std::vector<double> bold, right;
  for (const auto& judge : judges) {
    const Gaussian residual = ResidualWithout(*judge);
    const double end = scale_.Apply(*LastValue(*judge));
    for (const double share : Discrepancies::kShares) {
      const size_t points = PointsUpTo(*judge, share * horizon_);
      const auto final = FinalOf(*judge, points, residual);
      if (points == 0 || !final.has_value()) continue;
      bold.push_back((end - final->bold.mean) / std::sqrt(final->bold.variance));
      right.push_back((end - final->right.mean) / std::sqrt(final->right.variance));
    }
  }
  if (bold.size() < kMinScores) return;
  calibration_.bold.variance_factor = VarianceFactor(std::move(bold));
  calibration_.right.variance_factor = std::max(MeanSquare(right), kMinMeanSquare);
}

// Least squares over the full trials that have a goal, which those that violate constraints lack.
void TsgpModel::FitLink(const StudyCurves& study) {
  if (study.curve_is_objective) return;
  std::vector<std::pair<double, double>> pairs;
  double x_mean = 0, y_mean = 0;
  for (const auto& curve : FullTrials(study, horizon_)) {
    if (!curve->goal.has_value()) continue;
    pairs.emplace_back(scale_.Apply(*LastValue(*curve)), curve->ValueFor(*curve->goal));
    x_mean += pairs.back().first;
    y_mean += pairs.back().second;
  }
  link_ = GoalLink{.slope = 0, .variance = std::numeric_limits<double>::infinity()};
  if (pairs.size() < kMinPairs) return;
  const double n = static_cast<double>(pairs.size());
  x_mean /= n;
  y_mean /= n;
  double xx = 0, xy = 0, squares = 0;
  for (const auto& [x, y] : pairs) {
    xx += (x - x_mean) * (x - x_mean);
    xy += (x - x_mean) * (y - y_mean);
  }
  if (!(xx > 0)) return;
  GoalLink link{.slope = xy / xx, .centre = x_mean};
  link.constant = y_mean - link.slope * x_mean;
  for (const auto& [x, y] : pairs) squares += std::pow(y - link.constant - link.slope * x, 2);
  const double residual_variance = squares / (n - 2);
  link.variance = residual_variance * (1 + 1 / n);
  link.slope_variance = residual_variance / xx;
  link_ = link;
}

void TsgpModel::FitFalls(const StudyCurves& study) {
  if (!usual_rise_.has_value()) return;
  falls_ = FallsOf(study, *usual_rise_, horizon_);
  const auto scaled = [&](double end) { return scale_.Apply(scale_.maximize ? end : -end); };
  const double span = scaled(falls_.end + falls_.end_stddev) - scaled(falls_.end - falls_.end_stddev);
  falls_.end = scaled(falls_.end);
  falls_.end_stddev = span / 2;
}

void TsgpModel::FitLateRises(const Curves& judges) {
  std::vector<std::vector<CurvePosterior::Step>> steps;
  for (const auto& judge : judges) {
    if (const auto posterior = PosteriorOf(*judge, judge->points.size())) steps.push_back(posterior->Steps());
  }
  late_rises_ = photinus::FitLateRises(steps, std::exp(map_.shared.log_sigma));
}

std::shared_ptr<const TsgpModel> TsgpModel::Learn(const StudyCurves& all, const TsgpOptions& options,
                                                  const std::function<bool()>& cancelled) {
  const std::shared_ptr<TsgpModel> model(new TsgpModel);
  model->options_ = options;
  model->horizon_ = HorizonOf(all);
  if (model->horizon_ == 0) return nullptr;
  std::vector<double> finals;
  const Curves full = FullTrials(all, model->horizon_);
  for (const auto& curve : full) {
    finals.push_back(*LastValue(*curve));
    if (options.spatial) model->features_ = static_cast<Index>(curve->features.size());
  }
  if (finals.size() < options.warm_up) return nullptr;
  model->calibration_.doubt = 1 + kDoubt / static_cast<double>(finals.size());
  finals.resize(options.warm_up);  // later ones are ever more alike, and the unit is to stay what it was
  model->scale_ = MakeCurveScale(finals, KnownValues(all), all.maximize, options.scale);
  model->reach_ = ReachOf(full, model->scale_);
  const Curves near = Within(model->reach_, model->scale_, all.finished);
  const StudyCurves study = WithCurves(all, near);
  auto map = model->FitMap(study, kMapCurves, cancelled);
  if (!map.has_value()) return nullptr;
  model->map_ = *std::move(map);
  const auto held_out = model->FitHeldOutMaps(study, cancelled);
  if (!model->FitRows(study, cancelled)) return nullptr;
  model->usual_rise_ = UsualRiseOf(study);
  const Curves judges = model->Judges(study);
  Calibration& calibration = model->calibration_;
  const auto own = [&](const LearningCurve&) -> const ParameterMap& { return model->map_; };
  const auto other = [&](const LearningCurve& judge) -> const ParameterMap& {
    return held_out->maps[held_out->FoldOf(judge)];
  };
  calibration.bold.discrepancies = calibration.right.discrepancies = model->FitDiscrepancies(judges, own);
  if (held_out.has_value()) calibration.right.discrepancies = model->FitDiscrepancies(judges, other);
  if (!model->FitRows(study, cancelled)) return nullptr;  // as the discrepancies correct them
  model->FitVariance(judges);
  model->FitLink(study);
  model->FitFalls(study);
  model->FitLateRises(judges);
  return model;
}

// One factor of the curve's covariance serves predictions from all of its points and from all but the last few.
FinalModel::Predictor TsgpModel::PredictorOf(const LearningCurve& trial, double reference) const {
  const Gaussian residual = ends_->At(FeaturesOf(trial));
  const size_t all = trial.points.size(), clean = CleanPoints(trial, all).size();
  return [=, this, &trial, latest = FinalsOf(trial, all, residual, kLatest)](size_t points) {
    const size_t left_out = all - points;
    const bool is_prefix = left_out < latest.size() && CleanPoints(trial, points).size() + left_out == clean;
    const auto final = is_prefix ? latest[left_out] : FinalOf(trial, points, residual);
    return PredictionOf(final, trial, points, reference);
  };
}

Gaussian TsgpModel::GoalOf(const Gaussian& scaled) const {
  const double stddev = std::sqrt(scaled.variance);
  if (link_.has_value()) {
    return {link_->constant + link_->slope * scaled.mean, std::pow(link_->DeviationOf(scaled.mean, stddev), 2)};
  }
  const double sign = scale_.maximize ? 1 : -1;
  const double span = scale_.Invert(scaled.mean + stddev) - scale_.Invert(scaled.mean - stddev);
  return {sign * scale_.Invert(scaled.mean), span * span / 4};
}

Outcome TsgpModel::OutcomeOf(const Gaussian& final, const Trust& trust, double share) const {
  return {.mean = final.mean,
          .stddev = std::sqrt(trust.variance_factor * final.variance),
          .rise = late_rises_.ChanceAfter(share),
          .rise_scale = late_rises_.scale,
          .fall = falls_.ChanceAfter(share),
          .fallen_mean = falls_.end,
          .fallen_stddev = falls_.end_stddev};
}

FinalPrediction TsgpModel::PredictionOf(std::optional<Final> final, const LearningCurve& trial, size_t points,
                                        double reference) const {
  if (usual_rise_.has_value() && usual_rise_->StepOfFall(trial, points).has_value()) {
    const Gaussian goal = GoalOf({falls_.end, falls_.end_stddev * falls_.end_stddev});
    return {.mean = goal.mean, .stddev = std::sqrt(goal.variance), .chance = 0, .gain = 0};
  }
  if (!final.has_value()) return {.mean = reference, .stddev = 0, .chance = 1};
  const double share = points > 0 ? trial.points[points - 1].step / horizon_ : 0;
  const Outcome predicted = OutcomeOf(final->right, calibration_.right, share);
  const Gaussian goal = GoalOf({predicted.mean, std::pow(predicted.Deviation(), 2)});
  Outcome outcome = OutcomeOf(final->bold, calibration_.bold, share);
  // A trial is worth what its last value would be without noise, but what it reports is noisy, as the incumbent's value
  // was: half of what noise might add is gain.
  const double noise = std::exp(2 * map_.shared.log_sigma);
  double less_noisy = std::sqrt(calibration_.bold.variance_factor *
                                std::max(final->bold.variance - kNoiseOfNoGain * noise, kLeastDoubt * noise));
  double unit = 1;
  if (link_.has_value()) {
    less_noisy = link_->DeviationOf(outcome.mean, less_noisy);
    outcome.stddev = link_->DeviationOf(outcome.mean, outcome.stddev);
    outcome.mean = GoalOf(final->bold).mean;
    outcome.rise_scale *= link_->slope;
    unit = std::abs(link_->slope);
  } else {
    reference = scale_.Apply(scale_.maximize ? reference : -reference);
  }
  const double widening = std::sqrt(calibration_.doubt), gain = outcome.GainAbove(reference, widening * less_noisy);
  return {.mean = goal.mean,
          .stddev = std::sqrt(goal.variance),
          .chance = outcome.ChanceAbove(reference, widening * outcome.stddev),
          .gain = unit > 0 ? gain / unit : std::numeric_limits<double>::infinity()};
}

size_t TsgpModel::bytes() const {
  return sizeof *this + ends_->bytes() + sizeof(double) * static_cast<size_t>(map_.w.size());
}

}  // namespace photinus
