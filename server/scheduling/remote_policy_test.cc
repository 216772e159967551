#include "server/scheduling/remote_policy.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/errors.h"
#include "common/base/mutex.h"
#include "common/study_document/problem_entries.h"
#include "server/scheduling/active_studies.h"
#include "server/scheduling/early_stopping.h"
#include "server/scheduling/lease_table.h"
#include "server/scheduling/operations.h"
#include "server/scheduling/problem_check.h"
#include "server/scheduling/puller.h"
#include "server/scheduling/suggester.h"
#include "server/study/trial_lists.h"
#include "tests/support/study_fixture.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kEndpoint[] = "policy:1";

// A policy in this process that answers as it is told.
class FakeEndpoints final : public PolicyEndpoints {
 public:
  bool Allows(std::string_view endpoint) const override { return allowed && endpoint == kEndpoint; }
  ThreadPool* PoolOf(std::string_view endpoint) override { return Allows(endpoint) ? &pool : nullptr; }
  absl::StatusOr<pb::SuggestDecision> Suggest(const std::string&, const pb::SuggestRequest& request,
                                              const std::function<bool()>& cancelled) override {
    const MutexLock lock(mutex);
    suggest_requests.push_back(request);
    return suggest(request, cancelled);
  }
  absl::StatusOr<pb::EarlyStopDecisions> EarlyStop(const std::string&, const pb::EarlyStopRequest& request,
                                                   const std::function<bool()>&) override {
    stop_requests.push_back(request);
    return decisions;
  }

  std::atomic<bool> allowed = true;
  Mutex mutex;
  std::function<absl::StatusOr<pb::SuggestDecision>(const pb::SuggestRequest&, const std::function<bool()>&)> suggest;
  std::vector<pb::SuggestRequest> suggest_requests;
  absl::StatusOr<pb::EarlyStopDecisions> decisions = pb::EarlyStopDecisions();
  std::vector<pb::EarlyStopRequest> stop_requests;
  ThreadPool pool{1, 10};
};

pb::KeyValue Note(const std::string& key, const std::string& value, const std::string& ns = ":mine") {
  pb::KeyValue note;
  note.set_ns(ns);
  note.set_key(key);
  note.set_value(value);
  return note;
}

pb::UnitMetadataUpdate Update(const pb::KeyValue& note, const std::string& trial_id = "") {
  pb::UnitMetadataUpdate update;
  *update.mutable_metadatum() = note;
  if (!trial_id.empty()) update.set_trial_id(trial_id);
  return update;
}

pb::SuggestDecision PointsAt(const std::vector<double>& xs) {
  pb::SuggestDecision decision;
  for (const double x : xs) *decision.add_suggestions()->mutable_parameters() = ATrial({{"x", x}}).parameters();
  return decision;
}

class RemotePolicyTest : public StudyFixture {
 protected:
  RemotePolicyTest() : StudyFixture(CheckAlgorithmOrEndpoint(endpoints_)) {
    AStudy study = AStudy("kws").WithFloat("x").WithObjective("y").WithAlgorithm("MINE");
    Create(study.WithMetadata(kEndpointNamespace, kEndpointKey, kEndpoint));
    Answer(PointsAt({0.1}));
  }
  ~RemotePolicyTest() override {
    suggester_.Stop();
    endpoints_.pool.Stop();
    compute_.Stop();
  }

  void Answer(const absl::StatusOr<pb::SuggestDecision>& answer) {
    endpoints_.suggest = [answer](const auto&, const auto&) { return answer; };
  }
  std::future<absl::StatusOr<Suggested>> StartSuggest(const std::string& client, int64_t count = 1,
                                                      bool with_operation = true) {
    auto promise = std::make_shared<std::promise<absl::StatusOr<Suggested>>>();
    Suggester::Request request;
    request.study = name_;
    request.claim = {{client, ""}, count};
    request.with_operation = with_operation;
    suggester_.Suggest(std::move(request),
                       [promise](absl::StatusOr<Suggested> result) { promise->set_value(std::move(result)); });
    return promise->get_future();
  }
  Suggested Suggest(const std::string& client, int64_t count = 1) {
    auto suggested = StartSuggest(client, count).get();
    EXPECT_OK(suggested);
    return suggested.ok() ? *std::move(suggested) : Suggested();
  }
  std::vector<pb::Trial> Trials() { return ListTrials(store_, tokens_, name_, 0, "")->trials; }
  // The study's own, without what CreateStudy was given.
  std::string StudyNote(const std::string& key) {
    const auto study = GetStudy(store_, name_);
    for (const pb::KeyValue& entry : study->study_spec().metadata()) {
      if (entry.key() == key) return entry.value();
    }
    return "";
  }

