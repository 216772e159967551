// Hyper-parameters of greatest posterior density.
#ifndef PHOTINUS_SERVER_ALGORITHMS_GP_FIT_H_
#define PHOTINUS_SERVER_ALGORITHMS_GP_FIT_H_

#include <functional>
#include <optional>
#include <vector>

#include "Eigen/Core"
#include "server/algorithms/gp/kernel.h"

namespace photinus {

struct GpFit {
  KernelParameters parameters;
  double mean = 0;
  double log_posterior = 0;                          // log marginal likelihood + log prior, up to a constant
  Eigen::VectorXd left_out_mean, left_out_variance;  // see MarginalLikelihood
};

// How hard to look.
struct FitEffort {
  std::vector<KernelParameters> starts;  // where to begin
  bool fixed_starts = true;              // and at two fixed points, a wiggly and a smooth one
  bool warp_inputs = false;              // learns an input warp, too
  int evaluations = 50;                  // of the likelihood, per start
};

// features: [n, F]; values: [n], of mean about 0 and variance about 1. Bounded L-BFGS (NLopt) under Vizier's weak
// log-quadratic priors. Deterministic. nullopt if it began nowhere, if no start gave a positive definite covariance, or
// if cancelled.
std::optional<GpFit> FitGp(const Eigen::MatrixXd& features, const FeatureGroups& groups, const Eigen::VectorXd& values,
                           TrendKind trend, const FitEffort& effort, const std::function<bool()>& cancelled);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_GP_FIT_H_
