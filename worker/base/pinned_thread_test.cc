#include "worker/base/pinned_thread.h"

#include "gtest/gtest.h"

namespace photinus {
namespace {

cpu_set_t Cores() {
  cpu_set_t cores;
  EXPECT_EQ(::sched_getaffinity(0, sizeof(cores), &cores), 0);
  return cores;
}

TEST(PinnedThread, StaysOnOneCoreUntilItsEnd) {
  const cpu_set_t before = Cores();
  {
    const Result<PinnedThread> pinned = PinnedThread::Pin();
    ASSERT_TRUE(pinned.ok()) << pinned.error().message;
    const cpu_set_t meanwhile = Cores();
    EXPECT_EQ(CPU_COUNT(&meanwhile), 1);
    EXPECT_TRUE(CPU_ISSET(pinned->core(), &meanwhile));
    EXPECT_TRUE(CPU_ISSET(pinned->core(), &before));
    EXPECT_EQ(::sched_getcpu(), pinned->core());
  }
  const cpu_set_t after = Cores();
  EXPECT_TRUE(CPU_EQUAL(&before, &after));
}

}  // namespace
}  // namespace photinus
