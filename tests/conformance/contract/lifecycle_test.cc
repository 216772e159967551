// C21-C28: studies, ids, lists, what other replicas see, and early stopping.
#include <algorithm>
#include <functional>
#include <future>
#include <set>
#include <string>
#include <vector>

#include "common/base/status_macros.h"
#include "google/protobuf/unknown_field_set.h"
#include "google/protobuf/util/message_differencer.h"
#include "tests/conformance/contract/contract_fixture.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;

class LifecycleContract : public ContractTest {
 protected:
  static pb::Measurement Y(double y, int64_t step = 1) { return AMeasurement(step, {{"y", y}}); }
  void CreateTrials(int count) {
    for (int i = 0; i < count; ++i) {
      ASSERT_OK(client().CreateTrial(study_, ASucceededTrial({{"x", 0.5}}, {{"y", 1}})));
    }
  }
  pb::Study::State StudyState() { return client().GetStudy(study_)->state(); }
  // Whether rows of deleted studies and trials are left.
  bool HasDeleted() {
    bool any = false;
    EXPECT_OK(storage().Read([&](Snapshot& snapshot) -> absl::Status {
      ASSIGN_OR_RETURN(any, snapshot.HasDeleted());
      return absl::OkStatus();
    }));
    return any;
  }
  vizier::UpdateMetadataRequest AnEntry() {
    vizier::UpdateMetadataRequest request;
    request.set_name(study_);
    AddEntry(request, "", "k", "v");
    return request;
  }
};
INSTANTIATE_TEST_SUITE_P(Storages, LifecycleContract, testing::ValuesIn(ContractBackends()), BackendName);

TEST_P(LifecycleContract, C21_AStudyThatExistsIsReturnedAsItStands) {
  Create(Kws());
  std::multimap<std::string, std::string> trailing;
  const auto again = client().CreateStudy("owners/ada", Kws().Study(), {.trailing = &trailing});
  ASSERT_OK(again);
  EXPECT_EQ(trailing.count("x-spec-mismatch"), 0u);
  const auto other = client().CreateStudy("owners/ada", AStudy("kws").WithFloat("z").Study(), {.trailing = &trailing});
  ASSERT_OK(other);
  EXPECT_EQ(other->DebugString(), again->DebugString());
  ASSERT_EQ(trailing.count("x-spec-mismatch"), 1u);
  EXPECT_EQ(trailing.find("x-spec-mismatch")->second, "1");
}

TEST_P(LifecycleContract, C21_AStrictCreationRefusesAStudyThatExists) {
  const Call strict = {.headers = {{"x-strict-create", "1"}}};
  ASSERT_OK(client().CreateStudy("owners/ada", Kws().Study(), strict));
  EXPECT_THAT(client().CreateStudy("owners/ada", Kws().Study(), strict),
              Fails(absl::StatusCode::kAlreadyExists, "STUDY_EXISTS"));
  EXPECT_OK(client().CreateStudy("owners/ada", Kws().Study()));
}

TEST_P(LifecycleContract, C21_ManyCreatorsAtOnceGetOneStudy) {
  std::vector<std::future<absl::StatusOr<pb::Study>>> calls;
  calls.reserve(8);
  for (int i = 0; i < 8; ++i) {
    calls.push_back(std::async([this] { return client().CreateStudy("owners/ada", Kws().Study()); }));
  }
  for (auto& call : calls) EXPECT_OK(call.get());
  EXPECT_EQ(client().ListStudies("owners/ada")->studies_size(), 1);
}

TEST_P(LifecycleContract, C21_TheSpecComesBackAsItWasSent) {
  pb::Study study = Kws().Study();
  auto& unknown = *study.mutable_study_spec()->GetReflection()->MutableUnknownFields(study.mutable_study_spec());
  unknown.AddLengthDelimited(9999, "from a newer client");
  auto& entry = *study.mutable_study_spec()->add_metadata();
  entry.set_key("k");
  entry.mutable_proto()->set_type_url("type.googleapis.com/nobody.Knows");
  entry.mutable_proto()->set_value("\xff\x01");
  ASSERT_OK(client().CreateStudy("owners/ada", study));
  Restart();
  const auto stored = client().GetStudy("owners/ada/studies/kws");
  ASSERT_OK(stored);
  EXPECT_EQ(stored->study_spec().SerializeAsString(), study.study_spec().SerializeAsString());
}

