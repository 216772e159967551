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

// By a Laplace vector whose largest coordinate has length `perturbation`.
void MoveDoubles(const std::vector<size_t>& doubles, double perturbation, Random& random, UnitPoint& point) {
  std::vector<double> steps;
  double largest = 0;
  for (size_t k = 0; k < doubles.size(); ++k) {
    steps.push_back(Laplace(random));
    largest = std::max(largest, std::abs(steps[k]));
  }
  for (size_t k = 0; k < doubles.size(); ++k) {
    double& u = point[doubles[k]];
    u = std::clamp(u + steps[k] / largest * perturbation, 0.0, 1.0);
  }
}

// The coordinate of the level below or above, or of any other category.
double OtherLevel(const Flatten& flatten, const Layout& layout, size_t i, double coordinate, Random& random) {
  const auto parameter = static_cast<int>(i);
  const int64_t levels = layout.levels[i], level = flatten.LevelOf(parameter, coordinate);
  int64_t other = random.Uniform() < 0.5 ? level - 1 : level + 1;
  if (layout.kinds[i] == Kind::kCategorical) {
    other = static_cast<int64_t>(random.Below(static_cast<uint64_t>(levels - 1)));
    if (other >= level) ++other;
  } else if (other < 0 || other >= levels) {
    other = 2 * level - other;  // there is nothing beyond the ends
  }
  return flatten.LevelCoordinate(parameter, other);
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

void PerturbSome(const Flatten& flatten, const Layout& layout, const HyperParameters& hyper, double perturbation,
                 Random& random, UnitPoint& point) {
  std::vector<size_t> doubles, others;
  for (size_t i = 0; i < point.size(); ++i) {
    if (layout.kinds[i] == Kind::kFixed || std::isnan(point[i])) continue;
    (layout.kinds[i] == Kind::kDouble ? doubles : others).push_back(i);
  }
  const double alone = (1 - hyper.joint_perturbation) / 2, choice = random.Uniform();
  if (!doubles.empty() && (others.empty() || choice >= alone)) MoveDoubles(doubles, perturbation, random, point);
  if (others.empty() || (!doubles.empty() && choice >= 1 - alone)) return;
  do {
    const size_t i = others[random.Below(others.size())];
    point[i] = OtherLevel(flatten, layout, i, point[i], random);
  } while (random.Uniform() < hyper.further_change);
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
