// A shuffled order of the numbers below n, without a list of them.
#ifndef PHOTINUS_SERVER_ALGORITHMS_SAMPLING_INDEX_PERMUTATION_H_
#define PHOTINUS_SERVER_ALGORITHMS_SAMPLING_INDEX_PERMUTATION_H_

#include <cstdint>

namespace photinus {

// A pseudorandom permutation of 0..n-1 that the seed chooses: a Feistel network [Luby & Rackoff 1988] over the next
// power of four, walked along its cycle until it is below n [Black & Rogaway 2002]. At most four steps on average.
class IndexPermutation {
 public:
  // n: 1 .. 2^62.
  IndexPermutation(uint64_t n, uint64_t seed);

  // Where `index` < n goes; different indices go to different places.
  uint64_t At(uint64_t index) const;

 private:
  uint64_t n_;
  uint64_t seed_;
  int half_bits_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_SAMPLING_INDEX_PERMUTATION_H_
