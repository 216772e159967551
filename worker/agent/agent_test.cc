// The whole daemon in this process, real programs as trials, and a server that answers as told.
#include "worker/agent/agent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "common/base/mutex.h"
#include "common/base/random.h"
#include "tests/support/captured_log.h"
#include "tests/support/fake_server.h"

namespace photinus {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

ProcessGuard* guard = nullptr;

class AgentTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override {
    Stop();
    std::filesystem::remove_all(folder_);
  }

  AgentOptions Options() {
    AgentOptions options;
    options.server = server_.address();
    options.name = "w";
    options.data_dir = folder_.string();
    options.exit_when_idle = true;
    options.farewell = absl::Milliseconds(100);
    options.run.hand_back_grace = absl::Milliseconds(200);
    return options;
  }
  std::unique_ptr<Agent> MakeAgent(const AgentOptions& options) {
    auto agent = Agent::Create(options, {Device{"cpu", "cpu", ""}}, *guard);
    EXPECT_TRUE(agent.ok()) << agent.status();
    return *std::move(agent);
  }
  // Until no trial is left.
  void RunToTheEnd(const AgentOptions& options) {
    const absl::Status status = MakeAgent(options)->Run();
    EXPECT_TRUE(status.ok()) << status;
    const MutexLock lock(server_.mutex);  // ThreadSanitizer does not see that gRPC's answers came before
  }
  void RunToTheEnd() { RunToTheEnd(Options()); }
  // In the background, until Stop.
  void Start(AgentOptions options) {
    options.exit_when_idle = false;
    agent_ = MakeAgent(options);
    thread_ = std::thread([this] { EXPECT_TRUE(agent_->Run().ok()); });
  }
  void Start() { Start(Options()); }
  void Stop() {
    if (!thread_.joinable()) return;
    agent_->Stop();
    thread_.join();
    agent_.reset();
    const MutexLock lock(server_.mutex);  // as above
  }
  int WorkDirs() {
    std::error_code error;
    int count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_ / "trials" / "w", error)) {
      ++count;
    }
    return count;
  }
  int Spooled() {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "spool" / "w")) {
      count += entry.path().extension() == ".json" ? 1 : 0;
    }
    return count;
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("photinus_agent_test_" + SecureHex(8));
  FakeServer server_;
  std::unique_ptr<Agent> agent_;
  std::thread thread_;
};

double FinalMetric(const pb::CompleteTrialRequest& request, const std::string& name) {
  for (const auto& metric : request.final_measurement().metrics()) {
    if (metric.metric_id() == name) return metric.value();
  }
  return -1;
}

TEST_F(AgentTest, RunsATrialAndReportsAllOfIt) {
  server_.Give(1, R"(echo hello; echo '{"step":1,"a":0.25}'; echo '{"step":2,"elapsed":1.5,"a":0.5}'
      echo data > model.bin; echo "{\"artifact\":\"model.bin\",\"path\":\"$PWD/model.bin\"}"
      echo bye >&2; echo '{"final":{"a":0.75}}')");
  RunToTheEnd();
  ASSERT_EQ(server_.measurements.size(), 2u);
  EXPECT_EQ(server_.measurements[0].step_count(), 1);
  EXPECT_EQ(server_.measurements[1].elapsed_duration().seconds(), 1);
  EXPECT_EQ(server_.measurements[1].elapsed_duration().nanos(), 500'000'000);
  ASSERT_EQ(server_.completed.size(), 1u);
  EXPECT_EQ(server_.completed[0].name(), FakeServer::Name(1));
  EXPECT_FALSE(server_.completed[0].trial_infeasible());
  EXPECT_EQ(FinalMetric(server_.completed[0], "a"), 0.75);
  EXPECT_EQ(server_.completed[0].final_measurement().step_count(), 2);
  EXPECT_EQ(server_.artifacts["model.bin"], "data\n");
  EXPECT_THAT(server_.artifacts["log.txt"], AllOf(HasSubstr("hello\n"), HasSubstr("bye\n"), Not(HasSubstr("step"))));
  EXPECT_THAT(server_.tokens, ElementsAre("token1"));
  EXPECT_THAT(server_.released, IsEmpty());
  EXPECT_EQ(server_.last_pull.client_id(), "w.0");
  EXPECT_EQ(server_.last_pull.device(), "cpu");
  EXPECT_THAT(server_.last_pull.executors(), Contains("command"));
  EXPECT_EQ(WorkDirs(), 0);
  EXPECT_EQ(Spooled(), 0);
}

