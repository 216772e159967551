#include "server/study/studies.h"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/study_document/problem_entries.h"
#include "server/study/attempts.h"
#include "server/study/entry_count.h"
#include "server/study/metadata.h"
#include "server/study/prior_trials.h"
#include "server/study/study_status.h"
#include "server/study/trial_lists.h"
#include "tests/support/study_fixture.h"

namespace photinus {
namespace {

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class StudiesTest : public StudyFixture {};

AStudy Kws() { return AStudy("kws").WithFloat("x").WithObjective("y"); }

TEST_F(StudiesTest, AnEmptySpecIsLegal) {
  Create(AStudy("empty").WithAlgorithm(""));
  EXPECT_EQ(GetStudy(store_, name_)->name(), "owners/ada/studies/empty");
}

TEST_F(StudiesTest, TheSpecComesBackAsItWasWithFieldsThatWeDoNotKnow) {
  pb::Study study = Kws().WithDocument(R"({"seed": 4})").Study();
  study.mutable_study_spec()->GetReflection()->MutableUnknownFields(study.mutable_study_spec())->AddVarint(999, 42);
  ASSERT_OK(CreateStudy(store_, {"ada"}, study));
  EXPECT_EQ(GetStudy(store_, {"ada", "kws"})->study_spec().SerializeAsString(), study.study_spec().SerializeAsString());
}

TEST_F(StudiesTest, CreatingAnExistingStudyReturnsItAndTellsWhetherItsSpecDiffers) {
  Create(Kws());
  const auto same = CreateStudy(store_, {"ada"}, Kws().Study());
  ASSERT_OK(same);
  EXPECT_FALSE(same->spec_differs);
  const auto other = CreateStudy(store_, {"ada"}, AStudy("kws").WithFloat("z").Study());
  ASSERT_OK(other);
  EXPECT_TRUE(other->spec_differs);
  EXPECT_EQ(other->study.study_spec().parameters(0).parameter_id(), "x");
  EXPECT_EQ(Version(), 1);
}

TEST_F(StudiesTest, AnotherEndpointIsAnotherSpec) {
  const auto with = [](const char* endpoint) {
    return Kws().WithMetadata(kEndpointNamespace, kEndpointKey, endpoint).Study();
  };
  ASSERT_OK(CreateStudy(store_, {"ada"}, with("brain:1")));
  EXPECT_FALSE(CreateStudy(store_, {"ada"}, with("brain:1"))->spec_differs);
  EXPECT_TRUE(CreateStudy(store_, {"ada"}, with("brain:2"))->spec_differs);
  EXPECT_TRUE(CreateStudy(store_, {"ada"}, Kws().Study())->spec_differs);
}

TEST_F(StudiesTest, TheStudyDocumentOfAStockClientIsTheOneOfOurs) {
  constexpr char kDocument[] = R"({"budget": {"trials": 2}})";
  const pb::Study stock = Kws().WithMetadata(":photinus", "study", kDocument).Study();
  Create(Kws().WithMetadata(":photinus", "study", kDocument));
  EXPECT_FALSE(CreateStudy(store_, {"ada"}, stock)->spec_differs);
  EXPECT_FALSE(CreateStudy(store_, {"ada"}, Kws().WithDocument(kDocument).Study())->spec_differs);
  pb::KeyValue entry = stock.study_spec().metadata(0);
  entry.set_value(R"({"budget": {"trails": 2}})");
  EXPECT_THAT(UpdateMetadata(store_, name_, {{std::nullopt, entry}}), FailsWith(kInvalid, "trails"));
  for (const char* spelling : {"photinus", ":photinus"}) {
    entry.set_ns(spelling);
    entry.set_value(absl::StrCat(R"({"budget": {"trials": 1}, "seed": )", std::string(spelling).size(), "}"));
    EXPECT_EQ(*UpdateMetadata(store_, name_, {{std::nullopt, entry}}), "");
    const pb::StudySpec spec = GetStudy(store_, name_)->study_spec();
    ASSERT_EQ(spec.metadata_size(), 1);
    EXPECT_EQ(spec.metadata(0).ns(), "photinus");
    EXPECT_EQ(spec.metadata(0).value(), entry.value());
  }
  ASSERT_OK(CompleteTrial(store_, Start(), Result(1), {}));
  EXPECT_EQ(StudyState(), pb::Study::COMPLETED) << "the budget counts";
}

TEST_F(StudiesTest, WhatTheStoppingRuleDecidedIsWrittenByTheServerAlone) {
  Create(Kws());
  pb::Trial copy = ATrial({{"x", 0.5}});
  for (const char* ns : {"photinus", ":photinus"}) {
    pb::KeyValue entry;
    entry.set_ns(ns);
    entry.set_key("stop");
    entry.set_value(R"({"outcome":"STOPPED"})");
    *copy.add_metadata() = entry;
  }
  copy.add_metadata()->set_key("mine");
  const auto trial = CreateTrial(store_, name_, copy);
  ASSERT_OK(trial);
  ASSERT_EQ(trial->metadata_size(), 1) << "a copy of a stopped trial was not stopped";
  EXPECT_EQ(trial->metadata(0).key(), "mine");
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(UpdateMetadata(store_, name_, {{1, copy.metadata(i)}}), FailsWith(kInvalid, "delta[0].metadatum.key"));
    EXPECT_EQ(*UpdateMetadata(store_, name_, {{std::nullopt, copy.metadata(i)}}), "") << "a study has no such entry";
  }
  ASSERT_OK(store_.EditActive(name_, [&](StudyEdit& edit) { return PutMetadata(edit, {{1, copy.metadata(0)}}); }));
  EXPECT_EQ(GetTrial(store_, {name_, 1})->metadata_size(), 1) << "a policy's note neither";
}

TEST_F(StudiesTest, ATrialsMetadataIsSpeltAlikeToo) {
  Create(Kws());
  pb::Trial trial = ATrial({{"x", 0.5}});
  pb::KeyValue& entry = *trial.add_metadata();
  entry.set_ns(":photinus");
  entry.set_key("architecture");
  const auto created = CreateTrial(store_, name_, trial);
  ASSERT_OK(created);
  ASSERT_EQ(created->metadata_size(), 1);
  EXPECT_EQ(created->metadata(0).ns(), "photinus");
}

TEST_F(StudiesTest, TwoStudyDocumentsAreRefusedByTheNamesOfBoth) {
  const pb::Study two = Kws().WithDocument("{}").WithMetadata(":photinus", "study", "{}").Study();
  const auto refused = CreateStudy(store_, {"ada"}, two);
  EXPECT_THAT(refused, FailsWith(kInvalid, "'photinus'"));
  EXPECT_THAT(refused, FailsWith(kInvalid, "':photinus'"));
}

TEST_F(StudiesTest, BadStudiesAreRefusedWithTheFieldAtFault) {
  pb::Study named = Kws().Study();
  named.set_name("owners/ada/studies/kws");
  EXPECT_THAT(CreateStudy(store_, {"ada"}, named), FailsWith(kInvalid, "study.name"));
  EXPECT_THAT(CreateStudy(store_, {"ada"}, AStudy("").Study()), FailsWith(kInvalid, "display_name"));
  EXPECT_THAT(CreateStudy(store_, {"ada"}, AStudy("a/b").Study()), FailsWith(kInvalid, "display_name"));
  EXPECT_THAT(CreateStudy(store_, {"ada"}, Kws().WithObjective("y").Study()), FailsWith(kInvalid, "metrics[1]"));
  EXPECT_THAT(CreateStudy(store_, {"ada"}, AStudy("s").WithFloat("x", 2, 1).Study()),
              FailsWith(kInvalid, "parameters[0]"));
  EXPECT_THAT(CreateStudy(store_, {"ada"}, Kws().WithDocument(R"({"budget": {"trials": -1}})").Study()),
              FailsWith(kInvalid, "budget.trials"));
  const AStudy aggregate = Kws().WithDocument(
      R"json({"metrics": [{"name": "y", "goal": "maximize", "expression": "max_over_trials(z)"}]})json");
  EXPECT_THAT(CreateStudy(store_, {"ada"}, aggregate.Study()), FailsWith(kInvalid, "max_over_trials"));
  EXPECT_THAT(ListStudies(store_, tokens_, {"ada"}, 0, ""), Fails(absl::StatusCode::kNotFound, "OWNER_NOT_FOUND"));
}

TEST_F(StudiesTest, AnOwnerWhoseStudiesAreGoneIsStillKnown) {
  Create(Kws());
  ASSERT_OK(store_.Delete(name_));
  EXPECT_THAT(GetStudy(store_, name_), Fails(absl::StatusCode::kNotFound, "STUDY_NOT_FOUND"));
  const auto page = ListStudies(store_, tokens_, {"ada"}, 0, "");
  ASSERT_OK(page);
  EXPECT_TRUE(page->studies.empty());
}

TEST_F(StudiesTest, ARecreatedStudySeesNothingOfTheOldOne) {
  Create(Kws());
  Start();
  ASSERT_OK(store_.Delete(name_));
  Create(Kws());
  EXPECT_TRUE(ListTrials(store_, tokens_, name_, 0, "")->trials.empty());
  EXPECT_EQ(Start().id, 1);
}

TEST_F(StudiesTest, PagesHoldEveryStudyOnce) {
  for (const char* name : {"a", "b", "c", "d", "e"}) Create(AStudy(name));
  std::vector<std::string> seen;
  std::string token;
  do {
    const auto page = ListStudies(store_, tokens_, {"ada"}, 2, token);
    ASSERT_OK(page);
    for (const auto& study : page->studies) seen.push_back(study.display_name());
    token = page->next_page_token;
  } while (!token.empty());
  EXPECT_THAT(seen, ::testing::ElementsAre("a", "b", "c", "d", "e"));
}

TEST_F(StudiesTest, ListsOfLargeStudiesAreCutAndNeverTooLargeToSend) {
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h"}) {
    AStudy large(name);
    pb::Study study = large.Study();
    auto& entry = *study.mutable_study_spec()->add_metadata();
    entry.set_key("k");
    entry.set_value(std::string(9 << 20, 'a'));
    ASSERT_OK(CreateStudy(store_, {"ada"}, study));
  }
  EXPECT_THAT(ListStudies(store_, tokens_, {"ada"}, 0, ""),
              Fails(absl::StatusCode::kResourceExhausted, "LIST_TOO_LARGE"));
  std::string seen;
  std::string token;
  do {
    const auto page = ListStudies(store_, tokens_, {"ada"}, 1000, token);
    ASSERT_OK(page);
    EXPECT_EQ(page->studies.size(), 1u) << "two have more than " << kMaxPageBytes << " bytes";
    for (const auto& study : page->studies) seen += study.display_name();
    token = page->next_page_token;
  } while (!token.empty());
  EXPECT_EQ(seen, "abcdefgh");
  ASSERT_OK(store_.Delete({"ada", "h"}));
  EXPECT_EQ(ListStudies(store_, tokens_, {"ada"}, 0, "")->studies.size(), 7u);
}

