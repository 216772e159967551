#include "server/algorithms/gp/model.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/algorithms/gp/fit.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

constexpr Index kRowsToChoose = 128;    // of a history, for fits of every kind from several starts
constexpr Index kRowsToRefine = 320;    // for the last fit of the chosen kind
constexpr int kRefinements = 15;        // likelihoods of that fit, and of that of an input warp, per start
constexpr Index kLeastRowsToWarp = 30;  // values, from which an input warp is tried

struct ModelKind {
  WarpKind warp;
  TrendKind trend;
  double handicap = 0;  // taken off its score: of kinds that explain about as much the more general one extrapolates
};

// A power transform tames badly scaled objectives, but bends a parabola, which a trend learns exactly. Effects learn
// spaces of many categories.
constexpr ModelKind kKinds[] = {{WarpKind::kYeoJohnson, TrendKind::kNone},
                                {WarpKind::kStandardise, TrendKind::kQuadratic},
                                {WarpKind::kYeoJohnson, TrendKind::kEffects, 0.05}};

// Mean log density of each left-out value in the objective's own units, over the better half.
double LeaveOneOutScore(const GpFit& fit, const VectorXd& warped, const VectorXd& log_jacobian,
                        const VectorXd& values) {
  std::vector<double> sorted(values.begin(), values.end());
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<long>(sorted.size() / 2), sorted.end());
  const double median = sorted[sorted.size() / 2];
  double sum = 0;
  int count = 0;
  for (Index i = 0; i < values.size(); ++i) {
    if (values[i] < median) continue;
    const double variance = std::max(fit.left_out_variance[i], 1e-12);
    const double residual = warped[i] - fit.left_out_mean[i];
    sum += -0.5 * std::log(2 * M_PI * variance) - 0.5 * residual * residual / variance + log_jacobian[i];
    ++count;
  }
  return sum / count;
}

bool IsOfKind(const GpModel& model, const ModelKind& kind) {
  return model.warp.kind == kind.warp && model.parameters.trend == kind.trend;
}

// Where the model of this kind stood before, with an input warp or without one.
std::vector<KernelParameters> StartsOf(const ModelEffort& effort, const ModelKind& kind, bool warps_inputs) {
  std::vector<KernelParameters> starts;
  if (effort.before == nullptr) return starts;
  for (const GpModel& model : *effort.before) {
    if (IsOfKind(model, kind) && model.parameters.input_warp.is_identity() != warps_inputs) {
      starts.push_back(model.parameters);
    }
  }
  return starts;
}

FitEffort EffortFor(const ModelKind& kind, const ModelEffort& effort) {
  FitEffort result{.starts = StartsOf(effort, kind, /*warps_inputs=*/false)};
  result.fixed_starts = effort.before == nullptr || effort.fixed_starts || result.starts.empty();
  return result;
}

// What a kind's model with warped inputs has to explain more than without, per value: what its own parameters would of
// mere noise [Akaike 1974].
double HandicapOfWarp(const FeatureGroups& groups, Index values) {
  const auto warped = 2 * std::count_if(groups.begin(), groups.end(), &IsWarped);
  return static_cast<double>(warped) / static_cast<double>(values);
}

// The model with an input warp, from where it stands and where the one of before stood. nullopt if none could be
// fitted.
std::optional<GpModel> WithInputWarp(const Eigen::MatrixXd& features, const FeatureGroups& groups,
                                     const VectorXd& values, const GpModel& model, const ModelEffort& effort,
                                     const std::function<bool()>& cancelled) {
  const ModelKind& kind =
      *std::find_if(std::begin(kKinds), std::end(kKinds), [&](const ModelKind& kind) { return IsOfKind(model, kind); });
  FitEffort fit_effort{.starts = StartsOf(effort, kind, /*warps_inputs=*/true),
                       .fixed_starts = false,
                       .warp_inputs = true,
                       .evaluations = kRefinements};
  if (effort.fixed_starts || fit_effort.starts.empty()) fit_effort.starts.push_back(model.parameters);
  const VectorXd warped = model.warp.Apply(values);
  const auto fit = FitGp(features, groups, warped, kind.trend, fit_effort, cancelled);
  if (!fit.has_value()) return std::nullopt;
  const double score = LeaveOneOutScore(*fit, warped, model.warp.LogJacobian(values), values) - kind.handicap -
                       HandicapOfWarp(groups, values.size());
  return GpModel{model.warp, fit->parameters, fit->mean, score};
}

