#include "worker/agent/trial_request.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/study_document/trial_role.h"
#include "worker/agent/command_executor.h"
#include "worker/agent/devices.h"
#include "worker/agent/network_executor.h"

namespace photinus {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

v1::PullTrialResponse Response() {
  v1::PullTrialResponse response;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(
        trial {
          name: "owners/a/studies/s/trials/3"
          parameters {
            parameter_id: "lr"
            value { number_value: 0.1 }
          }
          parameters {
            parameter_id: "kernel"
            value { number_value: 5 }
          }
          parameters {
            parameter_id: "block"
            value { string_value: "conv {lr}" }
          }
        }
        study_spec {
          parameters {
            parameter_id: "lr"
            double_value_spec { min_value: 0 max_value: 1 }
          }
          parameters {
            parameter_id: "kernel"
            integer_value_spec { min_value: 1 max_value: 9 }
          }
          parameters {
            parameter_id: "block"
            categorical_value_spec { values: "conv {lr}" values: "identity" }
            conditional_parameter_specs {
              parameter_spec {
                parameter_id: "block.filters"
                discrete_value_spec { values: 8 values: 16 }
              }
              parent_categorical_values { values: "identity" }
            }
          }
          metadata {
            ns: "photinus"
            key: "study"
            value: "{\"version\":1,\"seed\":7,\"trial\":{\"executor\":\"command\",\"argv\":[\"x\",\"{lr}\"]}}"
          }
        }
        lease_token: "token"
        lease_ttl { seconds: 2 nanos: 500000000 }
        attempt: 2
      )pb",
      &response));
  return response;
}

Assignment AnAssignment() { return *Assignment::FromResponse(Response()); }

TEST(Assignment, TakesWhatTheServerSays) {
  const Assignment assignment = AnAssignment();
  EXPECT_EQ(assignment.name.id, 3);
  EXPECT_EQ(assignment.lease_token, "token");
  EXPECT_EQ(assignment.lease_ttl, absl::Milliseconds(2500));
  EXPECT_EQ(assignment.attempt, 2);
}

TEST(Assignment, WithoutAnExecutorIsRefused) {
  v1::PullTrialResponse response = Response();
  response.mutable_study_spec()->mutable_metadata(0)->set_value(R"({"version":1})");
  EXPECT_EQ(Assignment::FromResponse(response).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Assignment, SeedsDependOnStudySeedAndTrialAloneAndFitJson) {
  Assignment assignment = AnAssignment();
  const uint64_t seed = assignment.Seed();
  assignment.attempt = 3;
  EXPECT_EQ(assignment.Seed(), seed);
  EXPECT_LT(seed, uint64_t{1} << 53);
  assignment.name.id = 4;
  EXPECT_NE(assignment.Seed(), seed);
}

TEST(TrialRequest, IsTheLineOfTheProtocol) {
  Assignment assignment = AnAssignment();
  assignment.document.trial->task = "keywords";
  assignment.document.trial->epochs = 8;
  assignment.document.trial->evaluations = 12;
  assignment.document.space = "keywords-small";
  const auto line =
      TrialRequestLine(assignment, TrialPlace{"cuda:0", "/data", "/work", 4, "phone", "/kept", {"/opt/monitor", "-c"}});
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(line->find('\n'), std::string::npos);
  nlohmann::json expected = nlohmann::json::parse(R"({
    "trial": "owners/a/studies/s/trials/3", "attempt": 2,
    "parameters": {"lr": 0.1, "kernel": 5, "block": "conv {lr}"},
    "task": "keywords", "space": "keywords-small", "epochs": 8, "evaluations": 12,
    "device": "cuda:0", "threads": 4, "energy": "phone", "monitor": ["/opt/monitor", "-c"], "data_dir": "/data",
    "work_dir": "/work", "checkpoint_dir": "/kept"})");
  expected["seed"] = assignment.Seed();
  EXPECT_EQ(nlohmann::json::parse(*line), expected);
  EXPECT_THAT(*line, HasSubstr(R"("kernel":5,)"));  // not 5.0
}

TEST(TrialRequest, TrainsARetestForTheWholeSchedule) {
  Assignment assignment = AnAssignment();
  assignment.document.trial->epochs = 9;
  SetRole(kRetestRole, "3", assignment.trial);
  const auto line = TrialRequestLine(assignment, TrialPlace{});
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(nlohmann::json::parse(*line)["role"], "retest");
  EXPECT_EQ(nlohmann::json::parse(*line)["epochs"], 12);
}

