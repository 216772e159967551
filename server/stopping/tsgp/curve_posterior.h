// What one learning curve tells of its end, its value at the horizon.
#ifndef PHOTINUS_SERVER_STOPPING_TSGP_CURVE_POSTERIOR_H_
#define PHOTINUS_SERVER_STOPPING_TSGP_CURVE_POSTERIOR_H_

#include <optional>
#include <vector>

#include "Eigen/Cholesky"
#include "Eigen/Core"
#include "server/stopping/tsgp/decay_kernel.h"
#include "server/stopping/tsgp/discrepancy.h"
#include "server/stopping/tsgp/gaussian.h"
#include "server/stopping/tsgp/time_buckets.h"

namespace photinus {

// Where a curve of these parameters ends, as far as they tell: mu = E y(1), without noise.
double ExpectedEnd(const DecayParameters& parameters);

// Of one curve, given its end g, its value at time 1 without noise. With f ~ N(m, kAsymptoteVariance) and
// k(t, t') = cov(y(t), y(t')) it is y | g ~ N(E y(t) + (g - mu) c(t), A),
//   c(t) = k(t, 1) / k(1, 1),  A = k(t, t') - k(t, 1) k(1, t') / k(1, 1) + sigma^2 [t = t'] / count.
// With L = chol(A), u = L^-1 c and w = L^-1 (y - E y(t) + mu c), the curve collapses to one observation of g,
//   p(y | g) = exp(constant) N(w'u / u'u | g, 1 / u'u),
// so that the curves of all trials are a GP regression with noise of their own [firefly_tsgp 2.2, from Swersky et al.].
// It is one over ends, not over asymptotes as theirs: those of whole curves are seen, where asymptotes lie beyond the
// horizon and are told by the tail of a kernel that real curves do not have.
class CurvePosterior {
 public:
  // Of f about m before the curve, in the unit of curves: wide, as the trials before tell more of g.
  static constexpr double kAsymptoteVariance = 1;

  // noise_variance: sigma^2 > 0 of a single measurement. nullopt: the covariance is not positive definite in floating
  // point.
  static std::optional<CurvePosterior> Make(const CurveData& data, const DecayParameters& parameters,
                                            double noise_variance);

  // The observation of g that the curve is: precision 0 where it has no points.
  double precision() const { return precision_; }
  double end() const { return end_; }
  // The constant, without which the densities of two curves cannot be compared.
  double log_density() const { return log_density_; }

  // A sudden step in the curve, up or down, from some time on: its size by least squares, as if nothing were known of
  // g, and the deviation of that.
  struct Step {
    double time = 0, size = 0, stddev = 0;
  };
  // At each bucket with kBesideStep others before it and as many from it on, ascending.
  static constexpr Eigen::Index kBesideStep = 3;
  std::vector<Step> Steps() const;

  // A measurement at the horizon, given the curve and g ~ end before it.
  Gaussian Predict(const Gaussian& end) const;
  // The same given all points, all but the last, all but the last two, ...: `prefixes` of them, or until no point is
  // left. A leading block of the factor is the factor of the first points, so that one costs hardly more than the next.
  // What each tells of g is corrected.
  std::vector<Gaussian> PredictWithout(const Gaussian& end, Eigen::Index prefixes,
                                       const Discrepancies& discrepancies) const;

 private:
  CurvePosterior() = default;

  Eigen::ArrayXd times_;
  double noise_variance_ = 0;
  Eigen::LLT<Eigen::MatrixXd> factor_;
  Eigen::VectorXd u_, w_;
  double precision_ = 0, end_ = 0, log_density_ = 0;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_TSGP_CURVE_POSTERIOR_H_