TEST_P(LifecycleContract, C21_AnEmptySpecIsLegalAndOddNamesAre) {
  const std::string odd = "k w\xc3\xa9:s?%2F" + std::string(200, 'a');
  pb::Study study;
  study.set_display_name(odd);
  const auto created = client().CreateStudy("owners/ada", study);
  ASSERT_OK(created);
  EXPECT_EQ(created->name(), "owners/ada/studies/" + odd);
  EXPECT_OK(client().GetStudy(created->name()));
}

TEST_P(LifecycleContract, C21_AStudyStartsWithTrialsThatItCopiesWhenItIsCreated) {
  const AStudy warm = AStudy("warm").WithFloat("x").WithObjective("y").WithAlgorithm("DEFAULT").WithDocument(
      R"({"warm_start": ["owners/ada/studies/kws"]})");
  EXPECT_THAT(client().CreateStudy("owners/ada", warm.Study()),
              FailsWith(kInvalid, "warm_start[0]: owners/ada/studies/kws does not exist"));
  Create(Kws());
  for (const double x : {0.25, 0.75, 0.5}) {
    ASSERT_OK(client().CreateTrial(study_, ASucceededTrial({{"x", x}}, {{"y", x}})));
  }
  ASSERT_OK(client().CreateStudy("owners/ada", warm.Study()));
  ASSERT_OK(client().DeleteStudy(study_));
  Restart();
  study_ = "owners/ada/studies/warm";
  SuggestIds("c", 3);
  std::vector<double> points;
  for (const int64_t id : {1, 2, 3}) points.push_back(Get(TrialOf(id)).parameters(0).value().number_value());
  EXPECT_THAT(points, ElementsAre(0.75, 0.5, 0.25));
}

struct ChangingCall {
  std::string what;
  std::function<absl::Status()> call;
};

TEST_P(LifecycleContract, C22_AClosedStudyRefusesEveryChange) {
  Create(PullableKws());
  const std::string trial = Start();
  const auto leased = Pull();
  ASSERT_OK(client().PutArtifact(leased.trial().name(), "model", "bytes", leased.lease_token()));
  const std::vector<ChangingCall> calls = {
      {"SuggestTrials", [&] { return client().Suggest(study_, "c").status(); }},
      {"CreateTrial",
       [&] {
         return client().CreateTrial(study_, ATrial({{"x", 0.5}})).status();
       }},
      {"AddTrialMeasurement", [&] { return client().AddMeasurement(trial, Y(1)).status(); }},
      {"CompleteTrial", [&] { return client().Complete(trial, Y(1)).status(); }},
      {"DeleteTrial", [&] { return client().DeleteTrial(trial); }},
      {"CheckTrialEarlyStoppingState", [&] { return client().ShouldStop(trial).status(); }},
      {"StopTrial", [&] { return client().StopTrial(trial).status(); }},
      {"UpdateMetadata", [&] { return client().UpdateMetadata(AnEntry()).status(); }},
      {"PutArtifact", [&] { return client().PutArtifact(trial, "model", "bytes", ""); }},
      {"PutArtifact with a token",
       [&] { return client().PutArtifact(leased.trial().name(), "model", "others", leased.lease_token()); }},
      {"Release", [&] { return client().Release(leased.trial().name(), leased.lease_token()); }},
  };
  for (const auto state : {pb::Study::INACTIVE, pb::Study::COMPLETED}) {
    ASSERT_OK(client().SetStudyState(study_, state));
    const std::string before = State();
    for (const ChangingCall& changing : calls) {
      EXPECT_THAT(changing.call(), Fails(kPrecondition, "STUDY_NOT_ACTIVE")) << changing.what;
    }
    EXPECT_OK(client().PutArtifact(leased.trial().name(), "model", "bytes", leased.lease_token())) << "repeated";
    EXPECT_EQ(State(), before);
    EXPECT_OK(client().GetStudy(study_));
    EXPECT_OK(client().GetTrial(trial));
    EXPECT_OK(client().ListOptimalTrials(study_));
  }
}

