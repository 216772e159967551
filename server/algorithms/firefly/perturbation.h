// How a fly strays from where the forces draw it.
#ifndef PHOTINUS_SERVER_ALGORITHMS_FIREFLY_PERTURBATION_H_
#define PHOTINUS_SERVER_ALGORITHMS_FIREFLY_PERTURBATION_H_

#include "common/base/random.h"
#include "common/space/flatten.h"
#include "server/algorithms/firefly/hyper_parameters.h"
#include "server/algorithms/firefly/layout.h"

namespace photinus::firefly {

// A standard Laplace variable.
double Laplace(Random& random);

// Moves `point` at random by a Laplace vector whose largest coordinate has length `perturbation`; the point is not
// snapped. Ordinals move by up to hyper.ordinal_perturbation levels at the perturbation of a fresh fly. Categories are
// drawn anew with a chance in proportion to their coordinate of the vector, at most 1/2, or a fixed one where all
// parameters are categorical.
void Perturb(const Layout& layout, const HyperParameters& hyper, double perturbation, Random& random, UnitPoint& point);

// A child of `point`, as regularised evolution makes it: half of the numbers move, the other doubles a little, and
// categories are drawn anew, 1.5 of them on average. The point is not snapped.
void Mutate(const Layout& layout, Random& random, UnitPoint& point);

}  // namespace photinus::firefly

#endif  // PHOTINUS_SERVER_ALGORITHMS_FIREFLY_PERTURBATION_H_
