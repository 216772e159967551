// Leases of several servers on one PostgreSQL database. Tests set the clock of leases instead of waiting.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "server/scheduling/lease_table.h"
#include "server/scheduling/problem_check.h"
#include "server/storage/postgres_connection.h"
#include "server/storage/postgres_storage.h"
#include "server/study/assignment.h"
#include "server/study/studies.h"
#include "server/study/trials.h"
#include "tests/support/fake_clock.h"
#include "tests/support/postgres_main.h"
#include "tests/support/status_matchers.h"
#include "tests/support/study_builder.h"

namespace photinus {
namespace {

constexpr absl::Duration kTtl = absl::Seconds(60);

// What a server has of leases.
struct Server {
  explicit Server(const std::string& url)
      : storage(*PostgresStorage::Open(url)), store(*storage, clock, &CheckAlgorithmAndRule), leases(store, kTtl) {}

  FakeClock clock;
  std::unique_ptr<PostgresStorage> storage;
  StudyStore store;
  LeaseTable leases;
};

class SharedLeasesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const pb::Study study = AStudy("kws").WithFloat("x").WithObjective("y").Study();
    ASSERT_OK(CreateStudy(a_->store, {"ada"}, study));
    ASSERT_OK(a_->store.EditActive(trial_.study, [&](StudyEdit& edit) -> absl::Status {
      ClaimResult result;
      RETURN_IF_ERROR(CreateTrials(edit, {"w.0", "i"}, {NewTrial{{{"x", 0.5}}, {}}}, result));
      token_ = {result.trials[0].study_uid, result.trials[0].id, result.trials[0].lease_epoch};
      return absl::OkStatus();
    }));
    a_->leases.Grant(token_);
    Sweep(*a_);
  }

  // As the clock of leases has it.
  void Pass(absl::Duration time) {
    ASSERT_OK((*PostgresConnection::Open(url_))
                  ->Execute(absl::StrCat("UPDATE lease_clock SET elapsed_us = elapsed_us + ",
                                         absl::ToInt64Microseconds(time))));
  }
  static void Sweep(Server& server) { EXPECT_OK(server.leases.TakeBackExpired()); }
  void Beat(Server& server) {
    const auto verdicts = server.leases.Renew({{trial_, token_}});
    ASSERT_OK(verdicts);
    EXPECT_EQ((*verdicts)[0], LeaseVerdict::kOk);
  }
  pb::Trial::State State() { return GetTrial(b_->store, trial_)->state(); }

  const std::string url_ = TestPostgres().MakeDatabase();
  std::unique_ptr<Server> a_ = std::make_unique<Server>(url_);
  std::unique_ptr<Server> b_ = std::make_unique<Server>(url_);
  const TrialName trial_{{"ada", "kws"}, 1};
  LeaseToken token_;
};

TEST_F(SharedLeasesTest, AWorkerThatBeatsAtOneServerIsNotTakenBackByAnother) {
  for (int i = 0; i < 5; ++i) {
    Pass(kTtl);
    Beat(*a_);
    Sweep(*a_);
    Sweep(*b_);
    EXPECT_EQ(State(), pb::Trial::ACTIVE);
  }
  Pass(1.5 * kTtl);
  Sweep(*b_);
  EXPECT_EQ(State(), pb::Trial::REQUESTED);
  EXPECT_EQ((*a_->leases.Renew({{trial_, token_}}))[0], LeaseVerdict::kLost);
}

TEST_F(SharedLeasesTest, WhenAServerDiesItsWorkersGoOnThroughAnother) {
  Pass(kTtl);
  Beat(*a_);
  Sweep(*a_);
  a_.reset();
  for (int i = 0; i < 5; ++i) {
    Pass(kTtl);
    Beat(*b_);
    Sweep(*b_);
    EXPECT_EQ(State(), pb::Trial::ACTIVE);
  }
}

TEST_F(SharedLeasesTest, ALeaseThatItsServerNeverWroteDownHasItsTimeAllTheSame) {
  ASSERT_OK((*PostgresConnection::Open(url_))->Execute("DELETE FROM leases"));
  a_.reset();
  Sweep(*b_);
  Pass(kTtl);
  Sweep(*b_);
  EXPECT_EQ(State(), pb::Trial::ACTIVE);
  Pass(0.5 * kTtl);
  Sweep(*b_);
  EXPECT_EQ(State(), pb::Trial::REQUESTED);
}

TEST_F(SharedLeasesTest, BeatsWaitForADatabaseThatIsAway) {
  Pass(kTtl);
  Beat(*a_);
  TestPostgres().Crash();
  EXPECT_TRUE(absl::IsUnavailable(a_->leases.TakeBackExpired()));
  TestPostgres().Start();
  Pass(0.5 * kTtl);
  Sweep(*a_);
  EXPECT_EQ(State(), pb::Trial::ACTIVE);
}

TEST_F(SharedLeasesTest, AServerThatStartsKnowsTheWorkersOfAll) {
  const auto trials = b_->leases.TrialsByWorker();
  ASSERT_OK(trials);
  ASSERT_EQ(trials->count("w"), 1u);
  EXPECT_EQ(trials->at("w").front().ToString(), trial_.ToString());
}

}  // namespace
}  // namespace photinus
