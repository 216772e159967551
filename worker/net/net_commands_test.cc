#include "worker/net/net_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "worker/base/file.h"
#include "worker/graph/architecture_json.h"
#include "worker/graph/baselines.h"
#include "worker/graph/counters.h"
#include "worker/net/export_command.h"
#include "worker/net/npy.h"
#include "worker/net/profile_command.h"
#include "worker/net/run_command.h"
#include "worker/net/sample_command.h"
#include "worker/net/statistics_command.h"
#include "worker/tflite/interpreter.h"
#include "worker/tflite/random_model.h"
#include "worker/tflite/writer.h"

namespace photinus::net {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class NetTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "net_commands_XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  void Write(const std::string& name, const std::string& content) const {
    ASSERT_TRUE(WriteFile(Path(name), content).ok());
  }
  std::string Read(const std::string& name) const { return ReadFile(Path(name)).value(); }

  // A sampled architecture and the .tflite of it with random weights.
  graph::QuantizedModel WriteNetwork(int seed) const {
    std::ostringstream json;
    EXPECT_TRUE(RunSample("keywords-small", seed, Path("net.json"), json).ok());
    const graph::Graph graph = graph::BuildGraph(graph::ParseArchitecture(Read("net.json")).value()).value();
    graph::QuantizedModel model = tflite::RandomModel(graph, seed);
    const std::vector<std::uint8_t> file = tflite::WriteTflite(model).value();
    Write("net.tflite", {file.begin(), file.end()});
    return model;
  }

 private:
  std::string folder_;
};

TEST_F(NetTest, SampleWritesAnArchitectureByItsSeed) {
  std::ostringstream first, second, other;
  ASSERT_TRUE(RunSample("keywords-small", 7, "", first).ok());
  ASSERT_TRUE(RunSample("keywords-small", 7, Path("net.json"), second).ok());
  ASSERT_TRUE(RunSample("keywords-small", 8, "", other).ok());
  EXPECT_EQ(first.str(), Read("net.json"));
  EXPECT_EQ(second.str(), "");
  EXPECT_NE(first.str(), other.str());
  EXPECT_TRUE(graph::BuildGraph(graph::ParseArchitecture(first.str()).value()).ok());
}

TEST_F(NetTest, SampleListsTheKnownSpaces) {
  std::ostringstream out;
  const Result<void> result = RunSample("keywords", 1, "", out);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(result.error().message,
              HasSubstr("known: energy-audio-1d, energy-audio-2d, energy-audio-49, keywords-small"));
  EXPECT_EQ(RunSample("keywords-small", 1, Path("no/such/folder/net.json"), out).error().code,
            ErrorCode::kInvalidArgument);
}

TEST_F(NetTest, ProfileAgreesWithTheCountersAndTheFile) {
  const graph::QuantizedModel model = WriteNetwork(4);
  std::ostringstream out;
  ASSERT_TRUE(RunProfile(Path("net.json"), false, true, out).ok());
  const nlohmann::json profile = nlohmann::json::parse(out.str());
  EXPECT_EQ(profile["params"], graph::Params(model.graph));
  EXPECT_EQ(profile["flops"], graph::Flops(model.graph));
  EXPECT_EQ(profile["macs"], graph::Macs(model.graph));
  EXPECT_EQ(profile["size_bytes"], Read("net.tflite").size());
  EXPECT_EQ(profile["layers"].size(), model.graph.ops.size());
  std::int64_t macs = 0;
  for (const auto& layer : profile["layers"]) macs += layer["macs"].get<std::int64_t>();
  EXPECT_EQ(macs, graph::Macs(model.graph));
}

TEST_F(NetTest, ProfilePrintsATableOfABaseline) {
  std::ostringstream out;
  ASSERT_TRUE(RunProfile("mobilenet_v1", false, false, out).ok());
  EXPECT_THAT(out.str(), StartsWith("layer"));
  EXPECT_THAT(out.str(), HasSubstr("339617"));  // kFLOP, as published
}

