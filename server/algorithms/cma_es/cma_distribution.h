// The normal distribution that CMA-ES searches with, and how a generation changes it.
#ifndef PHOTINUS_SERVER_ALGORITHMS_CMA_ES_CMA_DISTRIBUTION_H_
#define PHOTINUS_SERVER_ALGORITHMS_CMA_ES_CMA_DISTRIBUTION_H_

#include "Eigen/Core"
#include "server/algorithms/cma_es/cma_parameters.h"

namespace photinus {

// N(mean, sigma^2 S C S), S = diag(scale): the scale is 1 except where a margin holds a discrete parameter open.
struct CmaDistribution {
  Eigen::VectorXd mean;
  double sigma = 0;
  Eigen::VectorXd scale;
  Eigen::MatrixXd covariance;  // C
  Eigen::VectorXd path_sigma, path_c;
  int64_t generation = 0;

  static CmaDistribution Begin(const Eigen::VectorXd& mean, double sigma);

  // Standard deviations of the coordinates.
  Eigen::VectorXd Deviations() const;
};

// A distribution with C = B diag(d^2) B' taken apart.
class CmaFactor {
 public:
  explicit CmaFactor(const CmaDistribution& distribution);

  // A draw from n independent standard normal numbers.
  Eigen::VectorXd Transform(const Eigen::VectorXd& normal) const;
  // y = S^-1 (x - mean) / sigma, no longer than injected solutions may be: |C^-1/2 y| <= sqrt(n) + 2 n / (n + 2)
  // [Hansen 2011, "Injecting external solutions into CMA-ES"]. So points that the distribution did not draw, such as
  // those of an earlier generation, do no harm.
  Eigen::VectorXd Step(const Eigen::VectorXd& x) const;
  // C^-1/2 y.
  Eigen::VectorXd Whiten(const Eigen::VectorXd& y) const;
  // Largest over smallest eigenvalue of C.
  double Condition() const;

 private:
  CmaDistribution distribution_;
  Eigen::MatrixXd basis_;    // B
  Eigen::VectorXd lengths_;  // d
};

// Whether points can be drawn of it and a generation can change it, as of any that began with Begin: numbers are
// finite, and deviations may be divided by.
bool IsUsable(const CmaDistribution& distribution);

// One generation [Hansen 2016, figure 6]: mean, evolution paths, C by rank one and rank mu with negative weights, and
// sigma by cumulative step-size adaptation. points: [n, lambda], best first.
void Update(const CmaParameters& parameters, const Eigen::MatrixXd& points, CmaDistribution& distribution);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_CMA_ES_CMA_DISTRIBUTION_H_
