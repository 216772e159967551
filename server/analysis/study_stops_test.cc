#include "server/analysis/study_stops.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "gmock/gmock.h"
#include "tests/support/study_fixture.h"

namespace photinus {
namespace {

using Decision = v1::StopDecision;

class StudyStopsTest : public StudyFixture {
 protected:
  StudyStopsTest() {
    Create(AStudy("kws").WithFloat("x").WithObjective("y").WithDocument(
        R"({"early_stopping": {"rule": "TSGP", "horizon": 20}})"));
  }

  // A trial about which this was decided at step 8, and which ended with `y` (NaN: infeasible) at `last_step` (0: it
  // does not say).
  void Add(Decision::Outcome outcome, double predicted, double y, bool exempt = false, int64_t last_step = 0) {
    const TrialName name = Start();
    if (outcome != Decision::OUTCOME_UNSPECIFIED) {
      Decision decision;
      decision.set_outcome(outcome);
      decision.set_reason("because");
      decision.set_step(8);
      decision.set_horizon(20);
      decision.set_metric("y");
      decision.set_predicted_final(predicted);
      decision.set_predicted_stddev(0.1);
      decision.set_reference(0.9);
      decision.set_exempt(exempt);
      TrialRow seen;
      ASSERT_OK(storage_->Read([&](Snapshot& snapshot) -> absl::Status {
        seen = **snapshot.GetTrial(1, name.id);
        return absl::OkStatus();
      }));
      ASSERT_TRUE(*KeepDecision(store_, name, seen, {}, decision));
    }
    Completion completion = std::isnan(y) ? Completion{.infeasible = true} : Result(y);
    if (!completion.infeasible) completion.final_measurement->set_step_count(last_step);
    ASSERT_OK(CompleteTrial(store_, name, completion, {}));
  }
  v1::GetStudyStopsResponse Page(int size = 0, const std::string& token = "") {
    const auto page = ListStudyStops(store_, tokens_, name_, size, token, {});
    EXPECT_OK(page);
    return page.ok() ? *page : v1::GetStudyStopsResponse();
  }
};

TEST_F(StudyStopsTest, ComparesExemptTrialsWithWhatWasDecided) {
  Add(Decision::OUTCOME_UNSPECIFIED, 0, 0.9);
  Add(Decision::STOPPED, 0.5, 0.4);
  Add(Decision::STOPPED, 0.3, 0.2);
  Add(Decision::EXEMPT, 0.5, 0.6);                     // score 1
  Add(Decision::EXEMPT, 0.7, 0.95);                    // score 2.5, and better than 0.9
  Add(Decision::EXEMPT, 0.5, 0.4);                     // score -1
  Add(Decision::EXEMPT, 0.5, 0.5);                     // score 0
  Add(Decision::WENT_ON, 0.8, 0.75, /*exempt=*/true);  // score -0.5
  Add(Decision::WENT_ON, 0.1, 0.85);                   // it might have been stopped, and so is no fair sample
  const v1::StopAudit audit = Page().audit();
  EXPECT_EQ(audit.full(), 7);
  EXPECT_EQ(audit.stopped(), 2);
  EXPECT_EQ(audit.exempt(), 4);
  EXPECT_EQ(audit.exempt_right(), 3);
  EXPECT_EQ(audit.exempt_wrong(), 1);
  EXPECT_EQ(audit.false_stop_rate(), 0.25);
  // Wilson's interval of 1 in 4 [Newcombe 1998].
  EXPECT_NEAR(audit.false_stop_lower(), 0.0456, 1e-4);
  EXPECT_NEAR(audit.false_stop_upper(), 0.6994, 1e-4);
  EXPECT_EQ(audit.spent(), 7 * 20 + 2 * 8);
  EXPECT_EQ(audit.saved(), 2 * 12);
  EXPECT_EQ(audit.predicted(), 5);
  EXPECT_NEAR(audit.score_mean(), 0.4, 1e-9);
  EXPECT_NEAR(audit.score_rms(), std::sqrt((1 + 6.25 + 1 + 0.25) / 5), 1e-9);
}

// They would have been stopped, and rightly so.
TEST_F(StudyStopsTest, CountsExemptTrialsThatDiverged) {
  Add(Decision::EXEMPT, 0.5, std::nan(""));  // infeasible
  Add(Decision::EXEMPT, 0.5, std::numeric_limits<double>::infinity());
  Add(Decision::STOPPED, 0.5, 0.4, /*exempt=*/true);  // the rule saw it diverge
  Add(Decision::STOPPED, 0.5, 0.4);
  Add(Decision::WENT_ON, 0.5, std::nan(""), /*exempt=*/true);
  const v1::StopAudit audit = Page().audit();
  EXPECT_EQ(audit.exempt(), 3);
  EXPECT_EQ(audit.exempt_right(), 3);
  EXPECT_EQ(audit.false_stop_rate(), 0);
  EXPECT_EQ(audit.predicted(), 0);
  EXPECT_EQ(audit.stopped(), 2);
}

TEST_F(StudyStopsTest, CountsHowFarTrialsCame) {
  Add(Decision::OUTCOME_UNSPECIFIED, 0, 0.9, false, 12);  // a full one that ended by itself
  Add(Decision::WENT_ON, 0.8, 0.75, false, 20);
  Add(Decision::STOPPED, 0.5, 0.4, false, 9);   // a step after the decision
  Add(Decision::STOPPED, 0.5, 0.4, false, 20);  // it did not hear of that
  const v1::StopAudit audit = Page().audit();
  EXPECT_EQ(audit.full(), 3);
  EXPECT_EQ(audit.stopped(), 1);
  EXPECT_EQ(audit.spent(), 12 + 20 + 9 + 20);
  EXPECT_EQ(audit.saved(), 11);
  ASSERT_EQ(Page().stops_size(), 2);
  EXPECT_EQ(Page().stops(1).decision().outcome(), Decision::TOO_LATE);
  EXPECT_EQ(audit.predicted(), 0);
}

// As a program does that knows its objective only at the end.
TEST_F(StudyStopsTest, CountsTrialsThatWereStoppedBeforeTheyHadAnObjective) {
  Add(Decision::OUTCOME_UNSPECIFIED, 0, 0.9, false, 20);
  Add(Decision::OUTCOME_UNSPECIFIED, 0, std::nan(""));
  Add(Decision::STOPPED, 0.5, std::nan(""));
  const v1::StopAudit audit = Page().audit();
  EXPECT_EQ(audit.full(), 1);
  EXPECT_EQ(audit.stopped(), 1);
  EXPECT_EQ(audit.spent(), 20 + 8);
  EXPECT_EQ(audit.saved(), 12);
}

TEST_F(StudyStopsTest, SaysOfHowManyStopsItKnowsNothing) {
  Add(Decision::STOPPED, 0.5, 0.4, false, 8);
  const TrialName by_hand = Start();
  ASSERT_OK(StopTrial(store_, by_hand, kStoppedByPerson));
  ASSERT_OK(CompleteTrial(store_, by_hand, Result(0.5), {}));
  const TrialName old = Start();  // of a server that kept no decisions
  ASSERT_OK(StopTrial(store_, old, "hopeless"));
  ASSERT_OK(store_.EditActive(name_, [&](StudyEdit& edit) -> absl::Status {
    TrialRow row = *edit.GetTrial(old.id);
    row.stop.Clear();
    return edit.PutTrial(row);
  }));
  ASSERT_OK(CompleteTrial(store_, old, Result(0.5), {}));
  const v1::StopAudit audit = Page().audit();
  EXPECT_EQ(audit.stopped(), 3);
  EXPECT_EQ(audit.stopped_unknown(), 2);
  EXPECT_EQ(audit.spent(), 8 + 1 + 1) << "Result is of step 1";
  EXPECT_EQ(audit.saved(), 12);
  EXPECT_EQ(Page().stops_size(), 2) << "of the old one there is nothing to show";
}

TEST_F(StudyStopsTest, SaysNothingOfWhatIsNotKnown) {
  Add(Decision::OUTCOME_UNSPECIFIED, 0, 0.9);
  const v1::GetStudyStopsResponse page = Page();
  EXPECT_EQ(page.stops_size(), 0);
  EXPECT_EQ(page.audit().full(), 1);
  EXPECT_FALSE(page.audit().has_false_stop_rate());
  EXPECT_FALSE(page.audit().has_spent());
  EXPECT_FALSE(page.audit().has_score_mean());
}

TEST_F(StudyStopsTest, ListsThoseThatWereOrWouldHaveBeenStopped) {
  Add(Decision::WENT_ON, 0.8, 0.7);
  Add(Decision::STOPPED, 0.5, 0.4);
  Add(Decision::EXEMPT, 0.5, 0.6);
  const TrialName by_hand = Start();
  ASSERT_OK(StopTrial(store_, by_hand, kStoppedByPerson));
  const v1::GetStudyStopsResponse first = Page(2);
  ASSERT_EQ(first.stops_size(), 2);
  EXPECT_EQ(first.stops(0).trial(), 2);
  EXPECT_EQ(first.stops(0).decision().outcome(), Decision::STOPPED);
  EXPECT_EQ(first.stops(0).final(), 0.4);
  EXPECT_EQ(first.stops(1).trial(), 3);
  const v1::GetStudyStopsResponse second = Page(2, first.next_page_token());
  ASSERT_EQ(second.stops_size(), 1);
  EXPECT_EQ(second.stops(0).trial(), 4);
  EXPECT_EQ(second.stops(0).state(), pb::Trial::STOPPING);
  EXPECT_EQ(second.stops(0).decision().reason(), kStoppedByPerson);
  EXPECT_FALSE(second.stops(0).has_final());
  EXPECT_EQ(second.next_page_token(), "");
  EXPECT_EQ(second.audit().SerializeAsString(), first.audit().SerializeAsString());
  EXPECT_TRUE(absl::IsInvalidArgument(ListStudyStops(store_, tokens_, name_, 2, "x", {}).status()));
  EXPECT_TRUE(absl::IsNotFound(ListStudyStops(store_, tokens_, {"ada", "none"}, 0, "", {}).status()));
}

}  // namespace
}  // namespace photinus
