#include "common/spaces/sample.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "common/spaces/split_mix.h"

namespace photinus::spaces {
namespace {

double SampleDouble(const Parameter& parameter, SplitMix64& random) {
  const double position = random.Uniform();
  if (parameter.scale == Scale::kLinear) return parameter.min + position * (parameter.max - parameter.min);
  const double low = std::log(parameter.min);
  const double high = std::log(parameter.max);
  return std::clamp(std::exp(low + position * (high - low)), parameter.min, parameter.max);
}

const std::string& SampleCategory(const Parameter& parameter, SplitMix64& random) {
  if (parameter.weights.empty()) {
    return parameter.categories[random.Below(static_cast<std::uint32_t>(parameter.categories.size()))];
  }
  std::uint32_t position =
      random.Below(std::accumulate(parameter.weights.begin(), parameter.weights.end(), std::uint32_t{0}));
  std::size_t category = 0;
  while (position >= parameter.weights[category]) position -= parameter.weights[category++];
  return parameter.categories[category];
}

Value SampleValue(const Parameter& parameter, SplitMix64& random) {
  switch (parameter.type) {
    case ParameterType::kDouble:
      return SampleDouble(parameter, random);
    case ParameterType::kInteger: {
      const auto low = static_cast<std::int64_t>(parameter.min);
      const auto count = static_cast<std::uint32_t>(static_cast<std::int64_t>(parameter.max) - low + 1);
      return low + std::int64_t{random.Below(count)};
    }
    case ParameterType::kDiscrete:
      return parameter.numbers[random.Below(static_cast<std::uint32_t>(parameter.numbers.size()))];
    case ParameterType::kCategorical:
      return SampleCategory(parameter, random);
  }
  return {};
}

}  // namespace

ParameterValues Sample(const Space& space, std::uint64_t seed) {
  SplitMix64 random(seed);
  ParameterValues values;
  for (const Parameter& parameter : space.parameters) {
    // Drawn even when inactive, so that one seed's points differ only where their types differ.
    Value value = SampleValue(parameter, random);
    if (IsActive(parameter, values)) values[parameter.name] = std::move(value);
  }
  return values;
}

}  // namespace photinus::spaces
