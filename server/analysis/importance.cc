#include "server/analysis/importance.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "server/algorithms/gp/factor.h"
#include "server/algorithms/gp/fit.h"
#include "server/algorithms/gp/output_warp.h"
#include "server/algorithms/gp/posterior.h"
#include "server/analysis/model_rows.h"
#include "server/analysis/sobol_indices.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr Index kFitRows = 256;    // for the hyper-parameters
constexpr Index kScaleRows = 128;  // for what counts as far
constexpr int kBins = 8;
constexpr double kSignificant = 26;  // of chi-squared with 8 degrees of freedom, one in a thousand
constexpr double kShortLengthscale = 0.5, kLongLengthscale = 2, kStartNoise = 0.05;
constexpr double kFarthest = 3;  // robust standard deviations from the median
constexpr int kMaxPoints = 1024, kMinPoints = 64;
constexpr int kPredictions = 1 << 15;  // about, in all

// Mean 0 and variance 1, without what lies far outside of `usual`.
VectorXd Standardised(const VectorXd& values, const VectorXd& usual) {
  std::vector<double> sorted(usual.begin(), usual.end());
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

// How far values, of mean 0 and variance 1, differ between bins of a feature; by chance it is chi-squared with kBins
// degrees of freedom, about.
double DifferenceOfBins(const VectorXd& feature, const VectorXd& values) {
  Eigen::Array<double, kBins, 1> sum = Eigen::Array<double, kBins, 1>::Zero(), count = sum;
  for (Index i = 0; i < feature.size(); ++i) {
    const Index bin = std::clamp<Index>(static_cast<Index>(feature[i] * kBins), 0, kBins - 1);
    sum[bin] += values[i];
    count[bin] += 1;
  }
  return (sum.square() / count.max(1)).sum();
}

// Lengthscales that are short only where a feature tells values, or how much they scatter, apart: where a fit in many
// dimensions had better begin. The scatter is what a parameter changes that matters only together with others.
KernelParameters ScreenedStart(const FeatureGroups& groups, const MatrixXd& features, const VectorXd& values) {
  const VectorXd squares = values.array().square();
  const VectorXd scatter = FitWarp(WarpKind::kStandardise, squares).Apply(squares);
  KernelParameters start{.lengthscales = VectorXd::Constant(static_cast<Index>(groups.size()), kLongLengthscale),
                         .noise_variance = kStartNoise};
  for (size_t g = 0; g < groups.size(); ++g) {
    double difference = 0;
    for (Index column = groups[g].first; column < groups[g].first + groups[g].size; ++column) {
      const VectorXd feature = features.col(column);
      difference = std::max({difference, DifferenceOfBins(feature, values), DifferenceOfBins(feature, scatter)});
    }
    if (difference > kSignificant) start.lengthscales[static_cast<Index>(g)] = kShortLengthscale;
  }
  return start;
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
  const ModelRows rows = ChooseModelRows(all_features, kModelRows);
  const std::vector<Index> usual(rows.spread.begin(),
                                 rows.spread.begin() + std::min<long>(kScaleRows, rows.spread.size()));
  const VectorXd all_warped = Standardised(values, values(usual)), warped = all_warped(rows.all);
  const MatrixXd features = all_features(rows.all, Eigen::all);
  const Index fitted = std::min(kFitRows, features.rows());
  const FitEffort effort{.starts = {ScreenedStart(flatten.groups(), all_features, all_warped)}};
  const std::optional<GpFit> fit = FitGp(features.topRows(fitted), flatten.groups(), warped.head(fitted),
                                         TrendKind::kNone, effort, cancelled);
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
