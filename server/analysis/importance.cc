#include "server/analysis/importance.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "server/algorithms/gp/factor.h"
#include "server/algorithms/gp/feature_rows.h"
#include "server/algorithms/gp/fit.h"
#include "server/algorithms/gp/outliers.h"
#include "server/algorithms/gp/posterior.h"
#include "server/analysis/model_rows.h"
#include "server/analysis/sobol_indices.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr Index kFitRows = 256;    // for the hyper-parameters
constexpr size_t kUsualRows = 32;  // all over the space, for what is usual
constexpr double kRounding = 1e-14;
constexpr int kBins = 8;
constexpr double kSignificant = 26;  // of chi-squared with 8 degrees of freedom, one in a thousand
constexpr double kShortLengthscale = 0.5, kLongLengthscale = 2, kStartNoise = 0.05;
constexpr int kMaxPoints = 1024, kMinPoints = 64;
constexpr int kPredictions = 1 << 15;  // about, in all

// Mean 0 and variance 1; 0 where all are equal. No sum of huge values overflows.
VectorXd Standardised(const VectorXd& values) {
  const double unit = values.cwiseAbs().maxCoeff();
  if (!(unit > 0)) return VectorXd::Zero(values.size());
  const VectorXd centred = (values / unit).array() - (values / unit).mean();
  const double deviation = std::sqrt(centred.squaredNorm() / static_cast<double>(values.size()));
  return deviation > kRounding ? (centred / deviation).eval() : VectorXd::Zero(values.size());
}

// Outliers among the rows of `sample` count as the worst of the others, and so does what is as bad. Of all rows most
// are about as good as the best one where a search has converged, and whatever tells of the rest of the space is far
// off.
VectorXd WithoutOutliers(const VectorXd& values, const std::vector<Index>& sample) {
  const VectorXd usual = values(sample);
  std::vector<double> sorted(usual.begin(), usual.end());
  std::sort(sorted.begin(), sorted.end());
  const double bound = OutlierBound(sorted);
  if (bound == sorted.back()) return values;  // nearly all are equal, so that nothing but the others tells of anything
  double worst = sorted.back();
  for (const double value : values) {
    if (value >= bound) worst = std::min(worst, value);
  }
  return values.cwiseMax(worst);
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
  const VectorXd scatter = Standardised(squares);
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
  const MatrixXd all_features = FeatureRows(flatten, units);
  const ModelRows rows = ChooseModelRows(all_features, kModelRows);
  const auto usual_end = rows.spread.begin() + static_cast<long>(std::min(kUsualRows, rows.spread.size()));
  const VectorXd usual = WithoutOutliers(values, {rows.spread.begin(), usual_end});
  const VectorXd all_standardised = Standardised(usual), standardised = all_standardised(rows.all);
  const MatrixXd features = all_features(rows.all, Eigen::all);
  const Index fitted = std::min(kFitRows, features.rows());
  const FitEffort effort{.starts = {ScreenedStart(flatten.groups(), all_features, all_standardised)}};
  const std::optional<GpFit> fit =
      FitGp(features.topRows(fitted), flatten.groups(), standardised.head(fitted), TrendKind::kNone, effort, cancelled);
  if (!fit.has_value()) return std::nullopt;
  const std::optional<Factor> factor = Factor::Make(features, flatten.groups(), fit->parameters);
  if (!factor.has_value()) return std::nullopt;
  const Posterior posterior(*factor, standardised, fit->mean);
  const CubeFunction mean = [&](std::vector<UnitPoint> points) {
    for (UnitPoint& point : points) flatten.Snap(point);
    return posterior.Mean(FeatureRows(flatten, points));
  };
  const int dimension = flatten.dimension();
  const std::optional<SobolIndices> indices = EstimateSobolIndices(dimension, PointsFor(dimension), mean, cancelled);
  if (!indices.has_value()) return std::nullopt;
  Importance importance{.explained = Explained(*factor, standardised, fit->mean), .effects = {}};
  for (int i = 0; i < dimension; ++i) {
    const auto k = static_cast<size_t>(i);
    importance.effects.push_back({i, indices->main[k], indices->total[k]});
  }
  std::stable_sort(importance.effects.begin(), importance.effects.end(),
                   [](const ParameterEffect& a, const ParameterEffect& b) { return a.total > b.total; });
  return importance;
}

}  // namespace photinus
