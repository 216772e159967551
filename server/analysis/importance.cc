#include "server/analysis/importance.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "server/algorithms/gp/factor.h"
#include "server/algorithms/gp/fit.h"
#include "server/algorithms/gp/output_warp.h"
#include "server/algorithms/gp/posterior.h"
#include "server/analysis/sobol_indices.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr Index kFitRows = 256;        // for the hyper-parameters
constexpr Index kScaleRows = 128;      // for what counts as far
constexpr Index kCandidates = 20'000;  // trials, evenly spaced, among which the model's are chosen
constexpr double kFarthest = 3;        // robust standard deviations from the median
constexpr int kMaxPoints = 1024, kMinPoints = 64;
constexpr int kPredictions = 1 << 15;  // about, in all

// Of the values of rows that fill the space: mean 0 and variance 1, without far outliers. What is far follows from the
// first rows: of all, most may be alike, because a search has settled.
VectorXd Standardised(const VectorXd& values) {
  const Index n = std::min(kScaleRows, values.size());
  std::vector<double> sorted(values.begin(), values.begin() + n);
  std::sort(sorted.begin(), sorted.end());
  const auto quartile = [&](size_t number) { return sorted[number * (sorted.size() - 1) / 4]; };
  const double median = quartile(2), far = kFarthest * (quartile(3) - quartile(1)) / 1.349;
  const bool clip = far > 0 && std::isfinite(far);
  const VectorXd near = clip ? values.cwiseMax(median - far).cwiseMin(median + far).eval() : values;
  return FitWarp(WarpKind::kStandardise, near).Apply(near);
}

MatrixXd FeaturesOf(const Flatten& flatten, const std::vector<UnitPoint>& units) {
  MatrixXd features(static_cast<Index>(units.size()), flatten.feature_dimension());
  VectorXd row(flatten.feature_dimension());
  for (size_t i = 0; i < units.size(); ++i) {
    flatten.ToFeatures(units[i], row.data());
    features.row(static_cast<Index>(i)) = row;
  }
  return features;
}

// Up to `count` rows, each as far from those before it as can be [Gonzalez 1985]: any first few of them fill the space
// evenly, wherever a search has put most of its trials.
std::vector<Index> SpreadRows(const MatrixXd& features, Index count) {
  const Index n = features.rows(), candidates = std::min(n, kCandidates);
  std::vector<Index> places(static_cast<size_t>(candidates));
  for (Index i = 0; i < candidates; ++i) places[static_cast<size_t>(i)] = i * n / candidates;
  const MatrixXd points = features(places, Eigen::all);
  std::vector<Index> rows;
  VectorXd distance = VectorXd::Constant(candidates, INFINITY);
  Index next = 0;
  while (static_cast<Index>(rows.size()) < std::min(count, candidates)) {
    rows.push_back(places[static_cast<size_t>(next)]);
    distance = distance.cwiseMin((points.rowwise() - points.row(next)).rowwise().squaredNorm());
    distance[next] = -1;  // repeats of a point are taken last, once each
    distance.maxCoeff(&next);
  }
  return rows;
}

// Share of the variance of the factor's rows that is predicted where each is left out [Rasmussen & Williams 2006,
// eq. 5.12].
double Explained(const Factor& factor, const VectorXd& values, double mean) {
  const VectorXd centred = values.array() - mean;
  const VectorXd residuals = factor.Solve(centred).cwiseQuotient(factor.PrecisionDiagonal());
  const double variance = (values.array() - values.mean()).square().sum();
  return variance > 0 ? std::max(0.0, 1 - residuals.squaredNorm() / variance) : 0;
}

// A power of two.
int PointsFor(int dimension) {
  int points = kMinPoints;
  while (2 * points <= kMaxPoints && 2 * points * (dimension + 2) <= kPredictions) points *= 2;
  return points;
}

}  // namespace

std::optional<Importance> MeasureImportance(const Flatten& flatten, const std::vector<UnitPoint>& units,
                                            const VectorXd& values, const std::function<bool()>& cancelled) {
  const MatrixXd all_features = FeaturesOf(flatten, units);
  const std::vector<Index> rows = SpreadRows(all_features, kModelRows);
  const MatrixXd features = all_features(rows, Eigen::all);
  const VectorXd warped = Standardised(values(rows));
  const Index fitted = std::min(kFitRows, features.rows());
  const std::optional<GpFit> fit = FitGp(features.topRows(fitted), flatten.groups(), warped.head(fitted),
                                         /*trend=*/false, FitEffort(), cancelled);
  if (!fit.has_value()) return std::nullopt;
  const std::optional<Factor> factor = Factor::Make(features, flatten.groups(), fit->parameters);
  if (!factor.has_value()) return std::nullopt;
  const Posterior posterior(*factor, warped, fit->mean);
  const CubeFunction mean = [&](std::vector<UnitPoint> points) {
    for (UnitPoint& point : points) flatten.Snap(point);
    return posterior.Mean(FeaturesOf(flatten, points));
  };
  const int dimension = flatten.dimension();
  const std::optional<SobolIndices> indices = EstimateSobolIndices(dimension, PointsFor(dimension), mean, cancelled);
  if (!indices.has_value()) return std::nullopt;
  Importance importance{.explained = Explained(*factor, warped, fit->mean), .effects = {}};
  for (int i = 0; i < dimension; ++i) {
    const auto k = static_cast<size_t>(i);
    importance.effects.push_back({i, indices->main[k], indices->total[k]});
  }
  std::stable_sort(importance.effects.begin(), importance.effects.end(),
                   [](const ParameterEffect& a, const ParameterEffect& b) { return a.total > b.total; });
  return importance;
}

}  // namespace photinus
