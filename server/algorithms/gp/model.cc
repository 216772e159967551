#include "server/algorithms/gp/model.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "server/algorithms/gp/fit.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

constexpr Index kRowsToChoose = 128;  // of a history, for fits of every kind from several starts
constexpr Index kRowsToRefine = 320;  // for the last fit of the chosen kind
constexpr int kRefinements = 15;      // likelihoods of that fit

struct ModelKind {
  WarpKind warp;
  bool trend;
};

// A power transform tames badly scaled objectives, but bends a parabola, which a trend learns exactly. Measured
// alternatives that add nothing to these two: half-rank warping, trends on warped values (tests/benchmarks).
constexpr ModelKind kKinds[] = {{WarpKind::kYeoJohnson, false}, {WarpKind::kStandardise, true}};

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

}  // namespace

std::string GpModel::Name() const {
  return warp == WarpKind::kYeoJohnson ? "Matern-5/2 on power-transformed values" : "Matern-5/2 with quadratic trend";
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

std::optional<GpModel> ChooseGpModel(const Eigen::MatrixXd& features, const FeatureGroups& groups,
                                     const VectorXd& values, const std::function<bool()>& cancelled) {
  const std::vector<Index> few = RepresentativeRows(values, kRowsToChoose);
  const Eigen::MatrixXd few_features = features(few, Eigen::all);
  std::optional<GpModel> best;
  for (const ModelKind& kind : kKinds) {
    WarpedValues warped = Warp(kind.warp, values);
    const auto fit = FitGp(few_features, groups, warped.values(few), kind.trend, {}, cancelled);
    if (cancelled && cancelled()) return std::nullopt;
    if (!fit.has_value()) continue;
    const double score = LeaveOneOutScore(*fit, warped.values(few), warped.log_jacobian(few), values(few));
    if (best.has_value() && score <= best->score) continue;
    best = GpModel{kind.warp, std::move(warped.values), fit->parameters, fit->mean, score};
  }
  if (!best.has_value() || static_cast<size_t>(values.size()) == few.size()) return best;
  const std::vector<Index> more = RepresentativeRows(values, kRowsToRefine);
  const auto refined =
      FitGp(features(more, Eigen::all), groups, best->values(more), best->parameters.trend_variance > 0,
            {.start = best->parameters, .evaluations = kRefinements}, cancelled);
  if (cancelled && cancelled()) return std::nullopt;
  if (refined.has_value()) {
    best->parameters = refined->parameters;
    best->mean = refined->mean;
  }
  return best;
}

}  // namespace photinus
