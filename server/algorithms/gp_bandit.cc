#include "server/algorithms/gp_bandit.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "Eigen/Core"
#include "absl/strings/str_format.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "common/space/flatten.h"
#include "server/algorithms/acquisition/acquisition.h"
#include "server/algorithms/acquisition/hypervolume.h"
#include "server/algorithms/acquisition/maximize.h"
#include "server/algorithms/encoded_trials.h"
#include "server/algorithms/gp/posterior.h"
#include "server/algorithms/gp_rows.h"
#include "server/algorithms/gp_state.h"
#include "server/algorithms/gp_training.h"
#include "server/algorithms/sampling/scrambled_sobol.h"
#include "server/algorithms/sampling/visited_points.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Status = EncodedTrials::Status;

constexpr int kMinInitial = 4, kMaxInitial = 6;  // evaluated points before the first model, about one per parameter
constexpr int64_t kFitAtOnce = 60;               // finished trials; of fewer, a request fits anew
constexpr size_t kMaxNewer = 200;                // trials since the last fit that are in a model, the latest
constexpr size_t kMaxPending = 200;              // pending ones, the latest
constexpr int kMaxPicks = 32;           // of one call that are optimised; the rest of the batch is spread evenly
constexpr size_t kMaxIncumbents = 12;   // around which candidates are drawn
constexpr int kDirections = 16;         // in which the hypervolume grows; drawn for each suggestion
constexpr double kFarAway = 1e3;        // standard deviations
constexpr double kLeastFeasible = 0.6;  // probability; less where failures are random
// Probability that a constraint holds. Less than a half gains nothing: measured, it only violates more often.
constexpr double kLeastSatisfying = 0.5;
constexpr double kNextTo = 0.01;  // in every unit coordinate: too near for two evaluations at a time

// Each trial's own stream of random numbers; the initial design has one per study.
constexpr uint64_t kInitialStream = 0x5eed;

absl::Status Cancelled() { return absl::CancelledError("the search for a suggestion was cancelled"); }
absl::Status NoFit() { return absl::InternalError("no GP could be fitted to the history"); }
absl::Status CannotFactor() { return absl::InternalError("the GP's covariance could not be factored"); }

struct GpCache final : AlgorithmCache {
  size_t bytes() const override {
    size_t bytes = sizeof *this + feasibility.bytes();
    for (const GpFactor& factor : metrics) bytes += factor.bytes();
    return bytes;
  }

  std::vector<GpFactor> metrics;
  GpFactor feasibility;
};

// Where there are enough trials for a model.
bool CanLearn(const EncodedTrials& trials) {
  if (trials.flatten().dimension() == 0 || trials.objectives().empty()) return false;
  const int64_t initial = std::clamp(trials.flatten().dimension(), kMinInitial, kMaxInitial);
  const int64_t good = trials.evaluated();
  return good >= initial || (good >= 2 && good + trials.failed() >= 2 * initial);
}

// The trials of a request that does not have them encoded.
std::unique_ptr<EncodedTrials> Encode(const SuggestRequest& request) {
  auto trials = std::make_unique<EncodedTrials>(request.space, request.objectives, request.constraints.size());
  for (const EvaluatedPoint& evaluated : request.completed) {
    trials->Add(evaluated.trial_id, evaluated.point);
    trials->SetFinished(evaluated.trial_id, evaluated.objectives, evaluated.infeasible, evaluated.slacks);
  }
  for (const PendingPoint& pending : request.pending) trials->Add(pending.trial_id, pending.point);
  return trials;
}

Random RandomOf(const SuggestRequest& request, int64_t trial_id) {
  return Random(MixSeed(request.seed, static_cast<uint64_t>(trial_id)));
}

// Rows of trials that are in a model: those of the base that are as they were, and the latest newer ones.
struct ModelledRows {
  GpRows gp;
  std::vector<size_t> rows;  // of the trials, in the same order
};

