// What an algorithm is told of a study.
#include "server/scheduling/suggest_points.h"

#include <gtest/gtest.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/study_document/trial_role.h"
#include "server/study/attempts.h"
#include "server/study/metadata.h"
#include "server/study/trial_state.h"
#include "tests/support/scheduling_fixture.h"

namespace photinus {
namespace {

// Notes what it is asked.
class RecordingAlgorithm final : public SuggestionAlgorithm {
 public:
  WantedTrials NewTo(std::string_view) const override { return wanted; }
  absl::StatusOr<SuggestResult> Suggest(const SuggestRequest& request) const override {
    completed = request.completed;
    pending = request.pending;
    return SuggestResult{};
  }

  WantedTrials wanted;
  mutable std::vector<EvaluatedPoint> completed;
  mutable std::vector<PendingPoint> pending;
};

class SuggestPointsTest : public SchedulingFixture {
 protected:
  void Ask() {
    ASSERT_OK(storage_->Read([&](Snapshot& snapshot) -> absl::Status {
      ASSIGN_OR_RETURN(const StudyRow study, store_.Find(snapshot, name_));
      ASSIGN_OR_RETURN(const auto inputs, ReadInputs(store_.cache(), snapshot, study, name_, algorithm_));
      return SuggestPoints(algorithm_, inputs, {}, nullptr).status();
    }));
  }

