#include "server/algorithms/firefly/state.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <utility>

namespace photinus::firefly {
namespace {

constexpr int kDimension = 2;
constexpr size_t kObjectives = 2;

TEST(FireflyState, IsRememberedAsItWouldBeParsed) {
  SwarmState state;
  for (uint64_t key = 0; key < 1001; ++key) state.visited.insert(key);
  const SwarmState parsed = Parse(Serialize(state, 2), 2, 1);
  const SwarmState remembered = AsParsed(std::move(state));
  EXPECT_TRUE(parsed.visited_elsewhere);
  EXPECT_EQ(remembered.visited, parsed.visited);
  EXPECT_EQ(remembered.visited_elsewhere, parsed.visited_elsewhere);
}

SwarmState AState() {
  SwarmState state;
  for (const int64_t id : {1, 2}) {
    state.flies.push_back({.id = id, .best = {0.5, 0.25}, .goals = {1, 2}, .perturbation = 0.1});
  }
  state.next_fly_id = 3;
  state.was_complete = true;
  state.ranges = {{0, 0}, {1, 2}};
  state.outer.window = {1, 2};
  state.outer.current.assign(kOuterDimension, 0.5);
  state.outer.flies = {{.id = 1, .best = state.outer.current, .goals = {1}, .perturbation = 0.1}};
  return state;
}

bool IsRead(const SwarmState& state, size_t objectives) {
  return Parse(Serialize(state, kDimension), kDimension, objectives).next_fly_id == 3;
}

// Such as in an imported study.
TEST(FireflyState, IsNotReadWhereItDoesNotFitTheStudyOrANumberMakesNoSense) {
  ASSERT_TRUE(IsRead(AState(), kObjectives));
  const std::pair<const char*, std::function<void(SwarmState&)>> table[] = {
      {"half a trial in the window", [](SwarmState& s) { s.outer.window = {1}; }},
      {"too many trials in the window", [](SwarmState& s) { s.outer.window.assign(kObjectives * (kEpoch + 1), 1); }},
      {"ranges of one objective",
       [](SwarmState& s) {
         s.ranges = {{0}, {0}};
         s.outer.window.clear();
       }},
      {"half of a range", [](SwarmState& s) { s.ranges.highest.clear(); }},
      {"goals of flies, but no ranges",
       [](SwarmState& s) {
         s.ranges = {};
         s.outer.window.clear();
       }},
      {"goals in the window, but no ranges",
       [](SwarmState& s) {
         s.ranges = {};
         s.flies.clear();
       }},
      {"hyper-parameters", [](SwarmState& s) { s.outer.current[0] = NAN; }},
      {"hyper-parameters of a fly", [](SwarmState& s) { s.outer.flies[0].best[3] = INFINITY; }},
      {"how far a fly strays", [](SwarmState& s) { s.outer.flies[0].perturbation = NAN; }},
  };
  for (const auto& [what, spoil] : table) {
    SwarmState state = AState();
    spoil(state);
    EXPECT_FALSE(IsRead(state, kObjectives)) << what;
  }
}

TEST(FireflyState, KnowsNoGoalsWhereThereIsNoObjective) {
  SwarmState state;
  state.next_fly_id = 3;
  EXPECT_TRUE(IsRead(state, 0));
  state.outer.window = {1};
  EXPECT_FALSE(IsRead(state, 0));
  state.outer.window.clear();
  state.flies = {{.id = 1, .best = {0.5, 0.5}}};
  EXPECT_FALSE(IsRead(state, 0));
}

}  // namespace
}  // namespace photinus::firefly