ModelledRows RowsOf(const EncodedTrials& trials, const GpState& state, const std::vector<int64_t>& base, Status wanted,
                    Status also_wanted) {
  const auto is_wanted = [&](size_t row) { return trials.status(row) == wanted || trials.status(row) == also_wanted; };
  ModelledRows modelled;
  for (const int64_t id : base) {
    if (trials.Contains(id) && is_wanted(trials.RowOf(id))) modelled.rows.push_back(trials.RowOf(id));
  }
  modelled.gp.base = modelled.rows.size();
  std::vector<size_t> newer;
  size_t finished = 0, pending = 0;
  const auto take = [&](size_t row) {
    if (!is_wanted(row)) return;
    const bool is_pending = trials.status(row) == Status::kPending;
    if (is_pending ? ++pending > kMaxPending : ++finished > kMaxNewer) return;
    newer.push_back(row);
  };
  for (size_t row = trials.size(); row > 0 && trials.id(row - 1) > state.last_trial; --row) take(row - 1);
  for (auto id = state.waiting.rbegin(); id != state.waiting.rend(); ++id) {
    if (trials.Contains(*id)) take(trials.RowOf(*id));
  }
  modelled.rows.insert(modelled.rows.end(), newer.rbegin(), newer.rend());
  for (const size_t row : modelled.rows) modelled.gp.ids.push_back(trials.id(row));
  modelled.gp.features = FeaturesOf(trials, modelled.rows);
  return modelled;
}

// Of a model of warped values, larger being better.
MetricPrediction PredictMetric(const Objective& objective, const OutputWarp& warp, double mean, double deviation) {
  const double median = warp.Invert(mean), worse = warp.Invert(mean - deviation),
               better = warp.Invert(mean + deviation);
  return objective.maximize ? MetricPrediction{median, worse, better} : MetricPrediction{-median, -better, -worse};
}

// One call of Suggest.
class Session {
 public:
  Session(const SuggestRequest& request, const EncodedTrials& trials, std::optional<GpState> state, GpCache& cache)
      : request_(request),
        trials_(trials),
        flatten_(trials.flatten()),
        state_(std::move(state)),
        cache_(cache),
        excluded_(std::in_place, flatten_, std::vector{&trials.held(), &trials.visited()}) {}

  absl::StatusOr<std::vector<Suggestion>> Run() {
    if (state_.has_value()) RETURN_IF_ERROR(Prepare());
    std::vector<Suggestion> suggestions;
    for (int i = 0; i < request_.count; ++i) {
      if (request_.cancelled && request_.cancelled()) return Cancelled();
      ASSIGN_OR_RETURN(std::optional<Suggestion> suggestion, Next(i));
      if (!suggestion.has_value() && request_.noisy) {  // every point was tried, and none is known for sure
        excluded_.emplace(flatten_, std::vector{&trials_.held()});
        for (const UnitPoint& unit : chosen_) excluded_->Add(unit);
        ASSIGN_OR_RETURN(suggestion, Next(i));
      }
      if (!suggestion.has_value()) break;  // the space is used up
      suggestions.push_back(*std::move(suggestion));
    }
    return suggestions;
  }

 private:
  struct Choice {
    UnitPoint unit;
    Explanation explanation;
  };

  // Metrics are the objectives, then the slacks of the constraints.
  size_t objectives() const { return request_.objectives.size(); }
  size_t metrics() const { return state_->metrics.size(); }
  const GpModel& model(size_t metric) const { return state_->metrics[metric].models.front(); }

  // Of this call's i-th point; nullopt if all that is not excluded was tried.
  absl::StatusOr<std::optional<Suggestion>> Next(int i) {
    const int64_t trial_id = request_.first_trial_id + i;
    return state_.has_value() && i < kMaxPicks ? FromModel(trial_id) : Spread(trial_id);
  }

  // Remembers that `unit` is being evaluated from now on.
  Suggestion Chosen(const UnitPoint& unit, Explanation explanation) {
    chosen_.push_back(unit);
    excluded_->Add(unit);
    return {flatten_.ToPoint(unit), std::move(explanation)};
  }

