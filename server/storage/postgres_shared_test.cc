// What servers learn of each other through PostgreSQL. Tests set the clock of leases instead of waiting.
#include "server/storage/postgres_shared.h"

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/storage/postgres_storage.h"
#include "tests/support/postgres_main.h"
#include "tests/support/status_matchers.h"

namespace photinus {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr SharedStorage::LeaseTimes kTimes{absl::Seconds(90), absl::Seconds(15), absl::Seconds(60)};

class PostgresSharedTest : public ::testing::Test {
 protected:
  // Each expects success.
  void Execute(const std::string& sql) { ASSERT_OK((*PostgresConnection::Open(url_))->Execute(sql)); }
  int64_t AddStudy(const std::string& name) {
    int64_t uid = 0;
    EXPECT_OK(storage_->Transact([&](Transaction& t) -> absl::Status {
      RETURN_IF_ERROR(t.EnsureOwner("ada"));
      StudyRow study;
      study.owner = "ada";
      study.display_name = name;
      study.version = 1;
      ASSIGN_OR_RETURN(uid, t.InsertStudy(study));
      return absl::OkStatus();
    }));
    return uid;
  }
  void PutTrial(int64_t uid, int64_t epoch, pb::Trial::State state = pb::Trial::ACTIVE) {
    EXPECT_OK(storage_->Transact([&](Transaction& t) {
      TrialRow trial;
      trial.study_uid = uid;
      trial.id = 1;
      trial.state = state;
      trial.client_id = "w.0";
      trial.incarnation = "i";
      trial.lease_epoch = epoch;
      return t.PutTrial(trial);
    }));
  }
  void SetStudyState(int64_t uid, pb::Study::State state) {
    EXPECT_OK(storage_->Transact([&](Transaction& t) -> absl::Status {
      ASSIGN_OR_RETURN(auto study, t.GetStudy(uid));
      study->state = state;
      return t.UpdateStudy(*study);
    }));
  }

  // As the clock of leases has it.
  void Pass(absl::Duration time) {
    Execute(absl::StrCat("UPDATE lease_clock SET elapsed_us = elapsed_us + ", absl::ToInt64Microseconds(time)));
  }
  // As if the database's clock had been set on by that much.
  void JumpDatabaseClock(absl::Duration time) {
    Execute(absl::StrCat("UPDATE lease_clock SET seen_us = seen_us - ", absl::ToInt64Microseconds(time)));
  }
  // The epochs of the leases that are over.
  std::vector<int64_t> Sweep(const std::vector<LeaseBeat>& beats = {}) {
    const auto expired = shared_->SweepLeases(beats, kTimes);
    EXPECT_OK(expired);
    std::vector<int64_t> epochs;
    if (expired.ok()) {
      for (const LeaseRow& lease : *expired) epochs.push_back(lease.epoch);
    }
    return epochs;
  }
  // The studies that changed since the last call.
  std::set<int64_t> Changed() {
    const auto changes = shared_->ListChanges(since_);
    EXPECT_OK(changes);
    std::set<int64_t> uids;
    if (!changes.ok()) return uids;
    since_ = changes->next;
    for (const StudyVersion& study : changes->studies) uids.insert(study.uid);
    return uids;
  }

