#include "worker/energy/counter_meter.h"

#include <sched.h>

#include <cmath>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/base/machine_lock.h"
#include "worker/energy/meters.h"

namespace photinus::energy {
namespace {

using ::testing::HasSubstr;

// Counts half a joule per run, or what it is told.
class FakeCounter : public EnergyCounter {
 public:
  explicit FakeCounter(double joules, int* stops = nullptr) : joules_(joules), stops_(stops) {}
  Result<void> Start() override { return {}; }
  Result<double> Stop(double) override {
    if (stops_ != nullptr) ++*stops_;
    return joules_;
  }

 private:
  const double joules_;
  int* const stops_;
};

// How many the calling thread may use.
int CoreCount() {
  cpu_set_t cores;
  ::sched_getaffinity(0, sizeof(cores), &cores);
  return CPU_COUNT(&cores);
}

constexpr CounterMeterOptions kOneInference{.warmup_seconds = 0, .seconds = 0};

TEST(CounterMeter, DividesByTheInferences) {
  CounterMeter meter(std::make_unique<FakeCounter>(0.5), kOneInference);
  int inferences = 0;
  const graph::Graph graph;
  const auto cost = meter.Measure({.graph = graph, .infer = [&]() -> Result<void> {
                                     ++inferences;
                                     return {};
                                   }});
  ASSERT_TRUE(cost.ok()) << cost.error().message;
  EXPECT_EQ(inferences, 2);  // one to warm up, one under the counter
  EXPECT_DOUBLE_EQ(cost->energy_mj, 500);
  EXPECT_GE(cost->latency_ms, 0);
}

// A power monitor's program, which a counter starts, must not take time of the core that it measures.
TEST(CounterMeter, PinsTheInferencesAndNotTheCounter) {
  class CoresCounter : public EnergyCounter {
   public:
    explicit CoresCounter(int& cores) : cores_(cores) {}
    Result<void> Start() override {
      cores_ = CoreCount();
      return {};
    }
    Result<double> Stop(double) override { return 1.0; }

   private:
    int& cores_;
  };
  int counter_cores = 0;
  CounterMeter meter(std::make_unique<CoresCounter>(counter_cores), kOneInference);
  const graph::Graph graph;
  const int cores = CoreCount();
  const auto cost = meter.Measure({.graph = graph, .infer = []() -> Result<void> {
                                     EXPECT_EQ(CoreCount(), 1);
                                     return {};
                                   }});
  ASSERT_TRUE(cost.ok()) << cost.error().message;
  EXPECT_EQ(counter_cores, cores);
  EXPECT_EQ(CoreCount(), cores);
}

TEST(CounterMeter, WaitsForOtherProcessesThatMeasureAndGivesUp) {
  const auto lock = MachineLock::Acquire("latency", 60);
  ASSERT_TRUE(lock.ok());
  CounterMeter meter(std::make_unique<FakeCounter>(1), {.warmup_seconds = 0, .seconds = 0, .lock_seconds = 0});
  const graph::Graph graph;
  const auto cost = meter.Measure({.graph = graph, .infer = []() -> Result<void> {
                                     ADD_FAILURE() << "ran beside another measurement";
                                     return {};
                                   }});
  ASSERT_FALSE(cost.ok());
  EXPECT_EQ(cost.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(cost.error().message, HasSubstr("another process has kept"));
}

TEST(CounterMeter, StopsTheCounterWhenAnInferenceFails) {
  int stops = 0, inferences = 0;
  CounterMeter meter(std::make_unique<FakeCounter>(0.5, &stops), kOneInference);
  const graph::Graph graph;
  const auto cost = meter.Measure({.graph = graph, .infer = [&]() -> Result<void> {
                                     if (++inferences > 1) return Internal("broken");
                                     return {};
                                   }});
  ASSERT_FALSE(cost.ok());
  EXPECT_EQ(cost.error().message, "broken");
  EXPECT_EQ(stops, 1);
}

TEST(CounterMeter, RefusesARunThatTheCounterMissed) {
  CounterMeter meter(std::make_unique<FakeCounter>(0), kOneInference);
  const graph::Graph graph;
  const auto cost = meter.Measure({.graph = graph, .infer = [] { return Result<void>(); }});
  ASSERT_FALSE(cost.ok());
  EXPECT_THAT(cost.error().message, HasSubstr("measure for longer"));
}

TEST(CounterMeter, RefusesANetworkThatCannotRunHere) {
  CounterMeter meter(std::make_unique<FakeCounter>(1), kOneInference);
  const graph::Graph graph;
  EXPECT_EQ(meter.Measure({.graph = graph}).error().code, ErrorCode::kInvalidArgument);
}

TEST(NewMeter, KnowsProfilesAndMonitors) {
  EXPECT_TRUE(NewMeter({.name = "earbud"}).ok());
  EXPECT_TRUE(NewMeter({.name = "monitor", .monitor = {"monsoon"}}).ok());
  EXPECT_FALSE(RunsInferences("watch"));
  EXPECT_TRUE(RunsInferences("rapl"));
}

TEST(NewMeter, RefusesWhatItDoesNotKnow) {
  for (const char* name : {"toaster", "nvml:", "nvml:x", "nvml:-1", ""}) {
    const auto meter = NewMeter({.name = name});
    ASSERT_FALSE(meter.ok()) << name;
    EXPECT_EQ(meter.error().code, ErrorCode::kNotFound) << name;
    EXPECT_THAT(meter.error().message, HasSubstr("phone, watch, earbud, rapl, monitor")) << name;
  }
  for (const double seconds : {-1.0, std::nan(""), double{INFINITY}}) {
    const auto meter = NewMeter({.name = "phone", .run = {.seconds = seconds}});
    ASSERT_FALSE(meter.ok()) << seconds;
    EXPECT_EQ(meter.error().code, ErrorCode::kInvalidArgument) << seconds;
  }
  EXPECT_EQ(NewMeter({.name = "monitor"}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(NewMeter({.name = "phone", .monitor = {"monsoon"}}).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace photinus::energy
