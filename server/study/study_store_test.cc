#include "server/study/study_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "common/base/temporary_folder.h"
#include "tests/support/status_matchers.h"
#include "tests/support/study_fixture.h"

namespace photinus {
namespace {

TEST(StudyStore, LongReadsLeaveRoomForOthers) {
  const auto folder = TemporaryFolder::Make();
  const auto storage = SqliteStorage::Open(folder->File("db"));
  ASSERT_OK(storage);
  FakeClock clock;
  StudyStore store(**storage, clock, [](const StudyProblem&) { return absl::OkStatus(); });
  std::promise<void> end;
  const std::shared_future<void> ended = end.get_future().share();
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&] {
      EXPECT_OK(store.ReadLong([&](Snapshot&) {
        most = std::max<int>(most, ++running);
        ended.wait();
        --running;
        return absl::OkStatus();
      }));
    });
  }
  while (running < kMaxLongReads) std::this_thread::yield();
  EXPECT_OK(storage.value()->Read([](Snapshot& snapshot) { return snapshot.HasDeletedStudies().status(); }));
  end.set_value();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(most, kMaxLongReads);
}

}  // namespace
}  // namespace photinus
