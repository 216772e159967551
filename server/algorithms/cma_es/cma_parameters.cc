#include "server/algorithms/cma_es/cma_parameters.h"

#include <algorithm>
#include <cmath>

namespace photinus {
namespace {

using Eigen::VectorXd;

// Equations 49-53: logarithmic weights whose negative part is scaled so that the covariance stays positive definite.
void SetWeights(CmaParameters& p) {
  VectorXd raw(p.lambda);
  for (int i = 0; i < p.lambda; ++i) raw[i] = std::log((p.lambda + 1) / 2.0) - std::log(i + 1.0);
  const auto good = raw.head(p.mu);
  const auto bad = raw.tail(p.lambda - p.mu);
  p.mu_eff = good.sum() * good.sum() / good.squaredNorm();
  const double mu_eff_bad = bad.sum() * bad.sum() / bad.squaredNorm();
  const double n = p.n;
  p.c_1 = 2 / ((n + 1.3) * (n + 1.3) + p.mu_eff);
  p.c_mu = std::min(1 - p.c_1, 2 * (0.25 + p.mu_eff + 1 / p.mu_eff - 2) / ((n + 2) * (n + 2) + p.mu_eff));
  const double total =
      std::min({1 + p.c_1 / p.c_mu, 1 + 2 * mu_eff_bad / (p.mu_eff + 2), (1 - p.c_1 - p.c_mu) / (n * p.c_mu)});
  p.weights.resize(p.lambda);
  p.weights << good / good.sum(), bad * (total / bad.cwiseAbs().sum());
}

}  // namespace

int CmaParameters::DefaultLambda(int n) { return 4 + static_cast<int>(std::floor(3 * std::log(n))); }

CmaParameters CmaParameters::Default(int dimension, int lambda) {
  CmaParameters p;
  p.n = dimension;
  p.lambda = lambda;
  p.mu = lambda / 2;
  SetWeights(p);
  const double n = dimension;
  p.c_sigma = (p.mu_eff + 2) / (n + p.mu_eff + 5);
  p.d_sigma = 1 + 2 * std::max(0.0, std::sqrt((p.mu_eff - 1) / (n + 1)) - 1) + p.c_sigma;
  p.c_c = (4 + p.mu_eff / n) / (n + 4 + 2 * p.mu_eff / n);
  p.chi_n = std::sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n));
  return p;
}

}  // namespace photinus
