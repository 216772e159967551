// What draws a fly: the light of the others.
#ifndef PHOTINUS_SERVER_ALGORITHMS_FIREFLY_FORCES_H_
#define PHOTINUS_SERVER_ALGORITHMS_FIREFLY_FORCES_H_

#include <vector>

#include "common/base/random.h"
#include "common/space/flatten.h"
#include "server/algorithms/firefly/hyper_parameters.h"
#include "server/algorithms/firefly/layout.h"

namespace photinus::firefly {

// Moves `point` towards a brighter fly at `other`, or away from a dimmer one [Yang 2009]:
//   x <- x + w (other - x),  w = g exp(-10 v d^2 / n)
// with its own visibility v, squared distance d^2 and number n of parameters for each kind; g is the gravity, or minus
// the negative gravity. A categorical parameter takes the other's category with probability w, and so does one that is
// active only at `other`; one that is not active there stays. The point is not snapped.
void Attract(const Layout& layout, const HyperParameters& hyper, const UnitPoint& other, bool brighter, Random& random,
             UnitPoint& point);

// The force of Hyper-Firefly's other moves: each parameter takes, with a chance of 9/10, the value that it has at one
// of the brighter flies, drawn anew for each as in uniform crossover; where it is not active there it stays. So values
// that many of the brighter ones share win, whichever of them were only lucky. brighter: not null.
void Recombine(const std::vector<const UnitPoint*>& brighter, Random& random, UnitPoint& point);

// The sum over kinds of d^2 / n; a parameter that is active at one of the points only counts as different.
double SquaredDistance(const Layout& layout, const UnitPoint& a, const UnitPoint& b);

}  // namespace photinus::firefly

#endif  // PHOTINUS_SERVER_ALGORITHMS_FIREFLY_FORCES_H_
