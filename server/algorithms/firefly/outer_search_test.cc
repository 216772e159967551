#include "server/algorithms/firefly/outer_search.h"

#include <gtest/gtest.h>

#include <set>

namespace photinus::firefly {
namespace {

class OuterSearchTest : public ::testing::Test {
 protected:
  bool Complete(double goal) {
    const std::vector<double> goals = {goal};
    ranges_.Include(goals);
    return outer_.Complete(&goals, ranges_, 7);
  }
  // An epoch whose trials all have this objective.
  void Epoch(double goal) {
    for (int i = 0; i < kEpoch; ++i) Complete(goal);
  }

  GoalRanges ranges_;
  OuterSearch outer_;
};

TEST_F(OuterSearchTest, StepsOnceForEveryFiftyCompletions) {
  int steps = 0;
  for (int i = 1; i <= 1000; ++i) {
    const bool stepped = Complete(i);
    EXPECT_EQ(stepped, i % kEpoch == 0) << i;
    steps += stepped;
  }
  EXPECT_EQ(steps, 20);
  EXPECT_EQ(outer_.epoch, 20);
}

TEST_F(OuterSearchTest, RewardIsTheBestOfTheWindow) {
  Complete(1000);
  for (int i = 1; i < kEpoch; ++i) Complete(i);
  ASSERT_EQ(outer_.flies.size(), 1u);
  EXPECT_EQ(outer_.flies[0].goals, std::vector<double>{1000});
  Epoch(3);
  ASSERT_EQ(outer_.flies.size(), 2u);
  EXPECT_EQ(outer_.flies[1].goals, std::vector<double>{3}) << "what left the window does not count";
}

TEST_F(OuterSearchTest, InfeasibleTrialsCountButLeaveTheWindowAlone) {
  Complete(5);
  for (int i = 1; i < kEpoch; ++i) outer_.Complete(nullptr, ranges_, 7);
  EXPECT_EQ(outer_.epoch, 1);
  EXPECT_EQ(outer_.window.size(), 1u);
  EXPECT_EQ(outer_.flies[0].goals, std::vector<double>{5});
}

TEST_F(OuterSearchTest, WithoutAnyFeasibleTrialTheDefaultsStay) {
  for (int i = 0; i < 3 * kEpoch; ++i) EXPECT_FALSE(outer_.Complete(nullptr, ranges_, 7));
  EXPECT_EQ(outer_.hyper().visibility, HyperDefaults().visibility);
}

TEST_F(OuterSearchTest, BeginsWithTheDefaultsAndStaysNear) {
  EXPECT_EQ(outer_.hyper().age_limit, HyperDefaults().age_limit);
  Epoch(1);
  const UnitPoint defaults = ToCube(HyperDefaults());
  EXPECT_EQ(outer_.flies[0].best, defaults);
  EXPECT_NE(outer_.current, defaults);
  EXPECT_LT(LargestDifference(outer_.current, defaults), 0.5);
}

TEST_F(OuterSearchTest, ASmallPoolOfFliesMovesInTurn) {
  for (int i = 0; i < 6; ++i) Epoch(i);
  ASSERT_EQ(outer_.flies.size(), 6u);
  std::set<int64_t> movers;
  for (int i = 0; i < 6; ++i) {
    movers.insert(outer_.current_fly);
    Epoch(10 + i);  // improves each
  }
  EXPECT_EQ(movers.size(), 6u);
  for (const Fly& fly : outer_.flies) EXPECT_GE(fly.goals[0], 10);
}

TEST_F(OuterSearchTest, AFlyOfOldRewardsIsReplaced) {
  for (int i = 0; i < 6; ++i) Epoch(100 - i);
  for (int i = 0; i < 12 * 6; ++i) Epoch(0);  // nothing is as good as it was
  EXPECT_EQ(outer_.flies[0].id, 1) << "the best one stays";
  EXPECT_GT(outer_.flies[1].id, 6);
}

}  // namespace
}  // namespace photinus::firefly