// Fits the model to more rows, from where it stands.
void Refine(const Eigen::MatrixXd& features, const FeatureGroups& groups, const VectorXd& values,
            const std::function<bool()>& cancelled, GpModel& model) {
  const std::vector<Index> rows = RepresentativeRows(values, kRowsToRefine);
  const FitEffort effort{.starts = {model.parameters},
                         .fixed_starts = false,
                         .warp_inputs = !model.parameters.input_warp.is_identity(),
                         .evaluations = kRefinements};
  const auto fit = FitGp(features(rows, Eigen::all), groups, model.warp.Apply(values(rows)), model.parameters.trend,
                         effort, cancelled);
  if (!fit.has_value()) return;
  model.parameters = fit->parameters;
  model.mean = fit->mean;
}

}  // namespace

std::string GpModel::Name() const {
  const char* const trend = parameters.trend == TrendKind::kNone        ? ""
                            : parameters.trend == TrendKind::kQuadratic ? " with quadratic trend"
                                                                        : " with effects of each parameter";
  return absl::StrCat("Matern-5/2", trend, warp.kind == WarpKind::kYeoJohnson ? " on power-transformed values" : "",
                      parameters.input_warp.is_identity() ? "" : " of warped parameters");
}

std::vector<Index> RepresentativeRows(const VectorXd& values, Index limit) {
  std::vector<Index> rows(static_cast<size_t>(values.size()));
  std::iota(rows.begin(), rows.end(), 0);
  if (values.size() <= limit) return rows;
  std::stable_sort(rows.begin(), rows.end(), [&](Index a, Index b) { return values[a] > values[b]; });
  const Index best = limit / 2, others = limit - best;
  std::vector<Index> kept(rows.begin(), rows.begin() + best);
  std::sort(rows.begin() + best, rows.end());  // by age
  const double rest = static_cast<double>(values.size() - best);
  for (Index i = 0; i < others; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(others);
    kept.push_back(rows[static_cast<size_t>(best) + static_cast<size_t>(share * rest)]);
  }
  std::sort(kept.begin(), kept.end());
  return kept;
}

std::optional<GpModels> ChooseGpModel(const Eigen::MatrixXd& features, const FeatureGroups& groups,
                                      const VectorXd& values, const ModelEffort& effort,
                                      const std::function<bool()>& cancelled) {
  const std::vector<Index> few = RepresentativeRows(values, kRowsToChoose);
  const Eigen::MatrixXd few_features = features(few, Eigen::all);
  const VectorXd few_values = values(few);
  GpModels models;
  for (const ModelKind& kind : kKinds) {
    const OutputWarp warp = FitWarp(kind.warp, values, effort.threshold);
    const VectorXd warped = warp.Apply(few_values);
    const auto fit = FitGp(few_features, groups, warped, kind.trend, EffortFor(kind, effort), cancelled);
    if (cancelled && cancelled()) return std::nullopt;
    if (!fit.has_value()) continue;
    const double score = LeaveOneOutScore(*fit, warped, warp.LogJacobian(few_values), few_values) - kind.handicap;
    models.push_back({warp, fit->parameters, fit->mean, score});
  }
  if (models.empty()) return std::nullopt;
  const auto is_better = [](const GpModel& a, const GpModel& b) { return a.score > b.score; };
  std::stable_sort(models.begin(), models.end(), is_better);
  if (effort.warp_inputs && values.size() >= kLeastRowsToWarp && std::any_of(groups.begin(), groups.end(), &IsWarped)) {
    auto warped = WithInputWarp(few_features, groups, few_values, models.front(), effort, cancelled);
    if (cancelled && cancelled()) return std::nullopt;
    if (warped.has_value()) models.push_back(*std::move(warped));
    std::stable_sort(models.begin(), models.end(), is_better);
  }
  if (static_cast<size_t>(values.size()) > few.size()) Refine(features, groups, values, cancelled, models.front());
  if (cancelled && cancelled()) return std::nullopt;
  return models;
}

}  // namespace photinus