TEST_F(StudiesTest, AnUnpagedListHasEveryStudy) {
  for (int i = 0; i < 150; ++i) Create(AStudy(absl::StrCat("s", i)));
  EXPECT_EQ(ListStudies(store_, tokens_, {"ada"}, 0, "")->studies.size(), 150u);
}

TEST_F(StudiesTest, AStudyThatExistsIsGivenThoughItsSpecWouldNowBeRefused) {
  Create(Kws());
  const pb::Study refused = AStudy("kws").WithAlgorithm("RANDOM_SEARCH").WithDocument("no JSON").Study();
  const auto created = CreateStudy(store_, {"ada"}, refused);
  ASSERT_OK(created);
  EXPECT_TRUE(created->spec_differs);
  EXPECT_THAT(CreateStudy(store_, {"ada"}, refused, IfExists::kRefuse),
              Fails(absl::StatusCode::kAlreadyExists, "STUDY_EXISTS"));
  ASSERT_OK(store_.Delete(name_));
  EXPECT_FALSE(CreateStudy(store_, {"ada"}, refused).ok());
}

TEST_F(StudiesTest, MetadataHasAtMostSoManyEntries) {
  Create(Kws());
  Start();
  std::vector<MetadataChange> changes(kMaxMetadataEntries, MetadataChange{1, pb::KeyValue()});
  for (size_t i = 0; i < changes.size(); ++i) changes[i].entry.set_key(absl::StrCat("k", i));
  EXPECT_EQ(*UpdateMetadata(store_, name_, changes), "");
  pb::KeyValue entry;
  entry.set_key("k7");
  entry.set_value("set again");
  EXPECT_EQ(*UpdateMetadata(store_, name_, {{1, entry}}), "");
  entry.set_key("one more");
  EXPECT_THAT(UpdateMetadata(store_, name_, {{1, entry}}),
              Fails(absl::StatusCode::kResourceExhausted, "METADATA_TOO_LARGE"));
  EXPECT_EQ(*UpdateMetadata(store_, name_, {{std::nullopt, entry}}), "");
  EXPECT_EQ(Get({name_, 1}).metadata_size(), kMaxMetadataEntries);
}

