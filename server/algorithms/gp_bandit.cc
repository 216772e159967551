#include "server/algorithms/gp_bandit.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "Eigen/Core"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "common/space/flatten.h"
#include "server/algorithms/acquisition/acquisition.h"
#include "server/algorithms/acquisition/maximize.h"
#include "server/algorithms/gp/fit.h"
#include "server/algorithms/gp/model.h"
#include "server/algorithms/gp/posterior.h"
#include "server/algorithms/sampling/scrambled_sobol.h"
#include "server/algorithms/sampling/visited_points.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kMinInitial = 4, kMaxInitial = 6;  // evaluated points before the first model, about one per parameter
constexpr Index kMaxModelled = 1000;             // trials in the model; the rest are represented by them
constexpr size_t kMaxPending = 200;              // pending points in the model, the latest
constexpr size_t kMaxFailures = 300;             // failures in the model of feasibility, the latest
constexpr Index kFeasibilityRows = 128;          // for its hyper-parameters
constexpr int kMaxPicks = 32;             // of one call that are optimised; the rest of the batch is spread evenly
constexpr size_t kMaxIncumbents = 12;     // around which candidates are drawn
constexpr double kLeastFeasible = 0.5;    // probability; less where failures are random
constexpr double kNextTo = 0.01;          // in every unit coordinate: too near for two evaluations at a time
constexpr double kChebyshevShare = 0.95;  // of a scalarisation; the rest is the weighted sum

// Each trial's own stream of random numbers; the initial design has one per study.
constexpr uint64_t kInitialStream = 0x5eed;

absl::Status Cancelled() { return absl::CancelledError("the search for a suggestion was cancelled"); }

// What can be learnt from a request's history.
struct History {
  std::vector<UnitPoint> units;            // points with finite objectives
  std::vector<std::vector<double>> goals;  // their objectives, larger is better
  std::vector<UnitPoint> failures;         // infeasible ones, and those without finite objectives
};

bool AllFinite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

History ReadHistory(const Flatten& flatten, const SuggestRequest& request) {
  History history;
  for (const EvaluatedPoint& evaluated : request.completed) {
    std::optional<UnitPoint> unit = flatten.ToUnit(evaluated.point);
    if (!unit.has_value()) continue;  // from another space
    std::vector<double> goals(evaluated.objectives.begin(), evaluated.objectives.end());
    if (evaluated.infeasible || goals.size() != request.objectives.size() || !AllFinite(goals)) {
      history.failures.push_back(*std::move(unit));
      continue;
    }
    for (size_t k = 0; k < goals.size(); ++k) goals[k] = request.objectives[k].maximize ? goals[k] : -goals[k];
    history.units.push_back(*std::move(unit));
    history.goals.push_back(std::move(goals));
  }
  return history;
}

VectorXd Column(const std::vector<std::vector<double>>& goals, size_t objective) {
  VectorXd column(static_cast<Index>(goals.size()));
  for (size_t i = 0; i < goals.size(); ++i) column[static_cast<Index>(i)] = goals[i][objective];
  return column;
}

// One value per trial, larger is better. Several objectives: an augmented Chebyshev scalarisation of the warped
// objectives with random weights [ParEGO, Knowles 2006].
VectorXd Scalarise(const std::vector<std::vector<double>>& goals, Random& random) {
  const size_t objectives = goals.front().size();
  if (objectives == 1) return Column(goals, 0);
  VectorXd worst_gap = VectorXd::Zero(static_cast<Index>(goals.size())), sum = worst_gap;
  std::vector<double> weights(objectives);
  for (double& w : weights) w = -std::log(1 - random.Uniform());
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (size_t k = 0; k < objectives; ++k) {
    const VectorXd value = Warp(WarpKind::kYeoJohnson, Column(goals, k)).values;
    const double range = std::max(value.maxCoeff() - value.minCoeff(), 1e-12);
    const VectorXd gap = (value.maxCoeff() - value.array()) / range * (weights[k] / total);
    worst_gap = worst_gap.cwiseMax(gap);
    sum += gap;
  }
  return -(kChebyshevShare * worst_gap + (1 - kChebyshevShare) * sum);
}

MatrixXd FeaturesOf(const Flatten& flatten, const std::vector<UnitPoint>& units) {
  MatrixXd columns(flatten.feature_dimension(), static_cast<Index>(units.size()));
  for (size_t i = 0; i < units.size(); ++i) flatten.ToFeatures(units[i], columns.col(static_cast<Index>(i)).data());
  return columns.transpose();
}

MatrixXd Stacked(const MatrixXd& above, const MatrixXd& below) {
  MatrixXd stacked(above.rows() + below.rows(), std::max(above.cols(), below.cols()));
  stacked << above, below;
  return stacked;
}

