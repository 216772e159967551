// Where a search begins, before there is anything to learn from.
#ifndef PHOTINUS_SERVER_ALGORITHMS_INITIAL_DESIGN_H_
#define PHOTINUS_SERVER_ALGORITHMS_INITIAL_DESIGN_H_

#include <cstdint>
#include <optional>

#include "common/space/flatten.h"
#include "server/algorithms/history.h"
#include "server/algorithms/sampling/scrambled_sobol.h"

namespace photinus {

// DefaultPoint for a study without trials, then a scrambled Sobol sequence, of which trial i gets point i - 1.
class InitialDesign {
 public:
  // The flattened space is borrowed.
  InitialDesign(const Flatten& flatten, uint64_t seed)
      : flatten_(flatten), seed_(seed), sobol_(flatten.dimension(), seed) {}

  // Another point than those excluded, snapped; nullopt if there is none.
  std::optional<UnitPoint> Next(const History& history, int64_t trial_id);

 private:
  const Flatten& flatten_;
  uint64_t seed_;
  ScrambledSobol sobol_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_INITIAL_DESIGN_H_
