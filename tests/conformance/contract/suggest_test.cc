// C4-C9: who gets which trials, and the operations that tell.
#include <atomic>
#include <future>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/conformance/contract/contract_fixture.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// After this whoever asks finds an operation taken over, and it takes as long as its points take to compute.
constexpr absl::Duration kTakeOverTime = absl::Seconds(31);

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class SuggestContract : public ContractTest {
 protected:
  // Lets the replica take up the suggestion, as far as to promise it, and returns the operation, which is not done.
  google::longrunning::Operation SuggestSlowly(const std::string& client_id, int count) {
    storage().HoldAfter(1);  // the operation itself
    auto suggestion = std::async([&] { return client().Suggest(study_, client_id, count); });
    storage().AwaitHeld();
    Pass(absl::Seconds(5));
    const auto operation = suggestion.get();
    EXPECT_OK(operation);
    return operation.ok() ? *operation : google::longrunning::Operation();
  }
  bool IsDone(const std::string& operation) {
    const auto now = client().GetOperation(operation);
    EXPECT_OK(now);
    return now.ok() && now->done();
  }
};
INSTANTIATE_TEST_SUITE_P(Storages, SuggestContract, testing::ValuesIn(ContractBackends()), BackendName);

TEST_P(SuggestContract, C04_OwnTrialsComeFirstThenTheOldestWaitingOnesThenNewOnes) {
  Create(Kws());
  ASSERT_THAT(SuggestIds("a", 2), ElementsAre(1, 2));
  for (int i = 0; i < 2; ++i) ASSERT_OK(client().CreateTrial(study_, ATrial({{"x", 0.5}})));
  EXPECT_THAT(SuggestIds("a", 2), ElementsAre(1, 2));
  EXPECT_THAT(SuggestIds("b"), ElementsAre(3)) << "the oldest waiting one";
  EXPECT_THAT(SuggestIds("a", 4), ElementsAre(1, 2, 4, 5)) << "own ones, the waiting one, a new one";
  EXPECT_THAT(SuggestIds("b"), ElementsAre(3));
  EXPECT_EQ(Get(TrialOf(4)).client_id(), "a");
  EXPECT_EQ(Get(TrialOf(4)).state(), pb::Trial::ACTIVE);
}

TEST_P(SuggestContract, C04_ATrialThatIsStoppingIsNotGivenAgain) {
  Create(Kws());
  ASSERT_OK(client().StopTrial(Start("a")));
  EXPECT_THAT(SuggestIds("a"), ElementsAre(2));
}

TEST_P(SuggestContract, C04_ClientsOfDifferentStudiesAreStrangers) {
  Create(AStudy("other").WithFloat("x").WithObjective("y"));
  ASSERT_THAT(SuggestIds("a", 3), ElementsAre(1, 2, 3));
  Create(Kws());
  EXPECT_THAT(SuggestIds("a"), ElementsAre(1));
}

