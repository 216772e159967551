// Runs the program photinus-trial as the agent does.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "common/spaces/named_spaces.h"
#include "common/spaces/space.h"
#include "worker/base/file.h"
#include "worker/tflite/reader.h"

namespace photinus::trial {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::filesystem::path MakeTempFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "photinus_trial_XXXXXX").string();
  return ::mkdtemp(pattern.data());
}

// What a finished process left behind.
struct Outcome {
  int status = -1;  // exit status; 128 + signal
  std::vector<std::string> lines;
  std::string log;  // stderr

  std::vector<Json> Objects(const std::string& member) const {
    std::vector<Json> objects;
    for (const std::string& line : lines) {
      const Json json = Json::parse(line, nullptr, false);
      if (json.is_object() && json.contains(member)) objects.push_back(json);
    }
    return objects;
  }
};

class TrialProcess : public ::testing::Test {
 protected:
  // The data set is made once, by the first trial.
  static void SetUpTestSuite() { data_dir_ = MakeTempFolder(); }
  static void TearDownTestSuite() { std::filesystem::remove_all(data_dir_); }

  TrialProcess() : work_dir_(MakeTempFolder()) {}
  ~TrialProcess() override { std::filesystem::remove_all(work_dir_); }

  static Json SmallArchitecture() {
    return {{"blocks",
             {{{"type", "temporal"}, {"filters", 16}, {"kernel", 3}, {"stride", 2}},
              {{"type", "conv"}, {"filters", 16}, {"kernel", 3}, {"stride", 2}}}}};
  }

  Json Request() const {
    return {{"trial", "owners/a/studies/s/trials/3"},
            {"attempt", 1},
            {"parameters", {{"lr", 0.01}}},
            {"architecture", SmallArchitecture()},
            {"task", "smoke"},
            {"epochs", 20},
            {"evaluations", 12},
            {"seed", 5},
            {"device", "cpu"},
            {"data_dir", data_dir_.string()},
            {"work_dir", work_dir_.string()}};
  }

