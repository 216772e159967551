// Random numbers that are the same on every platform and compiler, unlike the standard library's distributions.
#ifndef PHOTINUS_COMMON_BASE_RANDOM_H_
#define PHOTINUS_COMMON_BASE_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace photinus {

// SplitMix64: a bijective mix of 64 bits [Steele, Lea, Flood 2014]. Also derives seeds: MixSeed(study seed, trial id).
uint64_t SplitMix64(uint64_t x);
inline uint64_t MixSeed(uint64_t seed, uint64_t stream) { return SplitMix64(SplitMix64(seed) ^ stream); }

// xoshiro256** seeded through SplitMix64. Not thread-safe, cheap to copy. Not for secrets.
class Random {
 public:
  explicit Random(uint64_t seed);

  uint64_t Next();
  // Uniform in [0, 1), 53 bits.
  double Uniform();
  // Uniform integer in [0, n), unbiased; n >= 1.
  uint64_t Below(uint64_t n);
  // Standard normal (Marsaglia's polar method).
  double Normal();

  // In place, by Fisher and Yates.
  template <typename Vector>
  void Shuffle(Vector& v) {
    for (size_t i = v.size(); i > 1; --i) std::swap(v[i - 1], v[Below(i)]);
  }

 private:
  uint64_t state_[4];
  bool has_spare_ = false;
  double spare_ = 0;
};

// `bytes` bytes from the operating system as lower-case hex: ids and tokens that nobody can guess.
std::string SecureHex(int bytes);

}  // namespace photinus

#endif  // PHOTINUS_COMMON_BASE_RANDOM_H_