TEST(Devices, SlotsShareTheCores) {
  const Device cpu{"cpu", "cpu", ""}, gpu{"cuda:0", "cuda:0", "0"};
  EXPECT_EQ(SharedThreads(cpu, 2, 1), 2);
  EXPECT_EQ(SharedThreads(cpu, 2, 2), 1);
  EXPECT_EQ(SharedThreads(cpu, 2, 9), 1);
  EXPECT_EQ(SharedThreads(cpu, 64, 4), 2);
  EXPECT_EQ(SharedThreads(gpu, 64, 4), 5);
  EXPECT_EQ(SharedThreads(gpu, 64, 16), 4);
  EXPECT_EQ(SharedThreads(gpu, 16, 16), 2);
  EXPECT_EQ(SharedThreads(gpu, 4, 16), 2);
}

TEST(TrialRequest, GivesABaselineTheInputOfTheSpaceThatItIsComparedWith) {
  Assignment assignment = AnAssignment();
  assignment.document.space = "energy-audio-49";
  SetRole(kBaselineRole, "", assignment.trial);
  pb::KeyValue& architecture = *assignment.trial.add_metadata();
  architecture.set_ns("photinus");
  architecture.set_key("architecture");
  architecture.set_value(R"({"baseline": "mobilenet_v2"})");
  const auto request = nlohmann::json::parse(*TrialRequestLine(assignment, TrialPlace{}));
  EXPECT_EQ(request["architecture"]["baseline"], "mobilenet_v2");
  EXPECT_EQ(request["input"], (nlohmann::json{{"height", 49}, {"width", 40}}));

  SetRole(kRetestRole, "3", assignment.trial);
  EXPECT_FALSE(nlohmann::json::parse(*TrialRequestLine(assignment, TrialPlace{})).contains("input"));
}

TEST(TrialRequest, SaysWhatToLearnFrom) {
  Assignment assignment = AnAssignment();
  assignment.document.trial->task = "audioset";
  assignment.document.trial->folder = "/srv/audioset";
  assignment.document.trial->features = "mfcc";
  assignment.document.trial->augmentation = {{"noise", 0.8}, {"time_masks", 2}};
  const auto line = TrialRequestLine(assignment, TrialPlace{});
  ASSERT_TRUE(line.ok()) << line.status();
  const nlohmann::json request = nlohmann::json::parse(*line);
  EXPECT_EQ(request["folder"], "/srv/audioset");
  EXPECT_EQ(request["features"], "mfcc");
  EXPECT_EQ(request["augmentation"], nlohmann::json::parse(R"({"noise": 0.8, "time_masks": 2})"));
}

TEST(TrialRequest, CarriesTheTrialsArchitecture) {
  Assignment assignment = AnAssignment();
  pb::KeyValue& entry = *assignment.trial.add_metadata();
  entry.set_ns("photinus");
  entry.set_key("architecture");
  entry.set_value(R"({"layers":[1]})");
  const auto line = TrialRequestLine(assignment, TrialPlace{});
  ASSERT_TRUE(line.ok());
  EXPECT_EQ(nlohmann::json::parse(*line)["architecture"]["layers"][0], 1);
  assignment.trial.mutable_metadata(0)->set_value("[1]");
  EXPECT_EQ(TrialRequestLine(assignment, TrialPlace{}).status().code(), absl::StatusCode::kInvalidArgument);
}

struct ArgumentCase {
  std::string name;
  std::string argument;
  std::string expanded;
};

class ArgumentTest : public ::testing::TestWithParam<ArgumentCase> {};

TEST_P(ArgumentTest, IsExpanded) {
  const auto argv = ExpandArgv({GetParam().argument}, AnAssignment().trial, AnAssignment().spec);
  ASSERT_TRUE(argv.ok()) << argv.status();
  EXPECT_THAT(*argv, ElementsAre(GetParam().expanded));
}

INSTANTIATE_TEST_SUITE_P(
    Table, ArgumentTest,
    ::testing::Values(ArgumentCase{"Plain", "--epochs=3", "--epochs=3"}, ArgumentCase{"Double", "{lr}", "0.1"},
                      ArgumentCase{"Integer", "-k{kernel}x{kernel}", "-k5x5"},
                      ArgumentCase{"ValuesAreNotExpandedAgain", "{block} {lr}", "conv {lr} 0.1"},
                      ArgumentCase{"InactiveIsEmpty", "f={block.filters}.", "f=."},
                      ArgumentCase{"JsonBracesAreText", R"({"a": {"b": 1}, "c": "{}"})",
                                   R"({"a": {"b": 1}, "c": "{}"})"},
                      ArgumentCase{"ShellSignsAreText", "$(rm) `x` ; '{lr}'", "$(rm) `x` ; '0.1'"}),
    [](const auto& info) { return info.param.name; });

TEST(ExpandArgv, NamesTheNearestParameter) {
  const absl::Status status = ExpandArgv({"{kernal}"}, AnAssignment().trial, AnAssignment().spec).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("did you mean 'kernel'"));
}

