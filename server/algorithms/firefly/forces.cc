#include "server/algorithms/firefly/forces.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace photinus::firefly {
namespace {

constexpr double kFading = 10;
constexpr double kRecombined = 0.9;  // share of the parameters

// By kind; 0 where no parameter is of it.
using PerKind = std::array<double, kMovingKinds>;

constexpr auto kCategory = static_cast<size_t>(Kind::kCategorical);

// The mean over the parameters of each kind of their squared difference.
PerKind MeanSquares(const Layout& layout, const UnitPoint& a, const UnitPoint& b) {
  PerKind means = {};
  for (size_t k = 0; k < means.size(); ++k) {
    double sum = 0, count = 0;
    for (const size_t i : layout.coordinates[k]) {
      const double difference = a[i] - b[i];
      if (std::isnan(difference)) {
        if (std::isnan(a[i]) && std::isnan(b[i])) continue;
        sum += 1;
      } else {
        sum += k != kCategory ? difference * difference : difference != 0 ? 1 : 0;
      }
      count += 1;
    }
    if (count > 0) means[k] = sum / count;
  }
  return means;
}

}  // namespace

void Attract(const Layout& layout, const HyperParameters& hyper, const UnitPoint& other, bool brighter, Random& random,
             UnitPoint& point) {
  const PerKind mean_squares = MeanSquares(layout, point, other);
  const PerKind visibility = {hyper.visibility, hyper.ordinal_visibility, hyper.categorical_visibility};
  const double gravity = brighter ? hyper.gravity : -hyper.negative_gravity;
  for (size_t k = 0; k < mean_squares.size(); ++k) {
    if (layout.coordinates[k].empty()) continue;
    const double w = gravity * std::exp(-kFading * visibility[k] * mean_squares[k]);
    for (const size_t i : layout.coordinates[k]) {
      if (std::isnan(other[i])) continue;
      if (k == kCategory || std::isnan(point[i])) {
        if (w > 0 && random.Uniform() < w) point[i] = other[i];
      } else {
        point[i] = std::clamp(point[i] + w * (other[i] - point[i]), 0.0, 1.0);
      }
    }
  }
}

void Recombine(const std::vector<const UnitPoint*>& brighter, Random& random, UnitPoint& point) {
  if (brighter.empty()) return;
  for (size_t i = 0; i < point.size(); ++i) {
    if (random.Uniform() >= kRecombined) continue;
    const double taken = (*brighter[random.Below(brighter.size())])[i];
    if (!std::isnan(taken)) point[i] = taken;
  }
}

double SquaredDistance(const Layout& layout, const UnitPoint& a, const UnitPoint& b) {
  double sum = 0;
  for (const double square : MeanSquares(layout, a, b)) sum += square;
  return sum;
}

}  // namespace photinus::firefly
