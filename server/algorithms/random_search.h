#ifndef PHOTINUS_SERVER_ALGORITHMS_RANDOM_SEARCH_H_
#define PHOTINUS_SERVER_ALGORITHMS_RANDOM_SEARCH_H_

#include <memory>

#include "server/algorithms/drawn_search.h"

namespace photinus {

// RANDOM_SEARCH: independent uniform draws from the scaled space, in which integers on a linear scale, discrete values
// and categories are equally likely.
class RandomSearch final : public DrawnSearch {
 protected:
  std::unique_ptr<Points> PointsOf(int dimension, uint64_t seed) const override;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_RANDOM_SEARCH_H_
