#include "tests/benchmarks/search/quality_gate.h"

#include "common/base/temporary_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const GateScores kAccepted = {{"p", {-1, -2}}, {"q", {-0.5, 0.5}}};

TEST(FindLosses, LetsGainsAndSmallLossesPass) {
  EXPECT_EQ(FindLosses(kAccepted, kAccepted), "");
  EXPECT_EQ(FindLosses({{"p", {-1, -1.85}}, {"q", {-0.5, 0.5}}}, kAccepted), "");  // 0.0375 in the mean
  EXPECT_EQ(FindLosses({{"p", {-9, -9}}, {"q", {-9, -9}}}, kAccepted), "");
}

TEST(FindLosses, NoticesASmallLossEverywhere) {
  const std::string losses = FindLosses({{"p", {-0.94, -1.94}}, {"q", {-0.44, 0.56}}}, kAccepted);
  EXPECT_THAT(losses, HasSubstr("the mean over problems loses 0.060"));
  EXPECT_THAT(losses, Not(HasSubstr("q")));
}

TEST(FindLosses, NoticesTheLossOfOneProblemThatOthersMakeUpFor) {
  const std::string losses = FindLosses({{"p", {-3, -4}}, {"q", {0, 0.7}}}, kAccepted);
  EXPECT_THAT(losses, HasSubstr("q loses 0.35"));
  EXPECT_THAT(losses, Not(HasSubstr("mean")));
}

TEST(FindLosses, RefusesScoresOfOtherProblems) {
  EXPECT_NE(FindLosses({{"r", {-9, -9}}}, kAccepted), "");
  EXPECT_NE(FindLosses({{"p", {-9, -9, -9}}}, kAccepted), "");
  EXPECT_NE(FindLosses({{"p", {NAN, -9}}}, kAccepted), "");
}

TEST(MeanLoss, IsOverTheInstancesThatThereAre) { EXPECT_NEAR(MeanLoss({{"p", {-0.9}}}, kAccepted), 0.1, 1e-12); }

TEST(GateScores, AreReadAsTheyWereWritten) {
  const auto folder = TemporaryFolder::Make();
  EXPECT_TRUE(WriteGateScores(folder->File("scores"), kAccepted));
  EXPECT_EQ(ReadGateScores(folder->File("scores")), kAccepted);
  EXPECT_TRUE(ReadGateScores(folder->File("none")).empty());
  EXPECT_FALSE(WriteGateScores(folder->File("none/scores"), kAccepted));
}

}  // namespace
}  // namespace photinus
