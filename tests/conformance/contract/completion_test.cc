// C16-C20: results, measurements, metadata, and trials of a client's own.
#include <cmath>
#include <future>
#include <limits>
#include <string>
#include <vector>

#include "common/study_document/trial_role.h"
#include "tests/conformance/contract/contract_fixture.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;

class CompletionContract : public ContractTest {
 protected:
  static pb::Measurement Y(double y, int64_t step = 1) { return AMeasurement(step, {{"y", y}}); }
  std::vector<int64_t> Optimal() {
    const auto optimal = client().ListOptimalTrials(study_);
    EXPECT_OK(optimal);
    if (!optimal.ok()) return {};
    return IdsOf({optimal->optimal_trials().begin(), optimal->optimal_trials().end()});
  }
  std::vector<int64_t> Steps(const std::string& trial) {
    const pb::Trial measured = Get(trial);
    std::vector<int64_t> steps;
    for (const pb::Measurement& measurement : measured.measurements()) steps.push_back(measurement.step_count());
    return steps;
  }
};
INSTANTIATE_TEST_SUITE_P(Storages, CompletionContract, testing::ValuesIn(ContractBackends()), BackendName);

TEST_P(CompletionContract, C16_AReplayIsAnsweredWithWhatIsStored) {
  Create(Kws());
  const std::string trial = Start();
  const auto first = client().Complete(trial, AMeasurement(1, {{"y", 1}, {"size", 2}}));
  ASSERT_OK(first);
  EXPECT_EQ(first->state(), pb::Trial::SUCCEEDED);
  EXPECT_TRUE(first->has_end_time());
  Pass(absl::Seconds(10));
  const auto replay = client().Complete(trial, AMeasurement(1, {{"size", 2}, {"y", 1}}));
  ASSERT_OK(replay) << "the same payload, written otherwise";
  EXPECT_EQ(replay->DebugString(), first->DebugString());
}

TEST_P(CompletionContract, C16_AnotherResultIsRefusedAndChangesNothing) {
  Create(Kws());
  const std::string trial = Start();
  ASSERT_OK(client().Complete(trial, Y(1)));
  const std::string before = State();
  EXPECT_THAT(client().Complete(trial, Y(2)), Fails(kPrecondition, "WRONG_TRIAL_STATE"));
  EXPECT_THAT(client().CompleteInfeasible(trial, "no"), Fails(kPrecondition, "WRONG_TRIAL_STATE"));
  EXPECT_EQ(State(), before);
}

TEST_P(CompletionContract, C16_OfManyResultsAtOnceOneIsStored) {
  Create(Kws());
  const std::string trial = Start();
  std::vector<std::future<absl::StatusOr<pb::Trial>>> calls;
  calls.reserve(8);
  for (int i = 0; i < 8; ++i) calls.push_back(std::async([&, i] { return client().Complete(trial, Y(i)); }));
  std::vector<double> accepted;
  for (auto& call : calls) {
    const auto result = call.get();
    if (result.ok()) {
      accepted.push_back(result->final_measurement().metrics(0).value());
    } else {
      EXPECT_THAT(result, Fails(kPrecondition, "WRONG_TRIAL_STATE"));
    }
  }
  ASSERT_EQ(accepted.size(), 1u);
  EXPECT_EQ(Get(trial).final_measurement().metrics(0).value(), accepted[0]);
}

TEST_P(CompletionContract, C16_ATrialThatWaitsCannotBeCompleted) {
  Create(Kws());
  ASSERT_OK(client().CreateTrial(study_, ATrial({{"x", 0.5}})));
  EXPECT_THAT(client().Complete(TrialOf(1), Y(1)), Fails(kPrecondition, "WRONG_TRIAL_STATE"));
  EXPECT_EQ(Get(TrialOf(1)).state(), pb::Trial::REQUESTED);
}

