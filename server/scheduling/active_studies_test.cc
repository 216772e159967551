// Which study a pull gets its trial from.
#include "server/scheduling/active_studies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/study/metadata.h"
#include "tests/support/scheduling_fixture.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

class FairShareTest : public SchedulingFixture {
 protected:
  // Of as many new clients, one after the other: how many trials each study gave.
  std::map<std::string, int> Share(int pulls) {
    std::map<std::string, int> share;
    for (int i = 0; i < pulls; ++i) ++share[StudyOf(Pull(absl::StrCat("w.", ++clients_)))];
    return share;
  }
  static std::string StudyOf(const Pulled& pulled) {
    if (!pulled.lease.has_value()) return "none";
    return TrialName::Parse(pulled.lease->trial.name())->study.study;
  }
  ActiveStudies::Turn Next(const std::set<int64_t>& tried = {}) { return *active_.Next({"command"}, tried); }

  int clients_ = 0;
};

TEST_F(FairShareTest, RunningTrialsAreSharedByWeight) {
  Create(Pullable("light"));
  Create(Pullable("heavy", R"(, "weight": 3)"));
  Create(Pullable("half", R"(, "weight": 0.5)"));
  EXPECT_THAT(Share(9), ElementsAre(Pair("half", 1), Pair("heavy", 6), Pair("light", 2)));
}

TEST_F(FairShareTest, AStudyThatFinishesTrialsGetsTheNextOnes) {
  Create(Pullable("a"));
  Create(Pullable("b"));
  Share(6);
  for (const int64_t id : {1, 2, 3}) ASSERT_OK(CompleteTrial(store_, {{"ada", "b"}, id}, Result(1), {}));
  EXPECT_THAT(Share(3), ElementsAre(Pair("b", 3)));
}

TEST_F(FairShareTest, AHigherPriorityComesFirstWhileItHasWork) {
  Create(Pullable("low", R"(, "priority": -1)"));
  Create(Pullable("usual"));
  Create(Pullable("high", R"(, "priority": 5, "budget": {"parallel": 2})"));
  EXPECT_THAT(Share(4), ElementsAre(Pair("high", 2), Pair("usual", 2)));
  ASSERT_OK(DrainStudy(store_, {"ada", "usual"}, DrainMode::kPause));
  EXPECT_THAT(Share(2), ElementsAre(Pair("low", 2)));
  ASSERT_OK(CompleteTrial(store_, {{"ada", "high"}, 1}, Result(1), {}));
  EXPECT_THAT(Share(1), ElementsAre(Pair("high", 1)));
}

TEST_F(FairShareTest, ANewWeightCountsAtOnce) {
  Create(Pullable("a"));
  Create(Pullable("b"));
  Share(2);
  pb::KeyValue entry = Pullable("a", R"(, "weight": 5)").Study().study_spec().metadata(0);
  ASSERT_OK(UpdateMetadata(store_, {"ada", "a"}, {{std::nullopt, entry}}));
  EXPECT_THAT(Share(4), ElementsAre(Pair("a", 4)));
}

TEST_F(FairShareTest, PullsAtTheSameTimeTakeTurnsAsWell) {
  Create(Pullable("a"));
  Create(Pullable("b", R"(, "budget": {"parallel": 1})"));
  const auto first = Next(), second = Next(), third = Next();
  EXPECT_EQ(first->name.study, "a");
  EXPECT_EQ(second->name.study, "b");
  EXPECT_EQ(third->name.study, "a") << "b gives one trial only, to the second pull";
  EXPECT_EQ(Next({first->uid}), nullptr);
}

TEST_F(FairShareTest, ATurnThatCameToNothingGoesToTheNext) {
  Create(Pullable("a", R"(, "budget": {"parallel": 1})"));
  auto turn = Next();
  EXPECT_EQ(Next(), nullptr);
  EXPECT_FALSE(active_.AllIdle({"command"}));
  turn.reset();
  EXPECT_NE(Next(), nullptr);
}

TEST_F(FairShareTest, AStudyWithNothingToGiveIsLeftOutUntilItChanges) {
  Create(Pullable("a"));
  const auto turn = Next();
  active_.NoteNothing(turn->uid, turn->version - 1);
  EXPECT_NE(Next(), nullptr) << "that was an older version";
  active_.NoteNothing(turn->uid, turn->version);
  EXPECT_EQ(Next(), nullptr);
  ASSERT_OK(CreateTrial(store_, name_, ATrial({{"x", 0.5}})));
  EXPECT_NE(Next(), nullptr);
}

TEST_F(FairShareTest, WaitingPullsAreServedByAge) {
  auto first = StartPull("w.0", absl::Seconds(30)), second = StartPull("w.1", absl::Seconds(30));
  auto third = StartPull("w.2", absl::Seconds(30));
  Create(Pullable("a", R"(, "budget": {"parallel": 1})"));
  EXPECT_EQ(NameOf(*first.get()), "owners/ada/studies/a/trials/1");
  ASSERT_OK(CompleteTrial(store_, {name_, 1}, Result(1), {}));
  EXPECT_EQ(NameOf(*second.get()), "owners/ada/studies/a/trials/2");
  EXPECT_EQ(third.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
}

TEST_F(FairShareTest, ADeletedStudyIsNobodysTurn) {
  Create(Pullable("a"));
  const auto turn = Next();
  ASSERT_OK(store_.Delete(name_));
  EXPECT_EQ(Next(), nullptr);
}

TEST_F(FairShareTest, AClientThatHasATrialAlreadyGetsThat) {
  Create(Pullable("a"));
  EXPECT_EQ(NameOf(Pull("w.0")), "owners/ada/studies/a/trials/1");
  Create(Pullable("b", R"(, "priority": 9)"));
  EXPECT_EQ(NameOf(Pull("w.0")), "owners/ada/studies/a/trials/1");
  EXPECT_EQ(NameOf(Pull("w.1")), "owners/ada/studies/b/trials/1");
}

}  // namespace
}  // namespace photinus
