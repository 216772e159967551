#include "worker/data/parallel.h"

#include <gtest/gtest.h>

#include <new>
#include <thread>

namespace photinus::data {
namespace {

// In a thread of its own it would end the process.
TEST(ParallelFor, ThrowsWhatABodyThrowsInAnyThread) {
  const auto caller = std::this_thread::get_id();
  EXPECT_THROW(static_cast<void>(ParallelFor(1000000, 2, nullptr, nullptr,
                                             [&](int, size_t) -> Result<void> {
                                               if (std::this_thread::get_id() != caller) throw std::bad_alloc();
                                               std::this_thread::yield();
                                               return {};
                                             })),
               std::bad_alloc);
}

}  // namespace
}  // namespace photinus::data
