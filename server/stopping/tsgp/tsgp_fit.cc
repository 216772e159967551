#include "server/stopping/tsgp/tsgp_fit.h"

#include <algorithm>
#include <cmath>

namespace photinus {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::VectorXd;

double GoalLink::DeviationOf(double mean, double stddev) const {
  const double squares = (mean - centre) * (mean - centre) + stddev * stddev;
  return std::sqrt(slope * slope * stddev * stddev + slope_variance * squares + variance);
}

VectorXd TsgpFit::FeaturesOf(const LearningCurve& trial) const {
  if (static_cast<Index>(trial.features.size()) != features) {
    return VectorXd::Constant(features, 0.5);
  }
  return Eigen::Map<const VectorXd>(trial.features.data(), features);
}

CurveData TsgpFit::DataOf(const LearningCurve& trial, size_t points, Index buckets) const {
  const std::vector<CurvePoint> clean = CleanPoints(trial, points);
  ArrayXd times(static_cast<Index>(clean.size())), values(times.size());
  for (Index i = 0; i < times.size(); ++i) {
    times[i] = clean[static_cast<size_t>(i)].step / horizon;
    values[i] = std::max(scale.Apply(clean[static_cast<size_t>(i)].value), -reach);
  }
  return IntoBuckets(times, values, buckets, kLatest);
}

double TsgpFit::ExpectedEndOf(const LearningCurve& trial) const {
  return ExpectedEnd(FromTheta(map.ThetaAt(FeaturesOf(trial)), map.shared));
}

std::optional<CurvePosterior> TsgpFit::PosteriorOf(const LearningCurve& trial, size_t points,
                                                   const ParameterMap& by) const {
  return CurvePosterior::Make(DataOf(trial, points, kBuckets), FromTheta(by.ThetaAt(FeaturesOf(trial)), by.shared),
                              std::exp(2 * by.shared.log_sigma));
}

Gaussian TsgpFit::ResidualWithout(const LearningCurve& trial) const {
  const auto row = std::lower_bound(row_trials.begin(), row_trials.end(), trial.trial_id);
  const bool known = row != row_trials.end() && *row == trial.trial_id;
  return known ? ends->WithoutOwn(row - row_trials.begin()) : ResidualOf(trial);
}

std::vector<TsgpFit::Final> TsgpFit::FinalsOf(const LearningCurve& trial, size_t points, const Gaussian& residual,
                                              Index prefixes) const {
  const auto posterior = PosteriorOf(trial, points);
  if (!posterior.has_value()) return {};
  const Gaussian end{ExpectedEndOf(trial) + residual.mean, residual.variance};
  const auto bold = posterior->PredictWithout(end, prefixes, calibration.bold.discrepancies);
  const auto right = posterior->PredictWithout(end, prefixes, calibration.right.discrepancies);
  std::vector<Final> finals;
  for (size_t i = 0; i < bold.size(); ++i) finals.push_back({bold[i], right[i]});
  return finals;
}

std::optional<TsgpFit::Final> TsgpFit::FinalOf(const LearningCurve& trial, size_t points,
                                               const Gaussian& residual) const {
  const std::vector<Final> finals = FinalsOf(trial, points, residual, 1);
  return finals.empty() ? std::nullopt : std::make_optional(finals.front());
}

}  // namespace photinus
