// The search for the point of greatest acquisition, among valid points only.
#ifndef PHOTINUS_SERVER_ALGORITHMS_ACQUISITION_MAXIMIZE_H_
#define PHOTINUS_SERVER_ALGORITHMS_ACQUISITION_MAXIMIZE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "common/space/flatten.h"
#include "server/algorithms/acquisition/acquisition.h"
#include "server/algorithms/acquisition/trust_region.h"
#include "server/algorithms/sampling/visited_points.h"

namespace photinus {

struct MaximizeRequest {
  const Flatten& flatten;
  const Acquisition& acquisition;
  const std::vector<UnitPoint>& incumbents;  // good points, best first: candidates are drawn around them
  const VisitedPoints& excluded;             // never answered
  uint64_t seed = 0;
  const std::function<bool()>& cancelled;  // may be null
  const UnitBox* box = nullptr;            // where to look; null: everywhere
};

// The best point found, snapped; nullopt if every point is excluded, if none is left in the box, or if cancelled. A
// finite space of a few thousand points is searched exhaustively. Otherwise candidates (an even sample of the box, and
// perturbations of the incumbents) are rounded before they are scored, which is done only for those whose bound is
// high, and the best few climb together: doubles by bounded L-BFGS on the gradient, all others by sweeps over their
// levels. Deterministic.
std::optional<UnitPoint> MaximizeAcquisition(const MaximizeRequest& request);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_ACQUISITION_MAXIMIZE_H_
