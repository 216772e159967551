#include "server/algorithms/gp_training.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <utility>

#include "common/base/random.h"
#include "server/algorithms/acquisition/hypervolume.h"
#include "server/algorithms/gp/feature_rows.h"
#include "server/algorithms/gp/fit.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Status = EncodedTrials::Status;

constexpr int64_t kFitShare = 50;   // a fit is due after a fiftieth more trials,
constexpr int64_t kMostNews = 100;  // or so many
constexpr double kFarBetter = 1;    // standard deviations of the warp
constexpr int64_t kThorough = 3;    // every so many fits begin at the fixed starts, too
constexpr size_t kBaseRows = 400;   // stand for evaluated trials, where not all can be in the model
constexpr size_t kMaxFailures = kMaxFeasibilityTrials / 2;  // the latest
constexpr Index kFeasibleRows = kMaxFeasibilityTrials / 2;  // beside them
constexpr Index kFeasibilityFitRows = 128;                  // for its hyper-parameters
constexpr Index kQuickRows = 64;                            // for hyper-parameters that a request waits for
constexpr int kQuickEvaluations = 30;                       // likelihoods of their fit, per start
constexpr int kDirections = 32;                             // of several objectives
constexpr uint64_t kDirectionsSeed = 0xd1;                  // the same for all studies
constexpr Index kStandingRows = 1000;                       // to which warps are fitted by which trials stand

std::vector<size_t> RowsOf(const EncodedTrials& trials, Status status) {
  std::vector<size_t> rows;
  for (size_t row = 0; row < trials.size(); ++row) {
    if (trials.status(row) == status) rows.push_back(row);
  }
  return rows;
}

std::vector<int64_t> IdsOf(const EncodedTrials& trials, const std::vector<size_t>& rows) {
  std::vector<int64_t> ids;
  ids.reserve(rows.size());
  for (const size_t row : rows) ids.push_back(trials.id(row));
  return ids;
}

double BestGoal(const EncodedTrials& trials, size_t objective) {
  double best = -INFINITY;
  for (size_t row = 0; row < trials.size(); ++row) {
    if (trials.status(row) == Status::kEvaluated) best = std::max(best, trials.goals(row)[objective]);
  }
  return best;
}

// Whether the best goal is far better than at the fit.
bool IsFarBetter(const GpMetric& metric, double best) {
  const OutputWarp& warp = metric.models.front().warp;
  const VectorXd warped = warp.Apply(VectorXd{{metric.best, best}});
  return warped[1] > warped[0] + kFarBetter || (best > metric.best && warp.spread == 0);
}

// Of places in `values`, ascending: the best half, the latest quarter, and an even share of the rest by age.
std::vector<size_t> BasePlaces(const VectorXd& values) {
  const size_t n = static_cast<size_t>(values.size());
  std::vector<size_t> places(n);
  std::iota(places.begin(), places.end(), 0);
  if (n <= kMaxBaseTrials) return places;
  const size_t best = kBaseRows / 2, latest = kBaseRows / 4, others = kBaseRows - best - latest;
  std::vector<size_t> by_value = places;
  const auto better = [&](size_t a, size_t b) { return values[static_cast<Index>(a)] > values[static_cast<Index>(b)]; };
  std::stable_sort(by_value.begin(), by_value.end(), better);
  std::vector<bool> taken(n);
  for (size_t i = 0; i < best; ++i) taken[by_value[i]] = true;
  size_t left = latest;
  for (size_t i = n; i-- > 0 && left > 0;) {
    if (taken[i]) continue;
    taken[i] = true;
    --left;
  }
  std::vector<size_t> rest, base;
  std::copy_if(places.begin(), places.end(), std::back_inserter(rest), [&](size_t i) { return !taken[i]; });
  for (size_t i = 0; i < others; ++i) taken[rest[i * rest.size() / others]] = true;
  std::copy_if(places.begin(), places.end(), std::back_inserter(base), [&](size_t i) { return taken[i]; });
  return base;
}

// The latest failures, and what represents the base trials.
void AddFeasibility(const EncodedTrials& trials, const std::vector<size_t>& base, GpLesson& lesson) {
  std::vector<size_t> failures = RowsOf(trials, Status::kFailed);
  if (failures.empty()) return;
  if (failures.size() > kMaxFailures) failures.erase(failures.begin(), failures.end() - kMaxFailures);
  std::vector<size_t> rows = failures;
  for (const Index place : RepresentativeRows(lesson.standing, kFeasibleRows))
    rows.push_back(base[static_cast<size_t>(place)]);
  std::sort(rows.begin(), rows.end());
  lesson.state.feasibility_trials = IdsOf(trials, rows);
  lesson.feasibility_features = FeaturesOf(trials, rows);
  lesson.labels = LabelsOf(trials, rows);
}