TEST_P(LifecycleContract, C22_AStudyThatWasInactiveGoesOn) {
  Create(Kws());
  ASSERT_OK(client().SetStudyState(study_, pb::Study::INACTIVE));
  ASSERT_OK(client().SetStudyState(study_, pb::Study::ACTIVE));
  EXPECT_THAT(SuggestIds("c"), ElementsAre(1));
}

TEST_P(LifecycleContract, C22_AStudyThatDrainsCompletesWithItsLastTrial) {
  Create(Kws());
  const std::string trial = Start("a");
  ASSERT_OK(client().DrainStudy(study_, v1::DrainStudyRequest::STOP));
  EXPECT_THAT(SuggestIds("b"), IsEmpty()) << "no new suggestions";
  EXPECT_THAT(SuggestIds("a"), ElementsAre(1)) << "what runs may finish";
  EXPECT_EQ(StudyState(), pb::Study::ACTIVE);
  ASSERT_OK(client().Complete(trial, Y(1)));
  EXPECT_EQ(StudyState(), pb::Study::COMPLETED);
}

TEST_P(LifecycleContract, C22_AnExhaustedBudgetCompletesTheStudy) {
  Create(Kws().WithDocument(R"({"budget": {"trials": 2}})"));
  ASSERT_THAT(SuggestIds("a", 2), ElementsAre(1, 2));
  ASSERT_OK(client().Complete(TrialOf(1), Y(1)));
  EXPECT_EQ(StudyState(), pb::Study::ACTIVE);
  ASSERT_OK(client().Complete(TrialOf(2), Y(1)));
  EXPECT_EQ(StudyState(), pb::Study::COMPLETED);
}

TEST_P(LifecycleContract, C22_APausedStudyResumesWithoutHavingCompleted) {
  Create(Kws());
  ASSERT_OK(client().DrainStudy(study_, v1::DrainStudyRequest::PAUSE));
  EXPECT_THAT(SuggestIds("a"), IsEmpty());
  EXPECT_EQ(StudyState(), pb::Study::ACTIVE);
  ASSERT_OK(client().DrainStudy(study_, v1::DrainStudyRequest::RESUME));
  EXPECT_THAT(SuggestIds("a"), ElementsAre(1));
}

TEST_P(LifecycleContract, C22_AReopenedStudyTakesRetestsAndCompletesWhenIdle) {
  Create(Kws());
  ASSERT_OK(client().SetStudyState(study_, pb::Study::COMPLETED));
  ASSERT_OK(client().SetStudyState(study_, pb::Study::ACTIVE));
  EXPECT_THAT(SuggestIds("a"), IsEmpty()) << "no new suggestions";
  EXPECT_OK(client().UpdateMetadata(AnEntry()));
  EXPECT_OK(client().CreateTrial(study_, ASucceededTrial({{"x", 0.5}}, {{"y", 1}})));
  EXPECT_EQ(StudyState(), pb::Study::ACTIVE);
  ASSERT_OK(client().DrainStudy(study_, v1::DrainStudyRequest::STOP));
  EXPECT_EQ(StudyState(), pb::Study::COMPLETED);
}

