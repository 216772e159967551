#include "server/study/trials.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "common/base/status_macros.h"
#include "common/study_document/stop_entry.h"
#include "common/study_document/study_document.h"
#include "server/study/attempts.h"
#include "server/study/entry_count.h"
#include "server/study/metadata.h"
#include "server/study/trial_lists.h"
#include "server/study/trial_size.h"
#include "server/study/trial_view.h"
#include "tests/support/study_fixture.h"

namespace photinus {
namespace {

constexpr auto kRefused = absl::StatusCode::kFailedPrecondition;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class TrialsTest : public StudyFixture {
 protected:
  void SetUp() override { Create(AStudy("kws").WithFloat("x").WithObjective("y")); }
};

TEST_F(TrialsTest, CreateTrialKeepsSucceededAndMakesAllElseRequested) {
  for (const auto state :
       {pb::Trial::STATE_UNSPECIFIED, pb::Trial::ACTIVE, pb::Trial::STOPPING, pb::Trial::INFEASIBLE}) {
    pb::Trial trial = ATrial({{"x", 0.5}});
    trial.set_state(state);
    trial.set_client_id("somebody");
    *trial.add_measurements() = AMeasurement(1, {{"y", 0.1}});
    const auto created = CreateTrial(store_, name_, trial);
    ASSERT_OK(created);
    EXPECT_EQ(created->state(), pb::Trial::REQUESTED);
    EXPECT_EQ(created->client_id(), "");
    EXPECT_EQ(created->measurements_size(), 1);
    EXPECT_TRUE(created->has_start_time());
  }
  const auto finished = CreateTrial(store_, name_, ASucceededTrial({{"x", 7}}, {{"y", 1}}));  // out of range: history
  ASSERT_OK(finished);
  EXPECT_EQ(finished->state(), pb::Trial::SUCCEEDED);
  EXPECT_EQ(finished->id(), "5");
  EXPECT_TRUE(finished->has_end_time());
}

TEST_F(TrialsTest, CreateTrialRefusesPointsOutsideTheSpace) {
  EXPECT_THAT(CreateTrial(store_, name_, ATrial({})), FailsWith(kInvalid, "x"));
  EXPECT_THAT(CreateTrial(store_, name_, ATrial({{"x", 7}})), FailsWith(kInvalid, "x"));
  EXPECT_THAT(CreateTrial(store_, name_, ATrial({{"x", 0.5}, {"z", 1}})), FailsWith(kInvalid, "z"));
  EXPECT_THAT(CreateTrial(store_, name_, ASucceededTrial({{"z", 7}}, {{"y", 1}})), FailsWith(kInvalid, "z"));
  EXPECT_EQ(Version(), 1);  // nothing was changed
}

TEST_F(TrialsTest, IdsAreNeverUsedAgain) {
  EXPECT_EQ(Start().id, 1);
  EXPECT_EQ(Start().id, 2);
  ASSERT_OK(DeleteTrial(store_, {name_, 2}));
  EXPECT_EQ(Start().id, 3);
}

TEST_F(TrialsTest, ARefusedCompletionChangesNothing) {
  const TrialName trial = Start();
  ASSERT_OK(CompleteTrial(store_, trial, Result(0.5), {}));
  const std::string before = Get(trial).SerializeAsString();
  const int64_t version = Version();
  EXPECT_THAT(CompleteTrial(store_, trial, Result(0.6), {}), Fails(kRefused, "WRONG_TRIAL_STATE"));
  EXPECT_EQ(Get(trial).SerializeAsString(), before);
  ASSERT_OK(CompleteTrial(store_, trial, Result(0.5), {}));  // a replay
  EXPECT_EQ(Version(), version);
}

TEST_F(TrialsTest, ACompletionWithoutMeasurementTakesTheLastOneOrFails) {
  const TrialName trial = Start();
  EXPECT_THAT(CompleteTrial(store_, trial, Completion(), {}), Fails(kRefused, "NO_MEASUREMENT"));
  EXPECT_EQ(Get(trial).state(), pb::Trial::ACTIVE);
  ASSERT_OK(AddMeasurement(store_, trial, AMeasurement(1, {{"y", 0.1}}), {}));
  ASSERT_OK(AddMeasurement(store_, trial, AMeasurement(2, {{"y", 0.2}}), {}));
  ASSERT_OK(CompleteTrial(store_, trial, Completion(), {}));
  EXPECT_EQ(Get(trial).final_measurement().step_count(), 2);
}

TEST_F(TrialsTest, AMeasurementSentTwiceStandsOnce) {
  const TrialName trial = Start();
  for (int i = 0; i < 2; ++i) {
    ASSERT_OK(AddMeasurement(store_, trial, AMeasurement(1, {{"y", 0.1}}), {}));
    ASSERT_OK(AddMeasurement(store_, trial, AMeasurement(2, {{"y", 0.1}}), {}));
  }
  EXPECT_EQ(Get(trial).measurements_size(), 2);
  ASSERT_OK(AddMeasurement(store_, trial, AMeasurement(2, {{"y", 0.3}}), {}));  // the same step, another value
  EXPECT_EQ(Get(trial).measurements_size(), 3);
  for (int i = 0; i < 2; ++i) ASSERT_OK(AddMeasurement(store_, trial, AMeasurement(0, {{"y", 0.1}}), {}));
  EXPECT_EQ(Get(trial).measurements_size(), 5);  // without a place on the curve both stand
}

TEST_F(TrialsTest, TheLargestTrialFitsIntoAReply) {
  const TrialName trial = Start();
  pb::KeyValue entry;
  entry.set_value(std::string(10 << 20, 'v'));
  for (const char* const key : {"a", "b", "c"}) {
    entry.set_key(key);
    ASSERT_EQ(*UpdateMetadata(store_, name_, {{trial.id, entry}}), "");
  }
  const std::string large((4 << 20) - 1000, 'm');
  for (int step = 1; step <= 4; ++step) {
    ASSERT_OK(AddMeasurement(store_, trial, AMeasurement(step, {{large, 0.1}}), {}));
  }
  const int64_t version = Version();
  EXPECT_THAT(AddMeasurement(store_, trial, AMeasurement(5, {{large, 0.1}}), {}),
              Fails(absl::StatusCode::kResourceExhausted, "MEASUREMENTS_TOO_LARGE"));
  EXPECT_EQ(Version(), version);
  EXPECT_EQ(Get(trial).measurements_size(), 4);
  ASSERT_OK(CompleteTrial(store_, trial, Completion{AMeasurement(5, {{large, 0.1}})}, {}));
  const pb::Trial view = Get(trial);
  EXPECT_EQ(view.measurements_size(), 4);
  EXPECT_EQ(view.metadata_size(), 3);
  EXPECT_LT(view.ByteSizeLong(), size_t{64} << 20);
}

TEST_F(TrialsTest, AMeasurementOrReasonIsOfBoundedSize) {
  const TrialName trial = Start();
  const pb::Measurement large = AMeasurement(1, {{std::string(4 << 20, 'm'), 0.1}});
  EXPECT_THAT(AddMeasurement(store_, trial, large, {}), FailsWith(kInvalid, "measurement: has"));
  EXPECT_THAT(CompleteTrial(store_, trial, Completion{large}, {}), FailsWith(kInvalid, "final_measurement: has"));
  EXPECT_THAT(CompleteTrial(store_, trial, Completion{{}, true, std::string((1 << 20) + 1, 'r')}, {}),
              FailsWith(kInvalid, "infeasible_reason: has"));
  pb::Trial created = ASucceededTrial({{"x", 0.5}}, {{"y", 1}});
  *created.mutable_final_measurement() = large;
  EXPECT_THAT(CreateTrial(store_, name_, created), FailsWith(kInvalid, "trial.final_measurement: has"));
  created.clear_final_measurement();
  *created.add_measurements() = large;
  EXPECT_THAT(CreateTrial(store_, name_, created), FailsWith(kInvalid, "trial.measurements[0]: has"));
  EXPECT_EQ(Get(trial).state(), pb::Trial::ACTIVE);
}

TEST_F(TrialsTest, DerivedMetricsCountToo) {
  const std::string name(64, 'd');
  Create(AStudy("derived").WithFloat("x").WithObjective(name).WithDocument(
      R"({"metrics": [{"name": ")" + name + R"(", "goal": "maximize", "expression": "x"}]})"));
  pb::Trial trial = ATrial({{"x", 0.5}});
  for (int64_t step = 1; step <= kMaxEntriesPerRequest; ++step) *trial.add_measurements() = AMeasurement(step, {});
  const auto created = CreateTrial(store_, name_, trial);
  ASSERT_OK(created);
  ASSERT_OK(storage_->Read([&](Snapshot& snapshot) -> absl::Status {
    const auto study = store_.Find(snapshot, name_);
    EXPECT_GE((*snapshot.GetTrial(study->uid, 1))->measurement_bytes, 10'000 * 64);
    EXPECT_GE((*snapshot.GetTrial(study->uid, 1))->measurement_bytes,
              static_cast<int64_t>(created->ByteSizeLong()) - 1000);
    return absl::OkStatus();
  }));
}

TEST_F(TrialsTest, TheReplyToAMeasurementHasTheLatestOnes) {
  const TrialName trial = Start();
  pb::KeyValue entry;
  entry.set_key("k");
  entry.set_value("small");
  ASSERT_EQ(*UpdateMetadata(store_, name_, {{trial.id, entry}}), "");
  absl::StatusOr<pb::Trial> reply;
  for (int64_t step = 1; step <= kLatestMeasurements; ++step) {
    reply = AddMeasurement(store_, trial, AMeasurement(step, {{"y", 0.1}}), {});
    ASSERT_OK(reply);
  }
  EXPECT_EQ(reply->SerializeAsString(), Get(trial).SerializeAsString()) << "the whole trial";
  for (int i = 0; i < 2; ++i) {
    const RequestId request{"same", "AddTrialMeasurement"};
    reply = AddMeasurement(store_, trial, AMeasurement(kLatestMeasurements + 1, {{"y", 0.1}}), {}, request);
    ASSERT_OK(reply);
    ASSERT_EQ(reply->measurements_size(), kLatestMeasurements);
    EXPECT_EQ(reply->measurements(0).step_count(), 2);
    EXPECT_EQ(reply->metadata_size(), 1);
  }
  entry.set_value(std::string(kMaxLatestMetadataBytes, 'v'));
  ASSERT_EQ(*UpdateMetadata(store_, name_, {{trial.id, entry}}), "");
  EXPECT_EQ(AddMeasurement(store_, trial, AMeasurement(1, {{"y", 0.1}}), {})->metadata_size(), 0);
  EXPECT_EQ(Get(trial).measurements_size(), kLatestMeasurements + 1);
}

TEST_F(TrialsTest, ADuplicateIsKnownAgainHoweverManyMeasurementsCameSince) {
  const TrialName trial = Start();
  constexpr int kSteps = 1000;
  for (int step = 1; step <= kSteps; ++step) {
    ASSERT_OK(AddMeasurement(store_, trial, AMeasurement(step, {{"y", 0.1}}), {}));
  }
  ASSERT_OK(AddMeasurement(store_, trial, AMeasurement(1, {{"y", 0.1}}), {}));
  EXPECT_EQ(Get(trial).measurements_size(), kSteps);
  ASSERT_OK(AddMeasurement(store_, trial, AMeasurement(1, {{"y", 0.2}}), {}));
  EXPECT_EQ(Get(trial).measurements_size(), kSteps + 1);
}

TEST_F(TrialsTest, NaNAndUnknownMetricsAreStored) {
  const TrialName trial = Start();
  Completion completion;
  completion.final_measurement = AMeasurement(1, {{"y", std::nan("")}, {"latency", 3}});
  ASSERT_OK(CompleteTrial(store_, trial, completion, {}));
  EXPECT_TRUE(std::isnan(Get(trial).final_measurement().metrics(0).value()));
  EXPECT_EQ(Get(trial).final_measurement().metrics(1).metric_id(), "latency");
}

TEST_F(TrialsTest, AStudyThatIsNotActiveIsImmutable) {
  const TrialName trial = Start();
  for (const auto state : {pb::Study::INACTIVE, pb::Study::COMPLETED}) {
    ASSERT_OK(SetStudyState(store_, name_, state));
    const auto refused = Fails(kRefused, "STUDY_NOT_ACTIVE");
    EXPECT_THAT(CreateTrial(store_, name_, ATrial({{"x", 0.5}})), refused);
    EXPECT_THAT(AddMeasurement(store_, trial, AMeasurement(1, {{"y", 0.1}}), {}), refused);
    EXPECT_THAT(CompleteTrial(store_, trial, Result(1), {}), refused);
    EXPECT_THAT(DeleteTrial(store_, trial), refused);
    EXPECT_THAT(StopTrial(store_, trial, "why"), refused);
    EXPECT_THAT(UpdateMetadata(store_, name_, {{std::nullopt, pb::KeyValue()}}), refused);
    EXPECT_OK(GetTrial(store_, trial));
    ASSERT_OK(SetStudyState(store_, name_, pb::Study::ACTIVE));
  }
  EXPECT_OK(CompleteTrial(store_, trial, Result(1), {}));
}

TEST_F(TrialsTest, ARepeatedStopIsAnsweredThoughTheStudyWasClosedMeanwhile) {
  const TrialName stopping = Start();
  const TrialName finished = Start();
  const TrialName running = Start();
  for (const TrialName& trial : {stopping, finished}) ASSERT_OK(StopTrial(store_, trial, "why"));
  ASSERT_OK(CompleteTrial(store_, finished, Result(1), {}));
  ASSERT_OK(SetStudyState(store_, name_, pb::Study::COMPLETED));
  const int64_t version = Version();
  EXPECT_EQ(StopTrial(store_, stopping, "why")->state(), pb::Trial::STOPPING);
  EXPECT_EQ(StopTrial(store_, finished, "why")->state(), pb::Trial::SUCCEEDED);
  EXPECT_THAT(StopTrial(store_, running, "why"), Fails(kRefused, "STUDY_NOT_ACTIVE"));
  EXPECT_EQ(Version(), version);
}

TEST_F(TrialsTest, MissingThingsAreNotFound) {
  const auto no_trial = Fails(absl::StatusCode::kNotFound, "TRIAL_NOT_FOUND");
  EXPECT_THAT(GetTrial(store_, {name_, 9}), no_trial);
  EXPECT_THAT(CompleteTrial(store_, {name_, 9}, Result(1), {}), no_trial);
  EXPECT_THAT(DeleteTrial(store_, {name_, 9}), no_trial);
  EXPECT_THAT(GetTrial(store_, {{"ada", "none"}, 1}), Fails(absl::StatusCode::kNotFound, "STUDY_NOT_FOUND"));
}

class LeasedTrialsTest : public TrialsTest {
 protected:
  LeaseToken Token(int64_t epoch) { return {1, 1, epoch}; }
  TrialName trial_;

  void SetUp() override {
    TrialsTest::SetUp();
    trial_ = Start({"w.0", "first"});
    ASSERT_OK(AddMeasurement(store_, trial_, AMeasurement(1, {{"y", 0.1}}), Token(1)));
  }
};

TEST_F(LeasedTrialsTest, ALostTrialWaitsUnderTheSameIdWithoutItsMeasurements) {
  EXPECT_TRUE(*LoseTrial(store_, trial_, Token(1)));
  EXPECT_FALSE(*LoseTrial(store_, trial_, Token(1)));
  EXPECT_EQ(Get(trial_).state(), pb::Trial::REQUESTED);
  EXPECT_EQ(Get(trial_).measurements_size(), 0);
  const auto attempts = Attempts(trial_);
  ASSERT_OK(attempts);
  ASSERT_EQ(attempts->size(), 1u);
  EXPECT_EQ((*attempts)[0].row.outcome, "lost");
  EXPECT_EQ((*attempts)[0].measurements.size(), 1u);
}

TEST_F(LeasedTrialsTest, AReleaseNeedsTheNewestToken) {
  EXPECT_THAT(ReleaseTrial(store_, trial_, Token(9), ReleaseCause::kGivenBack), Fails(kRefused, "LEASE_LOST"));
  ASSERT_OK(ReleaseTrial(store_, trial_, Token(1), ReleaseCause::kGivenBack));
  EXPECT_EQ(Get(trial_).state(), pb::Trial::REQUESTED);
  EXPECT_OK(ReleaseTrial(store_, trial_, Token(1), ReleaseCause::kGivenBack)) << "the same again";
  EXPECT_THAT(ReleaseTrial(store_, trial_, Token(1), ReleaseCause::kCrashed), Fails(kRefused, "LEASE_LOST"));
  EXPECT_EQ(Attempts(trial_)->size(), 1u);
}

TEST_F(LeasedTrialsTest, AttemptsComeInPagesThatEndEarlyWhereTheyAreLarge) {
  pb::Measurement large = AMeasurement(1, {{"y", 1}});
  large.mutable_metrics(0)->set_metric_id(std::string(kMaxPageBytes / 3, 'm'));
  ASSERT_OK(storage_->Transact([&](Transaction& transaction) -> absl::Status {
    const int64_t uid = store_.Find(transaction, name_)->uid;
    for (int32_t attempt = 1; attempt <= 14; ++attempt) {
      AttemptRow row{.trial_id = trial_.id, .attempt = attempt, .client_id = "w.0", .lease_epoch = attempt};
      if (attempt > 1) row.late_result = large;
      RETURN_IF_ERROR(transaction.PutAttempt(uid, row));
    }
    return absl::OkStatus();
  }));
  EXPECT_THAT(ListAttempts(store_, tokens_, trial_, 0, ""),
              Fails(absl::StatusCode::kResourceExhausted, "LIST_TOO_LARGE"))
      << "never a part";
  std::vector<std::vector<int>> pages;
  std::string token;
  do {
    const auto page = ListAttempts(store_, tokens_, trial_, 1000, token);
    ASSERT_OK(page);
    for (pages.emplace_back(); const AttemptView& view : page->attempts) pages.back().push_back(view.row.attempt);
    token = page->next_page_token;
  } while (!token.empty());
  EXPECT_EQ(pages, (std::vector<std::vector<int>>{{1, 2, 3}, {4, 5}, {6, 7}, {8, 9}, {10, 11}, {12, 13}, {14}}));
}

TEST_F(LeasedTrialsTest, ReleasesAreNamedByTheirCause) {
  ASSERT_OK(ReleaseTrial(store_, trial_, Token(1), ReleaseCause::kCrashed, "signal 9" + std::string(5000, '!')));
  const auto attempts = Attempts(trial_);
  ASSERT_OK(attempts);
  ASSERT_EQ(attempts->size(), 1u);
  EXPECT_EQ((*attempts)[0].row.outcome, "crashed");
  EXPECT_THAT((*attempts)[0].row.cause, testing::StartsWith("signal 9!"));
  EXPECT_LE((*attempts)[0].row.cause.size(), 1100u);
}

TEST_F(LeasedTrialsTest, TheLastHolderCompletesATrialThatNobodyElseHas) {
  ASSERT_TRUE(*LoseTrial(store_, trial_, Token(1)));
  for (int i = 0; i < 2; ++i) {  // twice, as after an answer that was lost
    ASSERT_OK(AddMeasurement(store_, trial_, AMeasurement(2, {{"y", 0.2}}), Token(1)));
  }
  EXPECT_EQ(Get(trial_).state(), pb::Trial::REQUESTED) << "anybody may have it still";
  EXPECT_EQ(Get(trial_).measurements_size(), 0) << "the next attempt has none of them";
  const auto reply = CompleteTrial(store_, trial_, Result(0.7), Token(1));
  ASSERT_OK(reply);
  EXPECT_EQ(reply->measurements_size(), 2);
  EXPECT_EQ(Get(trial_).state(), pb::Trial::SUCCEEDED);
  EXPECT_EQ(Get(trial_).measurements_size(), 2);  // its attempt's
  EXPECT_EQ(Get(trial_).client_id(), "w.0");
  EXPECT_EQ((*Attempts(trial_))[0].row.outcome, "late result");
}

TEST_F(LeasedTrialsTest, ALateResultIsRefusedButKept) {
  ASSERT_TRUE(*LoseTrial(store_, trial_, Token(1)));
  ASSERT_OK(store_.EditActive(name_, [&](StudyEdit& edit) {
    return ClaimExisting(edit, {{"v.0", "other"}, 1}).status();
  }));
  EXPECT_THAT(AddMeasurement(store_, trial_, AMeasurement(2, {{"y", 0.2}}), Token(1)), Fails(kRefused, "LEASE_LOST"));
  EXPECT_THAT(CompleteTrial(store_, trial_, Result(0.7), Token(1)), Fails(kRefused, "LEASE_LOST"));
  EXPECT_EQ(Get(trial_).state(), pb::Trial::ACTIVE);
  const auto attempts = Attempts(trial_);
  ASSERT_TRUE((*attempts)[0].row.late_result.has_value());
  EXPECT_EQ((*attempts)[0].row.late_result->metrics(0).value(), 0.7);
  ASSERT_OK(CompleteTrial(store_, trial_, Result(0.8), Token(2)));
  EXPECT_EQ(Get(trial_).final_measurement().metrics(0).value(), 0.8);
  EXPECT_THAT(CompleteTrial(store_, trial_, Result(0.9), Token(1)), Fails(kRefused, "LEASE_LOST"));
}

TEST_F(LeasedTrialsTest, ALateResultIsKeptWhole) {
  ASSERT_OK(AddMeasurement(store_, trial_, AMeasurement(1, {{"y", 0.3}}), Token(1)));
  ASSERT_OK(AddMeasurement(store_, trial_, AMeasurement(2, {{"y", 0.4}}), Token(1)));
  ASSERT_TRUE(*LoseTrial(store_, trial_, Token(1)));
  ASSERT_OK(store_.EditActive(name_, [&](StudyEdit& edit) {
    return ClaimExisting(edit, {{"v.0", "other"}, 1}).status();
  }));
  const auto late = [&] { return (*Attempts(trial_))[0].row; };
  const auto send = [&](const Completion& completion) {
    EXPECT_THAT(CompleteTrial(store_, trial_, completion, Token(1)), Fails(kRefused, "LEASE_LOST"));
  };
  send({.infeasible = true, .infeasible_reason = "too big"});
  EXPECT_FALSE(late().late_result.has_value());
  EXPECT_TRUE(late().late_infeasible);
  EXPECT_EQ(late().late_infeasible_reason, "too big");
  send({});
  EXPECT_EQ(late().late_result->step_count(), 2) << "its attempt's last measurement";
  EXPECT_FALSE(late().late_infeasible);
  EXPECT_EQ(late().late_infeasible_reason, "");
}

TEST_F(LeasedTrialsTest, ALateResultThatIsSentAgainChangesNothing) {
  ASSERT_TRUE(*LoseTrial(store_, trial_, Token(1)));
  ASSERT_OK(store_.EditActive(name_, [&](StudyEdit& edit) {
    return ClaimExisting(edit, {{"v.0", "other"}, 1}).status();
  }));
  const auto version = [&] {
    int64_t version = 0;
    EXPECT_OK(store_.Edit(name_, [&](StudyEdit& edit) {
      version = edit.study().version;
      return absl::OkStatus();
    }));
    return version;
  };
  const int64_t before = version();
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(CompleteTrial(store_, trial_, Result(0.7), Token(1)), Fails(kRefused, "LEASE_LOST"));
    EXPECT_EQ(version(), before + 1);
  }
}

TEST_F(LeasedTrialsTest, AResultUnderTheTokenOfAnotherTrialIsNotKept) {
  ASSERT_TRUE(*LoseTrial(store_, trial_, Token(1)));
  LeaseToken other = Token(1);
  ++other.trial_id;
  EXPECT_THAT(CompleteTrial(store_, trial_, Result(0.7), other), Fails(kRefused, "LEASE_LOST"));
  EXPECT_FALSE((*Attempts(trial_))[0].row.late_result.has_value());
}

TEST_F(LeasedTrialsTest, TheLateResultOfTheLastLostAttemptIsKeptToo) {
  ASSERT_TRUE(*LoseTrial(store_, trial_, Token(1)));
  for (int epoch = 2; epoch <= kDefaultMaxAttempts; ++epoch) {
    ASSERT_OK(store_.EditActive(name_, [&](StudyEdit& edit) {
      return ClaimExisting(edit, {{"w.0", "first"}, 1}).status();
    }));
    ASSERT_TRUE(*LoseTrial(store_, trial_, Token(epoch)));
  }
  ASSERT_EQ(Get(trial_).state(), pb::Trial::INFEASIBLE);
  EXPECT_THAT(CompleteTrial(store_, trial_, Result(0.7), Token(kDefaultMaxAttempts)), Fails(kRefused, "LEASE_LOST"));
  EXPECT_TRUE((*Attempts(trial_))[kDefaultMaxAttempts - 1].row.late_result.has_value());
}

TEST_F(LeasedTrialsTest, AStopIsKeptForALateResultAndNotShownMeanwhile) {
  TrialRow seen;
  ASSERT_OK(storage_->Read([&](Snapshot& snapshot) -> absl::Status {
    seen = **snapshot.GetTrial(1, trial_.id);
    return absl::OkStatus();
  }));
  v1::StopDecision hopeless;
  hopeless.set_outcome(v1::StopDecision::STOPPED);
  hopeless.set_horizon(20);
  ASSERT_TRUE(*KeepDecision(store_, trial_, seen, Token(1), hopeless));
  ASSERT_TRUE(*LoseTrial(store_, trial_, Token(1)));
  EXPECT_FALSE(StopDecisionOf(Get(trial_)).has_value()) << "the next attempt would be judged anew";
  ASSERT_OK(CompleteTrial(store_, trial_, Result(0.7), Token(1)));
  ASSERT_TRUE(StopDecisionOf(Get(trial_)).has_value());
  EXPECT_EQ(StopDecisionOf(Get(trial_))->outcome(), v1::StopDecision::STOPPED);
}

TEST_F(LeasedTrialsTest, ADecisionOnAnEarlierAttemptDoesNotStopTheNextOne) {
  TrialRow seen;
  ASSERT_OK(storage_->Read([&](Snapshot& snapshot) -> absl::Status {
    seen = **snapshot.GetTrial(1, trial_.id);
    return absl::OkStatus();
  }));
  ASSERT_TRUE(*LoseTrial(store_, trial_, Token(1)));
  ASSERT_OK(store_.EditActive(name_, [&](StudyEdit& edit) { return ClaimExisting(edit, {{"c", ""}, 1}).status(); }));
  v1::StopDecision hopeless;
  hopeless.set_outcome(v1::StopDecision::STOPPED);
  EXPECT_THAT(KeepDecision(store_, trial_, seen, Token(1), hopeless), Fails(kRefused, "LEASE_LOST"));
  EXPECT_FALSE(*KeepDecision(store_, trial_, seen, {}, hopeless));
  EXPECT_EQ(Get(trial_).state(), pb::Trial::ACTIVE);
}

}  // namespace
}  // namespace photinus
