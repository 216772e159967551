#include "server/stopping/tsgp/discrepancy.h"

#include <algorithm>
#include <cmath>

#include "server/stopping/tsgp/student_t.h"

namespace photinus {
namespace {

constexpr size_t kMinJudged = 10;
constexpr double kBiasVariance = 0.25;  // of its prior
constexpr int kReweightings = 4;
constexpr double kVariances[] = {0, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3};

// The end as it is predicted: bias enters it linearly.
struct PredictedEnd {
  double mean, by_bias, variance;
};

PredictedEnd Predict(const JudgedBegin& judged, double extra_variance) {
  const Gaussian seen = Discrepancy{.variance = extra_variance}.Corrected(judged.told, judged.precision);
  const Gaussian g = Product(judged.prior, seen);
  return {g.mean, g.variance / seen.variance, g.variance + judged.noise};
}

struct Candidate {
  Discrepancy discrepancy;
  double log_density = 0;
};

Candidate WithVariance(const std::vector<JudgedBegin>& judged, double variance) {
  Candidate candidate{.discrepancy = {.variance = variance}};
  double& bias = candidate.discrepancy.bias;
  for (int round = 0; round <= kReweightings; ++round) {
    double weighted = 0, information = 1 / kBiasVariance;
    candidate.log_density = -0.5 * bias * bias / kBiasVariance;
    for (const JudgedBegin& each : judged) {
      const PredictedEnd end = Predict(each, variance);
      const double residual = each.end - end.mean, left = residual - end.by_bias * bias;
      const double z2 = left * left / end.variance, weight = (kFreedom + 1) / (kFreedom + z2) / end.variance;
      candidate.log_density -= 0.5 * std::log(end.variance) + 0.5 * (kFreedom + 1) * std::log1p(z2 / kFreedom);
      weighted += weight * end.by_bias * residual;
      information += weight * end.by_bias * end.by_bias;
    }
    if (round < kReweightings) bias = weighted / information;
  }
  return candidate;
}

Discrepancy Between(const Discrepancy& a, const Discrepancy& b, double part) {
  return {a.bias + part * (b.bias - a.bias), a.variance + part * (b.variance - a.variance)};
}

}  // namespace

Discrepancy Discrepancies::At(double share) const {
  const auto above = std::upper_bound(kShares.begin(), kShares.end(), share);
  if (above == kShares.begin()) return by_share.front();
  const auto k = static_cast<size_t>(above - kShares.begin());
  const bool last = above == kShares.end();
  const double from = kShares[k - 1], to = last ? 1 : *above;
  return Between(by_share[k - 1], last ? Discrepancy() : by_share[k], std::min((share - from) / (to - from), 1.0));
}

Discrepancy FitDiscrepancy(const std::vector<JudgedBegin>& judged) {
  if (judged.size() < kMinJudged) return {};
  Candidate best = WithVariance(judged, kVariances[0]);
  for (const double variance : kVariances) {
    const Candidate candidate = WithVariance(judged, variance);
    if (candidate.log_density > best.log_density) best = candidate;
  }
  return best.discrepancy;
}

}  // namespace photinus
