#include "server/algorithms/firefly/outer_search.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "common/base/random.h"
#include "server/algorithms/firefly/forces.h"
#include "server/algorithms/firefly/layout.h"
#include "server/algorithms/firefly/perturbation.h"

namespace photinus::firefly {
namespace {

constexpr uint64_t kOuterStream = 0x0e7e;
constexpr size_t kOuterPool = 6;  // 2,000 trials have 40 epochs only
constexpr double kSpread = 0.05;  // of new outer flies about the defaults, in the cube
constexpr int64_t kOuterAge = 8;  // evaluations
constexpr double kPenalty = 0.9;

// The greatest brightness of the trials in a window.
double BestOf(const std::vector<double>& window, const GoalRanges& ranges) {
  const Brightness brightness(ranges, 0);
  double best = -std::numeric_limits<double>::infinity();
  const auto width = static_cast<std::ptrdiff_t>(ranges.lowest.size());
  for (auto goals = window.begin(); goals != window.end(); goals += width) {
    best = std::max(best, brightness({goals, goals + width}));
  }
  return best;
}

}  // namespace

bool OuterSearch::Complete(const std::vector<double>* goals, const GoalRanges& ranges, uint64_t seed) {
  if (goals != nullptr) {
    window.insert(window.end(), goals->begin(), goals->end());
    const size_t most = static_cast<size_t>(kEpoch) * goals->size();
    if (window.size() > most) window.erase(window.begin(), window.end() - static_cast<std::ptrdiff_t>(most));
  }
  if (++completed < kEpoch) return false;
  completed = 0;
  if (window.empty()) return false;  // nothing was feasible: there is no reward
  const double reward = BestOf(window, ranges);
  ++epoch;
  Judge(reward);
  Propose(seed);
  return true;
}

HyperParameters OuterSearch::hyper() const { return current.empty() ? HyperDefaults() : FromCube(current); }

void OuterSearch::Judge(double reward) {
  if (current.empty()) current = ToCube(HyperDefaults());
  const size_t index = FindFly(flies, current_fly);
  if (index == flies.size()) {
    flies.push_back(
        {.id = current_fly, .best = current, .goals = {reward}, .perturbation = HyperParameters().perturbation});
    return;
  }
  Fly& fly = flies[index];
  ++fly.moves;
  if (reward > fly.goals[0]) {
    fly.best = current;
    fly.goals = {reward};
  } else {
    fly.perturbation *= kPenalty;
  }
  const GoalRanges one_reward;
  if (fly.moves >= kOuterAge && Brightest(flies, Brightness(one_reward, 0)) != index) {
    flies.erase(flies.begin() + static_cast<int64_t>(index));
  }
}

void OuterSearch::Propose(uint64_t seed) {
  Random random(MixSeed(MixSeed(seed, kOuterStream), static_cast<uint64_t>(epoch)));
  if (flies.size() < kOuterPool) {
    current_fly = flies.back().id + 1;
    current = ToCube(HyperDefaults());
    for (double& u : current) u = std::clamp(u + kSpread * Laplace(random), 0.0, 1.0);
    return;
  }
  const size_t mover = NextFly(flies, current_fly);
  const HyperParameters plain;
  const Layout layout(kOuterDimension);
  current_fly = flies[mover].id;
  current = flies[mover].best;
  for (const size_t other : OthersInRandomOrder(flies.size(), mover, random)) {
    const bool brighter = flies[other].goals[0] > flies[mover].goals[0];
    Attract(layout, plain, flies[other].best, brighter, random, current);
  }
  Perturb(layout, plain, flies[mover].perturbation, random, current);
}

}  // namespace photinus::firefly
