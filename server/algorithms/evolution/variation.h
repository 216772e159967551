// How evolution makes new points from old ones, in unit coordinates.
#ifndef PHOTINUS_SERVER_ALGORITHMS_EVOLUTION_VARIATION_H_
#define PHOTINUS_SERVER_ALGORITHMS_EVOLUTION_VARIATION_H_

#include "common/base/random.h"
#include "common/space/flatten.h"

namespace photinus {

// All points are snapped, and so are the answers. Numbers vary in their unit coordinates, categories uniformly. A child
// parameter that no parent has, because it was inactive there, is drawn uniformly.

// The same point but for one active parameter, which has another value: a category any other, a number one near by
// (polynomial mutation with index 20 [Deb & Goyal 1996]; integers and discrete values move by one level at least). The
// same point if no active parameter has a choice.
UnitPoint MutateOne(const Flatten& flatten, const UnitPoint& parent, Random& random);

// Mutates each active parameter with probability 1 / (their number).
UnitPoint MutateEach(const Flatten& flatten, const UnitPoint& parent, Random& random);

// One child of two parents: numbers by simulated binary crossover with index 15 [Deb & Agrawal 1995] with probability
// 1/2 each, categories from either parent.
UnitPoint Crossover(const Flatten& flatten, const UnitPoint& a, const UnitPoint& b, Random& random);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ALGORITHMS_EVOLUTION_VARIATION_H_
