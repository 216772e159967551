#include "worker/train/schedule.h"

#include <gtest/gtest.h>

namespace photinus::train {
namespace {

TEST(Schedule, EvaluatesEvenlyAndAtTheEnd) {
  const Schedule schedule(1000, 12, 1);
  EXPECT_EQ(schedule.EvaluationPoint(12), 1000);
  for (int step = 1; step <= 12; ++step) {
    EXPECT_NEAR(static_cast<double>(schedule.EvaluationPoint(step)), 1000.0 * step / 12, 1);
    EXPECT_GT(schedule.EvaluationPoint(step), schedule.EvaluationPoint(step - 1));
  }
}

TEST(Schedule, OfFewerBatchesThanEvaluationsStillReachesAll) {
  const Schedule schedule(5, 12, 1);
  EXPECT_EQ(schedule.EvaluationPoint(1), 1);
  EXPECT_EQ(schedule.EvaluationPoint(12), 5);
}

TEST(Schedule, WarmsUpToThePeakAndComesDown) {
  const Schedule schedule(1000, 12, 0.5);
  EXPECT_NEAR(schedule.LearningRate(0), 0.005, 1e-9);
  EXPECT_NEAR(schedule.LearningRate(99), 0.5, 0.001);
  EXPECT_NEAR(schedule.LearningRate(550), 0.5 * 0.505, 0.001);
  EXPECT_NEAR(schedule.LearningRate(999), 0.005, 0.0001);
  for (int batch = 1; batch < 1000; ++batch) {
    if (batch < 100) {
      EXPECT_GT(schedule.LearningRate(batch), schedule.LearningRate(batch - 1)) << batch;
    }
    if (batch > 101) {
      EXPECT_LT(schedule.LearningRate(batch), schedule.LearningRate(batch - 1)) << batch;
    }
  }
}

TEST(Schedule, QuantizesInTheLastThirdAndFreezesStepByStep) {
  const Schedule schedule(1200, 12, 1);
  EXPECT_FALSE(schedule.FakeQuantize(799));
  EXPECT_TRUE(schedule.FakeQuantize(800));
  EXPECT_TRUE(schedule.ObserveRanges(800));
  EXPECT_TRUE(schedule.ObserveRanges(999));
  EXPECT_FALSE(schedule.ObserveRanges(1000));
  EXPECT_TRUE(schedule.UpdateStatistics(899));
  EXPECT_FALSE(schedule.UpdateStatistics(900));
}

// Ranges that were never observed would round everything to 0.
TEST(Schedule, ObservesInTheFirstQuantizedBatchHoweverShortTheTraining) {
  for (int total = 1; total < 50; ++total) {
    const Schedule schedule(total, 12, 1);
    for (int batch = 0; batch < total; ++batch) {
      const bool first = schedule.FakeQuantize(batch) && (batch == 0 || !schedule.FakeQuantize(batch - 1));
      if (first) {
        EXPECT_TRUE(schedule.ObserveRanges(batch)) << batch << " of " << total;
      }
    }
  }
}

}  // namespace
}  // namespace photinus::train