std::vector<UnitPoint> Latest(const std::vector<UnitPoint>& units, size_t limit) {
  return {units.end() - static_cast<long>(std::min(units.size(), limit)), units.end()};
}

// One call of Suggest.
class Session {
 public:
  explicit Session(const SuggestRequest& request)
      : request_(request), flatten_(request.space), history_(ReadHistory(flatten_, request)), excluded_(flatten_) {
    for (const PendingPoint& pending : request.pending) {
      if (auto unit = flatten_.ToUnit(pending.point); unit.has_value()) pending_.push_back(*std::move(unit));
    }
    for (const UnitPoint& unit : pending_) excluded_.Add(unit);
    for (const UnitPoint& unit : history_.failures) excluded_.Add(unit);
    if (request.noisy) return;
    for (const UnitPoint& unit : history_.units) excluded_.Add(unit);
  }

  absl::StatusOr<SuggestResult> Run() {
    SuggestResult result;
    for (int i = 0; i < request_.count; ++i) {
      if (request_.cancelled && request_.cancelled()) return Cancelled();
      const int64_t trial_id = request_.first_trial_id + i;
      const bool optimise = UsesModel() && i < kMaxPicks;
      ASSIGN_OR_RETURN(std::optional<Suggestion> suggestion, optimise ? FromModel(trial_id) : Spread(trial_id));
      if (!suggestion.has_value()) break;  // the space is used up
      result.suggestions.push_back(*std::move(suggestion));
    }
    return result;
  }

 private:
  bool UsesModel() const {
    if (flatten_.dimension() == 0 || request_.objectives.empty()) return false;
    const size_t initial = std::clamp(flatten_.dimension(), kMinInitial, kMaxInitial);
    const size_t good = history_.units.size();
    return good >= initial || (good >= 2 && good + history_.failures.size() >= 2 * initial);
  }

  // Remembers that `unit` is being evaluated from now on.
  Suggestion Chosen(const UnitPoint& unit, std::string explanation) {
    pending_.push_back(unit);
    excluded_.Add(unit);
    return {flatten_.ToPoint(unit), std::move(explanation)};
  }

  absl::StatusOr<std::optional<Suggestion>> Spread(int64_t trial_id) {
    if (history_.units.empty() && history_.failures.empty() && pending_.empty()) {
      return Chosen(DefaultPoint(), "the defaults, or the centre of the space");
    }
    ScrambledSobol sobol(flatten_.dimension(), MixSeed(request_.seed, kInitialStream));
    UnitPoint unit = sobol.At(static_cast<uint64_t>(trial_id));
    flatten_.Snap(unit);
    if (!excluded_.Contains(unit))
      return Chosen(unit, "a scrambled Sobol point: too little is known for a model, or the batch is large");
    Random random(MixSeed(request_.seed, static_cast<uint64_t>(trial_id)));
    const std::optional<UnitPoint> other = excluded_.DrawOther(random);
    if (!other.has_value()) return std::optional<Suggestion>();
    return Chosen(*other, "a random point not tried yet");
  }

  UnitPoint DefaultPoint() const {
    UnitPoint unit(flatten_.dimension(), 0.5);
    flatten_.Snap(unit);
    for (int i = 0; i < flatten_.dimension(); ++i) {
      const Parameter& p = flatten_.space().parameters()[i];
      if (p.default_value.has_value()) unit[i] = flatten_.CoordinateOf(i, *p.default_value).value_or(unit[i]);
    }
    flatten_.Snap(unit);
    return unit;
  }

  absl::StatusOr<std::optional<Suggestion>> FromModel(int64_t trial_id) {
    Random random(MixSeed(request_.seed, static_cast<uint64_t>(trial_id)));
    if (!model_.has_value() || request_.objectives.size() > 1) RETURN_IF_ERROR(FitModels(random));
    const auto objective = WithPending();
    if (!objective.has_value()) return absl::InternalError("the GP's covariance could not be factored");
    const double incumbent = objective->Mean(all_features_).maxCoeff();
    const LogEiAcquisition log_ei(*objective, incumbent);
    std::optional<UnitPoint> unit = Maximize(log_ei, random.Next());
    if (unit.has_value() && IsNextToPending(*unit)) {
      unit = Maximize(PureExplorationAcquisition(*objective, incumbent), random.Next());
    }
    if (request_.cancelled && request_.cancelled()) return Cancelled();
    if (!unit.has_value()) return std::optional<Suggestion>();
    return Chosen(*unit, Explain(*objective, *unit, incumbent));
  }