TEST_P(CompletionContract, C16_WithoutAResultTheLastMeasurementIsTheResult) {
  Create(Kws());
  const std::string trial = Start();
  EXPECT_THAT(client().Complete(trial, {}), Fails(kPrecondition, "NO_MEASUREMENT"));
  EXPECT_EQ(Get(trial).state(), pb::Trial::ACTIVE);
  ASSERT_OK(client().AddMeasurement(trial, Y(0.25, 1)));
  ASSERT_OK(client().AddMeasurement(trial, Y(0.5, 2)));
  const auto completed = client().Complete(trial, {});
  ASSERT_OK(completed);
  EXPECT_EQ(completed->final_measurement().metrics(0).value(), 0.5);
  EXPECT_EQ(completed->final_measurement().step_count(), 2);
}

TEST_P(CompletionContract, C16_AnInfeasibleTrialKeepsReasonAndResult) {
  Create(Kws());
  vizier::CompleteTrialRequest request;
  request.set_name(Start());
  request.set_trial_infeasible(true);
  request.set_infeasible_reason("too big");
  *request.mutable_final_measurement() = Y(1);
  ASSERT_OK(client().Complete(request));
  const pb::Trial trial = Get(request.name());
  EXPECT_EQ(trial.state(), pb::Trial::INFEASIBLE);
  EXPECT_EQ(trial.infeasible_reason(), "too big");
  EXPECT_EQ(trial.final_measurement().metrics(0).value(), 1);
  EXPECT_TRUE(trial.has_end_time());
}

TEST_P(CompletionContract, C17_UnknownMetricsAreKept) {
  Create(Kws());
  const std::string trial = Start();
  ASSERT_OK(client().AddMeasurement(trial, AMeasurement(1, {{"latency", 3}})));
  ASSERT_OK(client().Complete(trial, AMeasurement(1, {{"y", 1}, {"latency", 3}})));
  EXPECT_EQ(Get(trial).measurements(0).metrics(0).metric_id(), "latency");
  EXPECT_EQ(Get(trial).final_measurement().metrics_size(), 2);
  EXPECT_THAT(Optimal(), ElementsAre(1));
}

TEST_P(CompletionContract, C17_NumbersThatAreNoneAreKeptButNeverOptimal) {
  Create(Kws());
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  ASSERT_OK(client().Complete(Start(), Y(kInfinity)));
  ASSERT_OK(client().Complete(Start(), Y(std::nan(""))));
  ASSERT_OK(client().Complete(Start(), AMeasurement(1, {{"latency", 3}})));
  EXPECT_THAT(Optimal(), ElementsAre());
  ASSERT_OK(client().Complete(Start(), Y(-5)));
  EXPECT_THAT(Optimal(), ElementsAre(4));
  EXPECT_EQ(Get(TrialOf(1)).final_measurement().metrics(0).value(), kInfinity);
  EXPECT_TRUE(std::isnan(Get(TrialOf(2)).final_measurement().metrics(0).value()));
  EXPECT_EQ(Get(TrialOf(3)).state(), pb::Trial::SUCCEEDED) << "without its objective";
}

TEST_P(CompletionContract, C18_MeasurementsStandInTheOrderOfTheirCommits) {
  Create(Kws());
  const std::string trial = Start();
  for (const int64_t step : {3, 1, 2}) ASSERT_OK(client().AddMeasurement(trial, Y(0.5, step)));
  EXPECT_THAT(Steps(trial), ElementsAre(3, 1, 2));
}

TEST_P(CompletionContract, C18_AMeasurementThatIsSentTwiceIsStoredOnce) {
  Create(Kws());
  const std::string trial = Start();
  ASSERT_OK(client().AddMeasurement(trial, Y(0.5, 1)));
  ASSERT_OK(client().AddMeasurement(trial, Y(0.5, 2)));
  ASSERT_OK(client().AddMeasurement(trial, Y(0.5, 1)));
  EXPECT_THAT(Steps(trial), ElementsAre(1, 2));
  ASSERT_OK(client().AddMeasurement(trial, Y(0.75, 1)));
  EXPECT_THAT(Steps(trial), ElementsAre(1, 2, 1)) << "another value is another measurement";
  for (int i = 0; i < 2; ++i) ASSERT_OK(client().AddMeasurement(trial, Y(0.5, 0)));
  EXPECT_THAT(Steps(trial), ElementsAre(1, 2, 1, 0, 0)) << "without a place on the curve it may well be repeated";
}