  absl::StatusOr<std::optional<Suggestion>> Spread(int64_t trial_id) {
    if (trials_.evaluated() + trials_.failed() + trials_.pending() == 0 && chosen_.empty()) {
      return Chosen(DefaultPoint(), {kDefaultArm, "the defaults, or the centre of the space"});
    }
    ScrambledSobol sobol(flatten_.dimension(), MixSeed(request_.seed, kInitialStream));
    UnitPoint unit = sobol.At(static_cast<uint64_t>(trial_id));
    flatten_.Snap(unit);
    if (!excluded_->Contains(unit))
      return Chosen(unit, {kSobolArm, "too little is known for a model, or the batch is large"});
    Random random = RandomOf(request_, trial_id);
    const std::optional<UnitPoint> other = excluded_->DrawOther(random);
    if (!other.has_value()) return std::optional<Suggestion>();
    return Chosen(*other, {kRandomArm, "a random point not tried yet"});
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

  // Brings the factors to the trials.
  absl::Status Prepare() {
    metric_rows_ = RowsOf(trials_, *state_, state_->base_trials, Status::kEvaluated, Status::kPending);
    for (size_t i = 0; i < metric_rows_.rows.size(); ++i) {
      const size_t row = metric_rows_.rows[i];
      if (trials_.status(row) == Status::kPending) {
        pending_.push_back(trials_.unit(row));
      } else {
        evaluated_.push_back(static_cast<Index>(i));
        evaluated_rows_.push_back(row);
      }
    }
    if (evaluated_.empty()) {  // all that was modelled is gone
      state_.reset();
      return absl::OkStatus();
    }
    values_ = GoalsAndSlacksOf(trials_, evaluated_rows_);
    satisfied_ = SatisfiedOf(trials_, evaluated_rows_);
    cache_.metrics.resize(metrics());
    for (size_t k = 0; k < metrics(); ++k) {
      factors_.push_back(cache_.metrics[k].At(metric_rows_.gp, flatten_.groups(), model(k).parameters));
      if (factors_.back() == nullptr) return CannotFactor();
    }
    if (state_->feasibility.has_value()) PrepareFeasibility();
    return absl::OkStatus();
  }

  // Labels +1 and -1 about the threshold 0. Without a model every point counts as feasible.
  void PrepareFeasibility() {
    const ModelledRows modelled =
        RowsOf(trials_, *state_, state_->feasibility_trials, Status::kEvaluated, Status::kFailed);
    if (modelled.rows.empty()) return;
    const GpModel& model = *state_->feasibility;
    const Factor* factor = cache_.feasibility.At(modelled.gp, flatten_.groups(), model.parameters);
    if (factor == nullptr) return;
    VectorXd labels(factor->size());
    for (size_t i = 0; i < modelled.rows.size(); ++i) {
      labels[static_cast<Index>(i)] = trials_.status(modelled.rows[i]) == Status::kFailed ? -1 : 1;
    }
    feasibility_.emplace(*factor, labels, model.mean);
    const VectorXd probability = FeasibleAcquisition::ProbabilityAtRows(*feasibility_);
    double surest = 0;
    for (Index i = 0; i < labels.size(); ++i) {
      if (labels[i] > 0) surest = std::max(surest, probability[i]);
    }
    least_feasible_ = std::min(kLeastFeasible, surest);
  }

  absl::StatusOr<std::optional<Suggestion>> FromModel(int64_t trial_id) {
    Random random = RandomOf(request_, trial_id);
    std::vector<Posterior> posteriors;
    for (size_t k = 0; k < metrics(); ++k) posteriors.emplace_back(*factors_[k], WithPending(k), model(k).mean);
    const std::optional<Choice> choice = Choose(posteriors, random);
    if (request_.cancelled && request_.cancelled()) return Cancelled();
    if (!choice.has_value()) return std::optional<Suggestion>();
    VectorXd features(flatten_.feature_dimension());
    flatten_.ToFeatures(choice->unit, features.data());
    for (size_t k = 0; k < metrics(); ++k) factors_[k] = cache_.metrics[k].Append(trial_id, features);
    return Chosen(choice->unit, choice->explanation);
  }

  std::optional<Choice> Choose(const std::vector<Posterior>& posteriors, Random& random) const {
    if (std::find(satisfied_.begin(), satisfied_.end(), true) == satisfied_.end()) {
      std::optional<Choice> choice = ByFeasibility(posteriors, random);
      if (!choice.has_value() || !IsNextToPending(choice->unit)) return choice;
    }
    return objectives() == 1 ? ByExpectedImprovement(posteriors, random) : ByHypervolume(posteriors, random);
  }

  // While no trial satisfies the constraints.
  std::optional<Choice> ByFeasibility(const std::vector<Posterior>& posteriors, Random& random) const {
    VectorXd lacking = VectorXd::Zero(values_.rows());
    for (size_t k = objectives(); k < metrics(); ++k) {
      const VectorXd warped = model(k).warp.Apply(values_.col(static_cast<Index>(k)));
      lacking += (warped.array() - ThresholdOf(k)).min(0).matrix();
    }
    const IndifferentAcquisition indifferent;
    const std::optional<UnitPoint> unit = Maximize(indifferent, posteriors, Incumbents(lacking), random.Next());
    if (!unit.has_value()) return std::nullopt;
    return Choice{*unit, Explain("feasibility", indifferent, posteriors, *unit)};
  }

  // Of one objective.
  std::optional<Choice> ByExpectedImprovement(const std::vector<Posterior>& posteriors, Random& random) const {
    const Posterior& objective = posteriors.front();
    const double incumbent = objective.MeanAtRows()(SatisfyingRows(posteriors)).maxCoeff();
    const std::vector<UnitPoint> incumbents = Incumbents(BelowSatisfied(values_.col(0), satisfied_));
    const LogEiAcquisition log_ei(objective, incumbent);
    std::optional<UnitPoint> unit = Maximize(log_ei, posteriors, incumbents, random.Next());
    if (!unit.has_value()) return std::nullopt;
    if (!IsNextToPending(*unit)) return Choice{*unit, Explain("log_ei", log_ei, posteriors, *unit)};
    const PureExplorationAcquisition exploration(objective, incumbent);
    unit = Maximize(exploration, posteriors, incumbents, random.Next());
    if (!unit.has_value()) return std::nullopt;
    return Choice{*unit, Explain("exploration", exploration, posteriors, *unit)};
  }

  // Of several objectives, in units of their models.
  std::optional<Choice> ByHypervolume(const std::vector<Posterior>& posteriors, Random& random) const {
    MatrixXd means(factors_.front()->size(), static_cast<Index>(objectives()));
    std::vector<const Posterior*> borrowed;
    for (size_t k = 0; k < objectives(); ++k) {
      means.col(static_cast<Index>(k)) = posteriors[k].MeanAtRows();
      borrowed.push_back(&posteriors[k]);
    }
    const MatrixXd satisfying = means(SatisfyingRows(posteriors), Eigen::all);
    const HypervolumeScalarisations scalarisations{ReferenceFor(satisfying),
                                                   DrawDirections(static_cast<int>(objectives()), kDirections, random)};
    const VectorXd best = scalarisations.Apply(satisfying).colwise().maxCoeff();
    const HypervolumeAcquisition gain(borrowed, scalarisations, best);
    const VectorXd standing = BelowSatisfied(Standing(means(evaluated_, Eigen::all), scalarisations), satisfied_);
    const std::optional<UnitPoint> unit = Maximize(gain, posteriors, Incumbents(standing), random.Next());
    if (!unit.has_value()) return std::nullopt;
    return Choice{*unit, Explain("log_ehvi", gain, posteriors, *unit)};
  }

  // Of the factors: evaluated rows that satisfy the constraints, and those being evaluated that are expected to; all
  // rows where there are none.
  std::vector<Index> SatisfyingRows(const std::vector<Posterior>& posteriors) const {
    Eigen::Array<bool, Eigen::Dynamic, 1> satisfying =
        Eigen::Array<bool, Eigen::Dynamic, 1>::Constant(factors_.front()->size(), true);
    for (size_t k = objectives(); k < metrics(); ++k) {
      satisfying = satisfying && posteriors[k].MeanAtRows().array() >= ThresholdOf(k);
    }
    for (size_t i = 0; i < evaluated_.size(); ++i) satisfying[evaluated_[i]] = satisfied_[i];
    std::vector<Index> rows;
    for (Index i = 0; i < satisfying.size(); ++i) {
      if (satisfying[i]) rows.push_back(i);
    }
    if (!rows.empty()) return rows;
    rows.resize(static_cast<size_t>(satisfying.size()));
    std::iota(rows.begin(), rows.end(), 0);
    return rows;
  }

  // Where slacks change their sign, in units of their model.
  double ThresholdOf(size_t metric) const {
    const OutputWarp& warp = model(metric).warp;
    if (warp.spread == 0) return warp.centre >= 0 ? -kFarAway : kFarAway;  // all are the same
    return warp.Apply(VectorXd::Zero(1))[0];
  }

  // The warped values of the factor's rows, in which pending points have their predicted ones (kriging believer).
  VectorXd WithPending(size_t metric) const {
    const Factor& factor = *factors_[metric];
    const GpModel& model = this->model(metric);
    VectorXd values = VectorXd::Zero(factor.size());
    Eigen::Array<bool, Eigen::Dynamic, 1> known = Eigen::Array<bool, Eigen::Dynamic, 1>::Zero(factor.size());
    const VectorXd warped = model.warp.Apply(values_.col(static_cast<Index>(metric)));
    for (size_t i = 0; i < evaluated_.size(); ++i) {
      values[evaluated_[i]] = warped[static_cast<Index>(i)] - model.mean;
      known[evaluated_[i]] = true;
    }
    return factor.Complete(values, known).array() + model.mean;
  }

  std::optional<UnitPoint> Maximize(const Acquisition& acquisition, const std::vector<Posterior>& posteriors,
                                    const std::vector<UnitPoint>& incumbents, uint64_t seed) const {
    std::deque<FeasibleAcquisition> feasible;
    return MaximizeAcquisition(
        {flatten_, Feasible(acquisition, posteriors, feasible), incumbents, *excluded_, seed, request_.cancelled});
  }

  // What is maximised instead, kept in `own`, where feasibility is modelled or there are constraints.
  const Acquisition& Feasible(const Acquisition& acquisition, const std::vector<Posterior>& posteriors,
                              std::deque<FeasibleAcquisition>& own) const {
    const Acquisition* feasible = &acquisition;
    if (feasibility_.has_value()) {
      const FeasibleWhere where{.noise_variance = feasibility_->parameters().noise_variance, .least = least_feasible_};
      feasible = &own.emplace_back(*feasible, *feasibility_, where);
    }
    for (size_t k = objectives(); k < metrics(); ++k) {
      const double wanted = request_.constraints[k - objectives()].least_feasible;
      const FeasibleWhere where{.threshold = ThresholdOf(k),
                                .noise_variance = posteriors[k].parameters().noise_variance,
                                .least = std::max(kLeastSatisfying, wanted)};
      feasible = &own.emplace_back(*feasible, posteriors[k], where);
    }
    return *feasible;
  }

  bool IsNextToPending(const UnitPoint& unit) const {
    const auto is_near = [&](const UnitPoint& other) { return LargestDifference(unit, other) < kNextTo; };
    return std::any_of(pending_.begin(), pending_.end(), is_near) ||
           std::any_of(chosen_.begin(), chosen_.end(), is_near);
  }

  std::string Description() const {
    const int64_t trials = trials_.evaluated();
    if (metrics() == 1) return absl::StrFormat("GP on %d trials (%s)", trials, model(0).Name());
    return absl::StrFormat("a GP for each of %d metrics on %d trials", metrics(), trials);
  }

  Explanation Explain(const char* arm, const Acquisition& acquisition, const std::vector<Posterior>& posteriors,
                      const UnitPoint& unit) const {
    VectorXd features(flatten_.feature_dimension());
    flatten_.ToFeatures(unit, features.data());
    Explanation explanation{.arm = arm, .text = Description()};
    std::deque<FeasibleAcquisition> feasible;
    explanation.acquisition = Feasible(acquisition, posteriors, feasible).Score(features.transpose())[0];
    for (size_t k = 0; k < objectives(); ++k) {
      const Posterior::Prediction p = posteriors[k].Predict(features.transpose());
      explanation.predictions.push_back(
          PredictMetric(request_.objectives[k], model(k).warp, p.mean[0], std::sqrt(p.variance[0])));
    }
    return explanation;
  }

  // The evaluated points of the greatest targets, best first.
  std::vector<UnitPoint> Incumbents(const VectorXd& targets) const {
    std::vector<size_t> order(evaluated_rows_.size());
    std::iota(order.begin(), order.end(), 0);
    const auto better = [&](size_t a, size_t b) {
      const double left = targets[static_cast<Index>(a)], right = targets[static_cast<Index>(b)];
      return left > right || (left == right && evaluated_rows_[a] < evaluated_rows_[b]);
    };
    const size_t count = std::min(order.size(), kMaxIncumbents);
    std::partial_sort(order.begin(), order.begin() + static_cast<long>(count), order.end(), better);
    std::vector<UnitPoint> incumbents;
    for (size_t i = 0; i < count; ++i) incumbents.push_back(trials_.unit(evaluated_rows_[order[i]]));
    return incumbents;
  }

  const SuggestRequest& request_;
  const EncodedTrials& trials_;
  const Flatten& flatten_;
  std::optional<GpState> state_;
  GpCache& cache_;
  std::optional<VisitedPoints> excluded_;    // not to be suggested
  std::vector<UnitPoint> pending_, chosen_;  // chosen_: by this call
  ModelledRows metric_rows_;
  std::vector<Index> evaluated_;        // of metric_rows_, those with goals
  std::vector<size_t> evaluated_rows_;  // of the trials, the same
  MatrixXd values_;                     // of the same: goals and slacks
  std::vector<bool> satisfied_;         // whether the same satisfy all constraints
  std::vector<const Factor*> factors_;  // by metric, of metric_rows_, and of what was chosen
  std::optional<Posterior> feasibility_;
  double least_feasible_ = 0;  // probability
};

// The request's trials, or its points encoded into `own`.
const EncodedTrials& TrialsOf(const SuggestRequest& request, std::unique_ptr<EncodedTrials>& own) {
  if (request.trials != nullptr) return *request.trials;
  own = Encode(request);
  return *own;
}

// Nullopt: nothing was learnt, or it was lost.
std::optional<GpState> StateOf(const SuggestRequest& request, const EncodedTrials& trials) {
  return ReadGpState(request.state, trials.flatten(), trials.objectives().size() + trials.constraints());
}

// Whether there are so few trials that each request fits them anew, so that there is nothing to learn besides.
bool IsFittedAtOnce(const EncodedTrials& trials) { return trials.evaluated() + trials.failed() < kFitAtOnce; }

GpLesson LessonOf(const EncodedTrials& trials, const std::optional<GpState>& state) {
  return MakeLesson(trials, state.has_value() ? &*state : nullptr);
}

}  // namespace

