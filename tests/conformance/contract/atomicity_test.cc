// C1-C3: what an answer says about what is stored.
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tests/conformance/contract/contract_fixture.h"

namespace photinus {
namespace {

class AtomicityContract : public ContractTest {};
INSTANTIATE_TEST_SUITE_P(Storages, AtomicityContract, testing::ValuesIn(ContractBackends()), BackendName);

struct RefusedCall {
  std::string what;
  std::function<absl::Status()> call;
};

TEST_P(AtomicityContract, C01_ARefusedCallChangesNothing) {
  Create(Kws());
  const std::string finished = Start("a");
  ASSERT_OK(client().Complete(finished, AMeasurement(1, {{"y", 1}})));
  const std::string running = Start("b");
  ASSERT_OK(client().CreateTrial(study_, ATrial({{"x", 0.5}})));
  const std::string waiting = TrialOf(3);
  vizier::UpdateMetadataRequest metadata;
  metadata.set_name(study_);
  AddEntry(metadata, "", "k", "v");
  AddEntry(metadata, "77", "k", "v");
  vizier::UpdateMetadataRequest document;
  document.set_name(study_);
  AddEntry(document, "", "k", "v");
  AddEntry(document, "", "study", "no JSON");
  document.mutable_delta(1)->mutable_metadatum()->set_ns("photinus");

  const std::vector<RefusedCall> calls = {
      {"another result",
       [&] {
         return client().Complete(finished, AMeasurement(1, {{"y", 2}})).status();
       }},
      {"infeasible after all", [&] { return client().CompleteInfeasible(finished, "no").status(); }},
      {"a result of nobody",
       [&] {
         return client().Complete(waiting, AMeasurement(1, {{"y", 2}})).status();
       }},
      {"nothing to complete with", [&] { return client().Complete(running, {}).status(); }},
      {"a measurement too late",
       [&] {
         return client().AddMeasurement(finished, AMeasurement(2, {{"y", 2}})).status();
       }},
      {"stopping what waits", [&] { return client().StopTrial(waiting).status(); }},
      {"asking whether to stop what waits", [&] { return client().ShouldStop(waiting).status(); }},
      {"too many suggestions", [&] { return client().Suggest(study_, "c", 1001).status(); }},
      {"suggestions for nobody", [&] { return client().Suggest(study_, "", 1).status(); }},
      {"a trial without its parameter", [&] { return client().CreateTrial(study_, ATrial({})).status(); }},
      {"a trial out of bounds",
       [&] {
         return client().CreateTrial(study_, ATrial({{"x", 2}})).status();
       }},
      {"deleting what is not there", [&] { return client().DeleteTrial(TrialOf(77)); }},
      {"no such state", [&] { return client().SetStudyState(study_, pb::Study::STATE_UNSPECIFIED).status(); }},
      {"a broken study document", [&] { return client().UpdateMetadata(document).status(); }},
      {"a stale token",
       [&] {
         return client().Complete(running, AMeasurement(1, {{"y", 2}}), WithToken("1-2-99")).status();
       }},
  };
  const std::string before = State();
  const int64_t version = Row().version;
  for (const RefusedCall& refused : calls) {
    EXPECT_FALSE(refused.call().ok()) << refused.what;
    EXPECT_EQ(State(), before) << refused.what;
    EXPECT_EQ(Row().version, version) << refused.what;
  }
}

TEST_P(AtomicityContract, C01_AClosedStudyAnswersWithAnErrorAndMakesNoTrial) {
  Create(Kws());
  ASSERT_OK(client().SetStudyState(study_, pb::Study::COMPLETED));
  const std::string before = State();
  EXPECT_THAT(client().Suggest(study_, "c"), Fails(absl::StatusCode::kFailedPrecondition, "STUDY_NOT_ACTIVE"));
  EXPECT_EQ(State(), before);
}

TEST_P(AtomicityContract, C01_WhatWasAcknowledgedSurvivesTheEndOfTheProcess) {
  Create(Kws());
  const std::string trial = Start("a");
  ASSERT_OK(client().AddMeasurement(trial, AMeasurement(1, {{"y", 0.5}})));
  ASSERT_OK(client().Complete(trial, AMeasurement(2, {{"y", 1}})));
  ASSERT_OK(client().StopTrial(Start("b")));
  ASSERT_OK(client().CreateTrial(study_, ATrial({{"x", 0.5}})));
  ASSERT_OK(client().CreateTrial(study_, ATrial({{"x", 0.5}})));
  ASSERT_OK(client().DeleteTrial(TrialOf(4)));
  vizier::UpdateMetadataRequest metadata;
  metadata.set_name(study_);
  AddEntry(metadata, "", "k", "v");
  AddEntry(metadata, "1", "k", "v");
  ASSERT_OK(client().UpdateMetadata(metadata));
  const std::string before = State();
  const StudyRow row = Row();
  Restart();
  EXPECT_EQ(State(), before);
  EXPECT_EQ(Row().version, row.version);
  EXPECT_EQ(Row().next_trial_id, row.next_trial_id);
}

// A mutation, and what it answers, as text.
struct Mutation {
  std::string what;
  std::function<absl::StatusOr<std::string>()> call;
};

template <typename Message>
absl::StatusOr<std::string> Text(const absl::StatusOr<Message>& result) {
  if (!result.ok()) return result.status();
  return result->DebugString();
}

absl::StatusOr<std::string> Text(const absl::Status& status) {
  if (!status.ok()) return status;
  return std::string();
}

absl::StatusOr<std::string> TrialTexts(const absl::StatusOr<google::longrunning::Operation>& operation) {
  if (!operation.ok()) return operation.status();
  std::string text;
  for (const pb::Trial& trial : TrialsOf(*operation)) text += trial.DebugString();
  return text;
}

class RepetitionContract : public ContractTest {
 protected:
  // In an order in which each may be called.
  std::vector<Mutation> Mutations() {
    metadata_.set_name(study_);
    AddEntry(metadata_, "", "k", "v");
    AddEntry(metadata_, "1", "k", "v");
    document_.set_name(study_);
    AddEntry(document_, "", "study", R"({"budget": {"trials": 50}})");
    document_.mutable_delta(0)->mutable_metadatum()->set_ns("photinus");
    return {
        {"CreateStudy", [this] { return Text(client().CreateStudy("owners/ada", AStudy("another").Study())); }},
        {"SuggestTrials", [this] { return TrialTexts(client().Suggest(study_, "c", 3)); }},
        {"AddTrialMeasurement",
         [this] {
           return Text(client().AddMeasurement(TrialOf(1), AMeasurement(1, {{"y", 0.5}})));
         }},
        {"UpdateMetadata", [this] { return Text(client().UpdateMetadata(metadata_, Once("u"))); }},
        {"UpdateMetadata, the study document", [this] { return Text(client().UpdateMetadata(document_, Once("d"))); }},
        {"PutArtifact",
         [this] {
           const TrialRow row = TrialRowOf(1);
           const std::string token = absl::StrCat(row.study_uid, "-1-", row.lease_epoch);
           return Text(client().PutArtifact(TrialOf(1), "model.tflite", "bytes", token));
         }},
        {"CompleteTrial",
         [this] {
           return Text(client().Complete(TrialOf(1), AMeasurement(2, {{"y", 1}})));
         }},
        {"CompleteTrial, infeasible", [this] { return Text(client().CompleteInfeasible(TrialOf(2), "too big")); }},
        {"StopTrial", [this] { return Text(client().StopTrial(TrialOf(3))); }},
        {"DeleteTrial", [this] { return Text(client().DeleteTrial(TrialOf(2), Once("t"))); }},
        {"DrainStudy", [this] { return Text(client().DrainStudy(study_, v1::DrainStudyRequest::PAUSE)); }},
        {"SetStudyState", [this] { return Text(client().SetStudyState(study_, pb::Study::INACTIVE)); }},
    };
  }

