#include "server/algorithms/evolution/variation.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace photinus {
namespace {

constexpr double kMutationIndex = 20;
constexpr double kCrossoverIndex = 15;

bool IsCategorical(const Flatten& flatten, int parameter) {
  return flatten.space().parameters()[parameter].type == Parameter::Type::kCategorical;
}

// Inactive parameters with uniform values, of which Snap keeps those that have become active.
UnitPoint WithInactiveDrawn(const UnitPoint& unit, const std::vector<bool>& active, Random& random) {
  UnitPoint drawn = unit;
  for (size_t i = 0; i < drawn.size(); ++i) {
    if (!active[i]) drawn[i] = random.Uniform();
  }
  return drawn;
}

std::vector<int> ActiveWithAChoice(const Flatten& flatten, const std::vector<bool>& active) {
  std::vector<int> parameters;
  for (int i = 0; i < flatten.dimension(); ++i) {
    if (active[i] && flatten.Levels(i) != 1) parameters.push_back(i);
  }
  return parameters;
}

// Polynomial mutation that keeps to [0, 1]; from a border it goes inwards.
double PolynomialMutation(double x, Random& random) {
  constexpr double kPower = kMutationIndex + 1;
  x = std::clamp(x, 0.0, 1.0);
  const bool down = x > 0 && (x >= 1 || random.Uniform() < 0.5);
  const double u = random.Uniform();
  const double room = down ? x : 1 - x;
  const double step = 1 - std::pow(u + (1 - u) * std::pow(1 - room, kPower), 1 / kPower);
  return std::clamp(down ? x - step : x + step, 0.0, 1.0);
}

double Mutated(const Flatten& flatten, int parameter, double x, Random& random) {
  const int64_t levels = flatten.Levels(parameter);
  if (levels == 0) return PolynomialMutation(x, random);
  const int64_t level = flatten.LevelOf(parameter, x);
  int64_t other;
  if (IsCategorical(flatten, parameter)) {
    other = static_cast<int64_t>(random.Below(static_cast<uint64_t>(levels - 1)));
    if (other >= level) ++other;
  } else {
    const double moved = PolynomialMutation(x, random);
    other = flatten.LevelOf(parameter, moved);
    if (other == level) other = moved < x ? level - 1 : level + 1;
    if (other < 0 || other >= levels) other = 2 * level - other;
  }
  return flatten.LevelCoordinate(parameter, other);
}

// Simulated binary crossover; one of its two children.
double BinaryCrossover(double a, double b, Random& random) {
  const double u = random.Uniform();
  const double power = 1 / (kCrossoverIndex + 1);
  const double spread = u < 0.5 ? std::pow(2 * u, power) : std::pow(1 / (2 * (1 - u)), power);
  const double side = random.Uniform() < 0.5 ? spread : -spread;
  return std::clamp(0.5 * ((1 + side) * a + (1 - side) * b), 0.0, 1.0);
}

}  // namespace

UnitPoint MutateOne(const Flatten& flatten, const UnitPoint& parent, Random& random) {
  const std::vector<bool> active = flatten.Active(parent);
  const std::vector<int> choices = ActiveWithAChoice(flatten, active);
  if (choices.empty()) return parent;
  UnitPoint child = WithInactiveDrawn(parent, active, random);
  const int parameter = choices[random.Below(choices.size())];
  child[parameter] = Mutated(flatten, parameter, parent[parameter], random);
  flatten.Snap(child);
  return child;
}

UnitPoint MutateEach(const Flatten& flatten, const UnitPoint& parent, Random& random) {
  const std::vector<bool> active = flatten.Active(parent);
  const std::vector<int> choices = ActiveWithAChoice(flatten, active);
  UnitPoint child = WithInactiveDrawn(parent, active, random);
  for (const int parameter : choices) {
    if (random.Below(choices.size()) > 0) continue;
    child[parameter] = Mutated(flatten, parameter, parent[parameter], random);
  }
  flatten.Snap(child);
  return child;
}

UnitPoint Crossover(const Flatten& flatten, const UnitPoint& a, const UnitPoint& b, Random& random) {
  const std::vector<bool> active_a = flatten.Active(a), active_b = flatten.Active(b);
  UnitPoint child = WithInactiveDrawn(a, active_a, random);
  for (int i = 0; i < flatten.dimension(); ++i) {
    if (!active_b[i] || (active_a[i] && random.Uniform() < 0.5)) continue;
    child[i] = !active_a[i] || IsCategorical(flatten, i) ? b[i] : BinaryCrossover(a[i], b[i], random);
  }
  flatten.Snap(child);
  return child;
}

}  // namespace photinus