TEST_F(StudiesTest, ARequestWritesAtMostSoManyRows) {
  Create(Kws());
  Start();
  const int64_t version = Version();
  const std::vector<MetadataChange> changes(kMaxEntriesPerRequest + 1, MetadataChange{1, pb::KeyValue()});
  EXPECT_THAT(UpdateMetadata(store_, name_, changes), FailsWith(kInvalid, "delta: has 10001 entries"));
  pb::Trial trial = ATrial({{"x", 0.5}});
  for (int i = 0; i <= kMaxEntriesPerRequest; ++i) trial.add_measurements();
  EXPECT_THAT(CreateTrial(store_, name_, trial), FailsWith(kInvalid, "trial.measurements: has 10001 entries"));
  trial.mutable_measurements()->RemoveLast();
  for (int i = 0; i <= kMaxEntriesPerRequest; ++i) trial.add_metadata();
  EXPECT_THAT(CreateTrial(store_, name_, trial), FailsWith(kInvalid, "trial.metadata: has 10001 entries"));
  pb::Study study = AStudy("other").Study();
  *study.mutable_study_spec()->mutable_metadata() = trial.metadata();
  EXPECT_THAT(CreateStudy(store_, {"ada"}, study), FailsWith(kInvalid, "study.study_spec.metadata: has 10001 entries"));
  EXPECT_EQ(Version(), version);
}

