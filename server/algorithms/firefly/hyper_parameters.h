// What the fireflies' behaviour depends on, and the cube in which Hyper-Firefly searches for it.
#ifndef PHOTINUS_SERVER_ALGORITHMS_FIREFLY_HYPER_PARAMETERS_H_
#define PHOTINUS_SERVER_ALGORITHMS_FIREFLY_HYPER_PARAMETERS_H_

#include <cstddef>

#include "common/space/flatten.h"

namespace photinus::firefly {

// The first eleven are those of google-vizier's eagle strategy, with its defaults.
struct HyperParameters {
  double perturbation = 0.1;         // of a new fly, in unit coordinates
  double least_perturbation = 1e-3;  // a fly below it is removed
  double gravity = 1;                // how strongly a brighter fly pulls from nearby
  double negative_gravity = 0.02;    // how strongly a dimmer one pushes
  double visibility = 3;             // how fast forces fade with distance: doubles
  double ordinal_visibility = 1;     // integers and discrete values
  double categorical_visibility = 0.2;
  double ordinal_perturbation = 10;            // levels that a fly of fresh perturbation moves at most
  double categorical_perturbation = 25;        // times the perturbation: the chance of another category
  double pure_categorical_perturbation = 0.1;  // that chance where all parameters are categorical
  double pool_exponent = 1.2;                  // see PoolCapacity
  // Not searched for: factors of a fly's perturbation,
  double penalty = 0.9;  // after a move that failed
  double boost = 1;      // after one that improved
  // and the share of the moves that begin with Recombine instead of Attract.
  double recombination = 0;
  // Of PerturbSome, which Hyper-Firefly uses instead of the three perturbations above.
  double joint_perturbation = 0.2;  // the chance that doubles and others move at once
  double further_change = 0.3;      // the chance of one more change, among the others
  // Of particle swarms.
  double inertia = 0;     // share of its velocity that a fly keeps
  double attraction = 0;  // towards its own best point and the swarm's
  // Of regularised evolution.
  double age_limit = 1e18;  // moves after which a fly is removed
};

// The outer search's cube has one coordinate per hyper-parameter that is searched for, most of them on a log scale.
inline constexpr int kOuterDimension = 13;

// Hyper-Firefly's own defaults: eagle's, with particle swarm velocity and an age limit.
HyperParameters HyperDefaults();

// A point of the cube, clamped to it, and back.
HyperParameters FromCube(const UnitPoint& unit);
UnitPoint ToCube(const HyperParameters& hyper);

// How many flies search a space of that many parameters: 10 + (D^e + D) / 2, 1,000 at most.
size_t PoolCapacity(int dimension, double exponent);

}  // namespace photinus::firefly

#endif  // PHOTINUS_SERVER_ALGORITHMS_FIREFLY_HYPER_PARAMETERS_H_