  const std::string url_ = TestPostgres().MakeDatabase();
  const std::unique_ptr<PostgresStorage> storage_ = *PostgresStorage::Open(url_);
  SharedStorage* const shared_ = storage_->shared();
  int64_t since_ = 0;
};

TEST_F(PostgresSharedTest, ALeaseBeginsWhenItIsFirstFoundAndEndsWithoutSignsOfLife) {
  const int64_t uid = AddStudy("kws");
  PutTrial(uid, 1);
  EXPECT_THAT(Sweep(), IsEmpty());
  Pass(absl::Seconds(80));
  EXPECT_THAT(Sweep(), IsEmpty());
  Pass(absl::Seconds(10));
  const auto expired = shared_->SweepLeases({}, kTimes);
  ASSERT_OK(expired);
  ASSERT_EQ(expired->size(), 1u);
  const LeaseRow& lease = expired->front();
  EXPECT_EQ(lease.study_uid, uid);
  EXPECT_EQ(lease.owner, "ada");
  EXPECT_EQ(lease.display_name, "kws");
  EXPECT_EQ(lease.trial_id, 1);
  EXPECT_EQ(lease.client_id, "w.0");
}

TEST_F(PostgresSharedTest, OneServerAtATimeIsAskedToTakeALeaseBack) {
  const int64_t uid = AddStudy("kws");
  PutTrial(uid, 1);
  Sweep();
  Pass(absl::Seconds(91));
  EXPECT_THAT(Sweep(), ElementsAre(1));
  EXPECT_THAT(Sweep(), IsEmpty());
  Pass(kTimes.longest_gap);
  EXPECT_THAT(Sweep(), ElementsAre(1)) << "the first one may have died on the way";
}

TEST_F(PostgresSharedTest, ABeatCountsFromWhenItCame) {
  const int64_t uid = AddStudy("kws");
  PutTrial(uid, 1);
  Sweep();
  Pass(absl::Seconds(80));
  Sweep({{uid, 1, 1, absl::Seconds(20)}});
  Pass(absl::Seconds(60));
  EXPECT_THAT(Sweep({{uid, 1, 1, absl::Seconds(1000)}}), IsEmpty()) << "an older beat takes nothing away";
  Pass(absl::Seconds(10));
  EXPECT_THAT(Sweep(), ElementsAre(1));
}

TEST_F(PostgresSharedTest, ABeatOfAFormerHolderKeepsNothing) {
  const int64_t uid = AddStudy("kws");
  PutTrial(uid, 2);
  Sweep();
  Pass(absl::Seconds(80));
  EXPECT_THAT(Sweep({{uid, 1, 1, absl::ZeroDuration()}}), IsEmpty());
  Pass(absl::Seconds(10));
  EXPECT_THAT(Sweep({{uid, 1, 1, absl::ZeroDuration()}}), ElementsAre(2));
  PutTrial(uid, 3);
  EXPECT_THAT(Sweep(), IsEmpty());
  Pass(absl::Seconds(80));
  EXPECT_THAT(Sweep(), IsEmpty()) << "the next holder has the full time";
}

TEST_F(PostgresSharedTest, OnlyRunningTrialsOfActiveStudiesHaveLeases) {
  const int64_t uid = AddStudy("kws");
  PutTrial(uid, 1, pb::Trial::STOPPING);
  Sweep();
  Pass(absl::Seconds(80));
  SetStudyState(uid, pb::Study::INACTIVE);
  Pass(absl::Seconds(80));
  EXPECT_THAT(Sweep(), IsEmpty());
  SetStudyState(uid, pb::Study::ACTIVE);
  Sweep();
  Pass(absl::Seconds(80));
  EXPECT_THAT(Sweep(), IsEmpty()) << "it has a fresh time to live";
  PutTrial(uid, 1, pb::Trial::SUCCEEDED);
  Pass(absl::Seconds(80));
  EXPECT_THAT(Sweep({{uid, 1, 1, absl::ZeroDuration()}}), IsEmpty());
}

TEST_F(PostgresSharedTest, TimePassesByTheDatabasesClock) {
  const int64_t uid = AddStudy("kws");
  PutTrial(uid, 1);
  Sweep();
  for (int i = 0; i < 8; ++i) {
    JumpDatabaseClock(absl::Seconds(10));
    EXPECT_THAT(Sweep(), IsEmpty());
  }
  JumpDatabaseClock(absl::Seconds(10));
  EXPECT_THAT(Sweep(), ElementsAre(1));
}

TEST_F(PostgresSharedTest, AGapInTimeTakesNothingAndGivesGrace) {
  const int64_t uid = AddStudy("kws");
  PutTrial(uid, 1);
  Sweep();
  Pass(absl::Seconds(80));
  for (const absl::Duration jump : {absl::Hours(1), -absl::Hours(1), absl::Seconds(16)}) {
    JumpDatabaseClock(jump);
    EXPECT_THAT(Sweep(), IsEmpty()) << jump;
    Pass(absl::Seconds(60));
    EXPECT_THAT(Sweep(), IsEmpty()) << jump;
  }
  Pass(absl::Seconds(10));
  EXPECT_THAT(Sweep(), ElementsAre(1));
}

TEST_F(PostgresSharedTest, AStandbyThatTakesOverGivesGrace) {
  const int64_t uid = AddStudy("kws");
  PutTrial(uid, 1);
  Sweep();
  Pass(absl::Seconds(91));
  Execute("UPDATE lease_clock SET timeline = '0000FFFF'");
  EXPECT_THAT(Sweep(), IsEmpty());
}

TEST_F(PostgresSharedTest, EveryChangeOfAnotherServerIsFound) {
  const int64_t kws = AddStudy("kws"), old = AddStudy("old");
  EXPECT_THAT(Changed(), ElementsAre(kws, old));
  EXPECT_THAT(Changed(), IsEmpty());
  const auto other = *PostgresStorage::Open(url_);
  EXPECT_OK(other->Transact([&](Transaction& t) -> absl::Status {
    ASSIGN_OR_RETURN(auto study, t.GetStudy(kws));
    ++study->version;
    return t.UpdateStudy(*study);
  }));
  EXPECT_THAT(Changed(), ElementsAre(kws));
  EXPECT_OK(other->Transact([&](Transaction& t) { return t.DeleteStudy(old); }));
  EXPECT_THAT(Changed(), ElementsAre(old));
  EXPECT_THAT(Changed(), IsEmpty());
}

TEST_F(PostgresSharedTest, ADeletionIsRememberedForADay) {
  const auto erase = [&](int64_t uid) {
    EXPECT_OK(storage_->Transact([&](Transaction& t) -> absl::Status {
      RETURN_IF_ERROR(t.DeleteStudy(uid));
      return t.EraseDeletedStudies(1000).status();
    }));
  };
  const int64_t first = AddStudy("first"), second = AddStudy("second"), third = AddStudy("third");
  erase(first);
  Execute("UPDATE deleted_studies SET deleted_us = deleted_us - 23 * 3600000000");
  erase(second);
  EXPECT_THAT(Changed(), ElementsAre(first, second, third));
  Execute("UPDATE deleted_studies SET deleted_us = deleted_us - 3600000001");
  erase(third);
  since_ = 0;
  EXPECT_THAT(Changed(), ElementsAre(second, third));
}

TEST_F(PostgresSharedTest, MostChangesTouchNoIndexOfTheStudies) {
  const int64_t uid = AddStudy("kws");
  const auto connection = *PostgresConnection::Open(url_);
  for (int i = 0; i < 20; ++i) {
    ASSERT_OK(connection->Execute(absl::StrCat("UPDATE studies SET version = version + 1 WHERE uid = ", uid)));
  }
  ASSERT_OK(connection->Execute("SELECT pg_stat_force_next_flush()"));
  PostgresStatement statement(*connection, "SELECT n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'studies'");
  ASSERT_OK(statement.Step());
  EXPECT_GE(statement.Int(), 10);
}

TEST_F(PostgresSharedTest, AChangeThatIsCommittedLateIsNotOverlooked) {
  const int64_t slow = AddStudy("slow"), fast = AddStudy("fast");
  Changed();
  const auto connection = *PostgresConnection::Open(url_);
  ASSERT_OK(connection->Execute(absl::StrCat("BEGIN; UPDATE studies SET version = 2 WHERE uid = ", slow)));
  Execute(absl::StrCat("UPDATE studies SET version = 2 WHERE uid = ", fast));
  EXPECT_THAT(Changed(), ElementsAre(fast));
  ASSERT_OK(connection->Execute("COMMIT"));
  EXPECT_THAT(Changed(), Contains(slow));
  EXPECT_THAT(Changed(), Not(Contains(slow)));
}

}  // namespace
}  // namespace photinus