TEST_P(LifecycleContract, C22_AReopenedStudyRunsItsRetestsAndNothingOlder) {
  Create(Kws());
  ASSERT_OK(client().CreateTrial(study_, ATrial({{"x", 0.25}})));  // and nobody starts it
  ASSERT_OK(client().SetStudyState(study_, pb::Study::COMPLETED));
  ASSERT_OK(client().SetStudyState(study_, pb::Study::ACTIVE));
  EXPECT_THAT(SuggestIds("a"), IsEmpty());
  ASSERT_OK(client().CreateTrial(study_, ATrial({{"x", 0.5}})));
  EXPECT_THAT(SuggestIds("a", 3), ElementsAre(2)) << "the retest, and no new suggestions";
  EXPECT_EQ(StudyState(), pb::Study::ACTIVE);
  ASSERT_OK(client().Complete(TrialOf(2), Y(1)));
  EXPECT_EQ(StudyState(), pb::Study::COMPLETED);
}

TEST_P(LifecycleContract, C22_AWorkerGetsTheRetestOfAReopenedStudy) {
  Create(PullableKws());
  ASSERT_OK(client().SetStudyState(study_, pb::Study::COMPLETED));
  ASSERT_OK(client().SetStudyState(study_, pb::Study::ACTIVE));
  EXPECT_FALSE(Pull().has_trial());
  ASSERT_OK(client().CreateTrial(study_, ATrial({{"x", 0.5}})));
  const auto lost = Pull();
  EXPECT_EQ(lost.trial().name(), TrialOf(1));
  ASSERT_OK(client().Release(TrialOf(1), lost.lease_token()));
  EXPECT_EQ(StudyState(), pb::Study::ACTIVE) << "it is still to be run";
  const auto again = Pull();
  ASSERT_OK(client().Complete(TrialOf(1), Y(1), WithToken(again.lease_token())));
  EXPECT_EQ(StudyState(), pb::Study::COMPLETED);
}

TEST_P(LifecycleContract, C23_IdsHaveNoGapsHoweverManyAskAtOnce) {
  Create(Kws());
  std::vector<std::future<void>> calls;
  calls.reserve(8);
  for (int i = 0; i < 8; ++i) {
    calls.push_back(std::async([this, i] {
      for (int round = 0; round < 5; ++round) {
        EXPECT_OK(client().CreateTrial(study_, ATrial({{"x", 0.5}})));
        EXPECT_EQ(SuggestIds("c" + std::to_string(i) + "." + std::to_string(round), 2).size(), 2u);
      }
    }));
  }
  for (auto& call : calls) call.get();
  const auto trials = client().ListTrials(study_);
  ASSERT_OK(trials);
  EXPECT_GE(trials->trials_size(), 80);
  for (int i = 0; i < trials->trials_size(); ++i) EXPECT_EQ(trials->trials(i).id(), std::to_string(i + 1));
}

TEST_P(LifecycleContract, C23_TheIdOfADeletedTrialIsNeverReused) {
  Create(Kws());
  CreateTrials(3);
  ASSERT_OK(client().DeleteTrial(TrialOf(3)));
  ASSERT_OK(client().DeleteTrial(TrialOf(2)));
  Restart();
  EXPECT_THAT(SuggestIds("c"), ElementsAre(4));
  EXPECT_EQ(client().CreateTrial(study_, ATrial({{"x", 0.5}}))->id(), "5");
  EXPECT_THAT(client().GetTrial(TrialOf(3)), Fails(absl::StatusCode::kNotFound, "TRIAL_NOT_FOUND"));
}

