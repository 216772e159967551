// The exponential-decay kernel of Freeze-Thaw [Swersky, Snoek, Adams 2014, eq. 6] and the Gaussian process of one
// learning curve that is made of it.
//   kappa(u) = (beta / (u + beta))^alpha = E[exp(-lambda u)],  lambda ~ Gamma(shape alpha, rate beta)
//   y(t) = f + a ((1 - eta) kappa(t) + eta exp(-lambda t)) + B exp(-lambda t) + e,  B ~ N(0, s^2),  e ~ N(0, sigma^2)
//   E y(t) = f + a kappa(t)
//   cov(y(t), y(t')) = eta^2 a^2 (kappa(t + t') - kappa(t) kappa(t')) + s^2 kappa(t + t') + sigma^2 [t = t']
// a = 0 is Freeze-Thaw; s = 0 with eta = 1 is the kernel of [Tiao et al. 2020]; a < 0 says that values rise to f.
// With eta = 1 each curve is one exponential: a mean curve with a long tail (a small alpha) is then only to be had of
// rates that differ widely, so that early values tell little. Curves of one study have much the same shape, tail and
// all: eta says how far a curve has a rate of its own.
// Curves begin near a value that all share (an accuracy by chance), so that one whose asymptote is d above its prior
// mean m has a longer way to go, too: with a - rho (f - m) in place of a, to first order, a value shows of d the part
//   h(t) = 1 - rho kappa(t),  E y(t) = m + a kappa(t) + (f - m) h(t),
// all of it in the end and, with rho = 1, nothing at the start. Where better networks learn more slowly, log beta grows
// by gamma per unit of f, too, to first order in f - m:
//   h(t) = 1 - rho kappa(t) + a gamma kappa_beta(t),  kappa_beta = d kappa / d log beta,
// so that early values tell still less, as low ones may be those of a slow trial that ends high. The covariance is
// taken at f = m, which keeps f Gaussian given the curve. rho = gamma = 0: curves know nothing of their asymptotes, as
// in Freeze-Thaw.
#ifndef PHOTINUS_SERVER_STOPPING_TSGP_DECAY_KERNEL_H_
#define PHOTINUS_SERVER_STOPPING_TSGP_DECAY_KERNEL_H_

#include "Eigen/Core"

namespace photinus {

// Of one curve; times in horizons, values in units of the study's spread.
struct DecayParameters {
  double asymptote = 0;   // prior mean m of f
  double amplitude = -3;  // a
  double spread = 2;      // s > 0
  double alpha = 1;       // > 0
  double beta = 0.2;      // > 0
  double coupling = 0;    // rho
  double slowing = 0;     // gamma
  double own_rate = 1;    // eta
};

// kappa at each time >= 0.
Eigen::ArrayXd Kappa(const Eigen::ArrayXd& times, double alpha, double beta);

// kappa_beta at each time >= 0.
Eigen::ArrayXd KappaByLogBeta(const Eigen::ArrayXd& times, double alpha, double beta);

// h at each time.
Eigen::ArrayXd Loading(const Eigen::ArrayXd& times, const DecayParameters& parameters);

// cov(f-free y) between all pairs, without sigma^2: [n, n].
Eigen::MatrixXd DecayCovariance(const Eigen::ArrayXd& times, const DecayParameters& parameters);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_TSGP_DECAY_KERNEL_H_
