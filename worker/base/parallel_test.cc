#include "worker/base/parallel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <new>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace photinus {
namespace {

using ::testing::Each;

// While it lives the system refuses every new thread: its stack would be larger than all addresses.
class NoMoreThreads {
 public:
  NoMoreThreads() {
    pthread_getattr_default_np(&former_);
    pthread_attr_t huge;
    pthread_attr_init(&huge);
    pthread_attr_setstacksize(&huge, size_t{1} << 60);
    pthread_setattr_default_np(&huge);
    pthread_attr_destroy(&huge);
  }
  ~NoMoreThreads() {
    pthread_setattr_default_np(&former_);
    pthread_attr_destroy(&former_);
  }

 private:
  pthread_attr_t former_;
};

// In a thread of its own it would end the process.
TEST(ParallelFor, ThrowsWhatABodyThrowsInAnyThread) {
  const auto caller = std::this_thread::get_id();
  EXPECT_THROW(static_cast<void>(ParallelFor(1000000, {.threads = 2},
                                             [&](int, size_t) -> Result<void> {
                                               if (std::this_thread::get_id() != caller) throw std::bad_alloc();
                                               std::this_thread::yield();
                                               return {};
                                             })),
               std::bad_alloc);
}

TEST(ParallelFor, CallsTheBodyOnceForEachIndexAndTellsHowFarItHasCome) {
  std::vector<int> calls(1000);
  std::vector<std::pair<size_t, size_t>> told, expected;
  const WorkOptions options = {.threads = 3,
                               .progress = [&](size_t done, size_t total) { told.emplace_back(done, total); }};
  EXPECT_TRUE(ParallelFor(calls.size(), options, [&](int, size_t index) -> Result<void> {
                ++calls[index];
                return {};
              }).ok());
  EXPECT_THAT(calls, Each(1));
  for (size_t done = 1; done <= calls.size(); ++done) expected.emplace_back(done, calls.size());
  EXPECT_EQ(told, expected);
}

TEST(ParallelFor, ReturnsTheErrorOfTheLowestIndexWhicheverComesFirst) {
  std::atomic<bool> second_failed = false;
  const auto result = ParallelFor(2, {.threads = 2}, [&](int, size_t index) -> Result<void> {
    if (index == 1) second_failed = true;
    while (!second_failed) std::this_thread::yield();
    return InvalidArgument(std::to_string(index));
  });
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message, "0");
}

TEST(ParallelFor, BeginsNothingNewAfterAnError) {
  size_t calls = 0;
  const auto result = ParallelFor(10, {.threads = 1}, [&](int, size_t index) -> Result<void> {
    ++calls;
    return index == 3 ? Result<void>(InvalidArgument("3")) : Result<void>();
  });
  EXPECT_FALSE(result.ok());
  EXPECT_EQ(calls, 4);
}

TEST(ParallelFor, StopsWhenItIsTold) {
  size_t calls = 0;
  const WorkOptions options = {.threads = 1, .stop = [&] { return calls == 3; }};
  const auto result = ParallelFor(10, options, [&](int, size_t) -> Result<void> {
    ++calls;
    return {};
  });
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(result.error().message, "stopped");
  EXPECT_EQ(calls, 3);
}

TEST(ParallelFor, DoesAllWithTheThreadsThatThereAre) {
  std::vector<int> calls(100);
  const NoMoreThreads refused;
  EXPECT_THROW(std::thread([] {}).join(), std::system_error);
  EXPECT_TRUE(ParallelFor(calls.size(), {.threads = 4}, [&](int thread, size_t index) -> Result<void> {
                EXPECT_EQ(thread, 0);
                ++calls[index];
                return {};
              }).ok());
  EXPECT_THAT(calls, Each(1));
}

}  // namespace
}  // namespace photinus
