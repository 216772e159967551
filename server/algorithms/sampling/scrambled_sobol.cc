#include "server/algorithms/sampling/scrambled_sobol.h"

#include <algorithm>

#include "common/base/random.h"

namespace photinus {
namespace {

constexpr uint64_t kIndexMask = (uint64_t{1} << 31) - 1;

uint32_t ReverseBits(uint32_t x) {
  x = (x >> 16) | (x << 16);
  x = ((x & 0x00ff00ffu) << 8) | ((x >> 8) & 0x00ff00ffu);
  x = ((x & 0x0f0f0f0fu) << 4) | ((x >> 4) & 0x0f0f0f0fu);
  x = ((x & 0x33333333u) << 2) | ((x >> 2) & 0x33333333u);
  return ((x & 0x55555555u) << 1) | ((x >> 1) & 0x55555555u);
}

// Each bit is flipped by a hash of the bits above it.
uint32_t NestedUniformScramble(uint32_t x, uint32_t seed) {
  x = ReverseBits(x);
  x ^= x * 0x3d20adeau;
  x += seed;
  x *= (seed >> 16) | 1;
  x ^= x * 0x05526c56u;
  x ^= x * 0x53a22864u;
  return ReverseBits(x);
}

}  // namespace

ScrambledSobol::ScrambledSobol(int dimension, uint64_t seed)
    : engine_(std::clamp(dimension, 1, BOOST_RANDOM_SOBOL_MAX_DIMENSION)) {
  Random random(seed);
  for (int i = 0; i < dimension; ++i) scrambles_.push_back(static_cast<uint32_t>(random.Next() >> 32));
}

UnitPoint ScrambledSobol::At(uint64_t index) {
  index &= kIndexMask;
  std::vector<uint32_t> bits(engine_.dimension(), 0);  // point 0 is the origin, which Boost leaves out
  if (index > 0) {
    engine_.seed(static_cast<uint32_t>(index - 1));
    engine_.generate(bits.begin(), bits.end());
  }
  UnitPoint point(scrambles_.size());
  for (size_t i = 0; i < point.size(); ++i) {
    point[i] = (NestedUniformScramble(bits[i % bits.size()], scrambles_[i]) + 0.5) * 0x1p-32;
  }
  return point;
}

}  // namespace photinus
