#include "server/scheduling/worker_table.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace photinus {
namespace {

constexpr absl::Duration kTtl = absl::Seconds(60);

class WorkerTableTest : public ::testing::Test {
 protected:
  absl::Status See(const std::string& incarnation, const std::string& worker = "w") {
    return workers_.Seen(worker, incarnation, 0, "");
  }

  FakeClock clock_;
  WorkerTable workers_{clock_, kTtl};
};

TEST_F(WorkerTableTest, OfTwoDaemonsWithOneNameTheOneThatCameLastWins) {
  EXPECT_OK(See("old"));
  EXPECT_OK(See("new"));
  EXPECT_TRUE(workers_.IsSuperseded("w", "old"));
  EXPECT_FALSE(workers_.IsSuperseded("w", "new"));
  EXPECT_THAT(See("old"), Fails(absl::StatusCode::kFailedPrecondition, "WORKER_SUPERSEDED"));
  EXPECT_THAT(See("old"), FailsWith(absl::StatusCode::kFailedPrecondition, "'w'; give this one another --name"));
  EXPECT_OK(See("new"));
  EXPECT_OK(See("old", "v"));  // a name of its own
  EXPECT_OK(See(""));          // a daemon that does not tell
}

TEST_F(WorkerTableTest, TheMemoryOfOneNameIsBounded) {
  for (int i = 0; i < 1000; ++i) ASSERT_OK(See(std::to_string(i)));
  EXPECT_TRUE(workers_.IsSuperseded("w", "998"));
  EXPECT_FALSE(workers_.IsSuperseded("w", "0"));
}

TEST_F(WorkerTableTest, ASupersededDaemonIsNoSignOfLife) {
  ASSERT_OK(See("old"));
  ASSERT_OK(See("new"));
  clock_.Advance(2 * kTtl);
  EXPECT_FALSE(See("old").ok());
  ASSERT_EQ(workers_.List().size(), 1u);
  EXPECT_FALSE(workers_.List()[0].alive);
}

}  // namespace
}  // namespace photinus
