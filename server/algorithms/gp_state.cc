#include "server/algorithms/gp_state.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "photinus/v1/algorithm_state.pb.h"

namespace photinus {
namespace {

using Eigen::VectorXd;

constexpr int kVersion = 4;

void Write(const GpModel& model, v1::GpModelState& out) {
  const OutputWarp& warp = model.warp;
  out.set_warp(static_cast<int>(warp.kind));
  out.set_unit(warp.unit);
  out.set_centre(warp.centre);
  out.set_spread(warp.spread);
  out.set_worst(warp.worst);
  out.set_lambda(warp.lambda);
  out.set_warped_mean(warp.mean);
  out.set_warped_deviation(warp.deviation);
  for (const double l : model.parameters.lengthscales) out.add_lengthscales(l);
  out.set_signal_variance(model.parameters.signal_variance);
  out.set_noise_variance(model.parameters.noise_variance);
  out.set_trend(static_cast<int>(model.parameters.trend));
  out.set_trend_variance(model.parameters.trend_variance);
  for (const double a : model.parameters.input_warp.a) out.add_input_warp_a(a);
  for (const double b : model.parameters.input_warp.b) out.add_input_warp_b(b);
  out.set_mean(model.mean);
  out.set_score(model.score);
}

bool IsPositive(double value) { return value > 0 && std::isfinite(value); }

// What a warp of equal values says of their scale is not looked at.
bool IsValid(const OutputWarp& warp) {
  if (!IsPositive(warp.unit) || !std::isfinite(warp.centre)) return false;
  if (warp.spread == 0) return true;
  return IsPositive(warp.spread) && IsPositive(warp.deviation) && std::isfinite(warp.worst) &&
         std::isfinite(warp.lambda) && std::isfinite(warp.mean);
}

bool IsValid(const KernelParameters& parameters) {
  const bool has_trend = parameters.trend != TrendKind::kNone;
  return std::all_of(parameters.lengthscales.begin(), parameters.lengthscales.end(), &IsPositive) &&
         std::all_of(parameters.input_warp.a.begin(), parameters.input_warp.a.end(), &IsPositive) &&
         std::all_of(parameters.input_warp.b.begin(), parameters.input_warp.b.end(), &IsPositive) &&
         IsPositive(parameters.signal_variance) && IsPositive(parameters.noise_variance) &&
         (has_trend ? IsPositive(parameters.trend_variance) : parameters.trend_variance == 0);
}

std::optional<GpModel> Read(const v1::GpModelState& in, int groups) {
  if (in.warp() != static_cast<int>(WarpKind::kStandardise) && in.warp() != static_cast<int>(WarpKind::kYeoJohnson)) {
    return std::nullopt;
  }
  if (in.lengthscales_size() != groups) return std::nullopt;
  const int warped = in.input_warp_a_size();
  if ((warped != 0 && warped != groups) || in.input_warp_b_size() != warped) return std::nullopt;
  if (in.trend() < 0 || in.trend() > static_cast<int>(TrendKind::kEffects)) return std::nullopt;
  GpModel model;
  model.warp = {.kind = static_cast<WarpKind>(in.warp()),
                .unit = in.unit(),
                .centre = in.centre(),
                .spread = in.spread(),
                .worst = in.worst(),
                .lambda = in.lambda(),
                .mean = in.warped_mean(),
                .deviation = in.warped_deviation()};
  model.parameters = {.lengthscales = Eigen::Map<const VectorXd>(in.lengthscales().data(), groups),
                      .signal_variance = in.signal_variance(),
                      .noise_variance = in.noise_variance(),
                      .trend_variance = in.trend_variance(),
                      .trend = static_cast<TrendKind>(in.trend()),
                      .input_warp = {.a = Eigen::Map<const VectorXd>(in.input_warp_a().data(), warped),
                                     .b = Eigen::Map<const VectorXd>(in.input_warp_b().data(), warped)}};
  model.mean = in.mean();
  model.score = in.score();
  const bool valid =
      IsValid(model.warp) && IsValid(model.parameters) && std::isfinite(model.mean) && std::isfinite(model.score);
  return valid ? std::optional(model) : std::nullopt;
}

std::optional<GpMetric> Read(const v1::GpMetricState& in, int groups) {
  if (in.models().empty() || !std::isfinite(in.best())) return std::nullopt;
  GpMetric metric{.models = {}, .best = in.best()};
  for (const v1::GpModelState& model : in.models()) {
    auto read = Read(model, groups);
    if (!read.has_value()) return std::nullopt;
    metric.models.push_back(*std::move(read));
  }
  return metric;
}

// Whether they are ids in ascending order, up to `last`.
bool AreIds(const std::vector<int64_t>& ids, int64_t last) {
  const bool ascending = std::adjacent_find(ids.begin(), ids.end(), std::greater_equal<>()) == ids.end();
  return ids.empty() || (ascending && ids.front() > 0 && ids.back() <= last);
}

bool IsValid(const GpState& state) {
  return state.base_trials.size() <= kMaxBaseTrials && state.feasibility_trials.size() <= kMaxFeasibilityTrials &&
         AreIds(state.base_trials, state.last_trial) && AreIds(state.feasibility_trials, state.last_trial) &&
         AreIds(state.waiting, state.last_trial) && state.evaluated >= 0 && state.failed >= 0 && state.fits > 0;
}

}  // namespace

std::string WriteGpState(const GpState& state) {
  v1::GpState out;
  out.set_version(kVersion);
  for (const GpMetric& metric : state.metrics) {
    v1::GpMetricState& written = *out.add_metrics();
    for (const GpModel& model : metric.models) Write(model, *written.add_models());
    written.set_best(metric.best);
  }
  if (state.feasibility.has_value()) Write(*state.feasibility, *out.mutable_feasibility());
  out.mutable_base_trials()->Assign(state.base_trials.begin(), state.base_trials.end());
  out.mutable_feasibility_trials()->Assign(state.feasibility_trials.begin(), state.feasibility_trials.end());
  out.set_last_trial(state.last_trial);
  out.mutable_waiting()->Assign(state.waiting.begin(), state.waiting.end());
  out.set_evaluated(state.evaluated);
  out.set_failed(state.failed);
  out.set_fits(state.fits);
  return out.SerializeAsString();
}

std::optional<GpState> ReadGpState(std::string_view blob, const Flatten& flatten, size_t metrics) {
  v1::GpState in;
  if (blob.empty() || !in.ParseFromArray(blob.data(), static_cast<int>(blob.size()))) return std::nullopt;
  if (in.version() != kVersion || in.metrics_size() != static_cast<int>(metrics)) return std::nullopt;
  const int groups = static_cast<int>(flatten.groups().size());
  GpState state;
  for (const v1::GpMetricState& metric : in.metrics()) {
    auto read = Read(metric, groups);
    if (!read.has_value()) return std::nullopt;
    state.metrics.push_back(*std::move(read));
  }
  if (in.has_feasibility()) {
    state.feasibility = Read(in.feasibility(), groups);
    if (!state.feasibility.has_value()) return std::nullopt;
  }
  state.base_trials.assign(in.base_trials().begin(), in.base_trials().end());
  state.feasibility_trials.assign(in.feasibility_trials().begin(), in.feasibility_trials().end());
  state.last_trial = in.last_trial();
  state.waiting.assign(in.waiting().begin(), in.waiting().end());
  state.evaluated = in.evaluated();
  state.failed = in.failed();
  state.fits = in.fits();
  return IsValid(state) ? std::optional(std::move(state)) : std::nullopt;
}

}  // namespace photinus
