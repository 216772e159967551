#include "server/study/study_state.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/support/status_matchers.h"

namespace photinus {
namespace {

const StudyName kName{"ada", "kws"};
constexpr auto kOk = absl::StatusCode::kOk;
constexpr auto kRefused = absl::StatusCode::kFailedPrecondition;

struct Flags {
  pb::Study::State state;
  bool draining = false;
  bool paused = false;

  friend bool operator==(const Flags&, const Flags&) = default;
};

struct Step {
  std::string name;
  Flags before;
  std::function<absl::Status(StudyRow&)> apply;
  absl::StatusCode code;
  Flags after;
};

std::function<absl::Status(StudyRow&)> Set(pb::Study::State state) {
  return [state](StudyRow& row) { return SetState(state, row); };
}
absl::Status Stop(StudyRow& row) { return Drain(kName, row); }
absl::Status Hold(StudyRow& row) { return Pause(kName, row); }
absl::Status GoOn(StudyRow& row) { return Resume(kName, row); }

class StudyStateTest : public ::testing::TestWithParam<Step> {};

TEST_P(StudyStateTest, DoesWhatTheContractSays) {
  const Step& step = GetParam();
  StudyRow row;
  row.state = step.before.state;
  row.draining = step.before.draining;
  row.paused = step.before.paused;
  EXPECT_EQ(step.apply(row).code(), step.code);
  EXPECT_EQ((Flags{row.state, row.draining, row.paused}), step.after);
}

constexpr auto kActive = pb::Study::ACTIVE;
constexpr auto kInactive = pb::Study::INACTIVE;
constexpr auto kCompleted = pb::Study::COMPLETED;
INSTANTIATE_TEST_SUITE_P(
    Table, StudyStateTest,
    ::testing::Values(
        Step{"Deactivate", {kActive}, Set(kInactive), kOk, {kInactive}},
        Step{"Reactivate", {kInactive}, Set(kActive), kOk, {kActive}},
        Step{"Complete", {kActive, true, true}, Set(kCompleted), kOk, {kCompleted}},
        Step{"AReopenedStudyStaysDrained", {kCompleted}, Set(kActive), kOk, {kActive, true}},
        Step{"DeactivateCompleted", {kCompleted}, Set(kInactive), kOk, {kInactive, true}},
        Step{"SoDoesOneReopenedByWayOfInactive", {kInactive, true}, Set(kActive), kOk, {kActive, true}},
        Step{
            "Unspecified", {kActive}, Set(pb::Study::STATE_UNSPECIFIED), absl::StatusCode::kInvalidArgument, {kActive}},
        Step{"Drain", {kActive}, &Stop, kOk, {kActive, true}},
        Step{"DrainPaused", {kActive, true, true}, &Stop, kOk, {kActive, true}},
        Step{"DrainCompleted", {kCompleted}, &Stop, kOk, {kCompleted}},
        Step{"DrainInactive", {kInactive}, &Stop, kRefused, {kInactive}},
        Step{"Pause", {kActive}, &Hold, kOk, {kActive, true, true}},
        Step{"PauseCompleted", {kCompleted}, &Hold, kRefused, {kCompleted}},
        Step{"Resume", {kActive, true, true}, &GoOn, kOk, {kActive}},
        Step{"ResumeDrained", {kActive, true}, &GoOn, kOk, {kActive}},
        Step{"ResumeCompleted", {kCompleted}, &GoOn, kRefused, {kCompleted}}),
    [](const auto& info) { return info.param.name; });

// Trials from drained_from on were made by hand, so it stays where draining began.
TEST(Draining, RemembersWhereItBegan) {
  StudyRow row;
  row.next_trial_id = 5;
  ASSERT_OK(Hold(row));
  EXPECT_EQ(row.drained_from, 5);
  row.next_trial_id = 7;
  ASSERT_OK(Stop(row));
  EXPECT_EQ(row.drained_from, 5);
  ASSERT_OK(GoOn(row));
  ASSERT_OK(Stop(row));
  EXPECT_EQ(row.drained_from, 7);
  ASSERT_OK(SetState(kCompleted, row));
  row.next_trial_id = 8;
  ASSERT_OK(SetState(kActive, row));
  EXPECT_EQ(row.drained_from, 8);
}

TEST(CheckActive, OnlyActiveStudiesChange) {
  StudyRow row;
  EXPECT_OK(CheckActive(kName, row));
  for (const auto state : {kInactive, kCompleted}) {
    row.state = state;
    EXPECT_THAT(CheckActive(kName, row), Fails(kRefused, "STUDY_NOT_ACTIVE"));
  }
}

}  // namespace
}  // namespace photinus