TEST_F(StudiesTest, TokensFitOneListOnly) {
  Create(Kws());
  for (int i = 0; i < 3; ++i) Start();
  const auto page = ListTrials(store_, tokens_, name_, 1, "");
  ASSERT_OK(page);
  Create(AStudy("other").WithFloat("x"));
  std::string tampered = page->next_page_token;
  tampered[0] = '2';
  const auto refused = FailsWith(kInvalid, "page_token");
  EXPECT_THAT(ListTrials(store_, tokens_, name_, 1, page->next_page_token), refused);
  EXPECT_THAT(ListTrials(store_, tokens_, {"ada", "kws"}, 1, tampered), refused);
  EXPECT_THAT(ListTrials(store_, tokens_, {"ada", "kws"}, 1, "AAAA"), refused);
  EXPECT_THAT(ListTrials(store_, tokens_, {"ada", "kws"}, -1, ""), FailsWith(kInvalid, "page_size"));
}

TEST_F(StudiesTest, TrialsThatAreCreatedWhileAListIsReadDoNotAppearInIt) {
  Create(Kws());
  for (int i = 0; i < 4; ++i) Start();
  auto page = ListTrials(store_, tokens_, name_, 3, "");
  ASSERT_OK(page);
  EXPECT_EQ(page->trials.size(), 3u);
  ASSERT_OK(DeleteTrial(store_, {name_, 1}));
  Start();
  page = ListTrials(store_, tokens_, name_, 3, page->next_page_token);
  ASSERT_OK(page);
  ASSERT_EQ(page->trials.size(), 1u);
  EXPECT_EQ(page->trials[0].id(), "4");
  EXPECT_EQ(page->next_page_token, "");
  EXPECT_EQ(ListTrials(store_, tokens_, name_, 0, "")->trials.size(), 4u);
}

