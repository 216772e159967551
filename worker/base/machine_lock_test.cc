#include "worker/base/machine_lock.h"

#include <unistd.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

class MachineLockTest : public ::testing::Test {
 protected:
  MachineLockTest() : name_("test-" + std::to_string(::getpid())) {}
  ~MachineLockTest() override { ::unlink(("/tmp/photinus-" + name_ + ".lock").c_str()); }

  const std::string name_;
};

TEST_F(MachineLockTest, IsHeldOnce) {
  {
    const Result<MachineLock> held = MachineLock::Acquire(name_, 0);
    ASSERT_TRUE(held.ok()) << held.error().message;
    const Result<MachineLock> second = MachineLock::Acquire(name_, 0.02);
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
    EXPECT_THAT(second.error().message, HasSubstr(name_ + ".lock locked"));
  }
  EXPECT_TRUE(MachineLock::Acquire(name_, 0).ok());
}

TEST_F(MachineLockTest, SaysThatItCannotBeOpened) {
  const Result<MachineLock> lock = MachineLock::Acquire("no/such/folder", 0);
  ASSERT_FALSE(lock.ok());
  EXPECT_THAT(lock.error().message, HasSubstr("cannot open /tmp/photinus-no/such/folder.lock"));
}

}  // namespace
}  // namespace photinus
