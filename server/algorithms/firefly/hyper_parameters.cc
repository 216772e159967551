#include "server/algorithms/firefly/hyper_parameters.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace photinus::firefly {
namespace {

constexpr double kMaxPool = 1000;

struct Range {
  double HyperParameters::*member;
  double low, high;
  bool log = true;
};

// firefly_tsgp 1.7: wide about the defaults, but never where a move would leave the cube or a fly would not move.
constexpr Range kRanges[] = {
    {&HyperParameters::perturbation, 1e-4, 1},
    {&HyperParameters::least_perturbation, 1e-5, 0.1},
    {&HyperParameters::gravity, 1e-2, 2},
    {&HyperParameters::negative_gravity, 2e-4, 2},
    {&HyperParameters::visibility, 0.03, 300},
    {&HyperParameters::ordinal_visibility, 1e-2, 100},
    {&HyperParameters::categorical_visibility, 2e-3, 20},
    {&HyperParameters::joint_perturbation, 0, 0.9, false},
    {&HyperParameters::further_change, 0, 0.7, false},
    {&HyperParameters::pool_exponent, 1, 2},
    {&HyperParameters::inertia, 0, 0.9, false},
    {&HyperParameters::attraction, 0.03, 2},
    {&HyperParameters::age_limit, 40, 1000},
};
static_assert(std::size(kRanges) == kOuterDimension);

// What Hyper-Firefly sets once and for all. Success must pay, or a swarm has calmed down long before 2,000 trials.
HyperParameters Fixed() {
  HyperParameters hyper;
  hyper.penalty = 0.8;
  hyper.boost = 1.5;
  hyper.recombination = 0.8;
  return hyper;
}

}  // namespace

HyperParameters HyperDefaults() {
  HyperParameters hyper = Fixed();
  hyper.inertia = 0.3;
  hyper.perturbation = 0.2;
  hyper.attraction = 0.3;
  hyper.age_limit = 100;
  return hyper;
}

HyperParameters FromCube(const UnitPoint& unit) {
  HyperParameters hyper = Fixed();
  for (size_t i = 0; i < std::size(kRanges); ++i) {
    const Range& range = kRanges[i];
    const double u = std::clamp(unit[i], 0.0, 1.0);
    hyper.*range.member =
        range.log ? range.low * std::pow(range.high / range.low, u) : range.low + u * (range.high - range.low);
  }
  hyper.least_perturbation = std::min(hyper.least_perturbation, hyper.perturbation / 2);
  return hyper;
}

UnitPoint ToCube(const HyperParameters& hyper) {
  UnitPoint unit;
  for (const Range& range : kRanges) {
    const double value = hyper.*range.member;
    unit.push_back(range.log ? std::log(value / range.low) / std::log(range.high / range.low)
                             : (value - range.low) / (range.high - range.low));
  }
  return unit;
}

size_t PoolCapacity(int dimension, double exponent) {
  const double d = dimension;
  return static_cast<size_t>(std::min(10 + std::round(0.5 * (std::pow(d, exponent) + d)), kMaxPool));
}

}  // namespace photinus::firefly
