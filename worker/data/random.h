#ifndef PHOTINUS_WORKER_DATA_RANDOM_H_
#define PHOTINUS_WORKER_DATA_RANDOM_H_

#include <cstdint>
#include <string_view>

namespace photinus::data {

// A seeded stream of random numbers that is the same on every platform and standard library (those of <random> are
// not): xoshiro256** by Blackman and Vigna, seeded by splitmix64. Not thread-safe; copy it to fork a stream.
class Random {
 public:
  explicit Random(uint64_t seed);

  // Uniform over all 64-bit values.
  uint64_t Next();
  // Uniform in [0, 1), 53 bits.
  double Uniform();
  // Uniform in [low, high).
  double Uniform(double low, double high);
  // Uniform in 0..count-1; count >= 1.
  uint64_t Below(uint64_t count);
  // True with the given probability.
  bool Chance(double probability);
  // Standard normal (Box and Muller; one of the pair is dropped so that the state is the stream's position alone).
  double Normal();

 private:
  uint64_t state_[4];
};

// A seed for one member of a family: equal arguments give equal seeds, any change gives an unrelated one.
uint64_t DeriveSeed(uint64_t seed, std::string_view label, uint64_t index);

}  // namespace photinus::data

#endif  // PHOTINUS_WORKER_DATA_RANDOM_H_