TEST_P(CompletionContract, C18_AMeasurementOfTheSameRequestIsStoredOnce) {
  Create(Kws());
  const std::string trial = Start();
  const Call first = {.headers = {{"x-request-id", "first"}}};
  const Call second = {.headers = {{"x-request-id", "second"}}};
  ASSERT_OK(client().AddMeasurement(trial, Y(0.5, 0), first));
  ASSERT_OK(client().AddMeasurement(trial, Y(0.5, 0), first));
  EXPECT_THAT(Steps(trial), ElementsAre(0));
  ASSERT_OK(client().AddMeasurement(trial, Y(0.5, 0), second));
  EXPECT_THAT(Steps(trial), ElementsAre(0, 0));
}

TEST_P(CompletionContract, C18_OnlyARunningTrialIsMeasured) {
  Create(Kws());
  const std::string finished = Start();
  ASSERT_OK(client().Complete(finished, Y(1)));
  EXPECT_THAT(client().AddMeasurement(finished, Y(1)), Fails(kPrecondition, "WRONG_TRIAL_STATE"));
  const std::string infeasible = Start();
  ASSERT_OK(client().CompleteInfeasible(infeasible, "no"));
  EXPECT_OK(client().AddMeasurement(infeasible, Y(1)));
  EXPECT_EQ(Get(infeasible).measurements_size(), 0) << "accepted, and unchanged";
  const auto waiting = client().CreateTrial(study_, ATrial({{"x", 0.5}}));
  ASSERT_OK(waiting);
  EXPECT_THAT(client().AddMeasurement(waiting->name(), Y(1)), Fails(kPrecondition, "WRONG_TRIAL_STATE"));
  const std::string stopping = Start();
  ASSERT_OK(client().StopTrial(stopping));
  EXPECT_OK(client().AddMeasurement(stopping, Y(1)));
  EXPECT_EQ(Get(stopping).measurements_size(), 1);
}

TEST_P(CompletionContract, C19_MetadataIsSetAltogetherAndTheLastWriterWins) {
  Create(Kws());
  const std::string trial = Start();
  vizier::UpdateMetadataRequest request;
  request.set_name(study_);
  AddEntry(request, "", "k", "first");
  AddEntry(request, "1", "k", "first");
  AddEntry(request, "1", "k", "second");
  ASSERT_OK(client().UpdateMetadata(request));
  EXPECT_EQ(client().GetStudy(study_)->study_spec().metadata(0).value(), "first");
  ASSERT_EQ(Get(trial).metadata_size(), 1);
  EXPECT_EQ(Get(trial).metadata(0).value(), "second");
  vizier::UpdateMetadataRequest later;
  later.set_name(study_);
  AddEntry(later, "1", "k", "third");
  AddEntry(later, "1", "other", "v");
  later.mutable_delta(1)->mutable_metadatum()->set_ns("ns");
  ASSERT_OK(client().UpdateMetadata(later));
  ASSERT_EQ(Get(trial).metadata_size(), 2);
  EXPECT_EQ(Get(trial).metadata(0).value(), "third");
  EXPECT_EQ(Get(trial).metadata(1).ns(), "ns");
}

TEST_P(CompletionContract, C19_AnUnknownTrialIsToldInTheAnswerAndNothingIsSet) {
  Create(Kws());
  const std::string trial = Start();
  vizier::UpdateMetadataRequest request;
  request.set_name(study_);
  AddEntry(request, "", "k", "v");
  AddEntry(request, "1", "k", "v");
  AddEntry(request, "2", "k", "v");
  const auto answer = client().UpdateMetadata(request);
  ASSERT_OK(answer);
  EXPECT_THAT(answer->error_details(), HasSubstr("trials/2"));
  EXPECT_EQ(client().GetStudy(study_)->study_spec().metadata_size(), 0);
  EXPECT_EQ(Get(trial).metadata_size(), 0);
}

