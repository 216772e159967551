#include "server/stopping/tsgp/late_rises.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "common/base/quantile.h"

namespace photinus {
namespace {

constexpr size_t kMinCurves = 10;
constexpr double kPriorHorizons = 2;          // without a step, as of an exponential prior of the rates
constexpr double kUsualScore = 2.1;           // median of the greatest of the scores of a curve without a step
constexpr double kScales[] = {4, 8, 16, 32};  // deviations of a value
constexpr int kRounds = 30;
constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();

using Steps = std::vector<CurvePosterior::Step>;

// log(exp(a) + exp(b)); a step of a thousand deviations has a ratio that no double holds.
double LogAdd(double a, double b) {
  const double greater = std::max(a, b);
  return greater == kMinusInfinity ? greater : greater + std::log1p(std::exp(std::min(a, b) - greater));
}

// What one curve says of steps of one scale.
struct Evidence {
  double looked = 0;                                          // horizons
  double log_up = kMinusInfinity, log_down = kMinusInfinity;  // log L+, log L-
};

// The log-likelihood of an estimate of N(size, stddev^2) with size ~ |N(0, scale^2)|, less that with size 0.
double LogRatioOfRise(double size, double stddev, double scale) {
  const double signal = scale * scale / (stddev * stddev), part = signal / (1 + signal), score = size / stddev;
  return std::log(std::erfc(-score * std::sqrt(part / 2))) - 0.5 * std::log1p(signal) + 0.5 * score * score * part;
}

Evidence EvidenceOf(const Steps& steps, double scale, double widening) {
  Evidence evidence{.looked = steps.back().time - steps.front().time};
  for (size_t i = 1; i < steps.size(); ++i) {
    const double log_weight = std::log((steps[i].time - steps[i - 1].time) / evidence.looked);
    const double size = steps[i].size, stddev = widening * steps[i].stddev;
    evidence.log_up = LogAdd(evidence.log_up, log_weight + LogRatioOfRise(size, stddev, scale));
    evidence.log_down = LogAdd(evidence.log_down, log_weight + LogRatioOfRise(-size, stddev, scale));
  }
  return evidence;
}

struct Rates {
  double up = 0.05, down = 0.05;
  double log_density = kMinusInfinity;
};

// Expectation maximisation.
Rates RatesOf(const std::vector<Evidence>& curves) {
  Rates rates;
  for (int round = 0; round < kRounds; ++round) {
    double ups = 0, downs = 0, looked = kPriorHorizons;
    rates.log_density = -kPriorHorizons * (rates.up + rates.down);
    for (const Evidence& curve : curves) {
      const double p = std::min(rates.up * curve.looked, 0.49), q = std::min(rates.down * curve.looked, 0.49);
      const double up = std::log(p) + curve.log_up, down = std::log(q) + curve.log_down;
      const double log_density = LogAdd(std::log(1 - p - q), LogAdd(up, down));
      rates.log_density += log_density;
      ups += std::exp(up - log_density);
      downs += std::exp(down - log_density);
      looked += curve.looked;
    }
    rates.up = ups / looked;
    rates.down = downs / looked;
  }
  return rates;
}

// By how much scores are greater than chance makes them, 1 or more.
double WideningOf(const std::vector<Steps>& curves) {
  std::vector<double> greatest;
  for (const Steps& steps : curves) {
    double score = 0;
    for (const auto& step : steps) score = std::max(score, std::abs(step.size) / step.stddev);
    greatest.push_back(score);
  }
  return std::max(Quantile(std::move(greatest), 0.5) / kUsualScore, 1.0);
}

}  // namespace

LateRises FitLateRises(const std::vector<Steps>& curves, double noise) {
  std::vector<Steps> usable;
  for (const Steps& steps : curves) {
    if (steps.size() > 1) usable.push_back(steps);
  }
  if (usable.size() < kMinCurves) return {};
  const double widening = WideningOf(usable);
  Rates best;
  LateRises rises;
  for (const double multiple : kScales) {
    const double scale = multiple * noise;
    std::vector<Evidence> evidence;
    for (const Steps& steps : usable) evidence.push_back(EvidenceOf(steps, scale, widening));
    const Rates rates = RatesOf(evidence);
    if (rates.log_density <= best.log_density) continue;
    best = rates;
    rises = {.rate = std::max(rates.up - rates.down, 0.0), .scale = scale};
  }
  const double price = std::log(static_cast<double>(usable.size()));  // of two parameters
  return best.log_density > price ? rises : LateRises();
}

}  // namespace photinus
