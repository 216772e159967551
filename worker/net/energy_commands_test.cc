#include "worker/net/energy_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "worker/base/file.h"
#include "worker/net/measure_command.h"
#include "worker/predictor/measurements.h"
#include "worker/tflite/random_model.h"
#include "worker/tflite/writer.h"

namespace photinus::net {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class EnergyCommandsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "energy_commands_XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  std::string Read(const std::string& name) const { return ReadFile(Path(name)).value(); }

  MeasureOptions Measure(int count, const std::string& out) const {
    return {.space = "keywords-small", .count = count, .repeats = 3, .repeat_every = 4, .out = Path(out)};
  }

 private:
  std::string folder_;
};

const auto kQuiet = [](int) {};

TEST_F(EnergyCommandsTest, MeasuresNetworksAndSomeOfThemAgain) {
  int last = 0;
  const auto measured = RunMeasure(Measure(9, "data"), [&](int done) { last = done; });
  ASSERT_TRUE(measured.ok()) << measured.error().message;
  EXPECT_EQ(last, 9);
  const auto data = predictor::ReadMeasurements(Path("data"));
  ASSERT_TRUE(data.ok()) << data.error().message;
  ASSERT_EQ(data->networks.size(), 9);
  for (int i = 0; i < 9; ++i) {
    EXPECT_EQ(data->networks[i].index, i);
    EXPECT_EQ(data->networks[i].energy_mj.size(), i % 4 == 0 ? 3 : 1);
    EXPECT_GT(data->networks[i].network.flops, 0);
  }
  EXPECT_NE(data->networks[0].energy_mj[0], data->networks[0].energy_mj[1]);
}

// A killed run leaves half a line; the next one goes on as if nothing had happened.
TEST_F(EnergyCommandsTest, ContinuesWhatWasBegun) {
  ASSERT_TRUE(RunMeasure(Measure(6, "whole"), kQuiet).ok());
  ASSERT_TRUE(RunMeasure(Measure(3, "data"), kQuiet).ok());
  ASSERT_TRUE(WriteFile(Path("data"), Read("data") + "{\"index\": 3, \"par").ok());
  int first = 0;
  ASSERT_TRUE(RunMeasure(Measure(6, "data"), [&](int done) { first = first == 0 ? done : first; }).ok());
  EXPECT_EQ(first, 4);
  EXPECT_EQ(Read("data"), Read("whole"));
}