TEST(CommandExecutor, RunsTheStudysArgumentsWithoutAShell) {
  const CommandExecutor executor({"A=1"});
  const auto child = PrepareChild(executor, AnAssignment(), TrialPlace{"cpu", "/data", "/work"});
  ASSERT_TRUE(child.ok()) << child.status();
  EXPECT_THAT(child->argv, ElementsAre("x", "0.1"));
  EXPECT_EQ(child->directory, "/work");
  EXPECT_EQ(child->input.back(), '\n');
  EXPECT_THAT(child->environment,
              ElementsAre("A=1", "PHOTINUS_TRIAL=" + child->input.substr(0, child->input.size() - 1)));
}

TEST(PrepareChild, LeavesAnOverlongRequestOutOfTheEnvironment) {
  Assignment assignment = AnAssignment();
  assignment.trial.mutable_parameters(2)->mutable_value()->set_string_value(std::string(200'000, 'x'));
  const auto child = PrepareChild(CommandExecutor({}), assignment, TrialPlace{});
  ASSERT_TRUE(child.ok());
  EXPECT_THAT(child->environment, Not(Contains(StartsWith("PHOTINUS_TRIAL="))));
  EXPECT_GT(child->input.size(), 200'000u);
}

TEST(NetworkExecutor, RunsTheTrialProgramAndNeedsATask) {
  const NetworkExecutor executor("/bin/photinus-trial", {"OMP_NUM_THREADS=1"});
  Assignment assignment = AnAssignment();
  EXPECT_EQ(executor.Prepare(assignment).status().code(), absl::StatusCode::kInvalidArgument);
  assignment.document.trial->task = "keywords";
  const auto command = executor.Prepare(assignment);
  ASSERT_TRUE(command.ok());
  EXPECT_THAT(command->argv, ElementsAre("/bin/photinus-trial"));
  EXPECT_THAT(command->environment, ElementsAre("OMP_NUM_THREADS=1"));
}

std::vector<std::string> Names(const absl::StatusOr<std::vector<Device>>& devices) {
  if (!devices.ok()) return {std::string(devices.status().message())};
  std::vector<std::string> names;
  for (const Device& device : *devices) names.push_back(device.name + "=" + device.visible);
  return names;
}

TEST(Devices, AreNamedOneByOneOrAllTogether) {
  EXPECT_THAT(Names(ParseDevices("cpu", nullptr, 0)), ElementsAre("cpu="));
  EXPECT_THAT(Names(ParseDevices("cuda:all", nullptr, 2)), ElementsAre("cuda:0=0", "cuda:1=1"));
  EXPECT_THAT(Names(ParseDevices("cuda:1,cuda:0", nullptr, 2)), ElementsAre("cuda:1=1", "cuda:0=0"));
  EXPECT_THAT(Names(ParseDevices("cuda:all", "3,GPU-abc", 8)), ElementsAre("cuda:0=3", "cuda:1=GPU-abc"));
}

TEST(Devices, ThatAreNotThereAreRefused) {
  EXPECT_THAT(Names(ParseDevices("gpu", nullptr, 1)), ElementsAre(HasSubstr("is not understood")));
  EXPECT_THAT(Names(ParseDevices("", nullptr, 1)), ElementsAre(HasSubstr("is not understood")));
  EXPECT_THAT(Names(ParseDevices("cuda:1", nullptr, 1)), ElementsAre(HasSubstr("no device cuda:1")));
  EXPECT_THAT(Names(ParseDevices("cuda:0,cuda:0", nullptr, 1)), ElementsAre(HasSubstr("named twice")));
  EXPECT_THAT(Names(ParseDevices("cuda:all", nullptr, 0)), ElementsAre(HasSubstr("no CUDA device")));
  EXPECT_THAT(Names(ParseDevices("cuda:all", "", 2)), ElementsAre(HasSubstr("no CUDA device")));
  EXPECT_THAT(Names(ParseDevices("cuda:all", "-1", 2)), ElementsAre(HasSubstr("no CUDA device")));
  EXPECT_THAT(Names(ParseDevices("cuda:0", "-1", 2)), ElementsAre(HasSubstr("no device cuda:0")));
  EXPECT_THAT(Names(ParseDevices("cuda:all", "1,-1,0", 2)), ElementsAre("cuda:0=1"));  // as CUDA: the list ends there
}

TEST(Devices, LimitWhatTheChildSees) {
  EXPECT_THAT((Device{"cuda:1", "cuda:0", "5"}.Environment(2)),
              ElementsAre("OPENBLAS_NUM_THREADS=2", "OMP_NUM_THREADS=2", "CUDA_VISIBLE_DEVICES=5",
                          "CUBLAS_WORKSPACE_CONFIG=:4096:8"));
  EXPECT_THAT((Device{"cpu", "cpu", ""}.Environment(1)), ElementsAre("OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1"));
}

}  // namespace
}  // namespace photinus
