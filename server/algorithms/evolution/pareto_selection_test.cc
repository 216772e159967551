#include "server/algorithms/evolution/pareto_selection.h"

#include <limits>

#include "common/base/random.h"
#include "gmock/gmock.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr double kInf = std::numeric_limits<double>::infinity();

//  y
//  4 A
//  3   . B          A, B, C are the front; D is behind B; E behind D and C; F is B again.
//  2   D     .
//  1     E   C
//    1 2 3 4
const GoalTable kFronts = {{1, 4}, {3, 3}, {4, 1}, {2, 2}, {2, 1}, {3, 3}};

TEST(NonDominatedRanks, PeelOneFrontAfterTheOther) {
  EXPECT_THAT(NonDominatedRanks(kFronts), ElementsAre(0, 0, 0, 1, 2, 0));
}

TEST(NonDominatedRanks, OrderOneGoalByItsValue) {
  EXPECT_THAT(NonDominatedRanks({{3}, {5}, {3}, {-1}}), ElementsAre(1, 0, 1, 2));
}

TEST(NonDominatedRanks, ArePlainWithoutGoalsOrPoints) {
  EXPECT_THAT(NonDominatedRanks({{}, {}}), ElementsAre(0, 0));
  EXPECT_THAT(NonDominatedRanks({}), IsEmpty());
}

TEST(CrowdingDistances, SumTheGapsBetweenNeighbours) {
  // First goal 0, 1, 4, 10: gaps 4/10 and 9/10. Second goal 8, 6, 2, 0: gaps 6/8 and 6/8.
  EXPECT_THAT(CrowdingDistances({{0, 8}, {10, 0}, {1, 6}, {4, 2}}), ElementsAre(kInf, kInf, 0.4 + 0.75, 0.9 + 0.75));
}

TEST(CrowdingDistances, CopeWithGoalsThatAreAllEqualOrHuge) {
  EXPECT_THAT(CrowdingDistances({{2, 1}, {2, 2}, {2, 3}}), ElementsAre(kInf, 1, kInf));
  EXPECT_THAT(CrowdingDistances({{-1.7e308}, {0}, {1.7e308}}), ElementsAre(kInf, 1, kInf));
}

TEST(SelectBest, TakesWholeFrontsThenTheLeastCrowded) {
  EXPECT_THAT(SelectBest(kFronts, 4), UnorderedElementsAre(0, 1, 2, 5));
  EXPECT_THAT(SelectBest(kFronts, 5), ElementsAre(0, 2, ::testing::_, ::testing::_, 3));
  EXPECT_THAT(SelectBest(kFronts, 2), ElementsAre(0, 2));
  EXPECT_THAT(SelectBest(kFronts, 99), ::testing::SizeIs(6));
}

TEST(SelectBestByGenerations, IsTheSameWhereNoFrontIsCut) {
  Random random(3);
  GoalTable goals;
  for (int i = 0; i < 400; ++i) {
    const auto goal = static_cast<double>(random.Below(1000000));
    goals.push_back({goal, -1 / (1 + goal)});  // each front has one point
  }
  EXPECT_EQ(SelectBestByGenerations(goals, 25, 60), SelectBest(goals, 25));
}

TEST(SelectBest, OfOneGoalTakesTheGreatestAndOfEqualOnesTheFirst) {
  const GoalTable goals = {{1}, {3}, {2}, {3}, {-5}};
  EXPECT_THAT(SelectBest(goals, 3), ElementsAre(1, 3, 2));
  EXPECT_THAT(SelectBestByGenerations(goals, 4, 2), ElementsAre(1, 3, 2, 0));
  EXPECT_THAT(SelectBest({{}, {}, {}}, 2), ElementsAre(0, 1));
  EXPECT_THAT(SelectBest({}, 2), IsEmpty());
}

TEST(SelectBestByGenerations, KeepsTheFrontOfManyPoints) {
  Random random(4);
  GoalTable goals;
  for (int i = 0; i < 1000; ++i) goals.push_back({random.Uniform(), random.Uniform()});
  const std::vector<int> ranks = NonDominatedRanks(goals);
  const std::vector<size_t> best = SelectBestByGenerations(goals, 50, 50);
  for (size_t i = 0; i < goals.size(); ++i) {
    if (ranks[i] > 0) continue;
    EXPECT_THAT(best, ::testing::Contains(i));
  }
}

}  // namespace
}  // namespace photinus