  FakeEndpoints endpoints_;
  FakeTimer timer_{clock_};
  ThreadPool compute_{1, 10};
  ThreadPool ahead_{1, 10};
  Suggester suggester_{store_, compute_, {ahead_, ahead_}, timer_, &endpoints_};
  EarlyStopping early_stopping_{store_, ahead_, &endpoints_};
};

TEST_F(RemotePolicyTest, ThePolicyHearsWhatTheStudyIs) {
  ASSERT_OK(UpdateMetadata(store_, name_, {{std::nullopt, Note("state", "s")}}));
  ASSERT_OK(CreateTrial(store_, name_, ASucceededTrial({{"x", 0.5}}, {{"y", 1}})));
  Suggest("c", 3);
  ASSERT_EQ(endpoints_.suggest_requests.size(), 1u);
  const pb::SuggestRequest& request = endpoints_.suggest_requests[0];
  EXPECT_EQ(request.algorithm(), "MINE");
  EXPECT_EQ(request.count(), 3);
  EXPECT_EQ(request.study_descriptor().guid(), "owners/ada/studies/kws");
  EXPECT_EQ(request.study_descriptor().max_trial_id(), 1);
  const pb::ProblemStatement& config = request.study_descriptor().config();
  EXPECT_EQ(config.search_space(0).parameter_id(), "x");
  EXPECT_EQ(config.metric_information(0).metric_id(), "y");
  EXPECT_EQ(config.metadata_size(), 2) << "the endpoint and what was noted";
}

TEST_F(RemotePolicyTest, PointsBecomeTrialsWithTheirMetadataAndNotesAreKept) {
  ASSERT_OK(CreateTrial(store_, name_, ASucceededTrial({{"x", 0.5}}, {{"y", 1}})));
  pb::SuggestDecision decision = PointsAt({0.25, 0.75});
  *decision.mutable_suggestions(1)->add_metadata() = Note("born", "today");
  *decision.add_metadata() = Update(Note("state", "s1"));
  *decision.add_metadata() = Update(Note("seen", "yes"), "1");
  Answer(decision);
  const Suggested suggested = Suggest("c", 2);
  ASSERT_EQ(suggested.trials.size(), 2u);
  EXPECT_EQ(suggested.trials[0].parameters(0).value().number_value(), 0.25);
  ASSERT_EQ(suggested.trials[1].metadata_size(), 1);
  EXPECT_EQ(suggested.trials[1].metadata(0).value(), "today");
  EXPECT_EQ(StudyNote("state"), "s1");
  EXPECT_EQ(Get({name_, 1}).metadata(0).value(), "yes");
}

TEST_F(RemotePolicyTest, AnExplanationSaysHowLongThePolicyTook) {
  Answer(PointsAt({0.25}));
  Suggest("c");
  ASSERT_OK(storage_->Read([&](Snapshot& snapshot) -> absl::Status {
    const auto explanations = snapshot.ListExplanations(store_.Find(snapshot, name_)->uid, 1, 1);
    if (!explanations.ok()) return explanations.status();
    EXPECT_EQ(explanations->at(0).body.arm(), "policy");
    EXPECT_GT(explanations->at(0).body.milliseconds(), 0);
    return absl::OkStatus();
  }));
}

TEST_F(RemotePolicyTest, WhatComesBesidesWaitsForTheNextClient) {
  Answer(PointsAt({0.1, 0.2, 0.3}));
  EXPECT_EQ(Suggest("c").rows.size(), 1u);
  EXPECT_EQ(Trials()[1].state(), pb::Trial::REQUESTED);
  EXPECT_EQ(Suggest("d").trials[0].parameters(0).value().number_value(), 0.2);
  EXPECT_EQ(endpoints_.suggest_requests.size(), 1u);
}