FitEffort FeasibilityEffort(const GpLesson& lesson) {
  FitEffort effort;
  if (lesson.before.has_value() && lesson.before->feasibility.has_value()) {
    effort.starts.push_back(lesson.before->feasibility->parameters);
    effort.fixed_starts = lesson.state.fits % kThorough == 1;
  }
  return effort;
}

// To `fit_rows` of the lesson's rows at most.
std::optional<GpModel> FitFeasibility(const GpLesson& lesson, Index fit_rows, const FitEffort& effort,
                                      const std::function<bool()>& cancelled) {
  const std::vector<Index> rows = RepresentativeRows(-lesson.labels, fit_rows);
  const auto fit = FitGp(lesson.feasibility_features(rows, Eigen::all), lesson.groups, lesson.labels(rows),
                         TrendKind::kNone, effort, cancelled);
  if (!fit.has_value()) return std::nullopt;
  GpModel model;
  model.parameters = fit->parameters;
  model.mean = fit->mean;
  return model;
}

// Where a metric's values change their meaning: a slack at 0.
std::optional<double> ThresholdOf(const GpLesson& lesson, size_t metric) {
  return metric < lesson.objectives ? std::nullopt : std::optional<double>(0);
}

// A model of the kind that explains something of most objectives.
std::optional<GpModel> FitQuickly(const GpLesson& lesson, size_t metric, const std::function<bool()>& cancelled) {
  const VectorXd values = lesson.values.col(static_cast<Index>(metric));
  const std::vector<Index> rows = RepresentativeRows(values, kQuickRows);
  GpModel model;
  model.warp = FitWarp(WarpKind::kYeoJohnson, values, ThresholdOf(lesson, metric));
  const auto fit = FitGp(lesson.features(rows, Eigen::all), lesson.groups, model.warp.Apply(values(rows)),
                         TrendKind::kEffects, {.evaluations = kQuickEvaluations}, cancelled);
  if (!fit.has_value()) return std::nullopt;
  model.parameters = fit->parameters;
  model.mean = fit->mean;
  return model;
}

// The power transform of all values, fitted to the extremes and every so many of the rest, because a fit to a hundred
// thousand takes a quarter of a second.
VectorXd WarpedBySome(const VectorXd& values) {
  const Index n = values.size(), every = (n + kStandingRows - 1) / kStandingRows;
  if (every <= 1) return FitWarp(WarpKind::kYeoJohnson, values).Apply(values);
  std::vector<double> some = {values.maxCoeff(), values.minCoeff()};
  for (Index i = 0; i < n; i += every) some.push_back(values[i]);
  const Eigen::Map<const VectorXd> fitted(some.data(), static_cast<Index>(some.size()));
  return FitWarp(WarpKind::kYeoJohnson, fitted).Apply(values);
}

}  // namespace

VectorXd BelowSatisfied(VectorXd standing, const std::vector<bool>& satisfied) {
  const double range = standing.maxCoeff() - standing.minCoeff();
  for (Index i = 0; i < standing.size(); ++i) {
    if (!satisfied[static_cast<size_t>(i)]) standing[i] -= 2 * range + 1;
  }
  return standing;
}

VectorXd StandingOf(const MatrixXd& goals, const std::vector<bool>& satisfied) {
  if (goals.cols() == 1) return BelowSatisfied(goals.col(0), satisfied);
  MatrixXd warped(goals.rows(), goals.cols());
  for (Index k = 0; k < goals.cols(); ++k) warped.col(k) = WarpedBySome(goals.col(k));
  Random random(kDirectionsSeed);
  const MatrixXd directions = DrawDirections(static_cast<int>(goals.cols()), kDirections, random);
  return BelowSatisfied(Standing(warped, {warped.colwise().minCoeff(), directions}), satisfied);
}

MatrixXd FeaturesOf(const EncodedTrials& trials, const std::vector<size_t>& rows) {
  std::vector<UnitPoint> units;
  units.reserve(rows.size());
  for (const size_t row : rows) units.push_back(trials.unit(row));
  return FeatureRows(trials.flatten(), units);
}

std::vector<bool> SatisfiedOf(const EncodedTrials& trials, const std::vector<size_t>& rows) {
  std::vector<bool> satisfied;
  satisfied.reserve(rows.size());
  for (const size_t row : rows) satisfied.push_back(trials.Satisfies(row));
  return satisfied;
}

