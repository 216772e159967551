#include "server/algorithms/gp_state.h"

#include <algorithm>
#include <cmath>
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
  out.set_mean(model.mean);
  out.set_score(model.score);
}

std::optional<GpModel> Read(const v1::GpModelState& in, int groups) {
  if (in.warp() != static_cast<int>(WarpKind::kStandardise) && in.warp() != static_cast<int>(WarpKind::kYeoJohnson)) {
    return std::nullopt;
  }
  if (in.lengthscales_size() != groups) return std::nullopt;
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
                      .trend = static_cast<TrendKind>(in.trend())};
  const KernelParameters& p = model.parameters;
  if (!(p.lengthscales.array() > 0).all() || !(p.signal_variance > 0) || !(p.noise_variance > 0)) return std::nullopt;
  if ((p.trend_variance > 0) != (p.trend != TrendKind::kNone) || !std::isfinite(in.mean())) return std::nullopt;
  model.mean = in.mean();
  model.score = in.score();
  return model;
}

std::optional<GpMetric> Read(const v1::GpMetricState& in, int groups) {
  if (in.models().empty()) return std::nullopt;
  GpMetric metric{.models = {}, .best = in.best()};
  for (const v1::GpModelState& model : in.models()) {
    auto read = Read(model, groups);
    if (!read.has_value()) return std::nullopt;
    metric.models.push_back(*std::move(read));
  }
  return metric;
}

template <typename Field>
std::vector<int64_t> Ids(const Field& field) {
  std::vector<int64_t> ids(field.begin(), field.end());
  std::sort(ids.begin(), ids.end());
  return ids;
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
  state.base_trials = Ids(in.base_trials());
  state.feasibility_trials = Ids(in.feasibility_trials());
  state.last_trial = in.last_trial();
  state.waiting = Ids(in.waiting());
  state.evaluated = in.evaluated();
  state.failed = in.failed();
  state.fits = in.fits();
  return state;
}

}  // namespace photinus