TEST_F(AgentTest, OfArtifactsWithOneNameTheLastOneCounts) {
  server_.Give(1, R"(echo old > old; echo new > new
      i=0; while [ $i -lt 70 ]; do i=$((i+1)); echo '{"artifact":"best","path":"old"}'; done
      echo '{"artifact":"best","path":"new"}'; echo '{"artifact":"report","path":"old"}'; echo '{"final":{"a":1}}')");
  RunToTheEnd();
  EXPECT_THAT(server_.artifacts, UnorderedElementsAre(Pair("best", "new\n"), Pair("report", "old\n"), Key("log.txt")));
}

TEST_F(AgentTest, ArtifactsBeyondTheServersLimitAreNamedInTheLog) {
  server_.Give(1,
               R"(touch f; i=0
      while [ $i -lt 65 ]; do i=$((i+1)); echo "{\"artifact\":\"f$i\",\"path\":\"f\"}"; done
      echo '{"final":{"a":1}}')");
  RunToTheEnd();
  EXPECT_EQ(server_.artifacts.size(), 64u);
  EXPECT_THAT(server_.artifacts["log.txt"],
              AllOf(HasSubstr("the artifact f64 is not kept"), HasSubstr("the artifact f65 is not kept")));
}

TEST_F(AgentTest, TheLastMeasurementIsFinalIfTheProgramNamesNone) {
  server_.Give(1, R"(echo '{"step":1,"a":1}'; echo '{"step":2,"a":2}')");
  RunToTheEnd();
  ASSERT_EQ(server_.completed.size(), 1u);
  EXPECT_EQ(FinalMetric(server_.completed[0], "a"), 2);
}

