#include "worker/xnnpack/model_latency.h"

#include <nlohmann/json.hpp>

#include "gtest/gtest.h"
#include "worker/graph/graph_builder.h"
#include "worker/tflite/random_model.h"

namespace photinus::xnnpack {
namespace {

// A convolution 3x3 on a map of 40 x 40.
graph::QuantizedModel Convolution(int filters) {
  graph::GraphBuilder builder("conv", {1, 40, 40, 16});
  const int output = builder.Conv("conv", 0, filters, {3, 3}, graph::Activation::kRelu);
  return tflite::RandomModel(graph::WithoutBatchNorm(builder.Build(output).value()), 1);
}

constexpr energy::LatencyOptions kShort{.warmup = {.runs = 5}, .runs = {.runs = 40}};

TEST(MeasureModelLatency, GrowsWithTheNetwork) {
  const auto small = MeasureModelLatency(Convolution(8), kShort), large = MeasureModelLatency(Convolution(64), kShort);
  ASSERT_TRUE(small.ok() && large.ok());
  EXPECT_GT(large->latency.min_ms, 2 * small->latency.min_ms);
  EXPECT_EQ(small->runner, "xnnpack");
}

TEST(MeasureModelLatency, TellsHowItWasMeasured) {
  const nlohmann::json json = ToJson({{.median_ms = 0.5, .p90_ms = 0.75, .runs = 300, .core = 3}, "interpreter"});
  EXPECT_EQ(json["median_ms"], 0.5);
  EXPECT_EQ(json["p90_ms"], 0.75);
  EXPECT_EQ(json["runs"], 300);
  EXPECT_EQ(json["core"], 3);
  EXPECT_EQ(json["runner"], "interpreter");
  EXPECT_EQ(json.size(), 9u);
}

}  // namespace
}  // namespace photinus::xnnpack