TEST_F(StudiesTest, ADrainedStudyCompletesWhenItsLastTrialEnds) {
  Create(Kws());
  const TrialName first = Start();
  const TrialName second = Start();
  ASSERT_OK(DrainStudy(store_, name_, DrainMode::kStop));
  EXPECT_EQ(StudyState(), pb::Study::ACTIVE);
  ASSERT_OK(CompleteTrial(store_, first, Result(1), {}));
  EXPECT_EQ(StudyState(), pb::Study::ACTIVE);
  ASSERT_OK(CompleteTrial(store_, second, Result(1), {}));
  EXPECT_EQ(StudyState(), pb::Study::COMPLETED);
}

TEST_F(StudiesTest, AnIdleStudyCompletesAtOnceWhenItDrainsButNotWhenItPauses) {
  Create(Kws());
  ASSERT_OK(DrainStudy(store_, name_, DrainMode::kPause));
  EXPECT_EQ(StudyState(), pb::Study::ACTIVE);
  ASSERT_OK(DrainStudy(store_, name_, DrainMode::kStop));
  EXPECT_EQ(StudyState(), pb::Study::COMPLETED);
}

TEST_F(StudiesTest, AUsedUpBudgetOfTrialsCompletesTheStudy) {
  Create(Kws().WithDocument(R"({"budget": {"trials": 2}})"));
  ASSERT_OK(CompleteTrial(store_, Start(), Result(1), {}));
  EXPECT_EQ(StudyState(), pb::Study::ACTIVE);
  const TrialName last = Start({"w.0", "first"});
  ASSERT_TRUE(*LoseTrial(store_, last, {1, last.id, 1}));
  EXPECT_EQ(StudyState(), pb::Study::ACTIVE) << "a lost trial is still to be run";
  ASSERT_OK(store_.EditActive(name_, [&](StudyEdit& edit) { return ClaimExisting(edit, {{"c", ""}, 1}).status(); }));
  ASSERT_OK(CompleteTrial(store_, last, Result(1), {}));
  EXPECT_EQ(StudyState(), pb::Study::COMPLETED);
}

TEST_F(StudiesTest, TheLastCompletionMayBeRepeatedAlthoughItCompletedTheStudy) {
  Create(Kws().WithDocument(R"({"budget": {"trials": 1}})"));
  const TrialName trial = Start({"w.0", "first"});
  const auto completed = CompleteTrial(store_, trial, Result(1), LeaseToken{1, 1, 1});
  ASSERT_OK(completed);
  ASSERT_EQ(StudyState(), pb::Study::COMPLETED);
  const auto replay = CompleteTrial(store_, trial, Result(1), LeaseToken{1, 1, 1});
  ASSERT_OK(replay);
  EXPECT_EQ(replay->SerializeAsString(), completed->SerializeAsString());
  EXPECT_THAT(CompleteTrial(store_, trial, Result(2), {}),
              Fails(absl::StatusCode::kFailedPrecondition, "STUDY_NOT_ACTIVE"));
}

// The formula of y, and more of the document.
std::string Scored(const char* expression, const char* more = "") {
  return absl::StrCat(R"({"metrics": [{"name": "y", "goal": "maximize", "expression": ")", expression, R"("}])", more,
                      "}");
}

