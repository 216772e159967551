#include "common/study_document/warm_up.h"

#include <gtest/gtest.h>

namespace photinus {
namespace {

TEST(WarmUp, IsShorterTheLessCareful) {
  EXPECT_EQ(WarmUp(1), 20);
  EXPECT_EQ(WarmUp(0.5), 15);
  EXPECT_EQ(WarmUp(0.2), 10);
  EXPECT_EQ(WarmUp(0.01), 10);
}

TEST(WarmUp, IsThatOfTheRuleWhichPredicts) {
  EXPECT_EQ(FullTrialsToLearn({.rule = "TSGP"}), 20);
  EXPECT_EQ(FullTrialsToLearn({.rule = "EXP_DECAY", .delta = 0.02}), 15);
  EXPECT_EQ(FullTrialsToLearn({.rule = "TSGP", .delta = 0.001}), 20);
  EXPECT_EQ(FullTrialsToLearn({.rule = "DECAY_CURVE", .delta = 0.1}), 20);
  EXPECT_EQ(FullTrialsToLearn({.rule = "PATIENT", .inner = "TSGP", .delta = 0.05}), 10);
  EXPECT_EQ(FullTrialsToLearn({.rule = "PATIENT"}), 0);
  EXPECT_EQ(FullTrialsToLearn({.rule = "MEDIAN"}), 0);
}

}  // namespace
}  // namespace photinus