  static Call Once(const std::string& id) { return {.headers = {{"x-request-id", id}}}; }
  TrialRow TrialRowOf(int64_t id) {
    TrialRow row;
    const int64_t uid = Row().uid;
    EXPECT_OK(storage().Read([&](Snapshot& snapshot) -> absl::Status {
      ASSIGN_OR_RETURN(const auto found, snapshot.GetTrial(uid, id));
      if (found.has_value()) row = *found;
      return absl::OkStatus();
    }));
    return row;
  }

  vizier::UpdateMetadataRequest metadata_;
  vizier::UpdateMetadataRequest document_;
};
INSTANTIATE_TEST_SUITE_P(Storages, RepetitionContract, testing::ValuesIn(ContractBackends()), BackendName);

TEST_P(RepetitionContract, C02_ARepeatedCallIsAnsweredAsTheFirstTimeAndChangesNothing) {
  Create(Kws());
  for (const Mutation& mutation : Mutations()) {
    const auto first = mutation.call();
    ASSERT_OK(first) << mutation.what;
    const std::string state = State();
    const auto second = mutation.call();
    ASSERT_OK(second) << mutation.what;
    EXPECT_EQ(*second, *first) << mutation.what;
    EXPECT_EQ(State(), state) << mutation.what;
  }
}

TEST_P(RepetitionContract, C02_AfterAnUnknownOutcomeTheCallMayBeRepeated) {
  Create(Kws());
  for (const Mutation& mutation : Mutations()) {
    storage().HideNextCommit();
    EXPECT_THAT(mutation.call(), Fails(absl::StatusCode::kUnavailable, "UNAVAILABLE")) << mutation.what;
    const std::string state = State();
    EXPECT_OK(mutation.call()) << mutation.what;
    EXPECT_EQ(State(), state) << mutation.what;
  }
}

// The study has a finished and a running trial before each call, and is COMPLETED after it.
TEST_P(RepetitionContract, C02_ACallThatEndsItsStudyIsAnsweredWhenItIsRepeated) {
  struct LastCall {
    std::string what;
    std::string document;
    bool drains;
    std::function<absl::StatusOr<std::string>()> call;
  };
  const std::string two = R"({"budget": {"trials": 2}})";
  const std::string three = R"({"budget": {"trials": 3}})";
  const pb::Trial history = ASucceededTrial({{"x", 0.5}}, {{"y", 1}});
  const auto once = [this](const std::string& id) { return Once(absl::StrCat(study_, id)); };
  const std::vector<LastCall> mutations = {
      {"CompleteTrial", two, false,
       [&] {
         return Text(client().Complete(TrialOf(2), AMeasurement(2, {{"y", 1}})));
       }},
      {"CompleteTrial, infeasible", two, false, [&] { return Text(client().CompleteInfeasible(TrialOf(2), "big")); }},
      {"DeleteTrial", "{}", true, [&] { return Text(client().DeleteTrial(TrialOf(2), once("delete"))); }},
      {"CreateTrial", three, false,
       [&] {
         EXPECT_OK(client().Complete(TrialOf(2), AMeasurement(2, {{"y", 1}})));
         return Text(client().CreateTrial(study_, history, once("create")));
       }},
      {"UpdateMetadata", three, false,
       [&] {
         EXPECT_OK(client().Complete(TrialOf(2), AMeasurement(2, {{"y", 1}})));
         vizier::UpdateMetadataRequest document;
         document.set_name(study_);
         AddEntry(document, "", "study", two);
         document.mutable_delta(0)->mutable_metadatum()->set_ns("photinus");
         return Text(client().UpdateMetadata(document, once("document")));
       }},
  };
  for (size_t i = 0; i < mutations.size(); ++i) {
    const LastCall& mutation = mutations[i];
    Create(AStudy(absl::StrCat("study ", i)).WithFloat("x").WithObjective("y").WithDocument(mutation.document));
    ASSERT_OK(client().CreateTrial(study_, history)) << mutation.what;
    Start();
    if (mutation.drains) {
      ASSERT_OK(client().DrainStudy(study_, v1::DrainStudyRequest::STOP));
    }
    const auto first = mutation.call();
    ASSERT_OK(first) << mutation.what;
    EXPECT_EQ(Row().state, pb::Study::COMPLETED) << mutation.what;
    const std::string state = State();
    const auto second = mutation.call();
    ASSERT_OK(second) << mutation.what;
    EXPECT_EQ(*second, *first) << mutation.what;
    EXPECT_EQ(State(), state) << mutation.what;
  }
}

TEST_P(RepetitionContract, C02_ADeletedStudyStaysDeletedAndOneThatCameAfterItStays) {
  Create(Kws());
  storage().HideNextCommit();
  EXPECT_THAT(client().DeleteStudy(study_, Once("s")), Fails(absl::StatusCode::kUnavailable, "UNAVAILABLE"));
  EXPECT_OK(client().DeleteStudy(study_, Once("s")));
  EXPECT_THAT(client().GetStudy(study_), Fails(absl::StatusCode::kNotFound, "STUDY_NOT_FOUND"));
  Create(Kws());
  EXPECT_OK(client().DeleteStudy(study_, Once("s")));
  EXPECT_OK(client().GetStudy(study_));
}

TEST_P(AtomicityContract, C02_ATrialThatIsCreatedAgainWithItsRequestIdIsTheSame) {
  Create(Kws());
  const Call request = {.headers = {{"x-request-id", "once"}}};
  storage().HideNextCommit();
  EXPECT_THAT(client().CreateTrial(study_, ATrial({{"x", 0.5}}), request),
              Fails(absl::StatusCode::kUnavailable, "UNAVAILABLE"));
  const auto trial = client().CreateTrial(study_, ATrial({{"x", 0.5}}), request);
  ASSERT_OK(trial);
  EXPECT_EQ(trial->id(), "1");
  EXPECT_EQ(Row().next_trial_id, 2);
}

TEST_P(AtomicityContract, C03_EveryChangeCountsTheVersionUpByOneAndReadsDoNot) {
  Create(Kws());
  EXPECT_EQ(Row().version, 1);
  EXPECT_EQ(Row().next_trial_id, 1);
  ASSERT_EQ(SuggestIds("c", 3).size(), 3u);
  EXPECT_EQ(Row().version, 2);
  EXPECT_EQ(Row().next_trial_id, 4);
  ASSERT_OK(client().AddMeasurement(TrialOf(1), AMeasurement(1, {{"y", 1}})));
  EXPECT_EQ(Row().version, 3);
  ASSERT_OK(client().Complete(TrialOf(1), {}));
  EXPECT_EQ(Row().version, 4);
  ASSERT_OK(client().DeleteTrial(TrialOf(1)));
  EXPECT_EQ(Row().version, 5);
  EXPECT_EQ(Row().next_trial_id, 4);
  ASSERT_OK(client().SetStudyState(study_, pb::Study::INACTIVE));
  EXPECT_EQ(Row().version, 6);
  State();
  ASSERT_OK(client().ListOptimalTrials(study_));
  EXPECT_EQ(Row().version, 6);
}

TEST_P(AtomicityContract, C03_AUidIsNeverReused) {
  Create(Kws());
  const int64_t first = Row().uid;
  ASSERT_OK(client().DeleteStudy(study_));
  Restart();
  Create(Kws());
  EXPECT_GT(Row().uid, first);
}

}  // namespace
}  // namespace photinus
