#include "worker/energy/monitor_counter.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace photinus::energy {
namespace {

using ::testing::HasSubstr;

// A monitor that runs this shell script.
std::unique_ptr<EnergyCounter> Script(const std::string& script, MonitorOptions options = {}) {
  return NewMonitorCounter({"/bin/sh", "-c", script}, options);
}

const std::string kWaitForInterrupt = "while :; do sleep 0.01; done";

TEST(MonitorCounter, SubtractsTotals) {
  const auto counter =
      Script("trap 'echo \"{\\\"joules\\\": 7.5}\"; exit 0' INT; echo Monitor 1.0; echo '{\"joules\": 3}'; " +
             kWaitForInterrupt);
  const auto started = counter->Start();
  ASSERT_TRUE(started.ok()) << started.error().message;
  const auto joules = counter->Stop(2);
  ASSERT_TRUE(joules.ok()) << joules.error().message;
  EXPECT_DOUBLE_EQ(*joules, 4.5);
}

// The first sample is of the time before the run.
TEST(MonitorCounter, AveragesSamplesOfPower) {
  const auto counter = Script(
      "trap 'echo \"{\\\"watts\\\": 1.5}\"; echo \"{\\\"watts\\\": 2}\"; exit 0' INT; "
      "printf '{\"watts\": 90}\\n{\"watts\": 1}\\n'; " +
      kWaitForInterrupt);
  ASSERT_TRUE(counter->Start().ok());
  EXPECT_DOUBLE_EQ(counter->Stop(4).value(), 6);
}

TEST(MonitorCounter, CanBeStartedAgain) {
  const auto counter =
      Script("trap 'echo \"{\\\"joules\\\": 2}\"; exit 0' INT; echo '{\"joules\": 0}'; " + kWaitForInterrupt);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(counter->Start().ok());
    EXPECT_DOUBLE_EQ(counter->Stop(1).value(), 2);
  }
}

TEST(MonitorCounter, SaysThatThereIsNoSuchProgram) {
  const auto started = NewMonitorCounter({"no-such-monitor"})->Start();
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().code, ErrorCode::kNotFound);
}

TEST(MonitorCounter, SaysThatItKeepsSilent) {
  const auto silent = Script(kWaitForInterrupt, {.ready_seconds = 0.05})->Start();
  ASSERT_FALSE(silent.ok());
  EXPECT_THAT(silent.error().message, HasSubstr("printed no line like"));
  EXPECT_FALSE(Script("echo warming up; exit 3")->Start().ok());
}

TEST(MonitorCounter, RefusesWattsAndJoulesInTurn) {
  const auto counter =
      Script("trap 'echo \"{\\\"joules\\\": 7.5}\"; exit 0' INT; echo '{\"watts\": 3}'; " + kWaitForInterrupt);
  ASSERT_TRUE(counter->Start().ok());
  const auto joules = counter->Stop(2);
  ASSERT_FALSE(joules.ok());
  EXPECT_THAT(joules.error().message, HasSubstr("lines with watts and others with joules"));
}

TEST(MonitorCounter, SaysThatItMeasuredNothing) {
  const auto counter = Script("echo '{\"joules\": 3}'");
  ASSERT_TRUE(counter->Start().ok());
  const auto joules = counter->Stop(1);
  ASSERT_FALSE(joules.ok());
  EXPECT_THAT(joules.error().message, HasSubstr("no measurement during the run"));
}

TEST(MonitorCounter, KillsOneThatDoesNotEnd) {
  const auto counter = Script("trap '' INT; echo '{\"joules\": 3}'; " + kWaitForInterrupt, {.end_seconds = 0.05});
  ASSERT_TRUE(counter->Start().ok());
  const auto joules = counter->Stop(1);
  ASSERT_FALSE(joules.ok());
  EXPECT_THAT(joules.error().message, HasSubstr("did not end after SIGINT"));
}

}  // namespace
}  // namespace photinus::energy
