#include "worker/trial/measured_energy.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/tflite/random_model.h"
#include "worker/trial/monitor_fixture.h"
#include "worker/xnnpack/inference.h"

namespace photinus::trial {
namespace {

using ::testing::HasSubstr;

// Before it looks for a driver: a GPU that is there would idle.
TEST(MeasureEnergy, RefusesAMeterThatDoesNotSeeTheProcessor) {
  const auto measured = MeasureEnergy({.name = "nvml"}, "xnnpack", graph::Graph(), graph::QuantizedModel(), /*seed=*/1);
  ASSERT_FALSE(measured.ok());
  EXPECT_EQ(measured.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(measured.error().message, HasSubstr("leave it idle; use one of"));
}

TEST(MeasureEnergy, MeasuresTheRunnerThatTheModelWasFittedTo) {
  const graph::QuantizedModel model = tflite::RandomModel(tflite::RandomGraph(3), 3);
  const std::string runner = xnnpack::Inference::Of(model)->runner();
  const auto measured = MeasureEnergy(kTwoJoules, runner, model.graph, model, /*seed=*/1);
  ASSERT_TRUE(measured.ok()) << measured.error().message;
  EXPECT_DOUBLE_EQ(*measured, 2000);
}

TEST(MeasureEnergy, DoesNotMixRunners) {
  const graph::QuantizedModel model = tflite::RandomModel(tflite::RandomGraph(3), 3);
  const std::string here = xnnpack::Inference::Of(model)->runner();
  for (const std::string runner : {"", "another"}) {
    const auto measured = MeasureEnergy(kTwoJoules, runner, model.graph, model, /*seed=*/1);
    ASSERT_FALSE(measured.ok()) << runner;
    EXPECT_EQ(measured.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(measured.error().message,
                HasSubstr("run on the " + here + " here, those that the model was fitted to"));
  }
}

}  // namespace
}  // namespace photinus::trial
