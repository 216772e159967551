// Points that fill the unit cube evenly.
#ifndef PHOTINUS_SERVER_ALGORITHMS_SAMPLING_SCRAMBLED_SOBOL_H_
#define PHOTINUS_SERVER_ALGORITHMS_SAMPLING_SCRAMBLED_SOBOL_H_

#include <cstdint>
#include <vector>

#include "boost/random/sobol.hpp"
#include "common/space/flatten.h"

namespace photinus {

// The Sobol sequence [Joe & Kuo 2008, Boost's table] under Owen's nested uniform scrambling, by the hash of Laine &
// Karras [2011] with the constants of Vegdahl [2021]. Each point is uniform on the cube, and any 2^k points that begin
// at a multiple of 2^k have the balance of a (t, k, s)-net. Cheap to make; not thread-safe.
class ScrambledSobol {
 public:
  // dimension: any number >= 0; coordinates beyond Boost's 3,667 repeat earlier ones under another scrambling.
  ScrambledSobol(int dimension, uint64_t seed);

  // Point number `index` of the sequence, each coordinate in (0, 1); repeats after 2^31 points.
  UnitPoint At(uint64_t index);

 private:
  std::vector<uint32_t> scrambles_;  // one per dimension
  boost::random::sobol_engine<uint32_t, 32> engine_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_SAMPLING_SCRAMBLED_SOBOL_H_