TEST_P(SuggestContract, C05_CallsOfOneClientAtOnceCreateNoMoreThanOneOfThemWants) {
  Create(Kws());
  std::vector<std::future<std::vector<int64_t>>> calls;
  calls.reserve(8);
  for (int i = 0; i < 8; ++i) calls.push_back(std::async([this] { return SuggestIds("c", 4); }));
  for (auto& call : calls) EXPECT_THAT(call.get(), ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(Row().next_trial_id, 5);
}

TEST_P(SuggestContract, C05_DifferentClientsNeverShareATrial) {
  Create(Kws());
  for (int i = 0; i < 5; ++i) ASSERT_OK(client().CreateTrial(study_, ATrial({{"x", 0.5}})));
  std::vector<std::future<std::vector<int64_t>>> calls;
  calls.reserve(8);
  for (int i = 0; i < 8; ++i) calls.push_back(std::async([this, i] { return SuggestIds(absl::StrCat("c", i), 2); }));
  std::set<int64_t> given;
  for (auto& call : calls) {
    for (const int64_t id : call.get())
      EXPECT_TRUE(given.insert(id).second) << "trial " << id << " went to two clients";
  }
  EXPECT_EQ(given.size(), 16u);
  EXPECT_EQ(*given.rbegin(), 16) << "the waiting ones were used";
}

TEST_P(SuggestContract, C06_CountsAndClientIdsHaveTheirLimits) {
  Create(Kws());
  EXPECT_THAT(SuggestIds("zero", 0), ElementsAre(1)) << "0 stands for 1";
  EXPECT_EQ(SuggestIds("many", 1000).size(), 1000u);
  EXPECT_THAT(client().Suggest(study_, "c", 1001), Fails(kInvalid, "INVALID_ARGUMENT"));
  EXPECT_THAT(client().Suggest(study_, "c", -1), Fails(kInvalid, "INVALID_ARGUMENT"));
  EXPECT_THAT(client().Suggest(study_, ""), Fails(kInvalid, "INVALID_ARGUMENT"));
  EXPECT_THAT(client().Suggest(study_, "a/b"), Fails(kInvalid, "INVALID_ARGUMENT"));
  EXPECT_THAT(client().Suggest(study_, std::string(257, 'a')), Fails(kInvalid, "INVALID_ARGUMENT"));
  EXPECT_EQ(SuggestIds(std::string(256, 'a')).size(), 1u);
  EXPECT_EQ(Row().next_trial_id, 1003);
}

TEST_P(SuggestContract, C07_AnAlgorithmThatTakesLongIsPolled) {
  Create(CostlyKws());
  const auto operation = SuggestSlowly("c", 2);
  EXPECT_FALSE(operation.done());
  EXPECT_FALSE(IsDone(operation.name()));
  storage().LetPass();
  ASSERT_TRUE(Eventually([&] { return IsDone(operation.name()); }));
  EXPECT_THAT(IdsOf(TrialsOf(*client().GetOperation(operation.name()))), ElementsAre(1, 2));
}

TEST_P(SuggestContract, C07_ADeadlineLeavesTimeForTheAnswer) {
  Create(CostlyKws());
  storage().HoldAfter(1);
  auto suggestion = std::async([&] { return client().Suggest(study_, "c", 1, {.timeout = absl::Seconds(6)}); });
  storage().AwaitHeld();
  Pass(absl::Milliseconds(4900));  // four fifths of the client's time, which gRPC rounds up
  const auto operation = suggestion.get();
  ASSERT_OK(operation);
  EXPECT_FALSE(operation->done());
  storage().LetPass();
  EXPECT_TRUE(Eventually([&] { return IsDone(operation->name()); }));
}

TEST_P(SuggestContract, C07_ABudgetThatIsUsedUpGivesFewerTrialsAndNoError) {
  Create(Kws().WithDocument(R"({"budget": {"trials": 3}})"));
  EXPECT_THAT(SuggestIds("a", 5), ElementsAre(1, 2, 3));
  EXPECT_THAT(SuggestIds("b"), IsEmpty());
}

TEST_P(SuggestContract, C07_ASpaceThatIsUsedUpGivesFewerTrialsAndNoError) {
  AStudy study = AStudy("small").WithObjective("y").WithAlgorithm("GAUSSIAN_PROCESS_BANDIT");
  pb::Study two_points = study.Study();
  two_points.mutable_study_spec()->set_observation_noise(pb::StudySpec::LOW);
  auto& parameter = *two_points.mutable_study_spec()->add_parameters();
  parameter.set_parameter_id("n");
  parameter.mutable_integer_value_spec()->set_min_value(1);
  parameter.mutable_integer_value_spec()->set_max_value(2);
  ASSERT_OK(client().CreateStudy("owners/ada", two_points));
  study_ = "owners/ada/studies/small";
  EXPECT_THAT(SuggestIds("a", 5), ElementsAre(1, 2));
  EXPECT_THAT(SuggestIds("b"), IsEmpty());
}

TEST_P(SuggestContract, C08_ASuggestionThatIsReadyAtOnceIsOneCommit) {
  Create(Kws());
  const int64_t before = storage().transactions();
  ASSERT_THAT(SuggestIds("c", 3), ElementsAre(1, 2, 3));
  EXPECT_EQ(storage().transactions(), before + 1);
}

TEST_P(SuggestContract, C08_AnOperationIsFinishedAfterTheEndOfItsProcessAndNoPartOfItBefore) {
  Create(CostlyKws());
  const auto operation = SuggestSlowly("c", 3);
  ASSERT_FALSE(operation.done());
  Restart();
  Pass(kTakeOverTime);
  ASSERT_TRUE(Soon([&] {
    if (IsDone(operation.name())) return true;
    const int64_t trials = Row().next_trial_id - 1;
    EXPECT_TRUE(trials == 0 || trials == 3) << trials;
    return false;
  }));
  EXPECT_THAT(SuggestIds("c", 3), ElementsAre(1, 2, 3)) << "the client is not stranded";
}

// A claim for which there were too few points took the waiting trials before it was served, and told nobody.
TEST_P(SuggestContract, C08_AWaitingTrialIsTakenOnlyTogetherWithTheRest) {
  Create(Kws());
  ServiceClient& other = AddReplica();
  for (int i = 0; i < 2; ++i) ASSERT_OK(client().CreateTrial(study_, ATrial({{"x", 0.5}})));
  storage().HoldAfter(0);
  auto suggestion = std::async([&] { return SuggestIds("a", 2); });
  storage().AwaitHeld();
  ASSERT_THAT(IdsOf(TrialsOf(*other.Suggest(study_, "b"))), ElementsAre(1)) << "so that a new one is missing";
  storage().HoldAfter(1);
  storage().AwaitHeld();
  EXPECT_EQ(Get(TrialOf(2)).state(), pb::Trial::REQUESTED);
  storage().LetPass();
  EXPECT_THAT(suggestion.get(), ElementsAre(2, 3));
}

TEST_P(SuggestContract, C08_AnotherReplicaTakesOverWhatItsHolderLeft) {
  if (!IsShared()) GTEST_SKIP() << "one server per file";
  Create(CostlyKws());
  ServiceClient& other = AddReplica();
  const auto operation = SuggestSlowly("c", 3);
  ASSERT_FALSE(operation.done());
  EXPECT_FALSE(other.GetOperation(operation.name())->done());
  storage().CutOff();
  Pass(kTakeOverTime);
  ASSERT_TRUE(Soon([&] { return other.GetOperation(operation.name())->done(); }));
  const auto again = other.Suggest(study_, "c", 3);
  ASSERT_OK(again);
  EXPECT_THAT(IdsOf(TrialsOf(*again)), ElementsAre(1, 2, 3)) << "the client is not stranded";
}

TEST_P(SuggestContract, C09_ARecomputedOperationGivesTheSamePoints) {
  const auto seeded = [](const std::string& name) {
    return AStudy(name)
        .WithFloat("x")
        .WithObjective("y")
        .WithAlgorithm("GAUSSIAN_PROCESS_BANDIT")
        .WithDocument(R"({"seed": 7})");
  };
  Create(seeded("interrupted"));
  const auto operation = SuggestSlowly("c", 3);
  Restart();
  ASSERT_TRUE(Eventually([&] { return IsDone(operation.name()); }));
  const auto recomputed = TrialsOf(*client().GetOperation(operation.name()));
  Create(seeded("undisturbed"));
  const auto undisturbed = client().Suggest(study_, "c", 3);
  ASSERT_OK(undisturbed);
  const auto expected = TrialsOf(*undisturbed);
  ASSERT_EQ(recomputed.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(recomputed[i].parameters(0).DebugString(), expected[i].parameters(0).DebugString());
  }
}

TEST_P(SuggestContract, C09_OperationsAreNumberedDenselyPerClientAndTyped) {
  Create(Kws());
  for (int number = 1; number <= 3; ++number) {
    const auto operation = client().Suggest(study_, "c");
    ASSERT_OK(operation);
    EXPECT_EQ(operation->name(), absl::StrCat("owners/ada/operations/suggestion/kws/c/", number));
    EXPECT_EQ(operation->response().type_url(), "type.googleapis.com/vizier.SuggestTrialsResponse");
    const auto later = client().GetOperation(operation->name());
    ASSERT_OK(later);
    EXPECT_EQ(later->DebugString(), operation->DebugString());
  }
  EXPECT_EQ(client().Suggest(study_, "d")->name(), "owners/ada/operations/suggestion/kws/d/1");
  EXPECT_THAT(client().GetOperation("owners/ada/operations/suggestion/kws/c/4"),
              Fails(absl::StatusCode::kNotFound, "OPERATION_NOT_FOUND"));
}

TEST_P(SuggestContract, C09_OperationsAreKeptForADayAndTheLast16ForLonger) {
  Create(Kws());
  const auto name = [](int number) { return absl::StrCat("owners/ada/operations/suggestion/kws/c/", number); };
  for (int number = 1; number <= 20; ++number) ASSERT_OK(client().Suggest(study_, "c"));
  EXPECT_OK(client().GetOperation(name(1)));
  clock_.Advance(absl::Hours(25));
  for (int number = 21; number <= 24; ++number) ASSERT_OK(client().Suggest(study_, "c"));
  EXPECT_OK(client().GetOperation(name(9)));
  EXPECT_THAT(client().GetOperation(name(1)), Fails(absl::StatusCode::kNotFound, "OPERATION_NOT_FOUND"));
  EXPECT_THAT(client().GetOperation(name(7)), Fails(absl::StatusCode::kNotFound, "OPERATION_NOT_FOUND"));
}

}  // namespace
}  // namespace photinus