TEST_F(AgentTest, ManyMeasurementsArriveInOrder) {
  server_.Give(1, R"(i=0; while [ $i -lt 700 ]; do i=$((i+1)); echo "{\"step\":$i,\"a\":$i}"; done)");
  RunToTheEnd();
  ASSERT_EQ(server_.measurements.size(), 700u);
  for (int i = 0; i < 700; ++i) EXPECT_EQ(server_.measurements[i].step_count(), i + 1);
}

TEST_F(AgentTest, RunsAsManyTrialsAtOnceAsItHasSlots) {
  // Each waits for the other one's file.
  const std::string script = "touch " + (folder_ / "$0").string() + "; while [ ! -e " + (folder_ / "$1").string() +
                             " ]; do sleep 0.01; done; echo '{\"step\":1,\"a\":1}'";
  server_.GiveArgv(1, {"sh", "-c", script, "one", "two"});
  server_.GiveArgv(2, {"sh", "-c", script, "two", "one"});
  AgentOptions options = Options();
  options.slots = 2;
  RunToTheEnd(options);
  EXPECT_EQ(server_.completed.size(), 2u);
}

struct InfeasibleCase {
  std::string name;
  std::vector<std::string> argv;
  int attempt;
  std::string reason;
};

class InfeasibleTest : public AgentTest, public ::testing::WithParamInterface<InfeasibleCase> {};

TEST_P(InfeasibleTest, IsReportedWithItsReason) {
  server_.GiveArgv(1, GetParam().argv, GetParam().attempt);
  RunToTheEnd();
  ASSERT_EQ(server_.completed.size(), 1u);
  EXPECT_TRUE(server_.completed[0].trial_infeasible());
  EXPECT_THAT(server_.completed[0].infeasible_reason(), HasSubstr(GetParam().reason));
  EXPECT_THAT(server_.artifacts["log.txt"], HasSubstr(GetParam().reason));
  EXPECT_THAT(server_.released, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Table, InfeasibleTest,
    ::testing::Values(
        InfeasibleCase{"ItSaysSo", {"sh", "-c", "echo '{\"infeasible\":\"too big\"}'; exit 3"}, 1, "too big"},
        InfeasibleCase{"ExitStatus", {"sh", "-c", "echo why >&2; exit 3"}, 1, "exit status 3; its last line: why"},
        InfeasibleCase{"NoMetric", {"true"}, 1, "without reporting any metric"},
        InfeasibleCase{"NoProgram", {"no-such-program"}, 1, "no program 'no-such-program'"}),
    [](const auto& info) { return info.param.name; });

TEST_F(AgentTest, ACrashGivesTheTrialBackAsALossInWhateverAttempt) {
  server_.Give(1, "echo '{\"step\":1,\"a\":1}'; echo dying >&2; kill -9 $$", 7);
  RunToTheEnd();
  EXPECT_THAT(server_.released, ElementsAre(FakeServer::Name(1) + " token1 crashed"));
  EXPECT_THAT(server_.causes, ElementsAre("ended by signal 9 (SIGKILL); its last line: dying"));
  EXPECT_THAT(server_.completed, IsEmpty());
  EXPECT_EQ(server_.measurements.size(), 1u);
  EXPECT_THAT(server_.artifacts["log.txt"], AllOf(HasSubstr("dying"), HasSubstr("ended by signal 9 (SIGKILL)")));
}

TEST_F(AgentTest, WhatThisMachineCannotRunIsGivenBackAndTheSlotPauses) {
  AgentOptions options = Options();
  options.first_pause = absl::Milliseconds(200);
  server_.Give(1, "echo disk full >&2; exit 75", 7);
  RunToTheEnd(options);
  EXPECT_THAT(server_.released, ElementsAre(FakeServer::Name(1) + " token1"));
  EXPECT_THAT(server_.completed, IsEmpty());
  EXPECT_THAT(server_.artifacts["log.txt"], AllOf(HasSubstr("disk full\n"), HasSubstr("cannot run it now")));
  ASSERT_EQ(server_.pulls.size(), 2u);
  EXPECT_GE(server_.pulls[1] - server_.pulls[0], absl::Milliseconds(100));
  EXPECT_EQ(WorkDirs(), 0);
}

TEST_F(AgentTest, AMissingTrialProgramIsNotTheStudysFault) {
  AgentOptions options = Options();
  options.trial_program = (folder_ / "gone").string();
  options.first_pause = absl::ZeroDuration();
  server_.GiveNetwork(1);
  RunToTheEnd(options);
  EXPECT_THAT(server_.released, ElementsAre(FakeServer::Name(1) + " token1"));
  EXPECT_THAT(server_.artifacts["log.txt"], HasSubstr("cannot run '" + (folder_ / "gone").string()));
}

TEST_F(AgentTest, ATrialThatNoMachineCanRunIsLostSomeDay) {
  AgentOptions options = Options();
  options.first_pause = absl::ZeroDuration();
  server_.Give(1, "echo no clips >&2; exit 75", kFreeAttempts - 1);
  server_.Give(2, "echo no clips >&2; exit 75", kFreeAttempts);
  RunToTheEnd(options);
  EXPECT_THAT(server_.released, ElementsAre(FakeServer::Name(1) + " token1", FakeServer::Name(2) + " token2 crashed"));
  EXPECT_THAT(server_.causes, Each(HasSubstr("this machine cannot run it now; its last line: no clips")));
}

// Keeps a file where it is told, and says how many it finds there.
constexpr char kKeeping[] = R"sh(read -r request; dir=${request#*\"checkpoint_dir\":\"}; dir=${dir%%\"*}
    echo "found $(ls "$dir" | wc -l)"; touch "$dir/state"; )sh";

TEST_F(AgentTest, WhatACrashedAttemptKeptTheNextOneFinds) {
  server_.Give(1, std::string(kKeeping) + "kill -9 $$");
  RunToTheEnd();
  EXPECT_THAT(server_.artifacts["log.txt"], HasSubstr("found 0\n"));
  server_.Give(1, std::string(kKeeping) + R"(echo '{"final":{"a":1}}')", 2);
  RunToTheEnd();
  EXPECT_THAT(server_.artifacts["log.txt"], HasSubstr("found 1\n"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "checkpoints")) << "the trial has ended";
}

TEST_F(AgentTest, TrialsAreToldHowManyThreadsTheyHave) {
  AgentOptions options = Options();
  options.threads = 3;
  server_.Give(1, R"(read -r request; echo "$request"; echo '{"final":{"a":1}}')");
  RunToTheEnd(options);
  EXPECT_THAT(server_.artifacts["log.txt"], HasSubstr("\"threads\":3"));
}

// Prints a step, then waits for SIGTERM.
constexpr char kPatient[] = R"(trap 'echo "{\"final\":{\"a\":7}}"; exit 0' TERM
    echo '{"step":1,"a":1}'; while :; do sleep 0.01; done)";

TEST_F(AgentTest, AStoppingRulesYesStopsTheProgramWhichMayFinishUp) {
  server_.should_stop = true;
  server_.Give(1, kPatient);
  RunToTheEnd();
  ASSERT_EQ(server_.completed.size(), 1u);
  EXPECT_EQ(FinalMetric(server_.completed[0], "a"), 7);
}

TEST_F(AgentTest, AHeartbeatsStopStopsAProgramThatKnowsNoSignal) {
  server_.ttl.set_seconds(1);
  server_.verdict = v1::HeartbeatResponse::STOP;
  server_.Give(1, "echo '{\"step\":1,\"a\":1}'; exec sleep 1000");
  RunToTheEnd();
  ASSERT_EQ(server_.completed.size(), 1u);
  EXPECT_FALSE(server_.completed[0].trial_infeasible()) << server_.completed[0].infeasible_reason();
  EXPECT_EQ(FinalMetric(server_.completed[0], "a"), 1);
}

TEST_F(AgentTest, AStoppedTrialWithoutWhatAnObjectiveNeedsIsInfeasible) {
  server_.objectives = {"a", "int8_a"};
  server_.should_stop = true;
  server_.Give(1, "echo '{\"step\":1,\"a\":1}'; exec sleep 1000");
  RunToTheEnd();
  ASSERT_EQ(server_.completed.size(), 1u);
  EXPECT_TRUE(server_.completed[0].trial_infeasible());
  EXPECT_THAT(server_.completed[0].infeasible_reason(), HasSubstr("its last measurement lacks 'int8_a'"));
}

TEST_F(AgentTest, AStoppedTrialWithItsFinalMeasurementIsCompletedHoweverItEnds) {
  server_.objectives = {"int8_a"};
  server_.should_stop = true;
  server_.Give(1, R"(trap 'echo "{\"final\":{\"int8_a\":7}}"; exit 3' TERM
      echo '{"step":1,"a":1}'; while :; do sleep 0.01; done)");
  RunToTheEnd();
  ASSERT_EQ(server_.completed.size(), 1u);
  EXPECT_FALSE(server_.completed[0].trial_infeasible()) << server_.completed[0].infeasible_reason();
  EXPECT_EQ(FinalMetric(server_.completed[0], "int8_a"), 7);
}

TEST_F(AgentTest, ATrialWithoutAFiniteObjectiveFinishesWithAWarning) {
  server_.objectives = {"loss"};
  server_.Give(1, R"(echo '{"final":{"loss":1}}')");
  server_.Give(2, R"(echo '{"final":{"accuracy":1}}')");
  RunToTheEnd();
  ASSERT_EQ(server_.completed.size(), 2u);
  EXPECT_FALSE(server_.completed[1].trial_infeasible());
  EXPECT_THAT(server_.artifacts["log.txt"], HasSubstr("finished without a finite 'loss', which the study optimises"));
}

TEST_F(AgentTest, AMachinesFaultAfterAStopIsNotHeldAgainstTheTrial) {
  server_.objectives = {"int8_a"};
  server_.should_stop = true;
  server_.Give(1, "trap 'exit 75' TERM; echo '{\"step\":1,\"a\":1}'; while :; do sleep 0.01; done");
  AgentOptions options = Options();
  options.first_pause = absl::ZeroDuration();
  RunToTheEnd(options);
  EXPECT_THAT(server_.completed, IsEmpty());
  EXPECT_THAT(server_.released, ElementsAre(FakeServer::Name(1) + " token1"));
}

TEST_F(AgentTest, ALostLeaseKillsTheProgramAndReportsNothing) {
  server_.ttl.set_seconds(1);
  server_.verdict = v1::HeartbeatResponse::LOST;
  server_.Give(1, kPatient);
  RunToTheEnd();
  EXPECT_THAT(server_.completed, IsEmpty());
  EXPECT_THAT(server_.released, IsEmpty());
  EXPECT_EQ(WorkDirs(), 0);
}

TEST_F(AgentTest, ARefusedMeasurementOfALostLeaseKillsTheProgram) {
  server_.measurement_error = Error(absl::StatusCode::kFailedPrecondition, "LEASE_LOST", "lost");
  server_.Give(1, kPatient);
  RunToTheEnd();
  EXPECT_THAT(server_.completed, IsEmpty());
}

TEST_F(AgentTest, AnInvalidMeasurementDoesNotStopTheTrial) {
  server_.measurement_error = absl::InvalidArgumentError("too many metrics");
  server_.Give(1, "echo '{\"step\":1,\"a\":1}'");
  RunToTheEnd();
  EXPECT_EQ(server_.completed.size(), 1u);
}

TEST_F(AgentTest, MeasurementsOverTheServersLimitDoNotHoldUpTheTrial) {
  // More than the reporter holds back: were they tried again and again, the program would never be read to its end.
  server_.measurement_error = Error(absl::StatusCode::kResourceExhausted, "TOO_MANY_MEASUREMENTS", "report less often");
  server_.Give(1, R"(i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo "{\"step\":$i,\"a\":$i}"; done)");
  RunToTheEnd();
  ASSERT_EQ(server_.completed.size(), 1u);
  EXPECT_EQ(FinalMetric(server_.completed[0], "a"), 300);
}

TEST_F(AgentTest, EndsWhenANewerDaemonHasItsNameAndReportsNoResult) {
  server_.ttl.set_seconds(1);  // so that it beats soon
  server_.Give(1, kPatient);
  AgentOptions options = Options();
  options.exit_when_idle = false;
  const auto agent = MakeAgent(options);
  absl::Status status;
  std::thread runner([&] { status = agent->Run(); });
  EXPECT_TRUE(server_.Await([this] { return server_.measurements.size() == 1; }));
  server_.Set([this] { server_.superseded = true; });
  runner.join();
  const MutexLock lock(server_.mutex);  // as in RunToTheEnd
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(status.message()), HasSubstr("another --name"));
  EXPECT_THAT(server_.completed, IsEmpty());
}

TEST_F(AgentTest, EndsWhenAPullSaysThatANewerDaemonHasItsName) {
  server_.superseded = true;
  EXPECT_EQ(MakeAgent(Options())->Run().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(AgentTest, FencesItselfWhenNoBeatIsAcknowledged) {
  server_.ttl.set_seconds(0);
  server_.ttl.set_nanos(300'000'000);
  server_.beats_fail = true;
  server_.Give(1, kPatient);
  RunToTheEnd();
  EXPECT_THAT(server_.completed, IsEmpty());
  EXPECT_THAT(server_.released, ElementsAre(FakeServer::Name(1) + " token1"));
}

TEST_F(AgentTest, GivesItsTrialsBackWhenItIsStopped) {
  server_.Give(1, kPatient);
  Start();
  ASSERT_TRUE(server_.Await([this] { return server_.measurements.size() == 1; }));
  EXPECT_THAT(server_.farewells, IsEmpty());
  Stop();
  EXPECT_THAT(server_.released, ElementsAre(FakeServer::Name(1) + " token1"));
  EXPECT_THAT(server_.completed, IsEmpty());
  EXPECT_EQ(WorkDirs(), 0);
  EXPECT_THAT(server_.farewells, ElementsAre("w " + server_.last_pull.incarnation()));
}

TEST_F(AgentTest, ASecondStopWaitsForNobody) {
  AgentOptions options = Options();
  options.run.hand_back_grace = absl::Hours(1);
  server_.Give(
      1,
      "trap 'echo \"{\\\"step\\\":2,\\\"a\\\":1}\"' TERM; echo '{\"step\":1,\"a\":1}'; while :; do sleep 0.01; done");
  Start(options);
  ASSERT_TRUE(server_.Await([this] { return server_.measurements.size() == 1; }));
  agent_->Stop();
  Stop();
  EXPECT_THAT(server_.completed, IsEmpty());
}

TEST_F(AgentTest, KeepsAResultOnDiskWhileTheServerIsAwayAndDeliversItLater) {
  const CapturedLog log;
  server_.results_fail = true;
  server_.Give(1, "echo keep > f; echo '{\"artifact\":\"f\",\"path\":\"f\"}'; echo '{\"step\":1,\"a\":3}'");
  Start();
  while (Spooled() == 0) std::this_thread::yield();
  Stop();
  EXPECT_THAT(server_.artifacts, IsEmpty()) << "measurements come first";
  EXPECT_EQ(Spooled(), 1);
  EXPECT_EQ(WorkDirs(), 1);
  EXPECT_THAT(server_.completed, IsEmpty());
  EXPECT_EQ(log.Count(FakeServer::Name(1) + " attempt 1: finished, not delivered yet"), 1) << log.text();
  EXPECT_EQ(log.Count(": delivered"), 0) << log.text();
  server_.Set([this] { server_.results_fail = false; });
  RunToTheEnd();
  ASSERT_EQ(server_.completed.size(), 1u);
  EXPECT_EQ(FinalMetric(server_.completed[0], "a"), 3);
  ASSERT_EQ(server_.measurements.size(), 1u);
  EXPECT_EQ(server_.artifacts["f"], "keep\n");
  EXPECT_THAT(server_.tokens, ElementsAre("token1"));
  EXPECT_EQ(log.Count(FakeServer::Name(1) + ": delivered"), 1) << log.text();
  EXPECT_EQ(Spooled(), 0);
  EXPECT_EQ(WorkDirs(), 0);
}

TEST_F(AgentTest, NoSlotPullsBeforeTheSpoolIsDelivered) {
  // A pull under the new incarnation would take the trial away from the result that waits.
  server_.results_fail = true;
  server_.Give(1, "echo '{\"step\":1,\"a\":3}'");
  Start();
  while (Spooled() == 0) std::this_thread::yield();
  Stop();
  server_.Set([this] {
    server_.results_fail = false;
    server_.failing_completions = 3;  // for long enough that a slot could pull
    server_.completed_before_pulls.clear();
  });
  AgentOptions options = Options();
  options.slots = 2;
  RunToTheEnd(options);
  EXPECT_EQ(server_.completed.size(), 1u);
  EXPECT_THAT(server_.completed_before_pulls, Each(1u));
}

TEST_F(AgentTest, ASpooledResultFindsItsFilesUnderAnotherPathOfTheDataFolder) {
  const std::filesystem::path link = folder_ / "link";
  std::filesystem::create_directory_symlink(folder_, link);
  server_.results_fail = true;
  server_.Give(1, "echo keep > f; echo '{\"artifact\":\"f\",\"path\":\"f\"}'; echo '{\"step\":1,\"a\":3}'");
  AgentOptions options = Options();
  options.data_dir = link.string();
  Start(options);
  while (Spooled() == 0) std::this_thread::yield();
  Stop();
  server_.Set([this] {
    server_.results_fail = false;
    server_.artifacts.clear();
  });
  RunToTheEnd();
  EXPECT_EQ(server_.completed.size(), 1u);
  EXPECT_EQ(server_.artifacts["f"], "keep\n");
}

TEST_F(AgentTest, KeepsTheFilesOfARefusedResult) {
  server_.completion_error = Error(absl::StatusCode::kFailedPrecondition, "LEASE_LOST", "lost");
  server_.Give(1, "echo keep > f; echo '{\"artifact\":\"model\",\"path\":\"f\"}'; echo '{\"step\":1,\"a\":3}'");
  RunToTheEnd();
  EXPECT_EQ(WorkDirs(), 0);
  const auto kept = std::filesystem::directory_iterator(folder_ / "late");
  ASSERT_NE(begin(kept), end(kept));
  EXPECT_THAT(kept->path().filename().string(), StartsWith("s.1.1-"));
  EXPECT_TRUE(std::filesystem::exists(kept->path() / "model"));
}

TEST_F(AgentTest, RemovesWorkDirsThatAKilledDaemonLeft) {
  std::filesystem::create_directories(folder_ / "trials" / "w" / "s.1.1-abc" / "deep");
  ASSERT_EQ(WorkDirs(), 1);
  RunToTheEnd();
  EXPECT_EQ(WorkDirs(), 0);
}

TEST_F(AgentTest, RunsNoCommandsOfAServerElsewhereUnlessAllowed) {
  AgentOptions options = Options();
  options.server = "[::ffff:127.0.0.1]:" + std::to_string(server_.port());  // this machine, but not by its looks
  const absl::Status status = Agent::Create(options, {Device{"cpu", "cpu", ""}}, *guard).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);  // there is no photinus-trial beside this test
  EXPECT_THAT(std::string(status.message()), HasSubstr("--allow-remote-command"));
  options.allow_remote_command = true;
  RunToTheEnd(options);
  EXPECT_THAT(server_.last_pull.executors(), Contains("command"));
}

TEST_F(AgentTest, RefusesDevicesOnWhichNoNetworkCanBeTrained) {
  const std::filesystem::path program = folder_ / "trial";
  std::ofstream(program) << R"(#!/bin/sh
      [ "$*" = "check --device cuda:0" ] && [ "$CUDA_VISIBLE_DEVICES" = 3 ] && exit 0
      echo 'this libtorch knows no CUDA' >&2; exit 75)";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  AgentOptions options = Options();
  options.trial_program = program.string();
  const auto create = [&](const Device& device) { return Agent::Create(options, {device}, *guard).status(); };
  EXPECT_TRUE(create(Device{"cpu", "cpu", ""}).ok()) << "is not checked";
  EXPECT_TRUE(create(Device{"cuda:1", "cuda:0", "3"}).ok());
  const absl::Status status = create(Device{"cuda:1", "cuda:0", "4"});
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("cuda:1: this libtorch knows no CUDA"), HasSubstr("./run build --torch PREFIX")));
}

