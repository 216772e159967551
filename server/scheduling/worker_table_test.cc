#include "server/scheduling/worker_table.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/storage/sqlite_storage.h"
#include "tests/support/fake_clock.h"
#include "tests/support/governed_storage.h"
#include "tests/support/status_matchers.h"

namespace photinus {
namespace {

constexpr absl::Duration kTtl = absl::Seconds(60);
constexpr auto kRefused = absl::StatusCode::kFailedPrecondition;

class WorkerTableTest : public ::testing::Test {
 protected:
  absl::Status See(const std::string& incarnation, const std::string& worker = "w") {
    return workers_.Seen(worker, incarnation, 0, "");
  }
  WorkerInfo Only(WorkerTable& workers) {
    const auto list = workers.List();
    EXPECT_OK(list);
    EXPECT_EQ(list->size(), 1u);
    return list->empty() ? WorkerInfo{} : list->front();
  }

  FakeClock clock_;
  std::unique_ptr<SqliteStorage> file_ = *SqliteStorage::OpenInMemory();
  GovernedStorage storage_{*file_};
  WorkerTable workers_{storage_, clock_, kTtl};
};

TEST_F(WorkerTableTest, OfTwoDaemonsWithOneNameTheOneThatCameLastWins) {
  EXPECT_OK(See("old"));
  EXPECT_OK(See("new"));
  EXPECT_THAT(See("old"), Fails(kRefused, "WORKER_SUPERSEDED"));
  EXPECT_OK(See("new"));
  EXPECT_OK(See("old", "v"));  // a name of its own
  EXPECT_OK(See(""));          // a daemon that does not tell
}

TEST_F(WorkerTableTest, AnotherServerAndTheNextOneKnowWhoCounts) {
  ASSERT_OK(See("old"));
  WorkerTable other(storage_, clock_, kTtl);
  ASSERT_OK(other.Seen("w", "new", 0, ""));
  EXPECT_THAT(See("old"), Fails(kRefused, "WORKER_SUPERSEDED"));
  EXPECT_OK(See("new"));
}

TEST_F(WorkerTableTest, ASupersededDaemonIsNoSignOfLife) {
  ASSERT_OK(See("old"));
  ASSERT_OK(See("new"));
  clock_.Advance(2 * kTtl);
  EXPECT_FALSE(See("old").ok());
  EXPECT_FALSE(Only(workers_).alive);
}

TEST_F(WorkerTableTest, WhatWasToldStays) {
  ASSERT_OK(See("i"));
  ASSERT_OK(workers_.Seen("w", "i", 4, "1.2"));
  ASSERT_OK(See("i"));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Only(workers_).slots, 4);
    EXPECT_EQ(Only(workers_).version, "1.2");
    ASSERT_OK(workers_.StoreSightings());
  }
}

TEST_F(WorkerTableTest, BeatsAreStoredTogetherAndSeenByAll) {
  WorkerTable other(storage_, clock_, kTtl);
  for (int i = 0; i < 600; ++i) ASSERT_OK(See("i", absl::StrCat("w", i)));
  clock_.Advance(2 * kTtl);
  storage_.CutOff();  // whatever writes now fails
  for (int i = 0; i < 600; ++i) EXPECT_OK(See("i", absl::StrCat("w", i)));
  EXPECT_FALSE(workers_.StoreSightings().ok());
  storage_.Reconnect();
  EXPECT_FALSE(other.List()->front().alive);
  clock_.Advance(kTtl / 2);
  ASSERT_OK(workers_.StoreSightings());
  const auto list = other.List();
  ASSERT_OK(list);
  EXPECT_EQ(list->size(), 600u);
  for (const WorkerInfo& worker : *list) {
    EXPECT_TRUE(worker.alive) << worker.name;
    EXPECT_EQ(worker.last_seen, clock_.Now() - kTtl / 2) << worker.name;
  }
}

TEST_F(WorkerTableTest, ASightingOfAProcessThatWasSupersededMeanwhileIsDropped) {
  ASSERT_OK(See("old"));
  ASSERT_OK(See("old"));  // not stored yet
  clock_.Advance(kTtl);
  WorkerTable other(storage_, clock_, kTtl);
  ASSERT_OK(other.Seen("w", "new", 0, ""));
  ASSERT_OK(workers_.StoreSightings());
  EXPECT_EQ(Only(other).last_seen, clock_.Now());
  EXPECT_THAT(See("old"), Fails(kRefused, "WORKER_SUPERSEDED"));
}

TEST_F(WorkerTableTest, ADaemonThatLeavesIsNotAliveUntilTheNextOne) {
  WorkerTable other(storage_, clock_, kTtl);
  ASSERT_OK(See("i"));
  ASSERT_OK(See("i"));  // not stored yet
  clock_.Advance(kTtl / 2);
  for (int i = 0; i < 2; ++i) EXPECT_OK(workers_.Left("w", "i")) << "also when it is repeated";
  EXPECT_FALSE(Only(workers_).alive);
  EXPECT_FALSE(Only(other).alive) << "for all servers";
  EXPECT_EQ(Only(other).last_seen, clock_.Now());
  EXPECT_OK(workers_.StoreSightings());
  EXPECT_THAT(See("i"), Fails(kRefused, "WORKER_SUPERSEDED")) << "a beat that was on its way";
  EXPECT_FALSE(Only(workers_).alive);
  EXPECT_OK(See("j"));
  EXPECT_OK(workers_.Left("w", "i"));
  EXPECT_TRUE(Only(workers_).alive);
  EXPECT_OK(workers_.Left("w", "j"));
  EXPECT_OK(See(""));
  EXPECT_TRUE(Only(workers_).alive) << "one that does not tell which process it is";
  EXPECT_OK(workers_.Left("unknown", "i"));
}

TEST_F(WorkerTableTest, ATimeOfDayThatIsSetBackMakesNobodyAlive) {
  ASSERT_OK(See("i"));
  clock_.Jump(-absl::Hours(1));
  EXPECT_FALSE(Only(workers_).alive);
  ASSERT_OK(See("i"));
  EXPECT_TRUE(Only(workers_).alive);
}

}  // namespace
}  // namespace photinus
