// Expected improvement on a log scale, where it never underflows.
#ifndef PHOTINUS_SERVER_ALGORITHMS_ACQUISITION_LOG_EXPECTED_IMPROVEMENT_H_
#define PHOTINUS_SERVER_ALGORITHMS_ACQUISITION_LOG_EXPECTED_IMPROVEMENT_H_

namespace photinus {

// log h(z), h(z) = phi(z) + z Phi(z), and its derivative Phi(z) / h(z), to about 1e-13 relative for every finite z.
// The idea is Ament et al. [2023, "LogEI"]; here the tail comes from the continued fraction of the repeated integrals
// of erfc, which needs no cancellation.
struct LogH {
  double value = 0;
  double derivative = 0;
};
LogH LogImprovement(double z);

// log E[max(f - incumbent, 0)] for f ~ N(mean, stddev^2), to be maximised, and its derivatives by mean and stddev.
//   log EI = log stddev + log h((mean - incumbent) / stddev)
// stddev > 0. Finite for all finite arguments. Thread-safe; cannot fail.
struct LogEi {
  double value = 0;
  double by_mean = 0;
  double by_stddev = 0;
};
LogEi LogExpectedImprovement(double mean, double stddev, double incumbent);

// The logarithm of augmented expected improvement [Huang, Allen, Notz, Zeng 2006]: where an observation has noise of
// this variance, f is worth looking at only as far as one observation can tell more than is known already.
//   log AEI = log EI + log(1 - sqrt(noise / (stddev^2 + noise)))
// noise >= 0; 0: log EI. It grows with mean and stddev, too.
LogEi LogAugmentedExpectedImprovement(double mean, double stddev, double incumbent, double noise);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_ACQUISITION_LOG_EXPECTED_IMPROVEMENT_H_