TEST_F(AgentTest, RefusesBadOptionsAndATakenName) {
  const auto create = [&](const AgentOptions& options) {
    return Agent::Create(options, {Device{"cpu", "cpu", ""}}, *guard).status().code();
  };
  AgentOptions options = Options();
  options.name = "a/b";
  EXPECT_EQ(create(options), absl::StatusCode::kInvalidArgument);
  options = Options();
  options.slots = 0;
  EXPECT_EQ(create(options), absl::StatusCode::kInvalidArgument);
  options = Options();
  options.threads = 2000;  // photinus-trial would refuse every trial
  EXPECT_EQ(create(options), absl::StatusCode::kInvalidArgument);
  options = Options();
  options.server = "nowhere";
  EXPECT_EQ(create(options), absl::StatusCode::kInvalidArgument);
  options = Options();
  options.data_dir = "/proc/nowhere";
  EXPECT_EQ(create(options), absl::StatusCode::kUnavailable);
  const auto first = MakeAgent(Options());
  EXPECT_EQ(create(Options()), absl::StatusCode::kAlreadyExists);
}

TEST_F(AgentTest, EndsWithTheErrorOfAServerThatIsNone) {
  // A Vizier server without our WorkerService answers UNIMPLEMENTED.
  pb::VizierService::Service other;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&other);
  const auto server = builder.BuildAndStart();
  AgentOptions options = Options();
  options.server = "127.0.0.1:" + std::to_string(port);
  EXPECT_EQ(MakeAgent(options)->Run().code(), absl::StatusCode::kUnimplemented);
}

}  // namespace
}  // namespace photinus

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  auto guard = photinus::ProcessGuard::Start();  // before the first thread
  photinus::guard = &*guard;
  ::testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
