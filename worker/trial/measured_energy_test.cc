#include "worker/trial/measured_energy.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace photinus::trial {
namespace {

using ::testing::HasSubstr;

// Before it looks for a driver: a GPU that is there would idle.
TEST(MeasureEnergy, RefusesAMeterThatDoesNotSeeTheInterpreter) {
  const auto measured = MeasureEnergy("nvml", graph::Graph(), graph::QuantizedModel(), /*seed=*/1, /*lock_seconds=*/0);
  ASSERT_FALSE(measured.ok());
  EXPECT_EQ(measured.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(measured.error().message, HasSubstr("leave it idle; use one of"));
}

}  // namespace
}  // namespace photinus::trial
