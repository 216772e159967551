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

constexpr int kMinInitial = 4, kMaxInitial = 10;  // points before the first model, about one per parameter
constexpr size_t kMaxIncumbents = 12;             // around which candidates are drawn
constexpr double kChebyshevShare = 0.95;          // of a scalarisation; the rest is the weighted sum

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

// One call of Suggest.
class Session {
 public:
  explicit Session(const SuggestRequest& request)
      : request_(request), flatten_(request.space), history_(ReadHistory(flatten_, request)), excluded_(flatten_) {
    for (const Point& point : request.pending) {
      if (auto unit = flatten_.ToUnit(point); unit.has_value()) pending_.push_back(*std::move(unit));
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
      ASSIGN_OR_RETURN(std::optional<Suggestion> suggestion, UsesModel() ? FromModel(trial_id) : Initial(trial_id));
      if (!suggestion.has_value()) break;  // the space is used up
      result.suggestions.push_back(*std::move(suggestion));
    }
    return result;
  }

 private:
  bool UsesModel() const {
    if (flatten_.dimension() == 0 || request_.objectives.empty()) return false;
    const size_t initial = std::clamp(flatten_.dimension(), kMinInitial, kMaxInitial);
    return history_.units.size() >= initial;
  }

  // Remembers that `unit` is being evaluated from now on.
  Suggestion Chosen(const UnitPoint& unit, std::string explanation) {
    pending_.push_back(unit);
    excluded_.Add(unit);
    return {flatten_.ToPoint(unit), std::move(explanation)};
  }

  absl::StatusOr<std::optional<Suggestion>> Initial(int64_t trial_id) {
    if (history_.units.empty() && history_.failures.empty() && pending_.empty()) {
      return Chosen(DefaultPoint(), "the defaults, or the centre of the space");
    }
    ScrambledSobol sobol(flatten_.dimension(), MixSeed(request_.seed, kInitialStream));
    UnitPoint unit = sobol.At(static_cast<uint64_t>(trial_id));
    flatten_.Snap(unit);
    if (!excluded_.Contains(unit)) return Chosen(unit, "initial design: a scrambled Sobol point");
    Random random(MixSeed(request_.seed, static_cast<uint64_t>(trial_id)));
    const std::optional<UnitPoint> other = excluded_.DrawOther(random);
    if (!other.has_value()) return std::optional<Suggestion>();
    return Chosen(*other, "initial design: a random point not tried yet");
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
    const auto objective = Objective();
    if (!objective.has_value()) return absl::InternalError("the GP's covariance could not be factored");
    const double incumbent = objective->Mean(all_features_).maxCoeff();
    const LogEiAcquisition log_ei(*objective, incumbent);
    std::optional<FeasibleAcquisition> feasible;
    if (feasibility_.has_value()) feasible.emplace(log_ei, *feasibility_);
    const Acquisition& acquisition = feasible.has_value() ? static_cast<const Acquisition&>(*feasible) : log_ei;
    const std::vector<UnitPoint> incumbents = Incumbents();
    const auto unit =
        MaximizeAcquisition({flatten_, acquisition, incumbents, excluded_, random.Next(), request_.cancelled});
    if (request_.cancelled && request_.cancelled()) return Cancelled();
    if (!unit.has_value()) return std::optional<Suggestion>();
    return Chosen(*unit, Explain(*objective, *unit, incumbent));
  }

  std::string Explain(const Posterior& objective, const UnitPoint& unit, double incumbent) const {
    const Posterior::Prediction p = objective.Predict(FeaturesOf(flatten_, {unit}));
    return absl::StrFormat("GP on %d trials (%s): predicted %.2f +- %.2f, incumbent %.2f, in standard deviations",
                           history_.units.size(), model_->Name(), p.mean[0], std::sqrt(p.variance[0]), incumbent);
  }

  absl::Status FitModels(Random& random) {
    features_ = FeaturesOf(flatten_, history_.units);
    targets_ = Scalarise(history_.goals, random);
    model_ = ChooseGpModel(features_, flatten_.groups(), targets_, request_.cancelled);
    if (request_.cancelled && request_.cancelled()) return Cancelled();
    if (!model_.has_value()) return absl::InternalError("no GP could be fitted to the history");
    if (!history_.failures.empty()) return FitFeasibility();
    return absl::OkStatus();
  }

  // Labels +1 and -1 about the threshold 0.
  absl::Status FitFeasibility() {
    const MatrixXd features = Stacked(features_, FeaturesOf(flatten_, history_.failures));
    VectorXd labels = VectorXd::Ones(features.rows());
    labels.tail(static_cast<Index>(history_.failures.size())).setConstant(-1);
    const auto fit = FitGp(features, flatten_.groups(), labels, false, {}, request_.cancelled);
    if (!fit.has_value()) return absl::OkStatus();
    feasibility_ = Posterior::Make(features, flatten_.groups(), labels, fit->parameters, fit->mean);
    return absl::OkStatus();
  }

  // The objective's posterior in which pending points have their predicted values (kriging believer).
  std::optional<Posterior> Objective() {
    const FeatureGroups& groups = flatten_.groups();
    auto posterior = Posterior::Make(features_, groups, model_->values, model_->parameters, model_->mean);
    all_features_ = features_;
    if (!posterior.has_value() || pending_.empty()) return posterior;
    const MatrixXd pending = FeaturesOf(flatten_, pending_);
    VectorXd values(features_.rows() + pending.rows());
    values << model_->values, posterior->Mean(pending);
    all_features_ = Stacked(features_, pending);
    return Posterior::Make(all_features_, groups, values, model_->parameters, model_->mean);
  }

  std::vector<UnitPoint> Incumbents() const {
    std::vector<size_t> order(history_.units.size());
    std::iota(order.begin(), order.end(), 0);
    const auto better = [&](size_t a, size_t b) {
      return targets_[static_cast<Index>(a)] > targets_[static_cast<Index>(b)];
    };
    std::stable_sort(order.begin(), order.end(), better);
    std::vector<UnitPoint> incumbents;
    for (size_t i = 0; i < std::min(order.size(), kMaxIncumbents); ++i) incumbents.push_back(history_.units[order[i]]);
    return incumbents;
  }

  const SuggestRequest& request_;
  const Flatten flatten_;
  const History history_;
  std::vector<UnitPoint> pending_;  // with this call's own suggestions
  VisitedPoints excluded_;
  MatrixXd features_, all_features_;  // of the history; and of pending points, too
  VectorXd targets_;                  // scalarised, not warped
  std::optional<GpModel> model_;
  std::optional<Posterior> feasibility_;
};

}  // namespace

absl::StatusOr<SuggestResult> GpBandit::Suggest(const SuggestRequest& request) const { return Session(request).Run(); }

}  // namespace photinus
