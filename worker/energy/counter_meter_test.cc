#include "worker/energy/counter_meter.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
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
  EXPECT_EQ(NewMeter({.name = "monitor"}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(NewMeter({.name = "phone", .monitor = {"monsoon"}}).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace photinus::energy
