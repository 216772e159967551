#include "server/algorithms/goals.h"

#include <limits>

#include "gmock/gmock.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

const std::vector<Objective> kGainAndLoss = {{.metric = "gain"}, {.metric = "loss", .maximize = false}};

TEST(Goals, AreTheObjectivesInTheirOrderLargerIsBetter) {
  EXPECT_THAT(GoalsOf({3, 5}, false, kGainAndLoss), Optional(ElementsAre(3, -5)));
}

TEST(Goals, OfAnInfeasibleTrialAreNone) { EXPECT_EQ(GoalsOf({3, 5}, true, kGainAndLoss), std::nullopt); }

TEST(Goals, NeedEveryObjectiveAndAFiniteOne) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  for (const std::vector<double>& objectives :
       std::vector<std::vector<double>>{{3}, {3, 5, 7}, {}, {3, nan}, {nan, 5}, {inf, 5}, {3, -inf}}) {
    EXPECT_EQ(GoalsOf(objectives, false, kGainAndLoss), std::nullopt);
  }
}

TEST(Goals, OfAStudyWithoutObjectivesAreEmptyAndNoFailure) { EXPECT_THAT(GoalsOf({}, false, {}), Optional(IsEmpty())); }

}  // namespace
}  // namespace photinus
