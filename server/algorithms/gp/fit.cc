#include "server/algorithms/gp/fit.h"

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "server/algorithms/gp/lbfgs.h"
#include "server/algorithms/gp/likelihood.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

constexpr double kGoodEnough = 1e-2;  // nats between iterations

// Bounds and prior of one log parameter: the density falls by weight * (log p - log centre)^2.
struct LogPrior {
  double low, high, centre, weight;
};

LogPrior Prior(double low, double high, double centre, double weight) {
  return {std::log(low), std::log(high), std::log(centre), weight};
}

// Vizier's: 0.01 log(x / centre)^2 on variances and squared lengthscales, its centres rescaled to values of unit
// variance. The trend's and the signal's variances may vanish, so that a polynomial can be told from a rough function.
// Input warps have LogNormal(0, 0.5) [Snoek et al. 2014], which keeps them near the identity.
std::vector<LogPrior> Priors(int groups, bool has_trend, bool warps_inputs) {
  std::vector<LogPrior> priors(groups, Prior(0.05, 20, std::sqrt(0.5), 0.04));
  priors.push_back(Prior(has_trend ? 1e-6 : 1e-3, 100, 1, 0.01));
  priors.push_back(Prior(1e-8, 2, 1e-2, 0.01));
  if (has_trend) priors.push_back(Prior(1e-6, 1e4, 1, 0.01));
  if (warps_inputs) priors.insert(priors.end(), static_cast<size_t>(2 * groups), Prior(0.1, 10, 1, 2));
  return priors;
}

// Minus the log posterior at log parameters.
class NegativeLogPosterior {
 public:
  NegativeLogPosterior(MarginalLikelihood& likelihood, const std::vector<LogPrior>& priors,
                       const std::function<bool()>& cancelled)
      : likelihood_(likelihood), priors_(priors), cancelled_(cancelled) {}

  std::optional<double> operator()(const VectorXd& point, VectorXd& gradient) {
    if (cancelled_ && cancelled_()) return std::nullopt;
    const auto value = likelihood_.Evaluate(point);
    if (!value.has_value()) return std::numeric_limits<double>::infinity();
    double posterior = value->log_likelihood;
    for (Index i = 0; i < point.size(); ++i) {
      const LogPrior& prior = priors_[static_cast<size_t>(i)];
      const double distance = point[i] - prior.centre;
      posterior -= prior.weight * distance * distance;
      gradient[i] = -value->gradient[i] + 2 * prior.weight * distance;
    }
    return -posterior;
  }

 private:
  MarginalLikelihood& likelihood_;
  const std::vector<LogPrior>& priors_;
  const std::function<bool()>& cancelled_;
};

// A wiggly noisy start and a smooth noise-free one.
std::vector<KernelParameters> Starts(int groups, TrendKind trend) {
  KernelParameters wiggly{.lengthscales = VectorXd::Constant(groups, std::sqrt(0.5)), .noise_variance = 1e-2};
  KernelParameters smooth{.lengthscales = VectorXd::Constant(groups, 2.0), .noise_variance = 1e-5};
  wiggly.trend = smooth.trend = trend;
  wiggly.trend_variance = smooth.trend_variance = trend != TrendKind::kNone ? 1 : 0;
  return {wiggly, smooth};
}

}  // namespace

std::optional<GpFit> FitGp(const Eigen::MatrixXd& features, const FeatureGroups& groups, const VectorXd& values,
                           TrendKind trend, const FitEffort& effort, const std::function<bool()>& cancelled) {
  const int group_count = static_cast<int>(groups.size());
  MarginalLikelihood likelihood(features, groups, values, trend, effort.warp_inputs);
  const std::vector<LogPrior> priors = Priors(group_count, trend != TrendKind::kNone, effort.warp_inputs);
  VectorXd low(static_cast<Index>(priors.size())), high(low.size());
  for (Index i = 0; i < low.size(); ++i) {
    low[i] = priors[static_cast<size_t>(i)].low;
    high[i] = priors[static_cast<size_t>(i)].high;
  }
  std::vector<VectorXd> starts;
  const auto add_start = [&](KernelParameters start) {
    if (effort.warp_inputs && start.input_warp.is_identity()) start.input_warp = InputWarp::Ones(group_count);
    starts.push_back(ToLogParameters(start));
  };
  for (const KernelParameters& start : effort.starts) add_start(start);
  if (effort.fixed_starts) {
    for (const KernelParameters& start : Starts(group_count, trend)) add_start(start);
  }
  LbfgsResult best;
  for (const VectorXd& start : starts) {
    LbfgsResult found = Minimise(NegativeLogPosterior(likelihood, priors, cancelled), start, low, high,
                                 {.evaluations = effort.evaluations, .tolerance = kGoodEnough});
    if (found.stopped) return std::nullopt;
    if (found.value < best.value) best = std::move(found);
  }
  if (best.point.size() == 0) return std::nullopt;
  auto value = likelihood.Evaluate(best.point, true);
  if (!value.has_value()) return std::nullopt;
  return GpFit{.parameters = FromLogParameters(best.point, group_count, trend, effort.warp_inputs),
               .mean = value->mean,
               .log_posterior = -best.value,
               .left_out_mean = std::move(value->left_out_mean),
               .left_out_variance = std::move(value->left_out_variance)};
}

}  // namespace photinus
