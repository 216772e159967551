// The whole command line against a fake server: what is asked, what is printed, and the exit code.
#include "client/cli/application.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/command.h"
#include "client/cli/fake_study_client.h"
#include "common/base/errors.h"

namespace photinus {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class FixedClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::FromUnixSeconds(1'700'000'060); }
  absl::Duration Monotonic() const override { return absl::ZeroDuration(); }
};

void AddMetric(pb::Measurement& measurement, const std::string& name, double value) {
  pb::Measurement::Metric* metric = measurement.add_metrics();
  metric->set_metric_id(name);
  metric->set_value(value);
}

pb::Trial FinishedTrial(int id, double reward, double lr, const std::string& stem) {
  pb::Trial trial;
  trial.set_id(std::to_string(id));
  trial.set_name(absl::StrCat("owners/ada/studies/kws/trials/", id));
  trial.set_state(pb::Trial::SUCCEEDED);
  trial.set_client_id("w1.0");
  trial.mutable_start_time()->set_seconds(1'700'000'000);
  trial.mutable_end_time()->set_seconds(1'700'000'012);
  trial.mutable_end_time()->set_nanos(500'000'000);
  auto* rate = trial.add_parameters();
  rate->set_parameter_id("lr");
  rate->mutable_value()->set_number_value(lr);
  auto* block = trial.add_parameters();
  block->set_parameter_id("stem");
  block->mutable_value()->set_string_value(stem);
  pb::Measurement* curve = trial.add_measurements();
  curve->set_step_count(1);
  AddMetric(*curve, "accuracy", 0.25);
  curve = trial.add_measurements();
  curve->set_step_count(12);
  curve->mutable_elapsed_duration()->set_seconds(9);
  AddMetric(*curve, "accuracy", 0.75);
  AddMetric(*trial.mutable_final_measurement(), "reward", reward);
  AddMetric(*trial.mutable_final_measurement(), "accuracy", 0.75);
  return trial;
}

v1::StudyStatus AStatus(const std::string& id) {
  v1::StudyStatus status;
  pb::Study& study = *status.mutable_study();
  study.set_name(absl::StrCat("owners/ada/studies/", id));
  study.set_display_name(id);
  study.set_state(pb::Study::ACTIVE);
  study.mutable_create_time()->set_seconds(1'700'000'000);
  auto* metric = study.mutable_study_spec()->add_metrics();
  metric->set_metric_id("reward");
  metric->set_goal(pb::StudySpec::MetricSpec::MAXIMIZE);
  auto* stem = study.mutable_study_spec()->add_parameters();
  stem->set_parameter_id("stem");
  stem->mutable_categorical_value_spec()->add_values("temporal");
  auto* child = stem->add_conditional_parameter_specs();
  child->mutable_parent_categorical_values()->add_values("temporal");
  child->mutable_parameter_spec()->set_parameter_id("lr");
  child->mutable_parameter_spec()->mutable_double_value_spec()->set_min_value(0.001);
  child->mutable_parameter_spec()->mutable_double_value_spec()->set_max_value(1);
  child->mutable_parameter_spec()->set_scale_type(pb::StudySpec::ParameterSpec::UNIT_LOG_SCALE);
  status.set_active(2);
  status.set_succeeded(2);
  status.set_trial_budget(24);
  *status.add_best() = FinishedTrial(7, 0.85, 0.01, "temporal");
  return status;
}

class ApplicationTest : public ::testing::Test {
 protected:
  ApplicationTest() {
    client_.studies["owners/ada/studies/kws"] = AStatus("kws");
    client_.trials["owners/ada/studies/kws"] = {FinishedTrial(3, 0.5, 0.1, "spectral"),
                                                FinishedTrial(7, 0.85, 0.01, "temporal")};
    client_.optimal = {FinishedTrial(7, 0.85, 0.01, "temporal")};
  }

  int Run(std::vector<std::string> arguments) {
    console_.out.clear();
    console_.notes.clear();
    arguments.insert(arguments.begin(), {"--owner", "ada"});
    const auto connect = [this](const std::string& server) -> absl::StatusOr<StudyClient*> {
      server_ = server;
      if (!reachable_) return absl::UnavailableError("no server answers at " + server);
      return &client_;
    };
    return RunApplication(arguments, connect, console_, FixedClock());
  }

  FakeStudyClient client_;
  FakeConsole console_;
  std::string server_;
  bool reachable_ = true;
};

TEST_F(ApplicationTest, EveryVerbHasHelpWithExamples) {
  for (const Command* command : Commands()) {
    EXPECT_EQ(Run({command->group, command->verb, "--help"}), kExitOk);
    EXPECT_THAT(console_.out, HasSubstr(absl::StrCat("Examples:\n  photinus "))) << command->verb;
    EXPECT_THAT(console_.out, HasSubstr(absl::StrCat(command->group, " ", command->verb)));
    EXPECT_EQ(server_, "") << "help needs no server";
  }
}

TEST_F(ApplicationTest, PrintsItsVersion) {
  EXPECT_EQ(Run({"--version"}), kExitOk);
  EXPECT_EQ(console_.out, absl::StrCat("photinus ", PHOTINUS_VERSION, "\n"));
}

struct UsageCase {
  std::string name;
  std::vector<std::string> arguments;
  std::string message;
};

class UsageTest : public ApplicationTest, public ::testing::WithParamInterface<UsageCase> {};

TEST_P(UsageTest, IsExplainedAndExitsWithTwo) {
  EXPECT_EQ(Run(GetParam().arguments), kExitUsage);
  EXPECT_THAT(console_.notes, StartsWith("photinus: " + GetParam().message + "\n"));
  EXPECT_EQ(console_.out, "");
}

INSTANTIATE_TEST_SUITE_P(
    Table, UsageTest,
    ::testing::Values(
        UsageCase{"Nothing", {}, "a command is missing: study, trial, worker"},
        UsageCase{"Group", {"studi", "list"}, "there is no command 'studi'; did you mean 'study'?"},
        UsageCase{"NoVerb", {"study"}, "study needs one of create, delete, list, pause, resume, show, stop, watch"},
        UsageCase{"Verb", {"study", "creat"}, "there is no command 'study creat'; did you mean 'create'?"},
        UsageCase{"FarVerb", {"worker", "terminate"}, "there is no command 'worker terminate'; there are list"},
        UsageCase{"MissingArgument", {"study", "show"}, "study is required"},
        UsageCase{"MissingOption", {"study", "create"}, "--file is required"},
        UsageCase{
            "UnknownOption", {"study", "show", "kws", "--wide"}, "The following argument was not expected: --wide"},
        UsageCase{"Format", {"study", "list", "-o", "xml"}, "-o: unknown format 'xml'; known are table, json, csv"},
        UsageCase{"StudyName",
                  {"study", "show", "owners/ada/kws"},
                  "'owners/ada/kws' is not a name of the form owners/{owner}/studies/{study}"},
        UsageCase{"TrialNumber", {"trial", "show", "kws", "first"}, "trial: must be a number or `best`, not 'first'"},
        UsageCase{"Limit", {"trial", "list", "kws", "-n", "0"}, "limit: must be an integer of at least 1, not '0'"},
        UsageCase{"CsvWatch", {"study", "watch", "kws", "-o", "csv"}, "-o: watch prints a table or json"},
        UsageCase{"NobodyToAsk", {"study", "delete", "kws"}, "--yes: is required where nobody can be asked"},
        UsageCase{"NoFile",
                  {"study", "create", "-f", "/nonexistent.yaml"},
                  "cannot read /nonexistent.yaml: No such file or directory"}),
    [](const auto& info) { return info.param.name; });

struct CodeCase {
  std::string name;
  absl::Status status;
  int code;
};

class ExitCodeTest : public ApplicationTest, public ::testing::WithParamInterface<CodeCase> {};

TEST_P(ExitCodeTest, TellsWhatKindOfFailureItWas) {
  client_.failure = GetParam().status;
  EXPECT_EQ(Run({"study", "show", "kws"}), GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(Table, ExitCodeTest,
                         ::testing::Values(CodeCase{"Ok", absl::OkStatus(), 0},
                                           CodeCase{"Usage", absl::InvalidArgumentError("x"), 2},
                                           CodeCase{"NotFound", absl::NotFoundError("x"), 3},
                                           CodeCase{"Unavailable", absl::UnavailableError("x"), 4},
                                           CodeCase{"Deadline", absl::DeadlineExceededError("x"), 4},
                                           CodeCase{"WrongState", absl::FailedPreconditionError("x"), 1},
                                           CodeCase{"Internal", absl::InternalError("x"), 1},
                                           CodeCase{"CtrlC", absl::CancelledError("x"), 130}),
                         [](const auto& info) { return info.param.name; });

TEST_F(ApplicationTest, LeavesQuietlyWhenInterrupted) {
  client_.failure = absl::CancelledError("the call was cancelled");
  EXPECT_EQ(Run({"study", "watch", "kws"}), kExitInterrupted);
  EXPECT_EQ(console_.notes, "");
}

TEST_F(ApplicationTest, AServerThatIsNotThereIsExitCodeFour) {
  reachable_ = false;
  EXPECT_EQ(Run({"study", "list", "--server", "host:1"}), kExitUnavailable);
  EXPECT_EQ(console_.notes, "photinus: no server answers at host:1\n");
}

TEST_F(ApplicationTest, ErrorsOfTheServerCannotSteerTheTerminal) {
  client_.failure = absl::InternalError("\x1b[2Jgone");
  EXPECT_EQ(Run({"study", "show", "kws"}), kExitOther);
  EXPECT_EQ(console_.notes, "photinus: ?[2Jgone\n");
}

TEST_F(ApplicationTest, AStudyIsAShortIdOrAFullName) {
  EXPECT_EQ(Run({"study", "show", "kws"}), kExitOk);
  EXPECT_EQ(Run({"study", "show", "owners/ada/studies/kws"}), kExitOk);
  EXPECT_EQ(Run({"study", "show", "kws", "--owner", "bob"}), kExitNotFound);
  EXPECT_EQ(console_.notes, "photinus: owners/bob/studies/kws does not exist\n");
}

// --- study

class StudyFileOnDisk {
 public:
  explicit StudyFileOnDisk(const std::string& text) : path_(::testing::TempDir() + "/application_test_study.yaml") {
    std::ofstream(path_) << text;
  }
  ~StudyFileOnDisk() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

constexpr char kStudyYaml[] =
    "study: tiny\nalgorithm: RANDOM_SEARHC\nparameters: [{name: lr, type: double, min: 0.1, max: 1}]\n"
    "metrics: [{name: m, goal: maximize}]\n";

TEST_F(ApplicationTest, CreatesTheStudyOfAFile) {
  const StudyFileOnDisk file(kStudyYaml);
  EXPECT_EQ(Run({"study", "create", "-f", file.path()}), kExitOk);
  EXPECT_THAT(client_.calls, ElementsAre("create owners/ada/studies/tiny"));
  EXPECT_EQ(client_.created.parameters(0).parameter_id(), "lr");
  EXPECT_EQ(console_.out, "owners/ada/studies/tiny\n");
  EXPECT_EQ(console_.notes, "follow it with: photinus study watch tiny\n");
}

TEST_F(ApplicationTest, CreatesUnderAnotherName) {
  const StudyFileOnDisk file(kStudyYaml);
  EXPECT_EQ(Run({"study", "create", "-f", file.path(), "--name", "other", "-o", "json"}), kExitOk);
  EXPECT_EQ(console_.out,
            "{\n  \"name\": \"owners/ada/studies/other\",\n  \"owner\": \"ada\",\n  \"study\": \"other\"\n}\n");
}

TEST_F(ApplicationTest, AStudyFileWithoutANameNeedsOne) {
  const StudyFileOnDisk file("space: keywords-small\nmetrics: [{name: m, goal: maximize}]\n");
  EXPECT_EQ(Run({"study", "create", "-f", file.path()}), kExitUsage);
  EXPECT_THAT(console_.notes, HasSubstr("names no study; add it or give --name"));
}

TEST_F(ApplicationTest, AMistakeInTheStudyFileIsLocated) {
  const StudyFileOnDisk file(
      "study: s\nspace: keywords-small\nmetrics: [{name: m, goal: maximize}]\nbudget: {trails: 3}");
  EXPECT_EQ(Run({"study", "create", "-f", file.path()}), kExitUsage);
  EXPECT_EQ(console_.notes,
            absl::StrCat("photinus: ", file.path(), ":4: budget.trails: unknown key; did you mean 'trials'?\n"));
  EXPECT_THAT(client_.calls, IsEmpty());
}

TEST_F(ApplicationTest, AMistakeThatTheServerFindsIsLocatedToo) {
  const StudyFileOnDisk file(kStudyYaml);
  client_.failure = FieldError("study_spec.algorithm", "unknown algorithm");
  EXPECT_EQ(Run({"study", "create", "-f", file.path()}), kExitUsage);
  EXPECT_EQ(console_.notes, absl::StrCat("photinus: ", file.path(), ":2: study_spec.algorithm: unknown algorithm\n"));
}

TEST_F(ApplicationTest, ListsStudies) {
  client_.studies["owners/ada/studies/xor"] = AStatus("xor");
  client_.studies["owners/ada/studies/xor"].set_paused(true);
  client_.studies["owners/ada/studies/xor"].clear_best();
  client_.studies["owners/bob/studies/his"] = AStatus("his");
  EXPECT_EQ(Run({"study", "list"}), kExitOk);
  EXPECT_EQ(console_.out,
            "STUDY  STATE   SUCCEEDED  INFEASIBLE  ACTIVE  BUDGET  BEST  CREATED\n"
            "kws    ACTIVE          2           0       2      24  7     2023-11-14T22:13:20Z\n"
            "xor    PAUSED          2           0       2      24  -     2023-11-14T22:13:20Z\n");
}

TEST_F(ApplicationTest, AnOwnerWithoutStudiesHasAnEmptyList) {
  EXPECT_EQ(Run({"study", "list", "--owner", "new", "-o", "json"}), kExitOk);
  EXPECT_EQ(console_.out, "[]\n");
  EXPECT_EQ(console_.notes, "owner new has no studies\n");
}

TEST_F(ApplicationTest, ShowsAStudyAsATable) {
  EXPECT_EQ(Run({"study", "show", "kws"}), kExitOk);
  EXPECT_THAT(console_.out, HasSubstr("state                  ACTIVE\n"));
  EXPECT_THAT(console_.out, HasSubstr("algorithm              DEFAULT\n"));
  EXPECT_THAT(console_.out, HasSubstr("\nmetrics\n  name    goal\n  reward  maximize\n"));
  EXPECT_THAT(console_.out, HasSubstr("\nparameters\n  name  type         values      min  max  scale  when.stem\n"
                                      "  stem  categorical  temporal      -    -  -      -\n"
                                      "  lr    double       -         0.001    1  log    temporal\n"));
}

TEST_F(ApplicationTest, ShowsAStudyWithTheDocumentedKeys) {
  EXPECT_EQ(Run({"study", "show", "kws", "-o", "json"}), kExitOk);
  const auto json = nlohmann::ordered_json::parse(console_.out);
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  EXPECT_THAT(keys, ElementsAre("name", "owner", "study", "state", "created", "trials", "trial_budget", "best_trial",
                                "best_metrics", "algorithm", "document", "metrics", "parameters", "best"));
  EXPECT_EQ(json["trials"]["succeeded"], 2);
  EXPECT_EQ(json["best"][0]["metrics"]["reward"], 0.85);
}

TEST_F(ApplicationTest, StopsPausesAndResumes) {
  EXPECT_EQ(Run({"study", "stop", "kws"}), kExitOk);
  EXPECT_EQ(console_.out, "kws: DRAINING, 2 trials running\n");
  EXPECT_EQ(Run({"study", "pause", "kws"}), kExitOk);
  EXPECT_EQ(console_.out, "kws: PAUSED, 2 trials running\n");
  EXPECT_EQ(Run({"study", "resume", "kws"}), kExitOk);
  EXPECT_EQ(console_.out, "kws: ACTIVE, 2 trials running\n");
  EXPECT_THAT(client_.calls, ElementsAre("STOP owners/ada/studies/kws", "PAUSE owners/ada/studies/kws",
                                         "RESUME owners/ada/studies/kws"));
}

TEST_F(ApplicationTest, StopNowCompletesTheStudyAtOnce) {
  EXPECT_EQ(Run({"study", "stop", "kws", "--now"}), kExitOk);
  EXPECT_THAT(client_.calls, Contains("COMPLETED owners/ada/studies/kws"));
  EXPECT_EQ(console_.out, "kws: COMPLETED, 2 trials running\n");
}

TEST_F(ApplicationTest, DeletesOnceAPersonAgrees) {
  console_.answer = "n";
  EXPECT_EQ(Run({"study", "delete", "kws"}), kExitOther);
  EXPECT_EQ(console_.question, "delete owners/ada/studies/kws with its 4 trials? [y/N]");
  EXPECT_EQ(console_.notes, "photinus: nothing was deleted\n");
  EXPECT_EQ(client_.studies.size(), 1u);
  console_.answer = "y";
  EXPECT_EQ(Run({"study", "delete", "kws"}), kExitOk);
  EXPECT_EQ(client_.studies.size(), 0u);
}

TEST_F(ApplicationTest, DeletesWithoutAskingWhenToldSo) {
  EXPECT_EQ(Run({"study", "delete", "kws", "--yes"}), kExitOk);
  EXPECT_EQ(console_.out, "deleted owners/ada/studies/kws\n");
  EXPECT_EQ(console_.question, "");
  EXPECT_EQ(Run({"study", "delete", "kws", "--yes"}), kExitNotFound);
}

// --- study watch

v1::WatchStudyResponse AWatchMessage(pb::Study::State state, int active, std::vector<pb::Trial> changed) {
  v1::WatchStudyResponse message;
  *message.mutable_status() = AStatus("kws");
  message.mutable_status()->mutable_study()->set_state(state);
  message.mutable_status()->set_active(active);
  for (pb::Trial& trial : changed) *message.add_changed() = std::move(trial);
  return message;
}

pb::Trial ARunningTrial(int id) {
  pb::Trial trial = FinishedTrial(id, 0, 0.1, "temporal");
  trial.set_state(pb::Trial::ACTIVE);
  trial.clear_final_measurement();
  trial.clear_end_time();
  return trial;
}

TEST_F(ApplicationTest, WatchesWithPlainLinesUntilTheStudyIsCompleted) {
  client_.streams = {{{AWatchMessage(pb::Study::ACTIVE, 1, {ARunningTrial(8)}),
                       AWatchMessage(pb::Study::ACTIVE, 0, {FinishedTrial(8, 0.4, 0.1, "temporal")}),
                       AWatchMessage(pb::Study::COMPLETED, 0, {}), AWatchMessage(pb::Study::ACTIVE, 5, {})},
                      absl::InternalError("not reached")}};
  EXPECT_EQ(Run({"study", "watch", "kws"}), kExitOk);
  EXPECT_EQ(console_.out,
            "trial    8  ACTIVE      step  12  w1.0\n"
            "best so far: trial 7  reward 0.85\n"
            "kws  ACTIVE  2/24 trials [##......................]  1 running\n"
            "trial    8  SUCCEEDED   step  12  reward 0.4\n"
            "kws  COMPLETED  2/24 trials [##......................]\n");
}

TEST_F(ApplicationTest, WatchDrawsAPictureOnATerminal) {
  console_.terminal = true;
  console_.columns = 40;
  console_.rows = 24;
  client_.streams = {{{AWatchMessage(pb::Study::ACTIVE, 1, {ARunningTrial(8)}),
                       AWatchMessage(pb::Study::COMPLETED, 0, {FinishedTrial(8, 0.4, 0.1, "temporal")})},
                      absl::OkStatus()}};
  EXPECT_EQ(Run({"study", "watch", "kws"}), kExitOk);
  EXPECT_EQ(console_.out,
            "trial    8  ACTIVE      step  12  w1.0\n"
            "best so far: trial 7  reward 0.85\n"
            "kws  ACTIVE  2/24 trials [##............\n"
            "\x1b[3A\r\x1b[J"
            "trial    8  SUCCEEDED   step  12  rew...\n"
            "best so far: trial 7  reward 0.85\n"
            "kws  COMPLETED  2/24 trials [##.........\n");
}

TEST_F(ApplicationTest, WatchFitsASmallTerminal) {
  console_.terminal = true;
  console_.rows = 6;
  std::vector<pb::Trial> trials;
  for (int id = 1; id <= 20; ++id) trials.push_back(ARunningTrial(id));
  client_.streams = {{{AWatchMessage(pb::Study::ACTIVE, 20, trials)}, absl::OkStatus()}};
  EXPECT_EQ(Run({"study", "watch", "kws"}), kExitOk);
  EXPECT_THAT(console_.out, HasSubstr("(18 more trials are running)\ntrial   19 "));
}

TEST_F(ApplicationTest, WatchGoesOnAfterALostConnection) {
  client_.streams = {{{AWatchMessage(pb::Study::ACTIVE, 1, {ARunningTrial(8)})}, absl::UnavailableError("gone")},
                     {{AWatchMessage(pb::Study::COMPLETED, 0, {})}, absl::OkStatus()}};
  EXPECT_EQ(Run({"study", "watch", "kws"}), kExitOk);
  EXPECT_THAT(client_.calls, ElementsAre("watch owners/ada/studies/kws", "reconnect", "watch owners/ada/studies/kws"));
  EXPECT_EQ(console_.notes, "lost the connection to the server; trying again\n");
}

TEST_F(ApplicationTest, WatchGivesUpOnAServerThatNeverAnswers) {
  EXPECT_EQ(Run({"study", "watch", "kws"}), kExitUnavailable);
  EXPECT_EQ(client_.calls.size(), 61u + 60u);
}

TEST_F(ApplicationTest, WatchPrintsJsonLines) {
  client_.streams = {
      {{AWatchMessage(pb::Study::COMPLETED, 0, {FinishedTrial(8, 0.4, 0.1, "temporal")})}, absl::OkStatus()}};
  EXPECT_EQ(Run({"study", "watch", "kws", "-o", "json"}), kExitOk);
  const auto json = nlohmann::json::parse(console_.out);
  EXPECT_EQ(json["study"]["state"], "COMPLETED");
  EXPECT_EQ(json["changed"][0]["id"], 8);
}

// --- trial

TEST_F(ApplicationTest, ListsTrialsAsATable) {
  EXPECT_EQ(Run({"trial", "list", "kws"}), kExitOk);
  EXPECT_EQ(console_.out,
            "TRIAL  STATE      STEP  reward  accuracy    lr  stem      SECONDS  CLIENT\n"
            "    3  SUCCEEDED    12     0.5      0.75   0.1  spectral     12.5  w1.0\n"
            "    7  SUCCEEDED    12    0.85      0.75  0.01  temporal     12.5  w1.0\n");
}

TEST_F(ApplicationTest, ListsTrialsAsCsvWithEveryColumn) {
  EXPECT_EQ(Run({"trial", "list", "kws", "-o", "csv"}), kExitOk);
  EXPECT_EQ(console_.out,
            "name,id,state,client_id,step,metrics.accuracy,metrics.reward,parameters.lr,parameters.stem,started,ended,"
            "seconds,infeasible_reason\n"
            "owners/ada/studies/kws/trials/3,3,SUCCEEDED,w1.0,12,0.75,0.5,0.1,spectral,2023-11-14T22:13:20Z,"
            "2023-11-14T22:13:32Z,12.5,\n"
            "owners/ada/studies/kws/trials/7,7,SUCCEEDED,w1.0,12,0.75,0.85,0.01,temporal,2023-11-14T22:13:20Z,"
            "2023-11-14T22:13:32Z,12.5,\n");
}

TEST_F(ApplicationTest, HandsFilterSortAndLimitToTheServer) {
  EXPECT_EQ(
      Run({"trial", "list", "kws", "--filter", "accuracy > 0.9 and memory_kb < 60", "--sort", "-reward", "-n", "10"}),
      kExitOk);
  EXPECT_EQ(client_.query.filter, "accuracy > 0.9 and memory_kb < 60");
  EXPECT_EQ(client_.query.order_by, "-reward");
  EXPECT_EQ(client_.query.limit, 10);
}

TEST_F(ApplicationTest, AMistakeInAFilterNamesTheOption) {
  client_.failure = FieldError("filter", "column 3: expected a value, found the end");
  EXPECT_EQ(Run({"trial", "list", "kws", "--filter", "a >"}), kExitUsage);
  EXPECT_EQ(console_.notes, "photinus: --filter: column 3: expected a value, found the end\n");
}

TEST_F(ApplicationTest, ShowsATrialWithCurveAttemptsAndArtifacts) {
  client_.artifacts = {{"model.tflite", "TFL3"}};
  client_.attempts.emplace_back().set_attempt(1);
  client_.attempts[0].set_client_id("w2.1");
  client_.attempts[0].set_outcome("lost");
  EXPECT_EQ(Run({"trial", "show", "kws", "7"}), kExitOk);
  EXPECT_EQ(console_.out,
            "name               owners/ada/studies/kws/trials/7\n"
            "id                 7\n"
            "state              SUCCEEDED\n"
            "client_id          w1.0\n"
            "step               12\n"
            "metrics.accuracy   0.75\n"
            "metrics.reward     0.85\n"
            "parameters.lr      0.01\n"
            "parameters.stem    temporal\n"
            "started            2023-11-14T22:13:20Z\n"
            "ended              2023-11-14T22:13:32Z\n"
            "seconds            12.5\n"
            "infeasible_reason  -\n"
            "metadata           -\n"
            "\n"
            "measurements\n"
            "  step  elapsed  metrics.accuracy\n"
            "     1        -              0.25\n"
            "    12        9              0.75\n"
            "\n"
            "attempts\n"
            "  attempt  client_id  outcome  ended  measurements\n"
            "        1  w2.1       lost         -             0\n"
            "\n"
            "artifacts\n"
            "  name          size  sha256\n"
            "  model.tflite     4  abc\n");
}

TEST_F(ApplicationTest, ATrialThatIsNotThereIsNotFound) {
  EXPECT_EQ(Run({"trial", "show", "kws", "99"}), kExitNotFound);
}

TEST_F(ApplicationTest, PrintsTheBestTrial) {
  EXPECT_EQ(Run({"trial", "best", "kws"}), kExitOk);
  EXPECT_THAT(console_.out, HasSubstr("metrics.reward     0.85\n"));
  EXPECT_EQ(Run({"trial", "best", "kws", "-o", "json"}), kExitOk);
  EXPECT_EQ(nlohmann::json::parse(console_.out)[0]["id"], 7);
}

TEST_F(ApplicationTest, PrintsAParetoFrontAsATable) {
  client_.optimal.push_back(FinishedTrial(9, 0.6, 0.2, "temporal"));
  EXPECT_EQ(Run({"trial", "best", "kws"}), kExitOk);
  EXPECT_THAT(console_.out, StartsWith("TRIAL  STATE "));
}

TEST_F(ApplicationTest, AStudyWithoutAFinishedTrialHasNoBest) {
  client_.optimal.clear();
  EXPECT_EQ(Run({"trial", "best", "kws"}), kExitNotFound);
  EXPECT_EQ(console_.notes, "photinus: owners/ada/studies/kws has no finished trial yet\n");
  EXPECT_EQ(Run({"trial", "fetch", "kws", "best"}), kExitNotFound);
}

class FetchTest : public ApplicationTest {
 protected:
  FetchTest() : folder_(::testing::TempDir() + "/application_test_fetch") { std::filesystem::remove_all(folder_); }
  ~FetchTest() override { std::filesystem::remove_all(folder_); }

  static std::string Content(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  const std::string folder_;
};

TEST_F(FetchTest, WritesEveryArtifactIntoTheFolder) {
  client_.artifacts = {{"model.tflite", "TFL3"}, {"profile.json", "{}"}};
  EXPECT_EQ(Run({"trial", "fetch", "kws", "best", "-o", folder_}), kExitOk);
  EXPECT_EQ(Content(folder_ + "/model.tflite"), "TFL3");
  EXPECT_EQ(Content(folder_ + "/profile.json"), "{}");
  EXPECT_EQ(console_.out, absl::StrCat("ARTIFACT      PATH\nmodel.tflite  ", folder_, "/model.tflite\nprofile.json  ",
                                       folder_, "/profile.json\n"));
  EXPECT_THAT(client_.calls, Contains("fetch owners/ada/studies/kws/trials/7 model.tflite"));
}

TEST_F(FetchTest, WritesOneArtifact) {
  client_.artifacts = {{"model.tflite", "TFL3"}, {"profile.json", "{}"}};
  EXPECT_EQ(Run({"trial", "fetch", "kws", "3", "--artifact", "profile.json", "-o", folder_, "--output", "json"}),
            kExitOk);
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/model.tflite"));
  EXPECT_EQ(nlohmann::json::parse(console_.out)[0]["path"], folder_ + "/profile.json");
}

TEST_F(FetchTest, SaysWhichArtifactsThereAre) {
  client_.artifacts = {{"model.tflite", "TFL3"}, {"profile.json", "{}"}};
  EXPECT_EQ(Run({"trial", "fetch", "kws", "3", "--artifact", "model", "-o", folder_}), kExitNotFound);
  EXPECT_EQ(console_.notes,
            "photinus: owners/ada/studies/kws/trials/3 has no artifact 'model'; it has model.tflite, profile.json\n");
  client_.artifacts.clear();
  EXPECT_EQ(Run({"trial", "fetch", "kws", "3", "-o", folder_}), kExitNotFound);
  EXPECT_FALSE(std::filesystem::exists(folder_));
}

TEST_F(FetchTest, NeverWritesOutsideTheFolder) {
  for (const char* name : {"../evil", "/etc/evil", "..", ".", "a/b", ".bashrc", "a\nb"}) {
    client_.artifacts = {{name, "x"}};
    EXPECT_EQ(Run({"trial", "fetch", "kws", "3", "-o", folder_}), kExitOther) << name;
    EXPECT_TRUE(!std::filesystem::exists(folder_) || std::filesystem::is_empty(folder_)) << name;
  }
}

TEST_F(ApplicationTest, PrintsTheLogOfATrial) {
  client_.artifacts = {{"log.txt", "epoch 1\n\x1b[31mred\n"}};
  EXPECT_EQ(Run({"trial", "logs", "kws", "7"}), kExitOk);
  EXPECT_EQ(console_.out, "epoch 1\n\x1b[31mred\n");
  console_.terminal = true;
  EXPECT_EQ(Run({"trial", "logs", "kws", "7"}), kExitOk);
  EXPECT_EQ(console_.out, "epoch 1\n?[31mred\n");
}

TEST_F(ApplicationTest, ATrialWithoutALogSaysWhenItComes) {
  EXPECT_EQ(Run({"trial", "logs", "kws", "7"}), kExitNotFound);
  EXPECT_EQ(console_.notes,
            "photinus: owners/ada/studies/kws/trials/7 has no log; a worker stores it when the trial's process ends\n");
}

// --- worker

TEST_F(ApplicationTest, ListsWorkers) {
  auto& worker = client_.workers.emplace_back();
  worker.set_name("w1");
  worker.set_slots(4);
  worker.set_alive(true);
  worker.set_version("0.1.0");
  worker.add_trials("owners/ada/studies/kws/trials/8");
  worker.mutable_last_seen()->set_seconds(1'700'000'055);
  EXPECT_EQ(Run({"worker", "list"}), kExitOk);
  EXPECT_EQ(console_.out,
            "WORKER  ALIVE  SLOTS  RUNNING  SECONDS AGO  VERSION  TRIALS\n"
            "w1      yes        4        1            5  0.1.0    owners/ada/studies/kws/trials/8\n");
}

}  // namespace
}  // namespace photinus
