#include "worker/net/worker_options.h"

#include <stdlib.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "worker/base/file.h"
#include "worker/net/energy_commands.h"
#include "worker/net/measure_command.h"
#include "worker/predictor/measurements.h"

namespace photinus::net {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(ResolveEnergySource, LeavesDevicesAsTheyAre) {
  std::string source = "phone";
  EXPECT_EQ(ResolveEnergySource(source), "");
  EXPECT_EQ(source, "phone");
}

TEST(ResolveEnergySource, SaysWhatThereIsInsteadOfWhatIsNeitherDeviceNorModel) {
  std::string source = "toaster";
  EXPECT_THAT(ResolveEnergySource(source), AllOf(HasSubstr("toaster"), HasSubstr("phone, watch, earbud")));
  source = "/dev/null";
  EXPECT_THAT(ResolveEnergySource(source), HasSubstr("/dev/null"));
}

TEST(ResolveMonitor, NeedsAModelThatAMonitorMeasured) {
  std::vector<std::string> argv;
  EXPECT_EQ(ResolveMonitor("phone", "", argv), "") << "nothing is asked for";
  EXPECT_TRUE(argv.empty());
  EXPECT_THAT(ResolveMonitor("", "monsoon", argv), HasSubstr("needs --energy with a model"));
  EXPECT_THAT(ResolveMonitor("phone", "monsoon", argv), HasSubstr("; phone has phone"));
}

class ResolveMonitorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "resolve_monitor_XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    std::string lines = predictor::HeaderLine({.space = "keywords-small", .meter = "monitor", .runner = "xnnpack"});
    for (int i = 0; i < 40; ++i) {
      const spaces::ParameterValues point = DrawPoint("keywords-small", 1, i).value();
      const predictor::Network network = CountNetwork("keywords-small", point).value();
      const double flops = static_cast<double>(network.flops);
      lines += predictor::NetworkLine({.index = i, .network = network, .energy_mj = {flops}, .latency_ms = {1}});
    }
    ASSERT_TRUE(WriteFile(folder_ + "/data", lines).ok());
    std::ostringstream report;
    const predictor::FitOptions options{.trees = 2, .folds = 2, .grid = {{}}};
    const auto fitted = RunEnergyFit(folder_ + "/data", Model(), "", options, report);
    ASSERT_TRUE(fitted.ok()) << fitted.error().message;
    EXPECT_THAT(report.str(), HasSubstr("measured by monitor (inferences by xnnpack)"));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Model() const { return folder_ + "/model"; }

 private:
  std::string folder_;
};

TEST_F(ResolveMonitorTest, MakesProgramAndArgumentsOfACommand) {
  std::vector<std::string> argv;
  EXPECT_EQ(ResolveMonitor(Model(), " /bin/sh  --channel 1", argv), "");
  EXPECT_THAT(argv, ::testing::ElementsAre("/bin/sh", "--channel", "1"));
  EXPECT_EQ(ResolveMonitor(Model(), "monsoon", argv), "") << "looked for in PATH when it is started";
  EXPECT_THAT(ResolveMonitor(Model(), "./no-such-program", argv), HasSubstr("there is no program /"));
}

}  // namespace
}  // namespace photinus::net