TEST_P(LifecycleContract, C24_ARecreatedStudyHasNothingOfTheOld) {
  Create(Kws());
  const auto operation = client().Suggest(study_, "c", 2);
  ASSERT_OK(operation);
  ASSERT_OK(client().Complete(TrialOf(1), Y(1)));
  ASSERT_OK(client().UpdateMetadata(AnEntry()));
  const int64_t uid = Row().uid;
  ASSERT_OK(client().DeleteStudy(study_));
  EXPECT_THAT(client().GetStudy(study_), Fails(absl::StatusCode::kNotFound, "STUDY_NOT_FOUND"));
  EXPECT_THAT(client().GetTrial(TrialOf(1)), Fails(absl::StatusCode::kNotFound, "STUDY_NOT_FOUND"));
  EXPECT_THAT(client().GetOperation(operation->name()), Fails(absl::StatusCode::kNotFound, "STUDY_NOT_FOUND"));
  EXPECT_EQ(client().ListStudies("owners/ada")->studies_size(), 0);
  Create(Kws());
  EXPECT_NE(Row().uid, uid);
  EXPECT_EQ(client().ListTrials(study_)->trials_size(), 0);
  EXPECT_EQ(client().ListOptimalTrials(study_)->optimal_trials_size(), 0);
  EXPECT_EQ(client().GetStudy(study_)->study_spec().metadata_size(), 0);
  EXPECT_THAT(client().GetOperation(operation->name()), Fails(absl::StatusCode::kNotFound, "OPERATION_NOT_FOUND"));
  EXPECT_THAT(SuggestIds("c"), ElementsAre(1));
}

TEST_P(LifecycleContract, C24_ALargeStudyIsGoneAtOnceAndForGood) {
  Create(Kws());
  ASSERT_EQ(SuggestIds("a", 1000).size(), 1000u);
  ASSERT_EQ(SuggestIds("b", 1000).size(), 1000u);
  ASSERT_EQ(SuggestIds("c", 500).size(), 500u);
  ASSERT_OK(client().DeleteStudy(study_));
  EXPECT_EQ(client().ListStudies("owners/ada")->studies_size(), 0);
  EXPECT_TRUE(HasDeleted());
  const int64_t before = storage().transactions();
  EXPECT_TRUE(Eventually([this] { return !HasDeleted(); })) << "its rows are erased";
  EXPECT_GE(storage().transactions() - before, 3) << "1,000 rows at once";
  Create(Kws());
  EXPECT_EQ(client().ListTrials(study_)->trials_size(), 0);
  Pass(absl::Minutes(1));
  Restart();
  EXPECT_EQ(client().ListStudies("owners/ada")->studies_size(), 1);
  EXPECT_EQ(client().ListTrials(study_)->trials_size(), 0);
  EXPECT_THAT(SuggestIds("c"), ElementsAre(1));
}

TEST_P(LifecycleContract, C24_ARunningTrialMayBeDeletedAndItsWorkerHearsOfIt) {
  Create(PullableKws());
  const auto pulled = Pull();
  const std::string plain = Start("c");
  ASSERT_OK(client().DeleteTrial(pulled.trial().name()));
  ASSERT_OK(client().DeleteTrial(plain));
  EXPECT_EQ(Beat(pulled), v1::HeartbeatResponse::LOST);
  EXPECT_THAT(client().Complete(pulled.trial().name(), Y(1), WithToken(pulled.lease_token())),
              Fails(absl::StatusCode::kNotFound, "TRIAL_NOT_FOUND"));
  EXPECT_THAT(client().Complete(plain, Y(1)), Fails(absl::StatusCode::kNotFound, "TRIAL_NOT_FOUND"));
}

TEST_P(LifecycleContract, C25_WhatOneReplicaAcknowledgedTheOtherSees) {
  Create(Kws());
  ServiceClient& other = AddReplica();
  for (int round = 0; round < 5; ++round) {
    const auto operation = other.Suggest(study_, "c");
    ASSERT_OK(operation);
    const std::string trial = TrialsOf(*operation).at(0).name();
    EXPECT_EQ(Get(trial).state(), pb::Trial::ACTIVE);
    ASSERT_OK(client().AddMeasurement(trial, Y(0.5)));
    EXPECT_EQ(other.GetTrial(trial)->measurements_size(), 1);
    ASSERT_OK(client().Complete(trial, Y(round)));
    const auto optimal = other.ListOptimalTrials(study_);
    ASSERT_OK(optimal);
    ASSERT_EQ(optimal->optimal_trials_size(), 1);
    EXPECT_EQ(optimal->optimal_trials(0).name(), trial);
    EXPECT_EQ(other.ListTrials(study_)->trials_size(), round + 1);
  }
  // What the caches of both hold, changes without a new trial.
  ASSERT_OK(other.DeleteTrial(TrialOf(5)));
  EXPECT_EQ(client().ListOptimalTrials(study_)->optimal_trials(0).id(), "4");
  vizier::UpdateMetadataRequest document;
  document.set_name(study_);
  AddEntry(document, "", "study", R"({"budget": {"trials": 4}})");
  document.mutable_delta(0)->mutable_metadatum()->set_ns("photinus");
  ASSERT_OK(other.UpdateMetadata(document));
  EXPECT_EQ(StudyState(), pb::Study::COMPLETED) << "four trials, all finished";
  ASSERT_OK(other.DeleteStudy(study_));
  EXPECT_THAT(client().GetStudy(study_), Fails(absl::StatusCode::kNotFound, "STUDY_NOT_FOUND"));
}