TEST_F(RemotePolicyTest, WhatComesBesidesStaysWithinTheBudget) {
  AStudy study = AStudy("small").WithFloat("x").WithObjective("y").WithDocument(R"({"budget": {"trials": 2}})");
  Create(study.WithMetadata(kEndpointNamespace, kEndpointKey, kEndpoint));
  Answer(PointsAt({0.1, 0.2, 0.3, 0.4}));
  Suggest("c");
  EXPECT_EQ(Trials().size(), 2u);
}

TEST_F(RemotePolicyTest, TooFewPointsAreNoError) {
  Answer(PointsAt({0.1}));
  EXPECT_EQ(Suggest("c", 3).rows.size(), 1u);
  Answer(PointsAt({}));
  EXPECT_EQ(Suggest("d").rows.size(), 0u);
}

TEST_F(RemotePolicyTest, NotesOnTrialsThatWereDeletedMeanwhileAreDropped) {
  ASSERT_OK(CreateTrial(store_, name_, ASucceededTrial({{"x", 0.5}}, {{"y", 1}})));
  endpoints_.suggest = [this](const auto&, const auto&) {
    EXPECT_OK(DeleteTrial(store_, {name_, 1}));
    pb::SuggestDecision decision = PointsAt({0.1});
    *decision.add_metadata() = Update(Note("seen", "yes"), "1");
    return decision;
  };
  EXPECT_EQ(Suggest("c").rows.size(), 1u);
}

TEST_F(RemotePolicyTest, AnAnswerIsGoodAlthoughAClientAddedATrialMeanwhile) {
  endpoints_.suggest = [this](const auto&, const auto&) {
    EXPECT_OK(CreateTrial(store_, name_, ASucceededTrial({{"x", 0.5}}, {{"y", 1}})));
    return PointsAt({0.1});
  };
  EXPECT_EQ(Suggest("c").rows[0].id, 2);
  EXPECT_EQ(endpoints_.suggest_requests.size(), 1u);
}

TEST_F(RemotePolicyTest, AnAnswerForAStudyThatWasMadeAnewMeanwhileIsThrownAway) {
  const auto study = GetStudy(store_, name_);
  endpoints_.suggest = [&](const auto&, const auto&) {
    if (endpoints_.suggest_requests.size() > 1) return PointsAt({0.9});
    EXPECT_OK(store_.Delete(name_));
    pb::Study anew = *study;
    anew.clear_name();
    EXPECT_OK(CreateStudy(store_, {"ada"}, anew));
    return PointsAt({0.1});
  };
  const auto suggested = StartSuggest("c", 1, /*with_operation=*/false).get();
  ASSERT_OK(suggested);
  EXPECT_EQ(suggested->trials[0].parameters(0).value().number_value(), 0.9);
}

TEST_F(RemotePolicyTest, AnEndpointThatIsAwayEndsTheOperationAndLeavesNothing) {
  Answer(Error(absl::StatusCode::kUnavailable, kPythiaUnavailable, "the endpoint is away"));
  const Suggested suggested = Suggest("c");
  ASSERT_TRUE(suggested.operation.has_value());
  EXPECT_TRUE(suggested.operation->done);
  EXPECT_EQ(suggested.operation->error_code, static_cast<int>(absl::StatusCode::kUnavailable));
  EXPECT_EQ(suggested.operation->error_message, "the endpoint is away");
  EXPECT_EQ(Trials().size(), 0u);
  Answer(PointsAt({0.1}));
  EXPECT_EQ(Suggest("c").rows.size(), 1u) << "it is back";
}