  std::optional<UnitPoint> Maximize(const Acquisition& acquisition, uint64_t seed) const {
    std::optional<FeasibleAcquisition> feasible;
    if (feasibility_.has_value()) feasible.emplace(acquisition, *feasibility_, least_feasible_);
    const Acquisition& scored = feasible.has_value() ? static_cast<const Acquisition&>(*feasible) : acquisition;
    return MaximizeAcquisition({flatten_, scored, Incumbents(), excluded_, seed, request_.cancelled});
  }

  bool IsNextToPending(const UnitPoint& unit) const {
    return std::any_of(pending_.begin(), pending_.end(),
                       [&](const UnitPoint& other) { return LargestDifference(unit, other) < kNextTo; });
  }

  std::string Explain(const Posterior& objective, const UnitPoint& unit, double incumbent) const {
    const Posterior::Prediction p = objective.Predict(FeaturesOf(flatten_, {unit}));
    return absl::StrFormat("GP on %d trials (%s): predicted %.2f +- %.2f, incumbent %.2f, in standard deviations",
                           history_.units.size(), model_->Name(), p.mean[0], std::sqrt(p.variance[0]), incumbent);
  }

  absl::Status FitModels(Random& random) {
    const VectorXd all_targets = Scalarise(history_.goals, random);
    const std::vector<Index> rows = RepresentativeRows(all_targets, kMaxModelled);
    units_.clear();
    for (const Index row : rows) units_.push_back(history_.units[static_cast<size_t>(row)]);
    features_ = FeaturesOf(flatten_, units_);
    targets_ = all_targets(rows);
    model_ = ChooseGpModel(features_, flatten_.groups(), targets_, request_.cancelled);
    if (request_.cancelled && request_.cancelled()) return Cancelled();
    if (!model_.has_value()) return absl::InternalError("no GP could be fitted to the history");
    objective_ = Posterior::Make(features_, flatten_.groups(), model_->values, model_->parameters, model_->mean);
    if (!objective_.has_value()) return absl::InternalError("the GP's covariance could not be factored");
    if (!history_.failures.empty()) FitFeasibility();
    return absl::OkStatus();
  }

  // Labels +1 and -1 about the threshold 0. Without a fit every point counts as feasible.
  void FitFeasibility() {
    const MatrixXd features = Stacked(features_, FeaturesOf(flatten_, Latest(history_.failures, kMaxFailures)));
    VectorXd labels = VectorXd::Ones(features.rows());
    labels.tail(features.rows() - features_.rows()).setConstant(-1);
    const std::vector<Index> rows = RepresentativeRows(-labels, kFeasibilityRows);
    const auto fit = FitGp(features(rows, Eigen::all), flatten_.groups(), labels(rows), false, {}, request_.cancelled);
    if (!fit.has_value()) return;
    feasibility_ = Posterior::Make(features, flatten_.groups(), labels, fit->parameters, fit->mean);
    if (!feasibility_.has_value()) return;
    const double surest = FeasibleAcquisition::Probability(*feasibility_, features_).maxCoeff();
    least_feasible_ = std::min(kLeastFeasible, surest);
  }

  // The objective's posterior in which pending points have their predicted values (kriging believer).
  std::optional<Posterior> WithPending() {
    all_features_ = features_;
    if (pending_.empty()) return objective_;
    const MatrixXd pending = FeaturesOf(flatten_, Latest(pending_, kMaxPending));
    VectorXd values(features_.rows() + pending.rows());
    values << model_->values, objective_->Mean(pending);
    all_features_ = Stacked(features_, pending);
    return Posterior::Make(all_features_, flatten_.groups(), values, model_->parameters, model_->mean);
  }

  std::vector<UnitPoint> Incumbents() const {
    std::vector<size_t> order(units_.size());
    std::iota(order.begin(), order.end(), 0);
    const auto better = [&](size_t a, size_t b) {
      return targets_[static_cast<Index>(a)] > targets_[static_cast<Index>(b)];
    };
    std::stable_sort(order.begin(), order.end(), better);
    std::vector<UnitPoint> incumbents;
    for (size_t i = 0; i < std::min(order.size(), kMaxIncumbents); ++i) incumbents.push_back(units_[order[i]]);
    return incumbents;
  }

  const SuggestRequest& request_;
  const Flatten flatten_;
  const History history_;
  std::vector<UnitPoint> pending_;  // with this call's own suggestions
  VisitedPoints excluded_;
  std::vector<UnitPoint> units_;      // the modelled part of the history
  MatrixXd features_, all_features_;  // of it; and of pending points, too
  VectorXd targets_;                  // scalarised, not warped
  std::optional<GpModel> model_;
  std::optional<Posterior> objective_;
  std::optional<Posterior> feasibility_;
  double least_feasible_ = 0;  // probability
};

}  // namespace

absl::StatusOr<SuggestResult> GpBandit::Suggest(const SuggestRequest& request) const { return Session(request).Run(); }

}  // namespace photinus