TEST_F(EnergyCommandsTest, DoesNotMixMeasurements) {
  ASSERT_TRUE(RunMeasure(Measure(2, "data"), kQuiet).ok());
  MeasureOptions other = Measure(4, "data");
  other.seed = 2;
  const auto mixed = RunMeasure(other, kQuiet);
  ASSERT_FALSE(mixed.ok());
  EXPECT_EQ(mixed.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(mixed.error().message, HasSubstr("was begun otherwise"));
}

TEST_F(EnergyCommandsTest, DoesNotOverwriteWhatItDidNotWrite) {
  for (const char* content : {"a note of one line", "a note\nof two\n"}) {
    ASSERT_TRUE(WriteFile(Path("note"), content).ok());
    const auto measured = RunMeasure(Measure(1, "note"), kQuiet);
    ASSERT_FALSE(measured.ok());
    EXPECT_EQ(measured.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(Read("note"), content);
  }
  ASSERT_TRUE(WriteFile(Path("note"), "a note").ok());
  EXPECT_THAT(RunMeasure(Measure(1, "note"), kQuiet).error().message, HasSubstr("holds something else; name another"));
  ASSERT_TRUE(WriteFile(Path("empty"), "").ok());
  EXPECT_TRUE(RunMeasure(Measure(1, "empty"), kQuiet).ok());
}

// Of a pipe to itself it would wait for ever.
TEST_F(EnergyCommandsTest, DoesNotGoOnWithAPipe) {
  ASSERT_EQ(::mkfifo(Path("pipe").c_str(), 0600), 0);
  const auto measured = RunMeasure(Measure(1, "pipe"), kQuiet);
  ASSERT_FALSE(measured.ok());
  EXPECT_EQ(measured.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(measured.error().message, HasSubstr("is no regular file"));
}

TEST_F(EnergyCommandsTest, OneProcessAtATimeMeasuresIntoAFile) {
  const auto measured = RunMeasure(Measure(3, "data"), [&](int) {  // a lock is an opened file's, also within a process
    const auto second = RunMeasure(Measure(5, "data"), kQuiet);
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
    EXPECT_THAT(second.error().message, HasSubstr("another process measures into " + Path("data")));
  });
  ASSERT_TRUE(measured.ok()) << measured.error().message;
  EXPECT_EQ(predictor::ReadMeasurements(Path("data"))->networks.size(), 3u);
  EXPECT_TRUE(RunMeasure(Measure(5, "data"), kQuiet).ok());
}

TEST_F(EnergyCommandsTest, MeasureRefusesWhatDoesNotExist) {
  MeasureOptions options = Measure(1, "data");
  options.space = "nowhere";
  EXPECT_THAT(RunMeasure(options, kQuiet).error().message, HasSubstr("known: energy-audio-1d"));
  options = Measure(1, "data");
  options.meter.name = "toaster";
  EXPECT_EQ(RunMeasure(options, kQuiet).error().code, ErrorCode::kNotFound);
  options = Measure(0, "data");
  EXPECT_EQ(RunMeasure(options, kQuiet).error().code, ErrorCode::kInvalidArgument);
  options = Measure(1, "no/such/folder/data");
  EXPECT_EQ(RunMeasure(options, kQuiet).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(EnergyCommandsTest, MeasureRefusesAMeterOfAGpuThatWouldIdle) {
  for (const char* name : {"nvml", "nvml:1"}) {
    MeasureOptions options = Measure(1, "data");
    options.meter.name = name;
    const auto measured = RunMeasure(options, kQuiet);
    ASSERT_FALSE(measured.ok()) << name;
    EXPECT_EQ(measured.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(measured.error().message, HasSubstr("run on the processor and leave it idle; use one of: phone"));
  }
}

// Inferences run here, under the program of a power monitor.
TEST_F(EnergyCommandsTest, MeasuresInferencesOnThisMachine) {
  MeasureOptions options = Measure(1, "data");
  options.repeats = 1;
  options.meter = {.name = "monitor",
                   .monitor = {"/bin/sh", "-c",
                               "trap 'echo \"{\\\"joules\\\": 3}\"; exit 0' INT; echo '{\"joules\": 1}'; "
                               "while :; do sleep 0.01; done"},
                   .run = {.warmup_seconds = 0, .seconds = 0}};
  const auto measured = RunMeasure(options, kQuiet);
  ASSERT_TRUE(measured.ok()) << measured.error().message;
  const auto data = predictor::ReadMeasurements(Path("data"));
  EXPECT_DOUBLE_EQ(data->networks[0].energy_mj[0], 2000);  // one inference took all
  EXPECT_GT(data->networks[0].latency_ms[0], 0);
  EXPECT_EQ(data->header.runner, "xnnpack");
}

TEST_F(EnergyCommandsTest, DoesNotMixMeasurementsOfTwoRunnersOrDurations) {
  MeasureOptions options = Measure(1, "data");
  options.repeats = 1;
  options.meter = {.name = "monitor", .monitor = {"/bin/false"}, .run = {.seconds = 0.5}};
  const predictor::MeasurementsHeader header = {.space = "keywords-small",
                                                .seed = 1,
                                                .meter = "monitor",
                                                .runner = "interpreter",
                                                .seconds = 0.5,
                                                .repeats = 1,
                                                .repeat_every = 4};
  ASSERT_TRUE(WriteFile(Path("data"), predictor::HeaderLine(header)).ok());
  EXPECT_THAT(RunMeasure(options, kQuiet).error().message, HasSubstr("was begun otherwise"));
  predictor::MeasurementsHeader same = header;
  same.runner = "xnnpack";
  ASSERT_TRUE(WriteFile(Path("data"), predictor::HeaderLine(same)).ok());
  EXPECT_THAT(RunMeasure(options, kQuiet).error().message, HasSubstr("/bin/false")) << "it began to measure";
  options.meter.run.seconds = 1;
  EXPECT_THAT(RunMeasure(options, kQuiet).error().message, HasSubstr("was begun otherwise"));
}

TEST_F(EnergyCommandsTest, MeasuresOneNetworkByItsName) {
  std::ostringstream stream;
  const auto measured = RunMeasureNetwork({.net = "tc_resnet8_1.0", .repeats = 3, .meter = {.name = "watch"}}, stream);
  ASSERT_TRUE(measured.ok()) << measured.error().message;
  const json network = json::parse(stream.str());
  EXPECT_EQ(network["name"], "tc_resnet8_1.0");
  EXPECT_EQ(network["meter"], "watch");
  EXPECT_TRUE(network["runner"].is_null());
  ASSERT_EQ(network["measured_mj"].size(), 3u);
  double sum = 0;
  for (const json& energy : network["measured_mj"]) sum += energy.get<double>();
  EXPECT_NEAR(network["energy_mj"], sum / 3, 1e-12);
  EXPECT_GT(network["noise_mj"], 0);
  std::ostringstream profile;
  ASSERT_TRUE(RunEnergyProfile("tc_resnet8_1.0", "watch", true, profile).ok());
  const double expected = json::parse(profile.str())["energy_mj"];
  EXPECT_NEAR(network["energy_mj"], expected, 0.2 * expected);
}

TEST_F(EnergyCommandsTest, MeasuresTheNetworkInATfliteFile) {
  const graph::QuantizedModel model = tflite::RandomModel(tflite::RandomGraph(3), 3);
  const std::vector<std::uint8_t> bytes = tflite::WriteTflite(model).value();
  ASSERT_TRUE(WriteFile(Path("net.tflite"), {reinterpret_cast<const char*>(bytes.data()), bytes.size()}).ok());
  const MeasureNetworkOptions options = {
      .net = Path("net.tflite"),
      .repeats = 1,
      .meter = {.name = "monitor",
                .monitor = {"/bin/sh", "-c",
                            "trap 'echo \"{\\\"joules\\\": 3}\"; exit 0' INT; echo '{\"joules\": 1}'; "
                            "while :; do sleep 0.01; done"},
                .run = {.warmup_seconds = 0, .seconds = 0}}};
  std::ostringstream stream;
  const auto measured = RunMeasureNetwork(options, stream);
  ASSERT_TRUE(measured.ok()) << measured.error().message;
  const json network = json::parse(stream.str());
  EXPECT_EQ(network["energy_mj"], 2000);
  EXPECT_EQ(network["runner"], "xnnpack");
  ASSERT_TRUE(WriteFile(Path("bad.tflite"), "no network").ok());
  const auto refused = RunMeasureNetwork({.net = Path("bad.tflite")}, stream);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("bad.tflite: "));
}

TEST_F(EnergyCommandsTest, TheCommandLineTellsSpacesFromNetworks) {
  const auto exit_code = [](std::vector<const char*> line) {
    line.insert(line.begin(), {"photinus-worker", "measure"});
    CLI::App app("test");
    AddEnergyCommands(app);
    ::testing::internal::CaptureStdout();
    int code = 0;
    try {
      app.parse(static_cast<int>(line.size()), line.data());
    } catch (const CLI::RuntimeError& failure) {
      code = failure.get_exit_code();
    }
    return std::pair(code, ::testing::internal::GetCapturedStdout());
  };
  const auto [code, text] = exit_code({"tc_resnet8_1.0", "--repeats", "2"});
  EXPECT_EQ(code, 0);
  EXPECT_EQ(json::parse(text)["measured_mj"].size(), 2u);
  const std::string once = exit_code({"tc_resnet8_1.0", "--repeats", "1"}).second;
  EXPECT_TRUE(json::parse(once)["noise_mj"].is_null()) << "one measurement tells no noise";
  EXPECT_EQ(exit_code({"tc_resnet8_1.0", "--count", "2"}).first, 2);
  EXPECT_EQ(exit_code({"keywords-small"}).first, 2) << "without -o";
  EXPECT_EQ(exit_code({"no-such-network"}).first, 2);
}

// All that stands after `--` is the monitor's, options included.
TEST_F(EnergyCommandsTest, TheCommandLineNamesAMonitorAndItsArguments) {
  CLI::App app("test");
  AddEnergyCommands(app);
  const std::string out = Path("data");
  const std::string script =
      "test \"$1\" = --channel || exit 1; trap 'echo \"{\\\"joules\\\": 3}\"; exit 0' INT; "
      "echo '{\"joules\": 1}'; while :; do sleep 0.01; done";
  const char* const line[] = {"photinus-worker", "measure", "keywords-small", "--meter", "monitor",  "--count",   "1",
                              "--seconds",       "0",       "--repeats",      "1",       "-o",       out.c_str(), "--",
                              "/bin/sh",         "-c",      script.c_str(),   "sh",      "--channel"};
  EXPECT_NO_THROW(app.parse(std::size(line), line));
  const auto data = predictor::ReadMeasurements(out);
  ASSERT_TRUE(data.ok()) << data.error().message;
  EXPECT_EQ(data->header.meter, "monitor");
  EXPECT_DOUBLE_EQ(data->networks[0].energy_mj[0], 2000);
  const std::string help = app.get_subcommand("measure")->help();
  EXPECT_THAT(help, HasSubstr("-- /opt/monitor --channel 1"));
}

// A stop ends the monitor as the end of a run does, and what was measured before stays.
TEST_F(EnergyCommandsTest, MeasureStopsWhenTold) {
  MeasureOptions options = Measure(3, "data");
  options.repeats = 1;
  options.meter = {.name = "monitor",
                   .monitor = {"/bin/sh", "-c",
                               "trap 'echo ended >>" + Path("ended") + "; echo \"{\\\"joules\\\": 3}\"; exit 0' INT; " +
                                   "echo '{\"joules\": 1}'; while :; do sleep 0.01; done"},
                   .run = {.warmup_seconds = 0, .seconds = 0}};
  int asked = 0;
  options.stop = [&asked] { return ++asked == 6; };  // thrice for each network: in the run of the second
  const auto measured = RunMeasure(options, kQuiet);
  ASSERT_FALSE(measured.ok());
  EXPECT_EQ(measured.error().message, "stopped");
  EXPECT_EQ(predictor::ReadMeasurements(Path("data"))->networks.size(), 1u);
  EXPECT_EQ(Read("ended"), "ended\nended\n");
}

TEST_F(EnergyCommandsTest, FitsAModelThatPredicts) {
  ASSERT_TRUE(RunMeasure(Measure(300, "data"), kQuiet).ok());
  std::ostringstream report, prediction;
  const predictor::FitOptions options{.trees = 20, .folds = 3, .grid = {{.max_depth = 8}}};
  const auto fitted = RunEnergyFit(Path("data"), Path("model"), Path("report"), options, report);
  ASSERT_TRUE(fitted.ok()) << fitted.error().message;
  EXPECT_THAT(report.str(), HasSubstr("| random forest |"));
  EXPECT_EQ(Read("report/report.md"), report.str());
  for (const char* plot : {"parity.svg", "flops.svg", "latency.svg"}) {
    EXPECT_THAT(Read(std::string("report/") + plot), HasSubstr("<circle"));
  }
  ASSERT_TRUE(RunEnergyPredict(Path("model"), "", 1, prediction).ok());
  const auto data = predictor::ReadMeasurements(Path("data"));
  const double measured_mj = data->networks[0].MeanEnergy();  // of the network that the seed draws first
  EXPECT_NEAR(json::parse(prediction.str())["energy_mj"], measured_mj, 0.25 * measured_mj);
}

TEST_F(EnergyCommandsTest, PredictsATrialsParameters) {
  ASSERT_TRUE(RunMeasure(Measure(120, "data"), kQuiet).ok());
  std::ostringstream report, drawn, given;
  const predictor::FitOptions options{.trees = 5, .folds = 2, .grid = {{}}};
  ASSERT_TRUE(RunEnergyFit(Path("data"), Path("model"), "", options, report).ok());
  ASSERT_TRUE(RunEnergyPredict(Path("model"), "", 1, drawn).ok());
  const std::string line = Read("data");
  const std::size_t begin = line.find("\"parameters\":") + 13;
  ASSERT_TRUE(WriteFile(Path("point"), line.substr(begin, line.find('}', begin) - begin + 1)).ok());
  ASSERT_TRUE(RunEnergyPredict(Path("model"), Path("point"), 9, given).ok());
  EXPECT_EQ(drawn.str(), given.str());
  const std::string point = Read("point");
  ASSERT_TRUE(WriteFile(Path("points"), point + "\n\n" + point + "\n").ok());
  std::ostringstream both;
  ASSERT_TRUE(RunEnergyPredict(Path("model"), Path("points"), 9, both).ok());
  EXPECT_EQ(both.str(), drawn.str() + drawn.str());
  ASSERT_TRUE(WriteFile(Path("points"), point + "\n\n[1]\n").ok());
  EXPECT_EQ(RunEnergyPredict(Path("model"), Path("points"), 9, both).error().message.rfind(Path("points") + ":3: ", 0),
            0);
  ASSERT_TRUE(WriteFile(Path("points"), point + "\n{\"stem\": \"turbo\"}\n").ok());
  EXPECT_THAT(RunEnergyPredict(Path("model"), Path("points"), 9, both).error().message,
              StartsWith(Path("points") + ":2: keywords-small: parameter '"));
  ASSERT_TRUE(WriteFile(Path("point"), "[1]").ok());
  EXPECT_EQ(RunEnergyPredict(Path("model"), Path("point"), 9, given).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(EnergyCommandsTest, FitRefusesWhatIsNoNetworkOfTheSpace) {
  ASSERT_TRUE(RunMeasure(Measure(3, "data"), kQuiet).ok());
  const std::string whole = Read("data");
  const auto fault = [&](const std::string& from, const std::string& to) {
    std::string altered = whole;
    const std::size_t begin = whole.find(from, whole.find("\"index\":1"));
    altered.replace(begin == std::string::npos ? whole.find(from) : begin, from.size(), to);
    EXPECT_TRUE(WriteFile(Path("altered"), altered).ok());
    std::ostringstream report;
    const auto fitted = RunEnergyFit(Path("altered"), Path("model"), "", {}, report);
    EXPECT_FALSE(fitted.ok());
    EXPECT_EQ(fitted.error().code, ErrorCode::kInvalidArgument);
    return fitted.error().message;
  };
  const std::string line = Path("altered") + ":3: ";
  EXPECT_THAT(fault("\"flops\":", "\"flops\":1"), AllOf(StartsWith(line + "a network with these parameters has "),
                                                        HasSubstr(" bytes, not 1"), HasSubstr("; measure again")));
  EXPECT_EQ(fault("\"parameters\":{", "\"parameters\":{\"extra\":3,"),
            line + "the space keywords-small has no parameter 'extra'");
  EXPECT_THAT(fault("\"stem\":\"", "\"stem\":\"x"),
              StartsWith(line + "keywords-small: parameter 'stem' must be one of "));
  EXPECT_EQ(fault("\"space\":\"keywords-small\"", "\"space\":\"nowhere\""),
            Path("altered") +
                ":1: no space is named 'nowhere'; known: energy-audio-1d, energy-audio-2d, "
                "energy-audio-49, keywords-small");
  EXPECT_THAT(fault("\"space\":\"keywords-small\"", "\"space\":\"energy-audio-1d\""),
              StartsWith(Path("altered") + ":2: "));
}

TEST_F(EnergyCommandsTest, ProfilesEachLayer) {
  std::ostringstream text, as_json;
  ASSERT_TRUE(RunEnergyProfile("tc_resnet8_1.0", "watch", false, text).ok());
  EXPECT_THAT(text.str(), HasSubstr("total"));
  ASSERT_TRUE(RunEnergyProfile("tc_resnet8_1.0", "watch", true, as_json).ok());
  const json profile = json::parse(as_json.str());
  double sum = 0;
  for (const auto& layer : profile["layers"]) sum += layer["energy_mj"].get<double>();
  EXPECT_NEAR(sum, profile["energy_mj"].get<double>(), 1e-9);
  EXPECT_EQ(RunEnergyProfile("tc_resnet8_1.0", "toaster", false, text).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace photinus::net
