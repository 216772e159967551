#include "server/algorithms/gp/lbfgs.h"

#include <nlopt.h>

#include <cmath>
#include <memory>
#include <utility>

namespace photinus {
namespace {

using Eigen::VectorXd;

constexpr double kNoValue = 1e30;  // from where the line search comes back

struct Search {
  const SmoothFunction& function;
  nlopt_opt optimizer;
  LbfgsResult result;
};

// NLopt's callback.
double Evaluate(unsigned n, const double* x, double* slope, void* data) {
  Search& search = *static_cast<Search*>(data);
  const VectorXd point = Eigen::Map<const VectorXd>(x, n);
  VectorXd gradient = VectorXd::Zero(n);
  const std::optional<double> value = search.function(point, gradient);
  if (!value.has_value()) {
    search.result.stopped = true;
    nlopt_force_stop(search.optimizer);
    return 0;
  }
  const bool known = std::isfinite(*value);
  if (slope != nullptr) Eigen::Map<VectorXd>(slope, n) = known ? gradient : VectorXd::Zero(n);
  if (!known) return kNoValue;
  if (*value < search.result.value) {
    search.result.value = *value;
    search.result.point = point;
  }
  return *value;
}

}  // namespace

LbfgsResult Minimise(const SmoothFunction& function, VectorXd start, const VectorXd& low, const VectorXd& high,
                     const LbfgsEffort& effort) {
  const std::unique_ptr<nlopt_opt_s, void (*)(nlopt_opt)> optimizer(
      nlopt_create(NLOPT_LD_LBFGS, static_cast<unsigned>(start.size())), &nlopt_destroy);
  start = start.cwiseMax(low).cwiseMin(high);
  Search search{.function = function, .optimizer = optimizer.get()};
  nlopt_set_lower_bounds(optimizer.get(), low.data());
  nlopt_set_upper_bounds(optimizer.get(), high.data());
  nlopt_set_min_objective(optimizer.get(), &Evaluate, &search);
  nlopt_set_maxeval(optimizer.get(), effort.evaluations);
  nlopt_set_ftol_abs(optimizer.get(), effort.tolerance);
  double value = 0;
  nlopt_optimize(optimizer.get(), start.data(), &value);  // failures leave the best point seen
  return std::move(search.result);
}

}  // namespace photinus