TEST_F(StudiesTest, AnotherFormulaForgetsWhatTheAlgorithmLearntOfTheOldOne) {
  Create(Kws().WithAlgorithm("EAGLE_STRATEGY").WithDocument(Scored("raw")));
  const auto state_of = [&](const char* kind) {
    std::string state;
    EXPECT_OK(store_.storage().Read([&](Snapshot& snapshot) -> absl::Status {
      ASSIGN_OR_RETURN(const auto bytes, snapshot.GetAlgorithmState(1, kind));
      state = bytes.value_or("");
      return absl::OkStatus();
    }));
    return state;
  };
  const auto state_after = [&](const std::string& document) {
    EXPECT_OK(store_.storage().Transact([](Transaction& transaction) -> absl::Status {
      RETURN_IF_ERROR(transaction.PutAlgorithmState(1, kWarmStartState, "prior"));
      return transaction.PutAlgorithmState(1, "EAGLE_STRATEGY", "flies");
    }));
    pb::KeyValue entry;
    entry.set_ns("photinus");
    entry.set_key("study");
    entry.set_value(document);
    EXPECT_OK(UpdateMetadata(store_, name_, {{std::nullopt, entry}}));
    return state_of("EAGLE_STRATEGY");
  };
  const char* constraint = R"(, "outcome_constraints": ["ms <= 5"])";
  EXPECT_EQ(state_after(Scored("raw", R"(, "budget": {"trials": 9})")), "flies");
  EXPECT_EQ(state_after(Scored("raw - 10")), "");
  EXPECT_EQ(state_of(kWarmStartState), "prior");
  EXPECT_EQ(state_after(Scored("raw - 10", constraint)), "") << "what is feasible is learnt, too";
  EXPECT_EQ(state_after(Scored("raw - 10", constraint)), "flies");
  EXPECT_EQ(state_after("{}"), "");
}

TEST_F(StudiesTest, ImportedTrialsUseUpTheBudget) {
  Create(Kws().WithDocument(R"({"budget": {"trials": 2}})"));
  ASSERT_OK(CreateTrial(store_, name_, ASucceededTrial({{"x", 0.1}}, {{"y", 1}})));
  EXPECT_EQ(StudyState(), pb::Study::ACTIVE);
  ASSERT_OK(CreateTrial(store_, name_, ASucceededTrial({{"x", 0.2}}, {{"y", 1}})));
  EXPECT_EQ(StudyState(), pb::Study::COMPLETED);
}

TEST_F(StudiesTest, AnIdleStudyCompletesWhenItsBudgetIsLoweredToWhatItHas) {
  Create(Kws().WithDocument(R"({"budget": {"trials": 3}})"));
  ASSERT_OK(CompleteTrial(store_, Start(), Result(1), {}));
  pb::KeyValue document;
  document.set_ns("photinus");
  document.set_key("study");
  document.set_value(R"({"budget": {"trials": 1}})");
  EXPECT_EQ(*UpdateMetadata(store_, name_, {{std::nullopt, document}}), "");
  EXPECT_EQ(StudyState(), pb::Study::COMPLETED);
  // Reopened, it takes another budget and further trials before it completes again.
  ASSERT_OK(SetStudyState(store_, name_, pb::Study::ACTIVE));
  document.set_value(R"({"budget": {"trials": 9}})");
  EXPECT_EQ(*UpdateMetadata(store_, name_, {{std::nullopt, document}}), "");
  ASSERT_OK(CreateTrial(store_, name_, ASucceededTrial({{"x", 0.2}}, {{"y", 1}})));
  EXPECT_EQ(StudyState(), pb::Study::ACTIVE);
  ASSERT_OK(DrainStudy(store_, name_, DrainMode::kResume));
  EXPECT_EQ(StudyState(), pb::Study::ACTIVE);
}

TEST_F(StudiesTest, ADrainingStudyFinishesATrialThatItsWorkerGaveBack) {
  Create(Kws());
  const TrialName begun = Start({"w.0", "first"});
  ASSERT_OK(CreateTrial(store_, name_, ATrial({{"x", 0.5}})));  // waits; never tried
  ASSERT_OK(DrainStudy(store_, name_, DrainMode::kStop));
  ASSERT_OK(ReleaseTrial(store_, begun, {1, begun.id, 1}, ReleaseCause::kGivenBack));
  EXPECT_EQ(StudyState(), pb::Study::ACTIVE);
  ASSERT_OK(store_.EditActive(name_, [&](StudyEdit& edit) -> absl::Status {
    const auto claimed = ClaimExisting(edit, {{"v.0", "other"}, 5});
    EXPECT_EQ(claimed->trials.size(), 1u);
    EXPECT_EQ(claimed->missing, 0);
    return claimed.status();
  }));
  EXPECT_EQ(Get(begun).client_id(), "v.0");
  ASSERT_OK(CompleteTrial(store_, begun, Result(1), {}));
  EXPECT_EQ(StudyState(), pb::Study::COMPLETED);
}

