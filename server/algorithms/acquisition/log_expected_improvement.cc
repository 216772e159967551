#include "server/algorithms/acquisition/log_expected_improvement.h"

#include <cmath>

namespace photinus {
namespace {

constexpr double kTail = -5;        // above it the definition loses at most two digits
constexpr int kFractionTerms = 60;  // enough at the tail's beginning, more than enough beyond
const double kLogSqrtTwoPi = 0.5 * std::log(2 * M_PI);

// i^n erfc(x) / i^(n-1) erfc(x) for x > 0: (1/2) / (x + ((n+1)/2) / (x + ((n+2)/2) / (x + ...)))  [DLMF 7.18.13]
double RepeatedIntegralRatio(int n, double x) {
  double fraction = x;
  for (int k = kFractionTerms; k >= 1; --k) fraction = x + 0.5 * (n + k) / fraction;
  return 0.5 / fraction;
}

}  // namespace

LogH LogImprovement(double z) {
  if (z > kTail) {
    const double density = std::exp(-0.5 * z * z - kLogSqrtTwoPi);
    const double distribution = 0.5 * std::erfc(-z / M_SQRT2);
    const double h = density + z * distribution;
    return {std::log(h), distribution / h};
  }
  // h = i^1 erfc(x) / sqrt 2 with x = -z / sqrt 2; i^-1 erfc(x) = (2 / sqrt pi) exp(-x^2).
  const double x = -z / M_SQRT2;
  const double ratio0 = RepeatedIntegralRatio(0, x), ratio1 = RepeatedIntegralRatio(1, x);
  const double log_h = std::log(ratio0) + std::log(ratio1) - 0.5 * z * z + std::log(2 / std::sqrt(M_PI) / M_SQRT2);
  return {log_h, 1 / (M_SQRT2 * ratio1)};
}

LogEi LogExpectedImprovement(double mean, double stddev, double incumbent) {
  const double z = (mean - incumbent) / stddev;
  const LogH h = LogImprovement(z);
  return {.value = std::log(stddev) + h.value,
          .by_mean = h.derivative / stddev,
          .by_stddev = (1 - z * h.derivative) / stddev};
}

LogEi LogAugmentedExpectedImprovement(double mean, double stddev, double incumbent, double noise) {
  LogEi ei = LogExpectedImprovement(mean, stddev, incumbent);
  if (noise == 0) return ei;
  const double variance = stddev * stddev, total = variance + noise, root = std::sqrt(noise / total);
  const double told = variance / total / (1 + root);  // 1 - root without cancellation
  ei.value += std::log(told);
  ei.by_stddev += stddev * root / (total * told);
  return ei;
}

}  // namespace photinus
