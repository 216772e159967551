#include "worker/data/random.h"

#include <bit>
#include <cmath>
#include <numbers>

#include "common/spaces/split_mix.h"

namespace photinus::data {
Random::Random(uint64_t seed) {
  spaces::SplitMix64 source(seed);
  for (uint64_t& word : state_) word = source.Next();
}

uint64_t Random::Next() {
  const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Random::Uniform() { return static_cast<double>(Next() >> 11) * 0x1p-53; }

double Random::Uniform(double low, double high) { return low + (high - low) * Uniform(); }

uint64_t Random::Below(uint64_t count) {
  const uint64_t limit = count * (UINT64_MAX / count);  // rejection keeps small counts exactly uniform
  uint64_t value = Next();
  while (value >= limit) value = Next();
  return value % count;
}

bool Random::Chance(double probability) { return Uniform() < probability; }

double Random::Normal() {
  const double radius = std::sqrt(-2 * std::log(1 - Uniform()));
  return radius * std::cos(2 * std::numbers::pi * Uniform());
}

uint64_t DeriveSeed(uint64_t seed, std::string_view label, uint64_t index) {
  uint64_t hash = 0xCBF29CE484222325u;  // FNV-1a over the label
  for (const char c : label) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  const uint64_t family = spaces::SplitMix64(seed).Next() ^ hash;
  return spaces::SplitMix64(spaces::SplitMix64(family).Next() ^ index).Next();
}

}  // namespace photinus::data
