#include "server/algorithms/firefly/perturbation.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace photinus::firefly {
namespace {

constexpr double kMaxCategoryChance = 0.5;  // more would be random search
constexpr double kMutatedNumbers = 0.5;     // share
constexpr double kMutation = 0.15;          // of a number, in unit coordinates
constexpr double kSmallMutation = 0.01;
constexpr double kMutatedCategories = 1.5;  // on average

double RandomCategory(int64_t levels, Random& random) {
  return (static_cast<double>(random.Below(static_cast<uint64_t>(levels))) + 0.5) / static_cast<double>(levels);
}

}  // namespace

double Laplace(Random& random) {
  const double u = random.Uniform() - 0.5;  // in [-1/2, 1/2)
  return (u < 0 ? 1 : -1) * std::log1p(-std::min(2 * std::abs(u), 1 - 1e-16));
}

void Perturb(const Layout& layout, const HyperParameters& hyper, double perturbation, Random& random,
             UnitPoint& point) {
  std::vector<double> steps(point.size());
  double largest = 0;
  for (double& step : steps) {
    step = Laplace(random);
    largest = std::max(largest, std::abs(step));
  }
  for (size_t i = 0; i < point.size(); ++i) {
    const double step = steps[i] / largest * perturbation;
    const auto levels = static_cast<double>(layout.levels[i]);
    switch (layout.kinds[i]) {
      case Kind::kDouble:
        point[i] += step;
        break;
      case Kind::kOrdinal:
        point[i] += step * hyper.ordinal_perturbation / (levels * hyper.perturbation);
        break;
      case Kind::kCategorical: {
        const double chance = layout.only_categorical
                                  ? hyper.pure_categorical_perturbation
                                  : std::min(std::abs(step) * hyper.categorical_perturbation, kMaxCategoryChance);
        if (!std::isnan(point[i]) && random.Uniform() < chance) point[i] = RandomCategory(layout.levels[i], random);
        break;
      }
      case Kind::kFixed:
        break;
    }
    point[i] = std::isnan(point[i]) ? point[i] : std::clamp(point[i], 0.0, 1.0);
  }
}

void Mutate(const Layout& layout, Random& random, UnitPoint& point) {
  const auto categories = std::count(layout.kinds.begin(), layout.kinds.end(), Kind::kCategorical);
  for (size_t i = 0; i < point.size(); ++i) {
    if (std::isnan(point[i])) continue;
    if (layout.kinds[i] == Kind::kCategorical) {
      const double chance = kMutatedCategories / static_cast<double>(categories);
      if (random.Uniform() < chance) point[i] = RandomCategory(layout.levels[i], random);
      continue;
    }
    const bool far = random.Uniform() < kMutatedNumbers;
    if (far || layout.kinds[i] == Kind::kDouble) {
      point[i] = std::clamp(point[i] + (far ? kMutation : kSmallMutation) * Laplace(random), 0.0, 1.0);
    }
  }
}

}  // namespace photinus::firefly
