#include "worker/trial/energy_command.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/trial/monitor_fixture.h"

namespace photinus::trial {
namespace {

using ::testing::HasSubstr;

const auto kNever = [] { return false; };

TEST(EnergyCommand, MeasuresBatchesOfFloatsPerExample) {
  std::ostringstream stream;
  const auto measured = RunEnergyCommand(
      {.net = "tc_resnet8_1.0", .device = "cpu", .batch = 4, .repeats = 2, .meter = kTwoJoules}, kNever, stream);
  ASSERT_TRUE(measured.ok()) << measured.error().message;
  const nlohmann::json json = nlohmann::json::parse(stream.str());
  EXPECT_EQ(json["name"], "tc_resnet8_1.0");
  EXPECT_EQ(json["batch"], 4);
  EXPECT_EQ(json["energy_mj"], 500);
  EXPECT_EQ(json["measured_mj"], nlohmann::json({500, 500}));
  EXPECT_GT(json["latency_ms"], 0);
}

TEST(EnergyCommand, StopsBetweenBatches) {
  std::ostringstream stream;
  const auto measured = RunEnergyCommand(
      {.net = "tc_resnet8_1.0", .device = "cpu", .meter = kTwoJoules}, [] { return true; }, stream);
  ASSERT_FALSE(measured.ok());
  EXPECT_EQ(measured.error().message, "stopped");
  EXPECT_EQ(stream.str(), "");
}

struct RefusedCase {
  const char* name;
  EnergyCommand command;
  ErrorCode code;
  const char* message;
};

class EnergyCommandRefuses : public ::testing::TestWithParam<RefusedCase> {};

TEST_P(EnergyCommandRefuses, AndSaysWhy) {
  std::ostringstream stream;
  const auto measured = RunEnergyCommand(GetParam().command, kNever, stream);
  ASSERT_FALSE(measured.ok());
  EXPECT_EQ(measured.error().code, GetParam().code);
  EXPECT_THAT(measured.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Table, EnergyCommandRefuses,
    ::testing::Values(RefusedCase{"NvmlOfTheProcessor",
                                  {.net = "mobilenet_v1", .device = "cpu"},
                                  ErrorCode::kInvalidArgument,
                                  "counts the energy of a GPU"},
                      RefusedCase{"RaplOfAGpu",
                                  {.net = "mobilenet_v1", .meter = {.name = "rapl"}},
                                  ErrorCode::kInvalidArgument,
                                  "'rapl' does not see a GPU; use one of: nvml, nvml:N, monitor"},
                      RefusedCase{"ADeviceThatIsSimulated",
                                  {.net = "mobilenet_v1", .meter = {.name = "phone"}},
                                  ErrorCode::kInvalidArgument,
                                  "'phone' does not see a GPU"},
                      RefusedCase{"ASimulatedDeviceForTheProcessor",
                                  {.net = "mobilenet_v1", .device = "cpu", .meter = {.name = "phone"}},
                                  ErrorCode::kInvalidArgument,
                                  "use rapl or monitor"},
                      RefusedCase{"NoNetwork",
                                  {.net = "toaster", .device = "cpu", .meter = kTwoJoules},
                                  ErrorCode::kInvalidArgument,
                                  "toaster"},
                      RefusedCase{"NoBatch",
                                  {.net = "mobilenet_v1", .device = "cpu", .batch = 0, .meter = kTwoJoules},
                                  ErrorCode::kInvalidArgument,
                                  "--batch and --repeats"},
                      RefusedCase{"NoSuchGpu",
                                  {.net = "tc_resnet8_1.0", .device = "cuda:99", .meter = kTwoJoules},
                                  ErrorCode::kUnavailable,
                                  "device cuda:99"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace photinus::trial
