#include "server/algorithms/gp/fit.h"

#include <nlopt.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

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
std::vector<LogPrior> Priors(int groups, bool trend) {
  std::vector<LogPrior> priors(groups, Prior(0.05, 20, std::sqrt(0.5), 0.04));
  priors.push_back(Prior(trend ? 1e-6 : 1e-3, 100, 1, 0.01));
  priors.push_back(Prior(1e-8, 2, 1e-2, 0.01));
  if (trend) priors.push_back(Prior(1e-6, 1e4, 1, 0.01));
  return priors;
}

struct Search {
  MarginalLikelihood& likelihood;
  const std::vector<LogPrior>& priors;
  const std::function<bool()>& cancelled;
  nlopt_opt optimizer = nullptr;
  VectorXd best;
  double best_value = -std::numeric_limits<double>::infinity();
  bool stopped = false;
};

// NLopt's callback: minus the log posterior.
double Objective(unsigned n, const double* x, double* gradient, void* data) {
  Search& search = *static_cast<Search*>(data);
  const VectorXd point = Eigen::Map<const VectorXd>(x, n);
  if (search.cancelled && search.cancelled()) {
    search.stopped = true;
    nlopt_force_stop(search.optimizer);
    return 0;
  }
  const auto value = search.likelihood.Evaluate(point);
  if (!value.has_value()) {
    if (gradient != nullptr) std::fill(gradient, gradient + n, 0.0);
    return 1e30;  // the line search comes back
  }
  double posterior = value->log_likelihood;
  for (unsigned i = 0; i < n; ++i) {
    const LogPrior& prior = search.priors[i];
    const double distance = x[i] - prior.centre;
    posterior -= prior.weight * distance * distance;
    if (gradient != nullptr) {
      gradient[i] = -value->gradient[static_cast<Index>(i)] + 2 * prior.weight * distance;
    }
  }
  if (posterior > search.best_value) {
    search.best_value = posterior;
    search.best = point;
  }
  return -posterior;
}

void ClimbFrom(VectorXd start, int evaluations, Search& search) {
  const unsigned n = static_cast<unsigned>(start.size());
  const std::unique_ptr<nlopt_opt_s, void (*)(nlopt_opt)> optimizer(nlopt_create(NLOPT_LD_LBFGS, n), &nlopt_destroy);
  search.optimizer = optimizer.get();
  std::vector<double> low, high;
  for (const LogPrior& prior : search.priors) {
    const Index i = static_cast<Index>(low.size());
    start[i] = std::clamp(start[i], prior.low, prior.high);
    low.push_back(prior.low);
    high.push_back(prior.high);
  }
  nlopt_set_lower_bounds(optimizer.get(), low.data());
  nlopt_set_upper_bounds(optimizer.get(), high.data());
  nlopt_set_min_objective(optimizer.get(), &Objective, &search);
  nlopt_set_maxeval(optimizer.get(), evaluations);
  nlopt_set_ftol_abs(optimizer.get(), kGoodEnough);
  double value = 0;
  nlopt_optimize(optimizer.get(), start.data(), &value);  // failures leave the best point seen
}

// A wiggly noisy start and a smooth noise-free one.
std::vector<VectorXd> Starts(int groups, bool trend) {
  KernelParameters wiggly{.lengthscales = VectorXd::Constant(groups, std::sqrt(0.5)), .noise_variance = 1e-2};
  KernelParameters smooth{.lengthscales = VectorXd::Constant(groups, 2.0), .noise_variance = 1e-5};
  wiggly.trend_variance = smooth.trend_variance = trend ? 1 : 0;
  return {ToLogParameters(wiggly), ToLogParameters(smooth)};
}

}  // namespace

std::optional<GpFit> FitGp(const Eigen::MatrixXd& features, const FeatureGroups& groups, const VectorXd& values,
                           bool trend, const FitEffort& effort, const std::function<bool()>& cancelled) {
  const int group_count = static_cast<int>(groups.size());
  MarginalLikelihood likelihood(features, groups, values, trend);
  const std::vector<LogPrior> priors = Priors(group_count, trend);
  Search search{.likelihood = likelihood, .priors = priors, .cancelled = cancelled};
  std::vector<VectorXd> starts;
  for (const KernelParameters& start : effort.starts) starts.push_back(ToLogParameters(start));
  if (effort.fixed_starts) {
    for (VectorXd& start : Starts(group_count, trend)) starts.push_back(std::move(start));
  }
  for (const VectorXd& start : starts) {
    ClimbFrom(start, effort.evaluations, search);
    if (search.stopped) return std::nullopt;
  }
  if (search.best.size() == 0) return std::nullopt;
  auto value = likelihood.Evaluate(search.best, true);
  if (!value.has_value()) return std::nullopt;
  return GpFit{.parameters = FromLogParameters(search.best, group_count),
               .mean = value->mean,
               .log_posterior = search.best_value,
               .left_out_mean = std::move(value->left_out_mean),
               .left_out_variance = std::move(value->left_out_variance)};
}

}  // namespace photinus