TEST_F(StudiesTest, APausedStudyLeavesReturnedTrialsWaiting) {
  Create(Kws());
  const TrialName begun = Start({"w.0", "first"});
  ASSERT_OK(DrainStudy(store_, name_, DrainMode::kPause));
  ASSERT_OK(ReleaseTrial(store_, begun, {1, begun.id, 1}, ReleaseCause::kGivenBack));
  ASSERT_OK(store_.EditActive(name_, [&](StudyEdit& edit) -> absl::Status {
    const auto claimed = ClaimExisting(edit, {{"v.0", "other"}, 5});
    EXPECT_TRUE(claimed->trials.empty());
    return claimed.status();
  }));
  EXPECT_EQ(StudyState(), pb::Study::ACTIVE);
}

TEST_F(StudiesTest, AWatchIsOverOnceTheStudyIsCompletedWhateverStillRuns) {
  Create(Kws());
  Start();
  EXPECT_FALSE(GetStudyUpdate(store_, name_, {})->over);
  ASSERT_OK(SetStudyState(store_, name_, pb::Study::COMPLETED));
  EXPECT_TRUE(GetStudyUpdate(store_, name_, {})->over);
}

TEST_F(StudiesTest, MetadataOverTheLimitNamesItsOwner) {
  Create(Kws());
  const TrialName trial = Start();
  std::vector<MetadataChange> changes;
  for (const char* key : {"a", "b", "c", "d"}) {
    MetadataChange& change = changes.emplace_back();
    change.entry.set_key(key);
    change.entry.set_value(std::string(9 << 20, 'x'));
  }
  const auto refused = UpdateMetadata(store_, name_, changes);
  EXPECT_THAT(refused, Fails(absl::StatusCode::kResourceExhausted, "METADATA_TOO_LARGE"));
  EXPECT_THAT(refused, FailsWith(absl::StatusCode::kResourceExhausted, "of owners/ada/studies/kws would"));
  for (MetadataChange& change : changes) change.trial_id = trial.id;
  EXPECT_THAT(UpdateMetadata(store_, name_, changes),
              FailsWith(absl::StatusCode::kResourceExhausted, "of owners/ada/studies/kws/trials/1 would"));
}

TEST_F(StudiesTest, AReopenedStudyStaysOpenUntilItIsIdleAgain) {
  Create(Kws());
  ASSERT_OK(SetStudyState(store_, name_, pb::Study::COMPLETED));
  ASSERT_OK(SetStudyState(store_, name_, pb::Study::ACTIVE));
  EXPECT_EQ(StudyState(), pb::Study::ACTIVE);
  ASSERT_OK(CompleteTrial(store_, Start(), Result(1), {}));
  EXPECT_EQ(StudyState(), pb::Study::COMPLETED);
}

TEST_F(StudiesTest, MetadataIsSetAllOrNothing) {
  Create(Kws());
  const TrialName trial = Start();
  pb::KeyValue entry;
  entry.set_key("note");
  entry.set_value("one");
  EXPECT_EQ(*UpdateMetadata(store_, name_, {{std::nullopt, entry}, {trial.id, entry}}), "");
  EXPECT_EQ(GetStudy(store_, name_)->study_spec().metadata(0).value(), "one");
  EXPECT_EQ(Get(trial).metadata(0).value(), "one");
  entry.set_value("two");
  const auto details = UpdateMetadata(store_, name_, {{trial.id, entry}, {99, entry}});
  ASSERT_OK(details);  // stock clients want this in the reply
  EXPECT_THAT(*details, ::testing::HasSubstr("trials/99"));
  EXPECT_EQ(Get(trial).metadata(0).value(), "one");
}

