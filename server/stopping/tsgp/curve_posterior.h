// What one learning curve tells of its asymptote and of its value at another time.
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

// Of one curve, given its asymptote f: y | f ~ N(m + a kappa(t) + (f - m) h(t), A). With L = chol(A), u = L^-1 h and
// w = L^-1 (y - m (1 - h) - a kappa), the curve collapses to one observation of f,
//   p(y | f) = exp(c) N(w'u / u'u | f, 1 / u'u),
// so that the curves of all trials are a GP regression with noise of their own [firefly_tsgp 2.2, from Swersky et al.].
class CurvePosterior {
 public:
  // noise_variance: sigma^2 > 0 of a single measurement. nullopt: the covariance is not positive definite in floating
  // point.
  static std::optional<CurvePosterior> Make(const CurveData& data, const DecayParameters& parameters,
                                            double noise_variance);

  // The observation of f that the curve is: precision 0 where it has no points.
  double precision() const { return precision_; }
  double asymptote() const { return asymptote_; }
  // c, without which the densities of two curves cannot be compared.
  double log_density() const { return log_density_; }

  // A measurement at `time` given the curve is N(constant + slope f, variance).
  struct GivenAsymptote {
    double constant = 0, slope = 1, variance = 0;
  };
  GivenAsymptote At(double time) const;

  // A sudden step in the curve, up or down, from some time on: its size by least squares, as if nothing were known of
  // f, and the deviation of that.
  struct Step {
    double time = 0, size = 0, stddev = 0;
  };
  // At each bucket with kBesideStep others before it and as many from it on, ascending.
  static constexpr Eigen::Index kBesideStep = 3;
  std::vector<Step> Steps() const;

  // A measurement at `time`, given the curve and f ~ asymptote before it.
  Gaussian Predict(const Gaussian& asymptote, double time) const;
  // The same given all points, all but the last, all but the last two, ...: `prefixes` of them, or until no point is
  // left. A leading block of the factor is the factor of the first points, so that one costs hardly more than the next.
  // What each tells of f is corrected.
  std::vector<Gaussian> PredictWithout(const Gaussian& asymptote, double time, Eigen::Index prefixes,
                                       const Discrepancies& discrepancies) const;

 private:
  CurvePosterior() = default;
  // The end of the curve as if only its first n points were there, for each of `prefixes`.
  struct Prefix {
    GivenAsymptote at;
    double asymptote = 0, precision = 0, last_time = 0;
  };
  std::vector<Prefix> PrefixesAt(double time, Eigen::Index prefixes) const;

  CurveData data_;
  DecayParameters parameters_;
  double noise_variance_ = 0;
  Eigen::LLT<Eigen::MatrixXd> factor_;
  Eigen::VectorXd u_, w_;
  double precision_ = 0, asymptote_ = 0, log_density_ = 0;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_TSGP_CURVE_POSTERIOR_H_
