#include "server/analysis/study_stops.h"

#include <gtest/gtest.h>

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

  // A trial about which this was decided at step 8, and which ended with `y`.
  void Add(Decision::Outcome outcome, double predicted, double y) {
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
      TrialRow seen;
      ASSERT_OK(storage_->Read([&](Snapshot& snapshot) -> absl::Status {
        seen = **snapshot.GetTrial(1, name.id);
        return absl::OkStatus();
      }));
      ASSERT_TRUE(*KeepDecision(store_, name, seen, {}, decision));
    }
    ASSERT_OK(CompleteTrial(store_, name, Result(y), {}));
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
  Add(Decision::EXEMPT, 0.5, 0.6);    // score 1
  Add(Decision::EXEMPT, 0.7, 0.95);   // score 2.5, and better than 0.9
  Add(Decision::EXEMPT, 0.5, 0.4);    // score -1
  Add(Decision::EXEMPT, 0.5, 0.5);    // score 0
  Add(Decision::WENT_ON, 0.8, 0.75);  // score -0.5
  const v1::StopAudit audit = Page().audit();
  EXPECT_EQ(audit.full(), 6);
  EXPECT_EQ(audit.stopped(), 2);
  EXPECT_EQ(audit.exempt(), 4);
  EXPECT_EQ(audit.exempt_right(), 3);
  EXPECT_EQ(audit.exempt_wrong(), 1);
  EXPECT_EQ(audit.false_stop_rate(), 0.25);
  // Wilson's interval of 1 in 4 [Newcombe 1998].
  EXPECT_NEAR(audit.false_stop_lower(), 0.0456, 1e-4);
  EXPECT_NEAR(audit.false_stop_upper(), 0.6994, 1e-4);
  EXPECT_EQ(audit.spent(), 6 * 20 + 2 * 8);
  EXPECT_EQ(audit.saved(), 2 * 12);
  EXPECT_EQ(audit.predicted(), 5);
  EXPECT_NEAR(audit.score_mean(), 0.4, 1e-9);
  EXPECT_NEAR(audit.score_rms(), std::sqrt((1 + 6.25 + 1 + 0.25) / 5), 1e-9);
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
