// What a fly remembers of its flight: the velocity of particle swarms [Kennedy & Eberhart 1995].
#ifndef PHOTINUS_SERVER_ALGORITHMS_FIREFLY_VELOCITY_H_
#define PHOTINUS_SERVER_ALGORITHMS_FIREFLY_VELOCITY_H_

#include "common/base/random.h"
#include "common/space/flatten.h"
#include "server/algorithms/firefly/fly.h"
#include "server/algorithms/firefly/hyper_parameters.h"
#include "server/algorithms/firefly/layout.h"

namespace photinus::firefly {

// Moves `point` by the fly's velocity, and towards the fly's own best point and the swarm's:
//   y <- y + v,  v = w v_fly + c r1 (own - y) + c r2 (swarm - y),  |v| <= 1/4,  r1, r2 uniform for each coordinate
// A categorical parameter takes the category of either with probability c / 10. The point is not snapped.
void Soar(const Layout& layout, const HyperParameters& hyper, const Fly& fly, const UnitPoint& swarm_best,
          Random& random, UnitPoint& point);

// The velocity after a step that improved on the fly's best point: half of that step, only along numbers.
void SpeedUp(const Layout& layout, const UnitPoint& improved, Fly& fly);
// After one that did not: half of what it was.
void SlowDown(Fly& fly);

}  // namespace photinus::firefly

#endif  // PHOTINUS_SERVER_ALGORITHMS_FIREFLY_VELOCITY_H_
