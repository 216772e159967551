#include "server/algorithms/sampling/index_permutation.h"

#include "common/base/random.h"

namespace photinus {
namespace {

constexpr uint64_t kRounds = 6;  // four are pseudorandom for wide halves; narrow ones want a few more

}  // namespace

IndexPermutation::IndexPermutation(uint64_t n, uint64_t seed) : n_(n), seed_(seed), half_bits_(1) {
  while ((uint64_t{1} << (2 * half_bits_)) < n) ++half_bits_;
}

uint64_t IndexPermutation::At(uint64_t index) const {
  const uint64_t mask = (uint64_t{1} << half_bits_) - 1;
  do {
    uint64_t left = index >> half_bits_, right = index & mask;
    for (uint64_t round = 0; round < kRounds; ++round) {
      const uint64_t mixed = left ^ (MixSeed(MixSeed(seed_, round), right) & mask);
      left = right;
      right = mixed;
    }
    index = left << half_bits_ | right;
  } while (index >= n_);
  return index;
}

}  // namespace photinus
