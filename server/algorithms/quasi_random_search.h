#ifndef PHOTINUS_SERVER_ALGORITHMS_QUASI_RANDOM_SEARCH_H_
#define PHOTINUS_SERVER_ALGORITHMS_QUASI_RANDOM_SEARCH_H_

#include <memory>

#include "server/algorithms/drawn_search.h"

namespace photinus {

// QUASI_RANDOM_SEARCH: a scrambled Sobol sequence over the scaled space; trial id i gets point i - 1 of the sequence
// that the seed chooses. Children of a conditional space have coordinates of their own.
class QuasiRandomSearch final : public DrawnSearch {
 protected:
  std::unique_ptr<Points> PointsOf(int dimension, uint64_t seed) const override;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_QUASI_RANDOM_SEARCH_H_
