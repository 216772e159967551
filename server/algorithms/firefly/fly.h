// The record of one firefly, and what is asked of a list of them.
#ifndef PHOTINUS_SERVER_ALGORITHMS_FIREFLY_FLY_H_
#define PHOTINUS_SERVER_ALGORITHMS_FIREFLY_FLY_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/base/random.h"
#include "common/space/flatten.h"
#include "server/algorithms/firefly/brightness.h"

namespace photinus::firefly {

struct Fly {
  int64_t id = 0;
  UnitPoint best;                // its best point so far
  std::vector<double> goals;     // the objectives there, larger is better
  std::vector<double> velocity;  // per unit coordinate; empty: at rest
  double perturbation = 0;       // how far it strays at random, in unit coordinates
  int64_t moves = 0;             // how many of its moves were evaluated
};

// Lists of flies are sorted by id. flies.size() where there is no such fly.
size_t FindFly(const std::vector<Fly>& flies, int64_t id);
// The first of a greater id, else the first of all.
size_t NextFly(const std::vector<Fly>& flies, int64_t id);
// The oldest of the brightest ones; 0 of an empty list.
size_t Brightest(const std::vector<Fly>& flies, const Brightness& brightness);
// 0, 1, ... without `except`, in random order.
std::vector<size_t> OthersInRandomOrder(size_t count, size_t except, Random& random);

}  // namespace photinus::firefly

#endif  // PHOTINUS_SERVER_ALGORITHMS_FIREFLY_FLY_H_
