#include "worker/energy/nvml_counter.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace photinus::energy {
namespace {

using ::testing::HasSubstr;

TEST(NvmlCounter, CountsJoulesBetweenStartAndStop) {
  const auto counter = OpenNvmlCounter(0, FAKE_NVML);
  ASSERT_TRUE(counter.ok()) << counter.error().message;
  ASSERT_TRUE((*counter)->Start().ok());
  EXPECT_DOUBLE_EQ((*counter)->Stop(1).value(), 1.5);
}

TEST(NvmlCounter, SaysWhichGpuIsMissing) {
  const auto counter = OpenNvmlCounter(1, FAKE_NVML);
  ASSERT_FALSE(counter.ok());
  EXPECT_EQ(counter.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(counter.error().message, "NVML has no GPU 1: Invalid Argument");
}

TEST(NvmlCounter, SaysThatTheDriverIsMissing) {
  const auto counter = OpenNvmlCounter(0, "libno-such-driver.so");
  ASSERT_FALSE(counter.ok());
  EXPECT_EQ(counter.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(counter.error().message, HasSubstr("NVIDIA's driver"));
}

// libm is a library without NVML's functions.
TEST(NvmlCounter, RefusesALibraryThatCannotCount) {
  const auto counter = OpenNvmlCounter(0, "libm.so.6");
  ASSERT_FALSE(counter.ok());
  EXPECT_THAT(counter.error().message, HasSubstr("cannot count energy"));
}

}  // namespace
}  // namespace photinus::energy
