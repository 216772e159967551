#include "server/study/worker_state.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace photinus {
namespace {

constexpr auto kRefused = absl::StatusCode::kFailedPrecondition;

TEST(WorkerState, AClientIdNamesItsWorkerAndSlot) {
  EXPECT_EQ(WorkerOf("w.0"), "w");
  EXPECT_EQ(WorkerOf("host.lan.12"), "host.lan");
  EXPECT_EQ(WorkerOf("python"), "python");
}

TEST(WorkerState, TheProcessThatCameLastCounts) {
  WorkerRow worker{.name = "w"};
  Supersede("old", worker);
  EXPECT_OK(CheckIncarnation(worker, "old"));
  Supersede("new", worker);
  EXPECT_EQ(worker.incarnation, "new");
  EXPECT_OK(CheckIncarnation(worker, "new"));
  EXPECT_OK(CheckIncarnation(worker, "another")) << "it never came before";
  EXPECT_THAT(CheckIncarnation(worker, "old"), Fails(kRefused, "WORKER_SUPERSEDED"));
  EXPECT_THAT(CheckIncarnation(worker, "old"), FailsWith(kRefused, "'w'; give this one another --name"));
}

TEST(WorkerState, TheMemoryOfOneNameIsBounded) {
  WorkerRow worker{.name = "w"};
  for (int i = 0; i < 1000; ++i) Supersede(std::to_string(i), worker);
  EXPECT_FALSE(CheckIncarnation(worker, "998").ok());
  EXPECT_OK(CheckIncarnation(worker, "0"));
  EXPECT_LE(worker.superseded.size(), 100u);
}

}  // namespace
}  // namespace photinus