TEST_P(CompletionContract, C20_TheServerSetsWhatIsItsOwn) {
  Create(Kws());
  pb::Trial trial = ATrial({{"x", 0.5}});
  trial.set_id("77");
  trial.set_name("owners/eve/studies/s/trials/77");
  trial.set_client_id("eve");
  trial.mutable_start_time()->set_seconds(1);
  trial.mutable_end_time()->set_seconds(1);
  trial.set_state(pb::Trial::ACTIVE);
  const auto created = client().CreateTrial(study_, trial);
  ASSERT_OK(created);
  EXPECT_EQ(created->name(), TrialOf(1));
  EXPECT_EQ(created->id(), "1");
  EXPECT_EQ(created->client_id(), "");
  EXPECT_EQ(created->state(), pb::Trial::REQUESTED) << "all but SUCCEEDED is";
  EXPECT_GT(created->start_time().seconds(), 1);
  EXPECT_FALSE(created->has_end_time());
}

TEST_P(CompletionContract, C20_AFinishedTrialIsKeptAsHistory) {
  Create(Kws());
  pb::Trial trial = ASucceededTrial({{"x", 0.5}}, {{"y", 1}});
  *trial.add_measurements() = Y(0.5, 1);
  *trial.add_measurements() = Y(1, 2);
  ASSERT_OK(client().CreateTrial(study_, trial));
  EXPECT_EQ(Get(TrialOf(1)).state(), pb::Trial::SUCCEEDED);
  EXPECT_THAT(Steps(TrialOf(1)), ElementsAre(1, 2));
  EXPECT_THAT(Optimal(), ElementsAre(1));
  ASSERT_OK(client().CreateTrial(study_, ASucceededTrial({{"x", 5}}, {{"y", 0}}))) << "history may be out of range";
  EXPECT_THAT(client().CreateTrial(study_, ASucceededTrial({{"z", 0.5}}, {{"y", 1}})),
              Fails(kInvalid, "INVALID_ARGUMENT"));
}

TEST_P(CompletionContract, C20_ARetestIsNeverOptimalAndNoModelLearnsFromIt) {
  Create(Kws());
  ASSERT_OK(client().CreateTrial(study_, ASucceededTrial({{"x", 0.5}}, {{"y", 1}})));
  pb::Trial retest = ASucceededTrial({{"x", 0.5}}, {{"y", 9}});
  SetRole(kRetestRole, "1", retest);
  ASSERT_OK(client().CreateTrial(study_, retest));
  EXPECT_THAT(Optimal(), ElementsAre(1)) << "though its value is better";
  EXPECT_EQ(RoleOf(Get(TrialOf(2))), "retest");
  pb::Trial unknown = ASucceededTrial({{"x", 0.5}}, {{"y", 9}});
  SetRole("rehearsal", "", unknown);
  EXPECT_THAT(client().CreateTrial(study_, unknown), Fails(kInvalid, "INVALID_ARGUMENT"));
}

TEST_P(CompletionContract, C20_ABaselineNeedsNoParameters) {
  Create(PullableKws());
  pb::Trial baseline;
  SetRole(kBaselineRole, "", baseline);
  ASSERT_OK(client().CreateTrial(study_, baseline));
  EXPECT_EQ(Pull().trial().name(), TrialOf(1));
  pb::Trial outside = ATrial({{"x", 2}});
  SetRole(kBaselineRole, "", outside);
  EXPECT_THAT(client().CreateTrial(study_, outside), Fails(kInvalid, "INVALID_ARGUMENT"));
}

TEST_P(CompletionContract, C20_ATrialThatIsToRunMustBeInTheSpace) {
  Create(Kws());
  EXPECT_THAT(client().CreateTrial(study_, ATrial({})), Fails(kInvalid, "INVALID_ARGUMENT"));
  EXPECT_THAT(client().CreateTrial(study_, ATrial({{"x", 2}})), Fails(kInvalid, "INVALID_ARGUMENT"));
  EXPECT_THAT(client().CreateTrial(study_, ATrial({{"x", std::nan("")}})), Fails(kInvalid, "INVALID_ARGUMENT"));
  EXPECT_THAT(client().CreateTrial(study_, ATrial({{"x", 0.5}, {"z", 1}})), Fails(kInvalid, "INVALID_ARGUMENT"));
  EXPECT_EQ(Row().next_trial_id, 1);
}

}  // namespace
}  // namespace photinus