  RecordingAlgorithm algorithm_;
};

TEST_F(SuggestPointsTest, OfATrialThatWasLostTooOftenThePointStaysTaken) {
  Create(Pullable("kws"));
  for (int i = 0; i < 3; ++i) {
    const Pulled pulled = Pull("w.0");
    ASSERT_EQ(pulled.lease->token.trial_id, 1);
    Ask();
    EXPECT_EQ(algorithm_.pending.size(), 1u) << "it may yet have a result";
    ASSERT_TRUE(*LoseTrial(store_, {name_, 1}, pulled.lease->token));
  }
  ASSERT_EQ(Get({name_, 1}).state(), pb::Trial::INFEASIBLE);
  Ask();
  EXPECT_TRUE(algorithm_.completed.empty()) << "nothing is learnt from it";
  EXPECT_EQ(algorithm_.pending.size(), 1u);
}

TEST_F(SuggestPointsTest, ATrialThatIsInfeasibleByItsOwnFaultIsCompletedAsSuch) {
  Create(Pullable("kws"));
  ASSERT_EQ(Pull("w.0").lease->token.trial_id, 1);
  ASSERT_OK(CompleteTrial(store_, {name_, 1}, {.infeasible = true}, {}));
  Ask();
  ASSERT_EQ(algorithm_.completed.size(), 1u);
  EXPECT_TRUE(algorithm_.completed[0].infeasible);
}

TEST_F(SuggestPointsTest, ATrialWithARoleIsNeverTold) {
  Create(Pullable("kws"));
  const auto add = [&](const char* role, pb::Trial trial) {
    SetRole(role, "1", trial);
    ASSERT_OK(CreateTrial(store_, name_, trial));
  };
  for (const char* role : {"", kRetestRole, kBaselineRole}) {
    add(role, ASucceededTrial({{"x", 0.5}}, {{"y", 1}}));
    add(role, ATrial({{"x", 0.25}}));
  }
  Ask();
  ASSERT_EQ(algorithm_.completed.size(), 1u);
  EXPECT_EQ(algorithm_.completed[0].trial_id, 1);
  ASSERT_EQ(algorithm_.pending.size(), 1u);
  EXPECT_EQ(algorithm_.pending[0].trial_id, 2);
  for (int64_t id = 2; id <= 6; id += 2) ASSERT_EQ(Pull(absl::StrCat("w.", id)).lease->token.trial_id, id);
  Ask();
  EXPECT_EQ(algorithm_.pending.size(), 1u) << "nor while it runs";
}

TEST_F(SuggestPointsTest, AStoppedTrialIsToldWithWhatWasPredictedOfIt) {
  Create(Pullable("kws"));
  v1::StopDecision decision;
  decision.set_metric("y");
  decision.set_predicted_final(0.7);
  decision.set_reference(0.9);
  decision.set_step(8);
  decision.set_horizon(20);
  // By id: stopped, predicted better than what it had to beat, exempt, stopped by a person, stopped too late, better
  // than what it had to beat after all, stopped before it had measured anything.
  for (int64_t id = 1; id <= 7; ++id) {
    ASSERT_EQ(Pull("w.0").lease->token.trial_id, id);
    const TrialName name{name_, id};
    TrialRow seen;
    ASSERT_OK(storage_->Read([&](Snapshot& snapshot) -> absl::Status {
      seen = **snapshot.GetTrial(1, id);
      return absl::OkStatus();
    }));
    decision.set_outcome(id == 3 ? v1::StopDecision::EXEMPT : v1::StopDecision::STOPPED);
    if (id == 2) decision.set_predicted_final(0.95);
    if (id == 7) decision.set_predicted_final(0.6);
    if (id != 4) {
      ASSERT_TRUE(*KeepDecision(store_, name, seen, {}, decision));
    } else {
      ASSERT_OK(StopTrial(store_, name, kStoppedByPerson));
    }
    Completion completion = id == 7 ? Completion{.infeasible = true} : Result(id == 6 ? 0.92 : 0.5);
    if (id < 7) completion.final_measurement->set_step_count(id == 5 ? 20 : 8);
    ASSERT_OK(CompleteTrial(store_, name, completion, {}));
  }
  Ask();
  ASSERT_EQ(algorithm_.completed.size(), 7u);
  EXPECT_EQ(algorithm_.completed[0].objectives, std::vector<double>{0.7});
  EXPECT_EQ(algorithm_.completed[1].objectives, std::vector<double>{0.9});
  EXPECT_EQ(algorithm_.completed[2].objectives, std::vector<double>{0.5});
  EXPECT_EQ(algorithm_.completed[3].objectives, std::vector<double>{0.5});
  EXPECT_EQ(algorithm_.completed[4].objectives, std::vector<double>{0.5}) << "it has measured its final value";
  EXPECT_EQ(algorithm_.completed[5].objectives, std::vector<double>{0.92});
  EXPECT_EQ(algorithm_.completed[6].objectives, std::vector<double>{0.6});
  EXPECT_FALSE(algorithm_.completed[6].infeasible);
}

TEST_F(SuggestPointsTest, APredictionOfAnotherFormulaIsNotTold) {
  const auto formula = [](const char* expression) {
    return absl::StrCat(R"("metrics": [{"name": "y", "goal": "maximize", "expression": ")", expression, R"("}])");
  };
  Create(Pullable("kws", absl::StrCat(", ", formula("raw"))));
  ASSERT_EQ(Pull("w.0").lease->token.trial_id, 1);
  v1::StopDecision decision;
  decision.set_outcome(v1::StopDecision::STOPPED);
  decision.set_metric("y");
  decision.set_expression("raw");
  decision.set_predicted_final(0.7);
  const TrialName name{name_, 1};
  ASSERT_OK(store_.EditActive(name_, [&](StudyEdit& edit) -> absl::Status {
    ASSIGN_OR_RETURN(TrialRow trial, edit.GetTrial(1));
    RETURN_IF_ERROR(RequestStop(name, decision, trial).status());
    return edit.PutTrial(trial);
  }));
  Completion completion;
  completion.final_measurement = AMeasurement(8, {{"raw", 0.5}});
  ASSERT_OK(CompleteTrial(store_, name, completion, {}));
  Ask();
  EXPECT_EQ(algorithm_.completed.at(0).objectives, std::vector<double>{0.7});
  pb::KeyValue entry;
  entry.set_ns("photinus");
  entry.set_key("study");
  entry.set_value(absl::StrCat("{", formula("raw - 10"), "}"));
  ASSERT_OK(UpdateMetadata(store_, name_, {{std::nullopt, entry}}));
  Ask();
  EXPECT_EQ(algorithm_.completed.at(0).objectives, std::vector<double>{-9.5});
}

TEST_F(SuggestPointsTest, TrialsThatTheAlgorithmHasLearntAreLeftOut) {
  Create(Pullable("kws"));
  for (int i = 1; i <= 6; ++i) ASSERT_EQ(Pull(absl::StrCat("w.", i)).lease->token.trial_id, i);
  for (const int i : {1, 2, 5}) ASSERT_OK(CompleteTrial(store_, {name_, i}, {.infeasible = true}, {}));
  algorithm_.wanted = {.ids = {2, 3, 99}, .and_from = 5};
  Ask();
  ASSERT_EQ(algorithm_.completed.size(), 2u);
  EXPECT_EQ(algorithm_.completed[0].trial_id, 2);
  EXPECT_EQ(algorithm_.completed[1].trial_id, 5);
  ASSERT_EQ(algorithm_.pending.size(), 2u);
  EXPECT_EQ(algorithm_.pending[0].trial_id, 3);
  EXPECT_EQ(algorithm_.pending[1].trial_id, 6);
}

}  // namespace
}  // namespace photinus