  // stop_after: send `signal` once this many lines have come (0: never).
  Outcome Run(const std::string& input, const std::vector<std::string>& arguments = {}, size_t stop_after = 0,
              int signal = SIGTERM) const {
    std::array<int, 2> to_child, from_child;
    EXPECT_EQ(::pipe2(to_child.data(), O_CLOEXEC), 0);
    EXPECT_EQ(::pipe2(from_child.data(), O_CLOEXEC), 0);
    const std::filesystem::path log = work_dir_ / "stderr";
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to_child[0], 0);
    posix_spawn_file_actions_adddup2(&actions, from_child[1], 1);
    posix_spawn_file_actions_addopen(&actions, 2, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    std::vector<std::string> words = {PHOTINUS_TRIAL_PROGRAM};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_t child = 0;
    EXPECT_EQ(::posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    ::close(to_child[0]);
    ::close(from_child[1]);
    EXPECT_EQ(::write(to_child[1], input.data(), input.size()), static_cast<ssize_t>(input.size()));
    ::close(to_child[1]);
    Outcome outcome;
    FILE* output = ::fdopen(from_child[0], "r");
    char* line = nullptr;
    size_t capacity = 0;
    while (::getline(&line, &capacity, output) > 0) {
      outcome.lines.emplace_back(line);
      if (outcome.lines.size() == stop_after) ::kill(child, signal);
    }
    std::free(line);
    std::fclose(output);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    outcome.log = ReadFile(log).value();
    return outcome;
  }

  Json ReadJson(const char* name) const { return Json::parse(ReadFile(work_dir_ / name).value()); }

  static inline std::filesystem::path data_dir_;
  std::filesystem::path work_dir_;
};

TEST_F(TrialProcess, TrainsQuantizesAndReports) {
  const Outcome outcome = Run(Request().dump() + "\n");
  ASSERT_EQ(outcome.status, 0) << outcome.log;
  const std::vector<Json> measurements = outcome.Objects("step");
  ASSERT_EQ(measurements.size(), 13u);
  for (size_t step = 0; step < measurements.size(); ++step) EXPECT_EQ(measurements[step]["step"], step);
  EXPECT_FALSE(measurements[0].contains("accuracy"));
  const std::string tflite = ReadFile(work_dir_ / "model.tflite").value();
  EXPECT_EQ(measurements[0]["memory_kb"].get<double>() * 1000, static_cast<double>(tflite.size()))
      << "the size is known before training";
  EXPECT_TRUE(tflite::ReadTflite({tflite.begin(), tflite.end()}).ok());

  const Json final = outcome.Objects("final").at(0)["final"];
  EXPECT_GT(final["int8_accuracy"], 0.2) << "chance is 0.083";
  EXPECT_EQ(final["memory_kb"], measurements[0]["memory_kb"]);
  EXPECT_EQ(final["params"], measurements[0]["params"]);
  EXPECT_FALSE(final.contains("int8_test_accuracy")) << "no algorithm may see the test split";

  std::vector<std::string> artifacts;
  for (const Json& line : outcome.Objects("artifact")) {
    artifacts.push_back(line["artifact"]);
    EXPECT_EQ(line["path"], (work_dir_ / artifacts.back()).string());
  }
  EXPECT_THAT(artifacts, ::testing::ElementsAre("model.tflite", "profile.json", "curves.json"));
  const Json profile = ReadJson("profile.json");
  EXPECT_EQ(profile["int8_accuracy"], final["int8_accuracy"]);
  EXPECT_EQ(profile["size_bytes"], tflite.size());
  EXPECT_GE(profile["int8_agreement"], 0.98);
  EXPECT_GT(profile["int8_test_accuracy"], 0.1);
  EXPECT_GT(profile["latency"]["runs"], 0);
  EXPECT_LE(profile["latency"]["runs"], 300) << "fewer on a machine that is too busy";
  if (profile["latency"]["runner"] == "xnnpack") {
    EXPECT_EQ(profile["latency"]["median_ms"], final["cpu_latency_ms"]);
  } else {
    EXPECT_FALSE(final.contains("cpu_latency_ms")) << "its libtorch has an XNNPACK of its own";
  }
  int64_t params = 0;
  for (const Json& layer : profile["layers"]) params += layer["params"].get<int64_t>();
  EXPECT_EQ(params, profile["params"]);
  EXPECT_EQ(ReadJson("curves.json")["curve"].size(), 12u);
}

// A point of a named space, by its defaults.
Json DefaultsOf(const char* space) {
  Json parameters = {{"lr", 0.01}};
  for (const auto& [name, value] : spaces::Defaults(*spaces::FindSpace(space))) {
    std::visit([&, &name = name](const auto& v) { parameters[name] = v; }, value);
  }
  return parameters;
}

TEST_F(TrialProcess, BuildsTheNetworkOfAPointOfANamedSpace) {
  Json request = Request();
  request.erase("architecture");
  request["space"] = "keywords-small";
  request["epochs"] = 0.5;
  request["parameters"] = DefaultsOf("keywords-small");
  const Outcome outcome = Run(request.dump() + "\n");
  ASSERT_EQ(outcome.status, 0) << outcome.log;
  EXPECT_EQ(outcome.Objects("final").size(), 1u);
}

TEST_F(TrialProcess, TrainsANetworkOfTheEnergySpaceOnEvents) {
  Json request = Request();
  request.erase("architecture");
  request["space"] = "energy-audio-49";
  request["task"] = "events-smoke";
  request["epochs"] = 2;
  request["parameters"] = DefaultsOf("energy-audio-49");
  const Outcome outcome = Run(request.dump() + "\n");
  ASSERT_EQ(outcome.status, 0) << outcome.log;
  ASSERT_EQ(outcome.Objects("final").size(), 1u);
  EXPECT_GT(outcome.Objects("final")[0]["final"]["int8_accuracy"], 0.3) << "half of the clips are negative";
  const Json profile = ReadJson("profile.json");
  EXPECT_EQ(profile["architecture"]["classes"], 9);
  EXPECT_EQ(profile["validation_clips"], 96);
  const Json curve = ReadJson("curves.json")["curve"];
  EXPECT_LT(curve.back()["train_loss"], curve.front()["train_loss"]);
}

TEST_F(TrialProcess, GivesANetworkTheShapeThatItsInputHas) {
  Json request = Request();
  request["architecture"] = {{"baseline", "tc_resnet8_1.0"}};
  request["task"] = "events-smoke";
  request["features"] = "mfcc";
  request["augmentation"] = {{"time_shift", 10}, {"time_mask", 24}, {"time_masks", 2}, {"noise", 0.8}};
  request["epochs"] = 1;
  const Outcome outcome = Run(request.dump() + "\n");
  ASSERT_EQ(outcome.status, 0) << outcome.log;
  EXPECT_EQ(outcome.Objects("final").size(), 1u);
  EXPECT_EQ(ReadJson("profile.json")["architecture"]["input"]["height"], 196);
  EXPECT_EQ(ReadJson("profile.json")["features"], "mfcc");

  request["architecture"]["input"] = {{"height", 50}};
  EXPECT_THAT(Run(request.dump() + "\n").Objects("infeasible").at(0)["infeasible"].get<std::string>(),
              HasSubstr("no features have 50 frames: a task has those of 49, 98 or 196 frames"));
}

TEST_F(TrialProcess, WaitsForTheBatchesThatItsOneThreadMakes) {
  Json request = Request();
  request["threads"] = 1;
  request["epochs"] = 1;
  const Outcome outcome = Run(request.dump() + "\n");
  ASSERT_EQ(outcome.status, 0) << outcome.log;
  const Json seconds = ReadJson("profile.json")["seconds"];
  EXPECT_GT(seconds["wait_for_batches"], 0);
  EXPECT_LT(seconds["wait_for_batches"], seconds["train"]);
}

TEST_F(TrialProcess, MeasuresTheEnergyOfATrialWithARoleByWhatPredictsIt) {
  Json request = Request();
  request["epochs"] = 1;
  request["energy"] = "watch";
  Outcome outcome = Run(request.dump() + "\n");
  ASSERT_EQ(outcome.status, 0) << outcome.log;
  Json final = outcome.Objects("final").at(0)["final"];
  EXPECT_GT(final["energy_mj"], 0);
  EXPECT_FALSE(final.contains("measured_energy_mj")) << "of the search";
  EXPECT_TRUE(ReadJson("profile.json")["energy"]["measured_mj"].is_null());

  request["role"] = "retest";
  outcome = Run(request.dump() + "\n");
  ASSERT_EQ(outcome.status, 0) << outcome.log;
  final = outcome.Objects("final").at(0)["final"];
  const double predicted = final.at("energy_mj"), measured = final.at("measured_energy_mj");
  EXPECT_NE(measured, predicted) << "with the meter's noise";
  EXPECT_NEAR(measured, predicted, 0.25 * predicted);
  EXPECT_EQ(ReadJson("profile.json")["energy"], Json({{"source", "watch"},
                                                      {"meter", "watch"},
                                                      {"runner", nullptr},
                                                      {"simulated", true},
                                                      {"predicted_mj", predicted},
                                                      {"measured_mj", measured}}));
}

TEST_F(TrialProcess, GivesANetworkOfASpaceTheClassesOfTheTask) {
  Json request = Request();
  request.erase("architecture");
  request["space"] = "energy-audio-49";
  request["epochs"] = 0.25;
  request["parameters"] = DefaultsOf("energy-audio-49");
  const Outcome outcome = Run(request.dump() + "\n");
  ASSERT_EQ(outcome.status, 0) << outcome.log;
  EXPECT_EQ(ReadJson("profile.json")["architecture"]["classes"], 12);
}

TEST_F(TrialProcess, StopsEarlyOnSigtermAndStillDelivers) {
  Json request = Request();
  request["epochs"] = 2000;
  request["evaluations"] = 10000;
  const Outcome outcome = Run(request.dump() + "\n", {}, /*stop_after=*/2);  // steps 0 and 1
  ASSERT_EQ(outcome.status, 0) << outcome.log;
  EXPECT_LT(outcome.Objects("step").size(), 5000u);
  EXPECT_EQ(outcome.Objects("artifact").size(), 3u);
  EXPECT_EQ(outcome.Objects("final").size(), 1u);
  EXPECT_EQ(ReadJson("profile.json")["stopped_early"], true);
}

TEST_F(TrialProcess, GoesOnWhereAKilledOneWas) {
  Json request = Request();
  const Outcome whole = Run(request.dump() + "\n");
  request["checkpoint_dir"] = (work_dir_ / "kept").string();
  const Outcome killed = Run(request.dump() + "\n", {}, /*stop_after=*/7, SIGKILL);
  ASSERT_EQ(killed.status, 128 + SIGKILL);
  EXPECT_TRUE(killed.Objects("final").empty());
  request["attempt"] = 2;
  const Outcome resumed = Run(request.dump() + "\n");
  ASSERT_EQ(resumed.status, 0) << resumed.log;
  EXPECT_GT(ReadJson("profile.json")["resumed_at_epoch"], 1);
  const auto accuracies = [](const Outcome& outcome) {
    std::vector<std::pair<Json, Json>> pairs;
    for (const Json& line : outcome.Objects("step")) pairs.emplace_back(line["step"], line.value("accuracy", -1.0));
    return pairs;
  };
  EXPECT_EQ(accuracies(resumed), accuracies(whole));
  for (const char* metric : {"accuracy", "int8_accuracy", "float_accuracy"}) {
    EXPECT_EQ(resumed.Objects("final")[0]["final"][metric], whole.Objects("final").at(0)["final"][metric]) << metric;
  }
}

TEST_F(TrialProcess, StartsAnewFromTheCheckpointOfAnotherTrial) {
  Json request = Request();
  request["checkpoint_dir"] = (work_dir_ / "kept").string();
  request["epochs"] = 4;
  ASSERT_EQ(Run(request.dump() + "\n").status, 0);
  request["trial"] = "owners/a/studies/s/trials/4";
  const Outcome outcome = Run(request.dump() + "\n");
  ASSERT_EQ(outcome.status, 0) << outcome.log;
  EXPECT_EQ(ReadJson("profile.json")["resumed_at_epoch"], 0);
  EXPECT_THAT(outcome.log, HasSubstr("is passed over: it is of another training"));
}

TEST_F(TrialProcess, ReportsANetworkThatTheMemoryCannotHoldAsInfeasible) {
  Json request = Request();
  request["architecture"]["blocks"] = {{{"type", "kxk"}, {"filters", 256}, {"kernel", 3}, {"stride", 1}},
                                       {{"type", "kxk"}, {"filters", 256}, {"kernel", 9}, {"stride", 1}}};
  rlimit limit;
  ASSERT_EQ(::getrlimit(RLIMIT_AS, &limit), 0);
  rlimit less = limit;
  less.rlim_cur = rlim_t{3} << 30;
  ASSERT_EQ(::setrlimit(RLIMIT_AS, &less), 0);
  const Outcome outcome = Run(request.dump() + "\n");
  ASSERT_EQ(::setrlimit(RLIMIT_AS, &limit), 0);
  if (outcome.status == 127) GTEST_SKIP() << "the libraries of a libtorch with CUDA do not fit themselves";
  EXPECT_EQ(outcome.status, 0) << outcome.log;
  ASSERT_EQ(outcome.Objects("infeasible").size(), 1u) << outcome.log;
  EXPECT_THAT(outcome.Objects("infeasible")[0]["infeasible"].get<std::string>(), StartsWith("out of memory: "));
}

TEST_F(TrialProcess, GivesABaselineTheInputItIsToldAndTheClassesOfTheTask) {
  Json request = Request();
  request["architecture"] = {{"baseline", "tc_resnet8_1.0"}};
  request["input"] = {{"height", 49}, {"width", 40}};
  request["role"] = "baseline";
  request["epochs"] = 0.25;
  const Outcome outcome = Run(request.dump() + "\n");
  ASSERT_EQ(outcome.status, 0) << outcome.log;
  EXPECT_EQ(ReadJson("profile.json")["architecture"]["input"]["height"], 49);
  EXPECT_EQ(ReadJson("profile.json")["architecture"]["classes"], 12);
  EXPECT_TRUE(outcome.Objects("final")[0]["final"].contains("test_accuracy"));
}

TEST_F(TrialProcess, ReportsADivergedNetworkAsInfeasible) {
  Json request = Request();
  request["parameters"]["lr"] = 1e5;
  request["epochs"] = 20;
  const Outcome outcome = Run(request.dump() + "\n");
  EXPECT_EQ(outcome.status, 0);
  ASSERT_EQ(outcome.Objects("infeasible").size(), 1u) << outcome.log;
  EXPECT_THAT(outcome.Objects("infeasible")[0]["infeasible"].get<std::string>(), StartsWith("diverged: "));
  EXPECT_TRUE(outcome.Objects("final").empty());
}

TEST_F(TrialProcess, ReportsANetworkThatCannotBeBuiltAsInfeasible) {
  Json request = Request();
  request["architecture"]["blocks"][1]["kernel"] = -3;
  const Outcome outcome = Run(request.dump() + "\n");
  EXPECT_EQ(outcome.status, 0);
  ASSERT_EQ(outcome.Objects("infeasible").size(), 1u) << outcome.log;
  EXPECT_EQ(outcome.lines.size(), 1u);
}

struct BadCall {
  const char* name;
  const char* input;
  std::vector<std::string> arguments;
  int status;
  const char* message;
};

class BadCallTest : public TrialProcess, public ::testing::WithParamInterface<BadCall> {};

TEST_P(BadCallTest, EndsWithAStatusAndAMessageThatHelps) {
  const Outcome outcome = Run(GetParam().input, GetParam().arguments);
  EXPECT_EQ(outcome.status, GetParam().status);
  EXPECT_THAT(outcome.log, HasSubstr(GetParam().message));
  EXPECT_TRUE(outcome.lines.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadCallTest,
    ::testing::Values(
        BadCall{"NoRequest", "", {}, 2, "photinus-trial: request: one JSON object on one line is expected on stdin"},
        BadCall{"HalfARequest", "{\"trial\":", {}, 2, "one JSON object"},
        BadCall{"UnknownSpace", R"({"data_dir":"/d","work_dir":"/w","space":"nowhere"})", {}, 2, "keywords-small"},
        BadCall{"UnknownVerb", "", {"train"}, 2, "train"},
        BadCall{"DataWithoutFolder", "", {"data"}, 2, "--data-dir is required"},
        BadCall{"UnknownTask", "", {"data", "--data-dir", "/tmp", "--task", "x"}, 2, "known are: keywords, events"},
        BadCall{
            "ReadOnlyFolder", "", {"data", "--data-dir", "/proc/x", "--task", "smoke"}, 75, "cannot create the folder"},
        BadCall{"NoNet", "", {"export", "--net", "/no.json", "--out", "/tmp/x"}, 2, "/no.json"}),
    [](const auto& info) { return info.param.name; });

TEST_F(TrialProcess, TrainsInSpiteOfATruncatedClipWhichTheDataVerbNames) {
  ASSERT_EQ(Run(Request().dump()).status, 0);
  const std::filesystem::path copy = work_dir_ / "data";
  std::filesystem::copy(data_dir_, copy, std::filesystem::copy_options::recursive);
  const std::filesystem::path clip = copy / "keywords-2.smoke.seed1/clips/train/yes/000000.wav";
  std::filesystem::resize_file(clip, 100);
  Json request = Request();
  request["data_dir"] = copy.string();
  request["epochs"] = 1;
  const Outcome trial = Run(request.dump());
  EXPECT_EQ(trial.status, 0) << trial.log;
  const Outcome data = Run("", {"data", "--data-dir", copy.string(), "--task", "smoke"});
  EXPECT_EQ(data.status, 2);
  EXPECT_THAT(data.log, HasSubstr(clip.string() + " is truncated: expected 32044 bytes, found 100; delete it and run"));
  EXPECT_EQ(std::filesystem::file_size(clip), 100u);
}

TEST_F(TrialProcess, EndsWithTemporaryFailureWhereTheMachineIsAtFault) {
  Json request = Request();
  request["device"] = "cuda:99";
  const Outcome no_device = Run(request.dump());
  EXPECT_EQ(no_device.status, 75);
  EXPECT_THAT(no_device.log, HasSubstr("device cuda:99: "));
  EXPECT_TRUE(no_device.Objects("infeasible").empty());

  request = Request();
  ASSERT_TRUE(WriteFile(work_dir_ / "file", "").ok());
  request["work_dir"] = (work_dir_ / "file").string();
  request["epochs"] = 1;
  const Outcome no_folder = Run(request.dump());
  EXPECT_EQ(no_folder.status, 75);
  EXPECT_THAT(no_folder.log, HasSubstr("cannot create the folder"));
}

TEST_F(TrialProcess, EndsWithTemporaryFailureWithoutTheSynthesizer) {
  const std::string path = ::getenv("PATH");
  ASSERT_EQ(::setenv("PATH", work_dir_.c_str(), 1), 0);
  const Outcome outcome = Run("", {"data", "--data-dir", (work_dir_ / "data").string(), "--task", "smoke"});
  ASSERT_EQ(::setenv("PATH", path.c_str(), 1), 0);
  EXPECT_EQ(outcome.status, 75);
  EXPECT_THAT(outcome.log, HasSubstr("apt-get install espeak-ng"));
}

TEST_F(TrialProcess, ChecksWhetherADeviceCanTrain) {
  EXPECT_EQ(Run("", {"check", "--device", "cpu"}).status, 0);
  const Outcome missing = Run("", {"check", "--device", "cuda:99"});
  EXPECT_EQ(missing.status, 75);
  EXPECT_THAT(missing.log, StartsWith("photinus-trial: device cuda:99: "));
  EXPECT_EQ(Run("", {"check"}).status, 2);
}

TEST_F(TrialProcess, ExportsAnUntrainedNetworkReplayably) {
  ASSERT_TRUE(WriteFile(work_dir_ / "net.json", SmallArchitecture().dump()).ok());
  const std::string net = (work_dir_ / "net.json").string();
  for (const auto& [seed, out] : {std::pair("7", "a"), std::pair("7", "b"), std::pair("8", "c")}) {
    const Outcome outcome = Run("", {"export", "--net", net, "--seed", seed, "--out", (work_dir_ / out).string()});
    ASSERT_EQ(outcome.status, 0) << outcome.log;
  }
  const std::string a = ReadFile(work_dir_ / "a").value();
  EXPECT_EQ(a, ReadFile(work_dir_ / "b").value());
  EXPECT_NE(a, ReadFile(work_dir_ / "c").value());
  EXPECT_TRUE(tflite::ReadTflite({a.begin(), a.end()}).ok());
}

TEST_F(TrialProcess, ExportsABaselineByItsName) {
  const std::string out = (work_dir_ / "baseline.tflite").string();
  const Outcome outcome = Run("", {"export", "--net", "tc_resnet8_1.0", "--out", out});
  ASSERT_EQ(outcome.status, 0) << outcome.log;
  const std::string file = ReadFile(out).value();
  EXPECT_EQ(tflite::ReadTflite({file.begin(), file.end()})->graph.name, "tc_resnet8_1.0");
}

TEST_F(TrialProcess, TellsItsVersionAndItsVerbs) {
  EXPECT_THAT(Run("", {"--version"}).lines.at(0), StartsWith("photinus-trial " PHOTINUS_VERSION " (libtorch "));
  const Outcome help = Run("", {"--help"});
  EXPECT_EQ(help.status, 0);
  std::string text;
  for (const std::string& line : help.lines) text += line;
  EXPECT_THAT(text, HasSubstr("export"));
  EXPECT_THAT(text, HasSubstr("data"));
}

}  // namespace
}  // namespace photinus::trial
