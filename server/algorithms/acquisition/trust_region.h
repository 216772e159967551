// A box around the best point, which shrinks while a search makes no progress [Eriksson et al. 2019].
#ifndef PHOTINUS_SERVER_ALGORITHMS_ACQUISITION_TRUST_REGION_H_
#define PHOTINUS_SERVER_ALGORITHMS_ACQUISITION_TRUST_REGION_H_

#include <optional>

#include "common/space/flatten.h"

namespace photinus {

// Bounds of unit coordinates.
struct UnitBox {
  UnitPoint low, high;
};

// The trust region of a search whose last `failures` trials were no better than `best`, its best point: it reaches 0.3
// of each range from there (from the bound, where that lies outside), and half as far for every `dimension` failures.
// Categories are free. Nullopt: it has shrunk to almost nothing, so that there is nothing left to find in it.
std::optional<UnitBox> TrustRegion(const Flatten& flatten, const UnitPoint& best, int failures);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_ACQUISITION_TRUST_REGION_H_
