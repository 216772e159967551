#include "server/analysis/study_importance.h"

#include <gtest/gtest.h>

#include <limits>

#include "gmock/gmock.h"
#include "tests/support/study_fixture.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

class StudyImportanceTest : public StudyFixture {
 protected:
  StudyImportanceTest() {
    Create(AStudy("kws").WithFloat("x").WithFloat("y").WithObjective("up").WithObjective("down", /*maximize=*/false));
  }
  void Add(double x, double y, double up, double down) {
    EXPECT_OK(CreateTrial(store_, name_, ASucceededTrial({{"x", x}, {"y", y}}, {{"up", up}, {"down", down}})));
  }
  // `down` would have come to `predicted`.
  void AddStopped(double x, double y, double up, double down, double predicted) {
    StudyFixture::AddStopped(name_, {{"x", x}, {"y", y}}, AMeasurement(1, {{"up", up}, {"down", down}}),
                             {"down", predicted});
  }
  void Fill(int trials) {
    for (int i = 0; i < trials; ++i) {
      const double x = 0.5 + 0.5 * std::sin(1.1 * i), y = 0.5 + 0.5 * std::cos(1.7 * i);
      Add(x, y, x, 3 * y);
    }
  }
};

TEST_F(StudyImportanceTest, IsThatOfEachObjective) {
  Fill(20);
  Add(0.5, 0.5, std::numeric_limits<double>::quiet_NaN(), 1.5);
  ASSERT_OK(CreateTrial(store_, name_, ATrial({{"x", 0.5}, {"y", 0.5}})));  // waits
  const auto all = MeasureStudyImportance(store_, name_, "", {});
  ASSERT_OK(all);
  ASSERT_EQ(all->objectives.size(), 2u);
  EXPECT_EQ(all->objectives[0].metric, "up");
  EXPECT_EQ(all->objectives[0].trials, 20);
  EXPECT_EQ(all->objectives[0].importance.effects[0].parameter, 0);
  EXPECT_GT(all->objectives[0].importance.effects[0].main, 0.95);
  EXPECT_EQ(all->objectives[1].trials, 21);
  EXPECT_EQ(all->objectives[1].importance.effects[0].parameter, 1);
  const auto one = MeasureStudyImportance(store_, name_, "down", {});
  ASSERT_OK(one);
  ASSERT_EQ(one->objectives.size(), 1u);
  EXPECT_EQ(one->objectives[0].metric, "down");
}

// Those of large x were stopped when little had been measured of what adds up over the training.
TEST_F(StudyImportanceTest, TakesThePredictedValuesOfTrialsThatWereStopped) {
  for (int i = 0; i < 20; ++i) {
    const double x = i / 19.0, y = 0.5 + 0.5 * std::cos(1.7 * i);
    if (x < 0.5) {
      Add(x, y, x, 3 + y);
    } else {
      AddStopped(x, y, x, 0.1, 3 + y);
    }
  }
  const auto down = MeasureStudyImportance(store_, name_, "down", {});
  ASSERT_OK(down);
  EXPECT_EQ(down->objectives[0].trials, 20);
  EXPECT_EQ(down->objectives[0].importance.effects[0].parameter, 1);
  EXPECT_GT(down->objectives[0].importance.effects[0].main, 0.9);
}

TEST_F(StudyImportanceTest, WantsEnoughTrialsThatDiffer) {
  Fill(9);
  const auto few = MeasureStudyImportance(store_, name_, "up", {});
  EXPECT_THAT(few, Fails(absl::StatusCode::kFailedPrecondition, "TOO_FEW_TRIALS"));
  EXPECT_THAT(std::string(few.status().message()), HasSubstr("at least 10 trials that succeeded; "));
  EXPECT_THAT(std::string(few.status().message()), HasSubstr(" has 9"));
  Create(AStudy("flat").WithFloat("x").WithObjective("up"));
  for (int i = 0; i < 12; ++i) {
    EXPECT_OK(CreateTrial(store_, name_, ASucceededTrial({{"x", 0.05 * i}}, {{"up", 1}})));
  }
  EXPECT_THAT(std::string(MeasureStudyImportance(store_, name_, "", {}).status().message()),
              HasSubstr("have the same up"));
}

TEST_F(StudyImportanceTest, NamesTheObjectivesThatThereAre) {
  const auto wrong = MeasureStudyImportance(store_, name_, "upp", {});
  EXPECT_THAT(wrong, Fails(absl::StatusCode::kInvalidArgument, "INVALID_ARGUMENT"));
  EXPECT_THAT(std::string(wrong.status().message()), HasSubstr("'upp'; must be one of up, down"));
  EXPECT_THAT(MeasureStudyImportance(store_, {"ada", "none"}, "", {}),
              Fails(absl::StatusCode::kNotFound, "STUDY_NOT_FOUND"));
}

TEST_F(StudyImportanceTest, IsALongReadThatEndsWithItsCaller) {
  Fill(12);
  EXPECT_TRUE(IsLongReadNeeded(MeasureStudyImportance(store_, name_, "", {.may_be_long = false}).status()));
  int asked = 0;
  const auto cancelled = MeasureStudyImportance(store_, name_, "", {.cancelled = [&] { return ++asked > 3; }});
  EXPECT_TRUE(absl::IsCancelled(cancelled.status())) << cancelled.status();
}

}  // namespace
}  // namespace photinus