absl::StatusOr<SuggestResult> GpBandit::Suggest(const SuggestRequest& request) const {
  std::unique_ptr<EncodedTrials> own;
  const EncodedTrials& trials = TrialsOf(request, own);
  SuggestResult result{.state = std::string(request.state)};
  std::optional<GpState> state;
  if (CanLearn(trials)) {
    state = StateOf(request, trials);
    const bool few = IsFittedAtOnce(trials);
    if (!state.has_value() || (few && IsOutdated(*state, trials))) {
      const GpLesson lesson = LessonOf(trials, state);
      state = few ? photinus::Learn(lesson, request.cancelled) : LearnQuickly(lesson, request.cancelled);
      if (request.cancelled && request.cancelled()) return Cancelled();
      if (!state.has_value()) return NoFit();
      if (few) result.state = WriteGpState(*state);  // else nothing is kept that is worth less than what Learn gives
    }
  }
  std::unique_ptr<AlgorithmCache> none;
  std::unique_ptr<AlgorithmCache>& cache = request.cache != nullptr ? *request.cache : none;
  if (dynamic_cast<GpCache*>(cache.get()) == nullptr) cache = std::make_unique<GpCache>();
  Session session(request, trials, std::move(state), static_cast<GpCache&>(*cache));
  ASSIGN_OR_RETURN(result.suggestions, session.Run());
  return result;
}

SuggestionAlgorithm::Lesson GpBandit::Learn(const SuggestRequest& request) const {
  std::unique_ptr<EncodedTrials> own;
  const EncodedTrials& trials = TrialsOf(request, own);
  if (!CanLearn(trials) || IsFittedAtOnce(trials)) return nullptr;
  const std::optional<GpState> state = StateOf(request, trials);
  if (state.has_value() && !IsOutdated(*state, trials)) return nullptr;
  return [lesson = LessonOf(trials, state)](const std::function<bool()>& cancelled) -> absl::StatusOr<std::string> {
    const std::optional<GpState> learned = photinus::Learn(lesson, cancelled);
    if (cancelled && cancelled()) return absl::CancelledError("learning was cancelled");
    if (!learned.has_value()) return NoFit();
    return WriteGpState(*learned);
  };
}

}  // namespace photinus
