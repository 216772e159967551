#include "worker/energy/latency.h"

#include <sched.h>

#include <chrono>
#include <ctime>
#include <thread>

#include "gtest/gtest.h"

namespace photinus::energy {
namespace {

constexpr LatencyOptions kFew{.warmup = {.runs = 3}, .runs = {.runs = 20}};

double CpuSeconds() {
  timespec now = {};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// Takes so much of the processor.
Result<void> Spin(double seconds) {
  const double end = CpuSeconds() + seconds;
  while (CpuSeconds() < end) {
  }
  return {};
}

TEST(MeasureLatency, WarmsUpThenTimesOnOneCore) {
  int inferences = 0;
  cpu_set_t cores;
  const auto latency = MeasureLatency(
      [&]() -> Result<void> {
        ++inferences;
        ::sched_getaffinity(0, sizeof(cores), &cores);
        return Spin(0.0005);
      },
      kFew);
  ASSERT_TRUE(latency.ok()) << latency.error().message;
  EXPECT_EQ(inferences, 23);
  EXPECT_EQ(latency->runs, 20);
  EXPECT_EQ(CPU_COUNT(&cores), 1);
  EXPECT_TRUE(CPU_ISSET(latency->core, &cores));
  EXPECT_GE(latency->min_ms, 0.5);
  EXPECT_LE(latency->min_ms, latency->p10_ms);
  EXPECT_LE(latency->p10_ms, latency->median_ms);
  EXPECT_LE(latency->median_ms, latency->p90_ms);
  EXPECT_FALSE(latency->processor.empty());
}

// Others wait for the lock, so what is slow gets fewer runs.
TEST(MeasureLatency, EndsWithTheTimeThatItHas) {
  int inferences = 0;
  const auto latency = MeasureLatency(
      [&] {
        ++inferences;
        return Spin(0.01);
      },
      {.warmup = {.runs = 50, .limit_seconds = 0}, .runs = {.runs = 1'000'000, .limit_seconds = 0.05}});
  ASSERT_TRUE(latency.ok()) << latency.error().message;
  EXPECT_GE(latency->runs, 1);
  EXPECT_LE(latency->runs, 6) << "no run begins after 0.05 s";
  EXPECT_EQ(inferences, latency->runs + 1) << "one to warm up";
}

// A few runs that other work on the machine held up do not show.
TEST(MeasureLatency, IsTheMedian) {
  int inferences = 0;
  const auto latency = MeasureLatency([&] { return Spin(++inferences % 4 == 0 ? 0.02 : 0.0001); }, kFew);
  ASSERT_TRUE(latency.ok()) << latency.error().message;
  EXPECT_LT(latency->median_ms, 2) << "the mean is 5";
  EXPECT_GE(latency->p90_ms, 20);
}

TEST(MeasureLatency, LeavesOutWhatTheCoreDoesElse) {
  const auto latency = MeasureLatency(
      [] {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        return Spin(0.0001);
      },
      kFew);
  ASSERT_TRUE(latency.ok()) << latency.error().message;
  EXPECT_GE(latency->min_ms, 0.1);
  EXPECT_LT(latency->median_ms, 4);
}

TEST(MeasureLatency, ReturnsTheInferencesError) {
  const auto latency = MeasureLatency([] { return Result<void>(Internal("broken")); }, kFew);
  ASSERT_FALSE(latency.ok());
  EXPECT_EQ(latency.error().message, "broken");
}

TEST(TimeRuns, ReachesBothLimits) {
  int runs = 0;
  double seconds = 0;
  const auto add = [&](const RunTime& run) {
    ++runs;
    seconds += run.wall;
  };
  EXPECT_TRUE(TimeRuns([] { return Result<void>(); }, {.runs = 7}, add).ok());
  EXPECT_EQ(runs, 7);
  runs = 0, seconds = 0;
  EXPECT_TRUE(TimeRuns([] { return Spin(0.001); }, {.runs = 1, .seconds = 0.005}, add).ok());
  EXPECT_GE(seconds, 0.005);
  EXPECT_LE(runs, 5);
}

}  // namespace
}  // namespace photinus::energy
