#include "server/algorithms/firefly/velocity.h"

#include <algorithm>
#include <cmath>

namespace photinus::firefly {
namespace {

constexpr double kMaxSpeed = 0.25;
constexpr double kKept = 0.5;           // of a step or a velocity
constexpr double kCategoryShare = 0.1;  // of the attraction: the chance of the other category

}  // namespace

void Soar(const Layout& layout, const HyperParameters& hyper, const Fly& fly, const UnitPoint& swarm_best,
          Random& random, UnitPoint& point) {
  for (size_t i = 0; i < point.size(); ++i) {
    if (layout.kinds[i] == Kind::kFixed || std::isnan(point[i])) continue;
    const double own = std::isnan(fly.best[i]) ? point[i] : fly.best[i];
    const double best = std::isnan(swarm_best[i]) ? point[i] : swarm_best[i];
    const double r1 = random.Uniform(), r2 = random.Uniform();
    if (layout.kinds[i] == Kind::kCategorical) {
      if (r1 < kCategoryShare * hyper.attraction) point[i] = best;
      if (r2 < kCategoryShare * hyper.attraction) point[i] = own;
      continue;
    }
    const double kept = fly.velocity.empty() ? 0 : hyper.inertia * fly.velocity[i];
    const double velocity = kept + hyper.attraction * (r1 * (own - point[i]) + r2 * (best - point[i]));
    point[i] = std::clamp(point[i] + std::clamp(velocity, -kMaxSpeed, kMaxSpeed), 0.0, 1.0);
  }
}

void SpeedUp(const Layout& layout, const UnitPoint& improved, Fly& fly) {
  fly.velocity.assign(improved.size(), 0);
  for (size_t i = 0; i < improved.size(); ++i) {
    const double step = improved[i] - fly.best[i];
    if (layout.kinds[i] != Kind::kCategorical && !std::isnan(step)) fly.velocity[i] = kKept * step;
  }
}

void SlowDown(Fly& fly) {
  for (double& v : fly.velocity) v *= kKept;
}

}  // namespace photinus::firefly
