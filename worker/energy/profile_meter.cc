#include "worker/energy/profile_meter.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "common/spaces/split_mix.h"

namespace photinus::energy {
namespace {

constexpr double kLargestDeviation = 4;

// 1 + deviation x a standard normal number [Box, Muller 1958].
double NoiseFactor(spaces::SplitMix64& random, double deviation) {
  const double radius = std::sqrt(-2 * std::log(1 - random.Uniform()));
  const double normal = radius * std::cos(2 * std::numbers::pi * random.Uniform());
  return 1 + deviation * std::clamp(normal, -kLargestDeviation, kLargestDeviation);
}

}  // namespace

Result<Cost> ProfileMeter::Measure(const Subject& subject) {
  Cost cost = CostOf(subject.graph, profile_);
  spaces::SplitMix64 random(subject.seed);
  cost.energy_mj *= NoiseFactor(random, profile_.energy_noise);
  cost.latency_ms *= NoiseFactor(random, profile_.latency_noise);
  return cost;
}

}  // namespace photinus::energy