TEST_F(RemotePolicyTest, AWorkerGetsOtherStudiesTrialsWhileAnEndpointIsAway) {
  LeaseTable leases(store_, absl::Seconds(60));
  ActiveStudies active(store_);
  ThreadPool pool(1, 10);
  Puller puller(store_, active, suggester_, leases, pool, timer_, nullptr);
  AStudy away =
      AStudy("away").WithFloat("x").WithObjective("y").WithMetadata(kEndpointNamespace, kEndpointKey, kEndpoint);
  Create(away.WithDocument(R"({"trial": {"executor": "command", "argv": ["true"]}, "priority": 1})"));
  Create(AStudy("near").WithFloat("x").WithObjective("y").WithDocument(
      R"({"trial": {"executor": "command", "argv": ["true"]}})"));
  Answer(Error(absl::StatusCode::kUnavailable, kPythiaUnavailable, "the endpoint is away"));
  Puller::Request request;
  request.holder = {"w.1", "i"};
  request.executors = {"command"};
  std::promise<absl::StatusOr<Pulled>> promise;
  puller.Pull(request, [&](absl::StatusOr<Pulled> pulled) { promise.set_value(std::move(pulled)); });
  const auto pulled = promise.get_future().get();
  puller.Stop();
  pool.Stop();
  ASSERT_OK(pulled);
  EXPECT_EQ(endpoints_.suggest_requests.size(), 1u);
  ASSERT_TRUE(pulled->lease.has_value());
  EXPECT_EQ(pulled->lease->trial.name(), "owners/ada/studies/near/trials/1");
}

