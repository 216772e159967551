#include "server/algorithms/gp_posteriors.h"

#include <algorithm>

#include "absl/memory/memory.h"
#include "server/algorithms/acquisition/acquisition.h"
#include "server/algorithms/gp/feature_rows.h"
#include "server/algorithms/gp_training.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::VectorXd;
using Status = EncodedTrials::Status;

constexpr size_t kMaxNewer = 200;       // trials since the last fit that are in a model, the latest
constexpr size_t kMaxPending = 200;     // pending ones, the latest
constexpr double kFarAway = 1e3;        // standard deviations
constexpr double kLeastFeasible = 0.6;  // probability; less where failures are random

// Trials that are in a model: those of the base that are as they were, and the latest newer ones.
struct ModelledTrials {
  GpRows gp;
  std::vector<size_t> rows;  // of the trials, in the same order
};

ModelledTrials ModelledOf(const EncodedTrials& trials, const GpState& state, const std::vector<int64_t>& base,
                          Status wanted, Status also_wanted) {
  const auto is_wanted = [&](size_t row) { return trials.status(row) == wanted || trials.status(row) == also_wanted; };
  ModelledTrials modelled;
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

std::optional<GpFeasibility> FeasibilityOf(const EncodedTrials& trials, const GpState& state, GpCache& cache) {
  if (!state.feasibility.has_value()) return std::nullopt;
  const ModelledTrials modelled =
      ModelledOf(trials, state, state.feasibility_trials, Status::kEvaluated, Status::kFailed);
  if (modelled.rows.empty()) return std::nullopt;
  const GpModel& model = *state.feasibility;
  const Factor* factor = cache.feasibility.At(modelled.gp, trials.flatten().groups(), model.parameters);
  if (factor == nullptr) return std::nullopt;
  const VectorXd labels = LabelsOf(trials, modelled.rows);
  GpFeasibility feasibility{Posterior(*factor, labels, model.mean)};
  const VectorXd probability = FeasibleAcquisition::ProbabilityAtRows(feasibility.posterior);
  double surest = 0;
  for (Index i = 0; i < labels.size(); ++i) {
    if (labels[i] > 0) surest = std::max(surest, probability[i]);
  }
  feasibility.least = std::min(kLeastFeasible, surest);
  return feasibility;
}

}  // namespace

size_t GpCache::bytes() const {
  size_t bytes = sizeof *this + feasibility.bytes();
  for (const GpFactor& factor : metrics) bytes += factor.bytes();
  return bytes;
}

GpPosteriors::GpPosteriors(const EncodedTrials& trials, const GpState& state, GpCache& cache)
    : trials_(trials), state_(state), cache_(cache), feasibility_(FeasibilityOf(trials, state, cache)) {}

absl::StatusOr<std::unique_ptr<GpPosteriors>> GpPosteriors::Make(const EncodedTrials& trials, const GpState& state,
                                                                 GpCache& cache) {
  auto made = absl::WrapUnique(new GpPosteriors(trials, state, cache));
  const ModelledTrials modelled = ModelledOf(trials, state, state.base_trials, Status::kEvaluated, Status::kPending);
  for (size_t i = 0; i < modelled.rows.size(); ++i) {
    const size_t row = modelled.rows[i];
    if (trials.status(row) == Status::kPending) {
      made->pending_.push_back(trials.unit(row));
    } else {
      made->trial_rows_.push_back(row);
      made->posterior_rows_.push_back(static_cast<Index>(i));
    }
  }
  if (made->trial_rows_.empty()) return nullptr;
  made->values_ = GoalsAndSlacksOf(trials, made->trial_rows_);
  made->satisfied_ = SatisfiedOf(trials, made->trial_rows_);
  cache.metrics.resize(made->metrics());
  for (size_t k = 0; k < made->metrics(); ++k) {
    const Factor* factor = cache.metrics[k].At(modelled.gp, trials.flatten().groups(), made->model(k).parameters);
    if (factor == nullptr) return absl::InternalError("the GP's covariance could not be factored");
    made->factors_.push_back(factor);
  }
  return made;
}

void GpPosteriors::AddPending(int64_t trial_id, const UnitPoint& unit) {
  const VectorXd features = FeaturesOf(trials_.flatten(), unit);
  for (size_t k = 0; k < metrics(); ++k) factors_[k] = cache_.metrics[k].Append(trial_id, features);
  pending_.push_back(unit);
}

std::vector<Posterior> GpPosteriors::ByMetric() const {
  std::vector<Posterior> posteriors;
  for (size_t k = 0; k < metrics(); ++k) posteriors.emplace_back(*factors_[k], WithPending(k), model(k).mean);
  return posteriors;
}

// The warped values of the factor's rows.
VectorXd GpPosteriors::WithPending(size_t metric) const {
  const Factor& factor = *factors_[metric];
  const GpModel& model = this->model(metric);
  VectorXd values = VectorXd::Zero(factor.size());
  Eigen::Array<bool, Eigen::Dynamic, 1> known = Eigen::Array<bool, Eigen::Dynamic, 1>::Zero(factor.size());
  const VectorXd warped = model.warp.Apply(values_.col(static_cast<Index>(metric)));
  for (size_t i = 0; i < posterior_rows_.size(); ++i) {
    values[posterior_rows_[i]] = warped[static_cast<Index>(i)] - model.mean;
    known[posterior_rows_[i]] = true;
  }
  return factor.Complete(values, known).array() + model.mean;
}

double GpPosteriors::ThresholdOf(size_t metric) const {
  const OutputWarp& warp = model(metric).warp;
  if (warp.spread == 0) return warp.centre >= 0 ? -kFarAway : kFarAway;  // all are the same
  return warp.Apply(VectorXd::Zero(1))[0];
}

}  // namespace photinus