VectorXd LabelsOf(const EncodedTrials& trials, const std::vector<size_t>& rows) {
  VectorXd labels(static_cast<Index>(rows.size()));
  for (size_t i = 0; i < rows.size(); ++i) {
    labels[static_cast<Index>(i)] = trials.status(rows[i]) == Status::kFailed ? -1 : 1;
  }
  return labels;
}

MatrixXd GoalsAndSlacksOf(const EncodedTrials& trials, const std::vector<size_t>& rows) {
  const Index columns = static_cast<Index>(trials.objectives().size() + trials.constraints());
  MatrixXd transposed(columns, static_cast<Index>(rows.size()));
  for (size_t i = 0; i < rows.size(); ++i) {
    transposed.col(static_cast<Index>(i)) = Eigen::Map<const VectorXd>(trials.goals(rows[i]), columns);
  }
  return transposed.transpose();
}

bool IsOutdated(const GpState& state, const EncodedTrials& trials) {
  const int64_t finished = trials.evaluated() + trials.failed();
  const int64_t news = std::abs(finished - state.evaluated - state.failed);
  if (news == 0) return false;
  if (news >= std::clamp<int64_t>(finished / kFitShare, 1, kMostNews)) return true;
  if (trials.failed() > 0 && !state.feasibility.has_value()) return true;
  for (size_t k = 0; k < state.metrics.size(); ++k) {
    if (IsFarBetter(state.metrics[k], BestGoal(trials, k))) return true;
  }
  return false;
}

GpLesson MakeLesson(const EncodedTrials& trials, const GpState* before) {
  GpLesson lesson;
  lesson.groups = trials.flatten().groups();
  lesson.objectives = trials.objectives().size();
  if (before != nullptr) lesson.before = *before;
  const std::vector<size_t> evaluated = RowsOf(trials, Status::kEvaluated);
  const MatrixXd values = GoalsAndSlacksOf(trials, evaluated);
  const VectorXd standing =
      StandingOf(values.leftCols(static_cast<Index>(lesson.objectives)), SatisfiedOf(trials, evaluated));
  const std::vector<size_t> places = BasePlaces(standing);
  std::vector<size_t> base;
  for (const size_t place : places) base.push_back(evaluated[place]);
  lesson.features = FeaturesOf(trials, base);
  lesson.values = values(places, Eigen::all);
  lesson.standing = standing(places);
  GpState& state = lesson.state;
  state.base_trials = IdsOf(trials, base);
  state.last_trial = trials.id(trials.size() - 1);
  state.waiting = IdsOf(trials, RowsOf(trials, Status::kPending));
  state.evaluated = trials.evaluated();
  state.failed = trials.failed();
  for (size_t k = 0; k < lesson.objectives + trials.constraints(); ++k)
    state.metrics.push_back({{}, BestGoal(trials, k)});
  state.fits = 1 + (before != nullptr ? before->fits : 0);
  AddFeasibility(trials, base, lesson);
  return lesson;
}

std::optional<GpState> Learn(const GpLesson& lesson, const std::function<bool()>& cancelled) {
  GpState state = lesson.state;
  for (size_t k = 0; k < state.metrics.size(); ++k) {
    ModelEffort effort{.threshold = ThresholdOf(lesson, k), .warp_inputs = lesson.objectives == 1};
    if (lesson.before.has_value()) {
      effort.before = &lesson.before->metrics[k].models;
      effort.fixed_starts = state.fits % kThorough == 1;
    }
    auto models =
        ChooseGpModel(lesson.features, lesson.groups, lesson.values.col(static_cast<Index>(k)), effort, cancelled);
    if (!models.has_value()) return std::nullopt;
    state.metrics[k].models = *std::move(models);
  }
  if (lesson.labels.size() > 0) {
    state.feasibility = FitFeasibility(lesson, kFeasibilityFitRows, FeasibilityEffort(lesson), cancelled);
  }
  if (cancelled && cancelled()) return std::nullopt;
  return state;
}

std::optional<GpState> LearnQuickly(const GpLesson& lesson, const std::function<bool()>& cancelled) {
  GpState state = lesson.state;
  for (size_t k = 0; k < state.metrics.size(); ++k) {
    auto model = FitQuickly(lesson, k, cancelled);
    if (!model.has_value()) return std::nullopt;
    state.metrics[k].models = {*std::move(model)};
  }
  if (lesson.labels.size() > 0) {
    state.feasibility = FitFeasibility(lesson, kQuickRows, {.evaluations = kQuickEvaluations}, cancelled);
  }
  if (cancelled && cancelled()) return std::nullopt;
  return state;
}

}  // namespace photinus