// Something else happens between the check of a problem and its transaction.
class ChangedMeanwhile : public StudyFixture {
 protected:
  ChangedMeanwhile()
      : StudyFixture([this](const StudyProblem&) {
          if (const auto meanwhile = std::exchange(meanwhile_, nullptr)) meanwhile();
          return absl::OkStatus();
        }) {
    Create(Kws());
  }
  absl::Status SetDocument(const std::string& json) {
    pb::KeyValue entry;
    entry.set_ns(kDocumentNamespace);
    entry.set_key(kDocumentKey);
    entry.set_value(json);
    return UpdateMetadata(store_, name_, {{std::nullopt, entry}}).status();
  }
  absl::Status SetEndpoint() {
    pb::KeyValue entry;
    entry.set_ns(kEndpointNamespace);
    entry.set_key(kEndpointKey);
    entry.set_value("brain:1");
    return UpdateMetadata(store_, name_, {{std::nullopt, entry}}).status();
  }

  std::function<void()> meanwhile_;
};

TEST_F(ChangedMeanwhile, AProblemIsStoredOnlyAsItWasChecked) {
  meanwhile_ = [&] { EXPECT_OK(SetEndpoint()); };
  EXPECT_EQ(SetDocument(R"({"seed": 4})").code(), absl::StatusCode::kAborted);
  EXPECT_EQ(GetStudy(store_, name_)->study_spec().metadata_size(), 1);
  EXPECT_OK(SetDocument(R"({"seed": 4})"));
  EXPECT_EQ(GetStudy(store_, name_)->study_spec().metadata_size(), 2);
}

TEST_F(ChangedMeanwhile, AProblemIsStoredInTheStudyThatItWasCheckedFor) {
  meanwhile_ = [&] {
    ASSERT_OK(store_.Delete(name_));
    Create(AStudy("kws").WithFloat("z").WithObjective("w"));
  };
  EXPECT_EQ(SetDocument(R"({"seed": 4})").code(), absl::StatusCode::kAborted);
  EXPECT_EQ(GetStudy(store_, name_)->study_spec().metadata_size(), 0);
}

TEST_F(StudiesTest, NoMetadataUpdateCanCorruptTheStudyDocument) {
  Create(Kws().WithDocument(R"({"budget": {"trials": 2}})"));
  pb::KeyValue entry;
  entry.set_ns("photinus");
  entry.set_key("study");
  entry.set_value(R"({"budget": {"trails": 2}})");
  EXPECT_THAT(UpdateMetadata(store_, name_, {{std::nullopt, entry}}), FailsWith(kInvalid, "trails"));
  entry.set_value(R"({"budget": {"trials": 1}})");
  EXPECT_EQ(*UpdateMetadata(store_, name_, {{std::nullopt, entry}}), "");
  ASSERT_OK(CompleteTrial(store_, Start(), Result(1), {}));  // the new budget counts at once
  EXPECT_EQ(StudyState(), pb::Study::COMPLETED);
}

// Two servers on one storage, each with a memory of its own.
TEST_F(StudiesTest, WhatAServerRemembersIsNoOlderThanWhatAnotherChanged) {
  StudyStore other(*storage_, clock_, [](const StudyProblem&) { return absl::OkStatus(); });
  Create(Kws().WithDocument(R"({"budget": {"trials": 5}})"));
  for (int i = 0; i < 3; ++i) Start();
  const auto look = [&] {
    std::pair<int64_t, size_t> seen;  // budget.trials, trials in the history
    EXPECT_OK(storage_->Read([&](Snapshot& snapshot) -> absl::Status {
      ASSIGN_OR_RETURN(const StudyRow study, other.Find(snapshot, name_));
      ASSIGN_OR_RETURN(const auto problem, other.cache().Problem(snapshot, study));
      ASSIGN_OR_RETURN(const auto history, other.cache().History(snapshot, study));
      seen = {problem->document.budget.trials, history->size()};
      return absl::OkStatus();
    }));
    return seen;
  };
  EXPECT_EQ(look(), std::make_pair(int64_t{5}, size_t{3}));
  ASSERT_OK(DeleteTrial(store_, {name_, 2}));
  EXPECT_EQ(look(), std::make_pair(int64_t{5}, size_t{2}));
  const pb::KeyValue document = Kws().WithDocument(R"({"budget": {"trials": 9}})").Study().study_spec().metadata(0);
  ASSERT_OK(UpdateMetadata(store_, name_, {{std::nullopt, document}}));
  EXPECT_EQ(look(), std::make_pair(int64_t{9}, size_t{2}));
}

}  // namespace
}  // namespace photinus