TEST_P(LifecycleContract, C26_APageSizeOfNoneGivesEverythingInTheOrderOfIds) {
  Create(Kws());
  CreateTrials(12);
  const auto all = client().ListTrials(study_);
  ASSERT_OK(all);
  EXPECT_THAT(IdsOf({all->trials().begin(), all->trials().end()}), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
  EXPECT_EQ(all->next_page_token(), "");
  EXPECT_EQ(client().ListTrials(study_, 5)->trials_size(), 5);
  EXPECT_EQ(client().ListTrials(study_, 2'000'000)->trials_size(), 12);
  EXPECT_THAT(client().ListTrials(study_, -1), Fails(kInvalid, "INVALID_ARGUMENT"));
  EXPECT_THAT(client().ListStudies("owners/ada", -1), Fails(kInvalid, "INVALID_ARGUMENT"));
}

TEST_P(LifecycleContract, C26_AnythingLargerIsRefusedAndNeverCutShort) {
  Create(Kws());
  pb::Trial large = ASucceededTrial({{"x", 0.5}}, {{"y", 1}});
  auto& entry = *large.add_metadata();
  entry.set_key("k");
  entry.set_value(std::string(10 << 20, 'a'));
  constexpr int kTrials = 7;  // 70 MiB
  for (int i = 0; i < kTrials; ++i) ASSERT_OK(client().CreateTrial(study_, large));
  const auto all = client().ListTrials(study_);
  EXPECT_THAT(all, Fails(absl::StatusCode::kResourceExhausted, "LIST_TOO_LARGE"));
  EXPECT_THAT(std::string(all.status().message()), HasSubstr("page_size"));
  int seen = 0;
  std::string token;
  do {
    const auto page = client().ListTrials(study_, 1000, token);
    ASSERT_OK(page);
    seen += page->trials_size();
    token = page->next_page_token();
  } while (!token.empty());
  EXPECT_EQ(seen, kTrials);
}

TEST_P(LifecycleContract, C27_PagesShowEveryTrialOnceWhateverHappensBetweenThem) {
  Create(Kws());
  CreateTrials(7);
  const auto first = client().ListTrials(study_, 3);
  ASSERT_OK(first);
  ASSERT_OK(client().DeleteTrial(TrialOf(2)));
  ASSERT_OK(client().DeleteTrial(TrialOf(5)));
  CreateTrials(2);
  vizier::UpdateMetadataRequest metadata;
  metadata.set_name(study_);
  AddEntry(metadata, "6", "k", "v");
  ASSERT_OK(client().UpdateMetadata(metadata));
  Restart();
  const auto second = client().ListTrials(study_, 3, first->next_page_token());
  ASSERT_OK(second);
  EXPECT_THAT(IdsOf({second->trials().begin(), second->trials().end()}), ElementsAre(4, 6, 7)) << "none later";
  EXPECT_EQ(second->trials(1).metadata_size(), 1) << "as it is now";
  if (!second->next_page_token().empty()) {
    EXPECT_EQ(client().ListTrials(study_, 3, second->next_page_token())->trials_size(), 0);
  }
}

TEST_P(LifecycleContract, C27_ATokenFitsItsOwnListAlone) {
  Create(Kws());
  CreateTrials(3);
  const std::string token = client().ListTrials(study_, 2)->next_page_token();
  ASSERT_FALSE(token.empty());
  const auto invalid = Fails(kInvalid, "INVALID_ARGUMENT");
  for (size_t i = 0; i < token.size(); i += 7) {
    std::string tampered = token;
    tampered[i] = tampered[i] == '1' ? '2' : '1';
    EXPECT_THAT(client().ListTrials(study_, 2, tampered), invalid) << tampered;
  }
  EXPECT_THAT(client().ListTrials(study_, 2, token + "0"), invalid);
  EXPECT_THAT(client().ListTrials(study_, 2, token.substr(1)), invalid);
  EXPECT_THAT(client().ListStudies("owners/ada", 2, token), invalid);
  const std::string old_study = study_;
  Create(AStudy("other").WithFloat("x").WithObjective("y"));
  CreateTrials(3);
  EXPECT_THAT(client().ListTrials(study_, 2, token), invalid) << "of another study";
  ASSERT_OK(client().DeleteStudy(old_study));
  EXPECT_THAT(client().ListTrials(old_study, 2, token), Fails(absl::StatusCode::kNotFound, "STUDY_NOT_FOUND"));
  Create(Kws());
  EXPECT_THAT(client().ListTrials(study_, 2, token), invalid) << "of a study of the same name before";
}

class EarlyStoppingContract : public LifecycleContract {
 protected:
  // A trial whose y climbs to `last` in ten steps.
  std::string Climb(double last) {
    const std::string trial = Start("c" + std::to_string(++clients_));
    for (int step = 1; step <= 10; ++step) EXPECT_OK(client().AddMeasurement(trial, Y(last * step / 10, step)));
    return trial;
  }
  void FinishFive() {
    for (int i = 0; i < 5; ++i) ASSERT_OK(client().Complete(Climb(0.9), {}));
  }

  int clients_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Storages, EarlyStoppingContract, testing::ValuesIn(ContractBackends()), BackendName);

TEST_P(EarlyStoppingContract, C28_WithoutARuleNothingIsStopped) {
  Create(Kws());
  FinishFive();
  const std::string bad = Climb(0.1);
  EXPECT_FALSE(*client().ShouldStop(bad));
  EXPECT_EQ(Get(bad).state(), pb::Trial::ACTIVE);
}

TEST_P(EarlyStoppingContract, C28_AYesIsForGoodEvenAcrossARestart) {
  Create(Kws().WithDocument(R"({"early_stopping": {"rule": "MEDIAN"}})"));
  FinishFive();
  const std::string good = Climb(0.95);
  const std::string bad = Climb(0.1);
  EXPECT_FALSE(*client().ShouldStop(good));
  EXPECT_EQ(Get(good).state(), pb::Trial::ACTIVE);
  EXPECT_TRUE(*client().ShouldStop(bad));
  EXPECT_EQ(Get(bad).state(), pb::Trial::STOPPING);
  ASSERT_OK(client().AddMeasurement(bad, Y(5, 11)));
  Restart();
  EXPECT_TRUE(*client().ShouldStop(bad)) << "although it would now be the best";
  EXPECT_FALSE(*client().ShouldStop(good));
}

TEST_P(EarlyStoppingContract, C28_OnlyARunningTrialCanBeAskedAbout) {
  Create(Kws());
  const std::string trial = Start();
  ASSERT_OK(client().Complete(trial, Y(1)));
  EXPECT_THAT(client().ShouldStop(trial), Fails(kPrecondition, "WRONG_TRIAL_STATE"));
  EXPECT_THAT(client().ShouldStop(TrialOf(2)), Fails(absl::StatusCode::kNotFound, "TRIAL_NOT_FOUND"));
}

}  // namespace
}  // namespace photinus
