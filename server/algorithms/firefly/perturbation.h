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

// The same for Hyper-Firefly, from a settled point: the doubles move alone, or the other parameters do, each as likely,
// or with hyper.joint_perturbation both. Doubles move by such a Laplace vector. Of the others that are active one
// changes, and with the chance hyper.further_change another one, and so on: ordinals by one level, categories to any
// other. Few changes at a time succeed where categories matter much, and then how far doubles stray is their own
// affair.
void PerturbSome(const Flatten& flatten, const Layout& layout, const HyperParameters& hyper, double perturbation,
                 Random& random, UnitPoint& point);

// A child of `point`, as regularised evolution makes it: half of the numbers move, the other doubles a little, and
// categories are drawn anew, 1.5 of them on average. The point is not snapped.
void Mutate(const Layout& layout, Random& random, UnitPoint& point);

}  // namespace photinus::firefly

#endif  // PHOTINUS_SERVER_ALGORITHMS_FIREFLY_PERTURBATION_H_