TEST_F(RemotePolicyTest, AStudyWhoseEndpointIsNoLongerAllowedSaysSo) {
  endpoints_.allowed = false;
  const Suggested suggested = Suggest("c");
  EXPECT_EQ(suggested.operation->error_code, static_cast<int>(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(suggested.operation->error_message, HasSubstr("--pythia-endpoints"));
  EXPECT_EQ(endpoints_.suggest_requests.size(), 0u);
}

TEST_F(RemotePolicyTest, NobodyWaitsBehindAPolicyThatComputes) {
  std::promise<void> asked, gate;
  endpoints_.suggest = [&](const auto&, const auto&) {
    asked.set_value();
    gate.get_future().wait();
    return PointsAt({0.1});
  };
  auto waiting = StartSuggest("c");
  asked.get_future().wait();
  const StudyName remote = name_;
  Create(AStudy("own").WithFloat("x").WithObjective("y").WithAlgorithm("DEFAULT"));  // on the one compute thread
  EXPECT_EQ(Suggest("c").rows.size(), 1u);
  gate.set_value();
  EXPECT_EQ(waiting.get()->rows.size(), 1u);
}

TEST_F(RemotePolicyTest, AServerThatStopsDoesNotWaitForAPolicy) {
  std::promise<void> asked;
  endpoints_.suggest = [&](const auto&, const auto& cancelled) -> absl::StatusOr<pb::SuggestDecision> {
    asked.set_value();
    while (!cancelled()) std::this_thread::yield();
    return absl::CancelledError("cancelled");
  };
  auto waiting = StartSuggest("c");
  asked.get_future().wait();
  suggester_.Stop();
  EXPECT_TRUE(absl::IsUnavailable(waiting.get().status()));
}

struct BadAnswer {
  const char* name;
  std::function<void(pb::SuggestDecision&)> spoil;
  const char* message;
};

class BadAnswerTest : public RemotePolicyTest, public ::testing::WithParamInterface<BadAnswer> {};

TEST_P(BadAnswerTest, IsRefusedAsAWhole) {
  pb::SuggestDecision decision = PointsAt({0.1, 0.2});
  *decision.add_metadata() = Update(Note("state", "s1"));
  GetParam().spoil(decision);
  Answer(decision);
  const Suggested suggested = Suggest("c", 2);
  ASSERT_TRUE(suggested.operation.has_value());
  EXPECT_EQ(suggested.operation->error_code, static_cast<int>(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(suggested.operation->error_message, HasSubstr(kEndpoint));
  EXPECT_THAT(suggested.operation->error_message, HasSubstr(GetParam().message));
  EXPECT_EQ(Trials().size(), 0u);
  EXPECT_EQ(StudyNote("state"), "");
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadAnswerTest,
    ::testing::Values(
        BadAnswer{
            "OutsideTheBounds",
            [](auto& d) { d.mutable_suggestions(1)->mutable_parameters(0)->mutable_value()->set_number_value(1.5); },
            "suggestions[1]"},
        BadAnswer{"MissingParameter", [](auto& d) { d.mutable_suggestions(0)->clear_parameters(); }, "'x'"},
        BadAnswer{"UnknownParameter",
                  [](auto& d) { d.mutable_suggestions(0)->mutable_parameters(0)->set_parameter_id("z"); }, "'z'"},
        BadAnswer{
            "WrongType",
            [](auto& d) { d.mutable_suggestions(0)->mutable_parameters(0)->mutable_value()->set_bool_value(true); },
            "suggestions[0]"},
        BadAnswer{"TooMany",
                  [](auto& d) {
                    for (int i = 0; i <= kMostUnasked; ++i) *d.add_suggestions() = d.suggestions(0);
                  },
                  "at most 1002"},
        BadAnswer{"NoteOnNoTrial", [](auto& d) { *d.add_metadata() = Update(Note("k", "v"), "1"); }, "no trial"},
        BadAnswer{"NoteOnNonsense", [](auto& d) { *d.add_metadata() = Update(Note("k", "v"), "one"); }, "'one'"},
        BadAnswer{"OthersProperty",
                  [](auto& d) { *d.add_metadata() = Update(Note(kEndpointKey, "evil:1", kEndpointNamespace)); },
                  "owner"},
        BadAnswer{"TheStudyDocument", [](auto& d) { *d.add_metadata() = Update(Note("study", "{}", "photinus")); },
                  "owner"},
        BadAnswer{"TheStudyDocumentAsStockClientsSpellIt",
                  [](auto& d) { *d.add_metadata() = Update(Note("study", "{}", ":photinus")); }, "owner"},
        BadAnswer{"LongKey", [](auto& d) { *d.add_metadata() = Update(Note(std::string(5000, 'k'), "v")); }, "key"},
        BadAnswer{"TheRoleOfAPoint",
                  [](auto& d) { *d.mutable_suggestions(1)->add_metadata() = Note("role", "retest", "photinus"); },
                  "suggestions[1].metadata: 'role'"},
        BadAnswer{"TooManyNotes",
                  [](auto& d) {
                    for (int i = 0; i < 10'000; ++i) *d.add_metadata() = Update(Note(std::to_string(i), "v"));
                  },
                  "at most 10000"}),
    [](const auto& info) { return info.param.name; });

class RemoteStoppingTest : public RemotePolicyTest {
 protected:
  void SetUp() override {
    Answer(PointsAt({0.1, 0.2}));
    Suggest("c", 2);
  }
  void Decide(int32_t id, bool stop, const std::string& reason = "why not") {
    pb::EarlyStopDecision& decision = *endpoints_.decisions->add_decisions();
    decision.set_id(id);
    decision.set_should_stop(stop);
    decision.set_reason(reason);
  }
};

TEST_F(RemoteStoppingTest, ThePolicyDecidesAndItsNotesAreKept) {
  Decide(1, false);
  *endpoints_.decisions->add_metadata() = Update(Note("asked", "once"));
  EXPECT_FALSE(early_stopping_.Check({name_, 1}, {})->stop);
  EXPECT_EQ(StudyNote("asked"), "once");
  ASSERT_EQ(endpoints_.stop_requests.size(), 1u);
  EXPECT_THAT(endpoints_.stop_requests[0].trial_ids(), ElementsAre(1));
  EXPECT_EQ(endpoints_.stop_requests[0].study_descriptor().max_trial_id(), 2);
  Decide(1, true);
  EXPECT_TRUE(early_stopping_.Check({name_, 1}, {})->stop);
  EXPECT_EQ(Get({name_, 1}).state(), pb::Trial::STOPPING);
  EXPECT_TRUE(early_stopping_.Check({name_, 1}, {})->stop);
  EXPECT_EQ(endpoints_.stop_requests.size(), 2u) << "a yes is for good";
}

TEST_F(RemoteStoppingTest, OtherTrialsMayBeStoppedToo) {
  Decide(2, true);
  EXPECT_FALSE(early_stopping_.Check({name_, 1}, {})->stop);
  EXPECT_EQ(Get({name_, 2}).state(), pb::Trial::STOPPING);
}

TEST_F(RemoteStoppingTest, WhatIsFinishedStaysAsItIs) {
  ASSERT_OK(CompleteTrial(store_, {name_, 2}, Result(1), {}));
  Decide(2, true);
  EXPECT_FALSE(early_stopping_.Check({name_, 1}, {})->stop);
  EXPECT_EQ(Get({name_, 2}).state(), pb::Trial::SUCCEEDED);
}

TEST_F(RemoteStoppingTest, WhatATrialIsForIsNotAPolicysToSay) {
  *endpoints_.decisions->add_metadata() = Update(Note("of", "1", ":photinus"), "2");
  EXPECT_THAT(early_stopping_.Check({name_, 1}, {}), Fails(absl::StatusCode::kFailedPrecondition, kPythiaInvalidReply));
  EXPECT_EQ(Get({name_, 2}).metadata_size(), 0);
  endpoints_.decisions = pb::EarlyStopDecisions();
  *endpoints_.decisions->add_metadata() = Update(Note("role", "mine", "photinus"));
  ASSERT_OK(early_stopping_.Check({name_, 1}, {}));
  EXPECT_EQ(StudyNote("role"), "mine") << "a study has no such role";
}

TEST_F(RemoteStoppingTest, ADecisionOnNoTrialIsRefused) {
  Decide(1, true);
  Decide(7, true);
  EXPECT_THAT(early_stopping_.Check({name_, 1}, {}), Fails(absl::StatusCode::kFailedPrecondition, kPythiaInvalidReply));
  EXPECT_EQ(Get({name_, 1}).state(), pb::Trial::ACTIVE);
}

TEST_F(RemoteStoppingTest, TheSpecsDefaultStoppingIsThePolicys) {
  AStudy study = AStudy("default").WithFloat("x").WithObjective("y");
  pb::Study with_default = study.WithMetadata(kEndpointNamespace, kEndpointKey, kEndpoint).Study();
  with_default.mutable_study_spec()->mutable_default_stopping_spec();
  ASSERT_OK(CreateStudy(store_, {"ada"}, with_default));
  EXPECT_EQ(*early_stopping_.PoolFor({"ada", "default"}), &endpoints_.pool);
}

TEST_F(RemoteStoppingTest, AStudysOwnRuleComesFirst) {
  ASSERT_OK(UpdateMetadata(store_, name_,
                           {{std::nullopt, Note("study", R"({"early_stopping": {"rule": "MEDIAN"}})", "photinus")}}));
  EXPECT_EQ(*early_stopping_.PoolFor(name_), nullptr);
  Decide(1, true);
  EXPECT_FALSE(early_stopping_.Check({name_, 1}, {})->stop);
  EXPECT_EQ(endpoints_.stop_requests.size(), 0u);
}

TEST_F(RemotePolicyTest, OnlyAllowedEndpointsComeIntoAStudy) {
  const auto with = [&](const std::string& endpoint) {
    return UpdateMetadata(store_, name_, {{std::nullopt, Note(kEndpointKey, endpoint, kEndpointNamespace)}}).status();
  };
  EXPECT_THAT(with("evil:1"), Fails(absl::StatusCode::kInvalidArgument, "INVALID_ARGUMENT"));
  EXPECT_THAT(std::string(with("evil:1").message()), HasSubstr("--pythia-endpoints"));
  EXPECT_OK(with(kEndpoint));
  EXPECT_EQ(ErrorField(with("")), "algorithm") << "MINE is the policy's algorithm, and none of ours";
  const AStudy study =
      AStudy("evil").WithFloat("x").WithObjective("y").WithMetadata(kEndpointNamespace, kEndpointKey, "evil:1");
  EXPECT_EQ(ErrorField(CreateStudy(store_, {"ada"}, study.Study()).status()), "study.study_spec.metadata");
}

TEST_F(RemotePolicyTest, AStudyMayGoFromAPolicyToAnAlgorithmOfOurs) {
  Create(AStudy("both").WithFloat("x").WithObjective("y").WithMetadata(kEndpointNamespace, kEndpointKey, kEndpoint));
  Suggest("c");
  ASSERT_OK(UpdateMetadata(store_, name_, {{std::nullopt, Note(kEndpointKey, "", kEndpointNamespace)}}));
  EXPECT_EQ(Suggest("d").rows.size(), 1u);
  EXPECT_EQ(endpoints_.suggest_requests.size(), 1u);
}

}  // namespace
}  // namespace photinus