TEST_F(NetTest, ProfileMeasuresTheLatency) {
  WriteNetwork(4);
  std::ostringstream out, table;
  ASSERT_TRUE(RunProfile(Path("net.json"), true, true, out).ok());
  const nlohmann::json latency = nlohmann::json::parse(out.str())["latency"];
  EXPECT_GT(latency["median_ms"], 0);
  EXPECT_LE(latency["median_ms"], latency["p90_ms"]);
  EXPECT_GT(latency["runs"], 0);
  EXPECT_LE(latency["runs"], 300) << "fewer on a machine that is too busy";
  EXPECT_EQ(latency["runner"], "xnnpack");
  ASSERT_TRUE(RunProfile(Path("net.json"), true, false, table).ok());
  EXPECT_THAT(table.str(), HasSubstr("latency_ms "));
}

TEST_F(NetTest, ProfileCountsByEveryConvention) {
  std::ostringstream out;
  ASSERT_TRUE(RunProfile("tc_resnet8_1.0", false, true, out).ok());
  const nlohmann::json profile = nlohmann::json::parse(out.str());
  const graph::Graph graph = graph::BuildGraph(graph::Baseline("tc_resnet8_1.0").value()).value();
  EXPECT_EQ(profile["trainable_params"], graph::TrainableParams(graph));
  EXPECT_EQ(profile["keras_qat_params"], graph::KerasQatParams(graph));
  EXPECT_EQ(profile["size_law_bytes"], graph::TfliteSizeLaw(graph));
  EXPECT_EQ(profile["fp_ops"], graph::FpOps(graph, graph::FpOpsRule::kTable));
  EXPECT_EQ(profile["bytes_moved"], graph::BytesMoved(graph, graph::Pointwise::kFused));
  EXPECT_EQ(profile["layers"][2]["name"], "block1.conv1");
  EXPECT_EQ(profile["layers"][2]["window"], "9x1/2x1");
  EXPECT_TRUE(profile["layers"][0]["window"].is_null());
}

TEST_F(NetTest, ProfileTakesABaselineOnAnotherInput) {
  Write("net.json", R"({"baseline": "mobilenet_v2", "input": {"height": 49}, "classes": 12})");
  std::ostringstream out;
  ASSERT_TRUE(RunProfile(Path("net.json"), false, true, out).ok());
  const nlohmann::json profile = nlohmann::json::parse(out.str());
  EXPECT_EQ(profile["layers"][0]["output"], (std::vector<int>{1, 25, 40, 32}));
  EXPECT_EQ(profile["layers"].back()["output"], (std::vector<int>{1, 12}));
}

TEST_F(NetTest, StatisticsAreThoseOfTheSampledNetworks) {
  std::ostringstream out, table;
  ASSERT_TRUE(RunStatistics({"keywords-small", 40, 3, 40, true}, out).ok());
  const nlohmann::json statistics = nlohmann::json::parse(out.str());
  std::vector<std::int64_t> params;
  int below = 0;
  for (int seed = 3; seed < 43; ++seed) {
    const graph::Graph graph = WriteNetwork(seed).graph;
    params.push_back(graph::Params(graph));
    if (Read("net.tflite").size() <= 40000) ++below;
  }
  std::sort(params.begin(), params.end());
  EXPECT_EQ(statistics["params"]["p25"], params[9]);
  EXPECT_EQ(statistics["params"]["p50"], params[19]);
  EXPECT_EQ(statistics["params"]["p95"], params[37]);
  EXPECT_DOUBLE_EQ(statistics["share_below"], below / 40.0);
  EXPECT_GT(below, 5);
  EXPECT_LT(below, 35);
  ASSERT_TRUE(RunStatistics({"keywords-small", 40, 3, 60.4, false}, table).ok());
  EXPECT_THAT(table.str(), HasSubstr(std::to_string(params[19])));
  EXPECT_THAT(table.str(), HasSubstr("files of at most 60.4 kB"));
  EXPECT_EQ(RunStatistics({"nowhere", 40}, table).error().code, ErrorCode::kNotFound);
}

