#ifndef PHOTINUS_COMMON_SPACES_SPLIT_MIX_H_
#define PHOTINUS_COMMON_SPACES_SPLIT_MIX_H_

#include <cstdint>

namespace photinus::spaces {

// SplitMix64 [Steele, Lea, Flood 2014]: the same numbers on every machine, unlike the standard distributions.
// One object per thread.
class SplitMix64 {
 public:
  explicit SplitMix64(std::uint64_t seed) : state_(seed) {}

  // 64 uniform bits.
  std::uint64_t Next() {
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  // Uniform in [0, 1), a multiple of 2^-53.
  double Uniform() { return static_cast<double>(Next() >> 11) * 0x1p-53; }

  // Uniform in 0 .. count - 1; count must be at least 1. The bias of the multiplication is below count / 2^32.
  std::uint32_t Below(std::uint32_t count) {
    return static_cast<std::uint32_t>(((Next() >> 32) * std::uint64_t{count}) >> 32);
  }

 private:
  std::uint64_t state_;
};

}  // namespace photinus::spaces

#endif  // PHOTINUS_COMMON_SPACES_SPLIT_MIX_H_