TEST_F(NetTest, ProfileListsTheBaselinesWhenItFindsNothing) {
  std::ostringstream out;
  const Result<void> result = RunProfile("mobilenet", false, false, out);
  EXPECT_EQ(result.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(result.error().message, HasSubstr("known: mobilenet_v1, mobilenet_v2"));
}

TEST_F(NetTest, ProfileNamesTheFileAndThePlaceOfAFault) {
  Write("net.json", R"({"blocks": [{"type": "conv", "filters": 8}]})");
  std::ostringstream out;
  const Result<void> result = RunProfile(Path("net.json"), false, false, out);
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(result.error().message, HasSubstr(Path("net.json") + ": architecture: blocks[0] has no 'kernel'"));
}

TEST_F(NetTest, RunGivesTheInterpretersOutputs) {
  const graph::QuantizedModel model = WriteNetwork(5);
  const Int8Array input = {{3, 49, 40, 1}, tflite::RandomInput(3 * 49 * 40, 1)};
  ASSERT_TRUE(WriteNpy(Path("in.npy"), input).ok());
  for (const auto rounding : {tflite::Rounding::kXnn, tflite::Rounding::kBuiltin}) {
    const Result<void> result = RunNetwork(Path("net.tflite"), Path("in.npy"), Path("out.npy"), {.rounding = rounding});
    ASSERT_TRUE(result.ok()) << result.error().message;
    const Int8Array output = ReadNpy(Path("out.npy")).value();
    EXPECT_EQ(output.shape, (std::vector<std::int64_t>{3, 12}));
    tflite::Interpreter interpreter = tflite::Interpreter::FromModel(model, rounding).value();
    ASSERT_TRUE(interpreter.Run({input.values.data() + 2 * 49 * 40, 49 * 40}).ok());
    const std::vector<std::int8_t> last(output.values.begin() + 24, output.values.end());
    EXPECT_THAT(last, ::testing::ElementsAreArray(interpreter.Output()));
  }
}

TEST_F(NetTest, RunGivesTheSameByXnnpack) {
  WriteNetwork(5);
  ASSERT_TRUE(WriteNpy(Path("in.npy"), {{5, 49, 40, 1}, tflite::RandomInput(5 * 49 * 40, 1)}).ok());
  ASSERT_TRUE(RunNetwork(Path("net.tflite"), Path("in.npy"), Path("interpreter.npy"), {}).ok());
  for (const int threads : {1, 2}) {
    const RunOptions options = {.xnnpack = true, .threads = threads};
    const Result<void> result = RunNetwork(Path("net.tflite"), Path("in.npy"), Path("xnnpack.npy"), options);
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(Read("xnnpack.npy"), Read("interpreter.npy"));
  }
  const RunOptions builtin = {.xnnpack = true, .rounding = tflite::Rounding::kBuiltin};
  EXPECT_EQ(RunNetwork(Path("net.tflite"), Path("in.npy"), Path("out.npy"), builtin).error().code,
            ErrorCode::kInvalidArgument);
}

TEST_F(NetTest, RunTakesAnEmptyBatch) {
  WriteNetwork(5);
  ASSERT_TRUE(WriteNpy(Path("in.npy"), {{0, 49, 40, 1}, {}}).ok());
  ASSERT_TRUE(RunNetwork(Path("net.tflite"), Path("in.npy"), Path("out.npy"), {}).ok());
  EXPECT_EQ(ReadNpy(Path("out.npy"))->shape, (std::vector<std::int64_t>{0, 12}));
}

TEST_F(NetTest, RunRefusesAnotherShapeAndAnotherFile) {
  WriteNetwork(5);
  const auto run = [&](const std::string& net) {
    return RunNetwork(Path(net), Path("in.npy"), Path("out.npy"), {}).error();
  };
  EXPECT_EQ(run("net.tflite").code, ErrorCode::kNotFound);
  ASSERT_TRUE(WriteNpy(Path("in.npy"), {{49, 40, 1}, tflite::RandomInput(49 * 40, 1)}).ok());
  EXPECT_THAT(run("net.tflite").message, HasSubstr("has shape [49, 40, 1]; "));
  EXPECT_THAT(run("net.tflite").message, HasSubstr("takes [EXAMPLES, 49, 40, 1]"));
  ASSERT_TRUE(WriteNpy(Path("in.npy"), {{2, 49, 40}, tflite::RandomInput(2 * 49 * 40, 1)}).ok());
  EXPECT_THAT(run("net.tflite").message, HasSubstr("has shape [2, 49, 40]; "));
  EXPECT_THAT(run("net.tflite").message, HasSubstr("takes [EXAMPLES, 49, 40, 1]"));
  EXPECT_EQ(run("net.json").code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(run("net.json").message, HasSubstr("net.json: not a usable .tflite file"));
  EXPECT_EQ(run("missing.tflite").code, ErrorCode::kNotFound);
}

TEST_F(NetTest, ExportHandsTheWorkToTheTrialProgram) {
  WriteNetwork(6);
  Write("trial", "#!/bin/sh\nprintf '%s ' \"$@\" > \"$7\"\n");
  ASSERT_EQ(::chmod(Path("trial").c_str(), 0755), 0);
  ASSERT_TRUE(RunExport(Path("net.json"), 9, Path("out.tflite"), Path("trial")).ok());
  EXPECT_EQ(Read("out.tflite"), "export --net " + Path("net.json") + " --seed 9 --out " + Path("out.tflite") + " ");
}

TEST_F(NetTest, ExportReportsHowTheTrialProgramFailed) {
  WriteNetwork(6);
  const auto run = [&](const std::string& net, const std::string& program) {
    return RunExport(Path(net), 9, Path("out.tflite"), program).error();
  };
  EXPECT_EQ(run("missing.json", "/bin/true").code, ErrorCode::kNotFound);
  EXPECT_EQ(run("net.tflite", "/bin/true").code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(run("net.json", Path("no-program")).code, ErrorCode::kNotFound);
  EXPECT_THAT(run("net.json", "/bin/false").message, HasSubstr("ended with status 1; its reason stands above"));
}

int ExitCodeOf(const std::vector<std::string>& arguments) {
  CLI::App app;
  AddNetCommands(app);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // CLI11 takes them in reverse
  } catch (const CLI::ParseError& error) {
    std::ostringstream out, err;
    return app.exit(error, out, err);
  }
  return 0;
}

TEST_F(NetTest, VerbsEndWithTheDocumentedExitCodes) {
  EXPECT_EQ(ExitCodeOf({"net", "sample", "keywords-small", "--seed", "3", "-o", Path("net.json")}), 0);
  EXPECT_EQ(ExitCodeOf({"net", "profile", Path("net.json"), "-o", "json"}), 0);
  EXPECT_EQ(ExitCodeOf({"net", "profile", "mobilenet_v2"}), 0);
  EXPECT_EQ(ExitCodeOf({"net", "statistics", "keywords-small", "--networks", "2", "-o", "json"}), 0);
  EXPECT_NE(ExitCodeOf({"net", "statistics", "keywords-small", "--networks", "0"}), 0);
  EXPECT_NE(ExitCodeOf({"net", "sample", "keywords-small", "--seed", "-1"}), 0);
  EXPECT_EQ(ExitCodeOf({"net", "sample", "keywords-small", "--seed", "18446744073709551615", "-o", Path("last.json")}),
            0);
  for (const char* kilobytes : {"nan", "inf", "-3"}) {
    EXPECT_EQ(ExitCodeOf({"net", "statistics", "keywords-small", "--networks", "2", "--max-kb", kilobytes}), 2);
  }
  EXPECT_EQ(ExitCodeOf({"net", "sample", "unknown"}), 2);
  EXPECT_EQ(ExitCodeOf({"net", "sample", "keywords-small", "-o", Path("no/folder/net.json")}), 2);
  EXPECT_EQ(ExitCodeOf({"net", "profile", Path("missing.json")}), 2);
  EXPECT_EQ(ExitCodeOf({"net", "profile", Path("")}), 2) << "a folder";
  Write("bad.json", "{");
  EXPECT_EQ(ExitCodeOf({"net", "profile", Path("bad.json")}), 2);
  EXPECT_EQ(ExitCodeOf({"net", "run", Path("net.json"), "--input", "a", "--output", "b"}), 2);
  EXPECT_NE(ExitCodeOf({"net", "run", Path("net.json"), "--input", "a", "--output", "b", "--rounding", "up"}), 0);
  EXPECT_NE(ExitCodeOf({"net"}), 0);
}

}  // namespace
}  // namespace photinus::net
