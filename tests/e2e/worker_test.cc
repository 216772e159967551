// photinus-server and photinus-worker as processes, with tiny programs as trials.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "common/rpc/query_client.h"
#include "common/rpc/vizier_client.h"
#include "common/rpc/worker_client.h"
#include "common/study_document/stop_entry.h"
#include "tests/e2e/program.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kOwner[] = "owners/e2e";
constexpr char kStudy[] = "owners/e2e/studies/s";

class WorkerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_);
    StartServer("127.0.0.1:0");
  }
  void TearDown() override {
    workers_.clear();
    channel_.reset();  // an idle connection would keep the server from ending for up to 5 s
    if (server_ != nullptr) {
      EXPECT_EQ(server_->Stop(), 0);
    }
    if (HasFailure()) PrintLogs();
    std::filesystem::remove_all(folder_);
  }

  // For tests in which no worker may be taken for lost.
  void UseLongLeases() {
    lease_seconds_ = "60";
    server_->Kill();
    StartServer(address_);
  }
  void StartServer(const std::string& listen) {
    server_ = std::make_unique<Program>("photinus-server",
                                        std::vector<std::string>{"--storage", "sqlite://" + (folder_ / "db").string(),
                                                                 "--listen", listen, "--lease-ttl", lease_seconds_},
                                        (folder_ / "server.log").string());
    const std::string line = server_->ReadLine();
    ASSERT_THAT(line, HasSubstr("listening on "));
    address_ = line.substr(std::string("listening on ").size());
    channel_ = std::make_unique<Channel>(*Channel::Open(address_));
  }
  Program& StartWorker(const std::string& name, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"--server", address_,     "--name",
                                          name,       "--data-dir", (folder_ / "data").string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    workers_.push_back(std::make_unique<Program>("photinus-worker", arguments, (folder_ / (name + ".log")).string()));
    return *workers_.back();
  }
  void PrintLogs() {
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      if (entry.path().extension() != ".log") continue;
      std::ifstream file(entry.path());
      ADD_FAILURE() << entry.path().filename() << ":\n" << std::string(std::istreambuf_iterator<char>(file), {});
    }
  }

  // A study over x in [0, 1] whose trials run `sh -c script x FOLDER`; `more` of the study document.
  void CreateStudy(int trials, const std::string& script, const nlohmann::json& more = nlohmann::json::object()) {
    pb::CreateStudyRequest request;
    request.set_parent(kOwner);
    request.mutable_study()->set_display_name("s");
    pb::StudySpec& spec = *request.mutable_study()->mutable_study_spec();
    spec.set_algorithm("RANDOM_SEARCH");
    auto& x = *spec.add_parameters();
    x.set_parameter_id("x");
    x.mutable_double_value_spec()->set_max_value(1);
    auto& metric = *spec.add_metrics();
    metric.set_metric_id("y");
    metric.set_goal(pb::StudySpec::MetricSpec::MAXIMIZE);
    pb::KeyValue& document = *spec.add_metadata();
    document.set_ns("photinus");
    document.set_key("study");
    nlohmann::json content = {
        {"version", 1},
        {"budget", {{"trials", trials}}},
        {"trial", {{"executor", "command"}, {"argv", {"sh", "-c", script, "{x}", folder_.string()}}}}};
    content.update(more);
    document.set_value(content.dump());
    const auto study = VizierClient(*channel_).CreateStudy(request);
    ASSERT_TRUE(study.ok()) << study.status();
  }
  std::vector<pb::Trial> Trials() {
    pb::ListTrialsRequest request;
    request.set_parent(kStudy);
    const auto response = VizierClient(*channel_).ListTrials(request);
    if (!response.ok()) return {};
    return {response->trials().begin(), response->trials().end()};
  }
  pb::Trial TheTrial() {
    const std::vector<pb::Trial> trials = Trials();
    return trials.size() == 1 ? trials[0] : pb::Trial();
  }
  bool IsCompleted() {
    pb::GetStudyRequest request;
    request.set_name(kStudy);
    const auto study = VizierClient(*channel_).GetStudy(request);
    return study.ok() && study->state() == pb::Study::COMPLETED;
  }
  std::vector<v1::Attempt> Attempts(const std::string& trial = std::string(kStudy) + "/trials/1") {
    v1::ListAttemptsRequest request;
    request.set_trial(trial);
    const auto response = QueryClient(*channel_).ListAttempts(request);
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok()) return {};
    return {response->attempts().begin(), response->attempts().end()};
  }
  std::string Artifact(const std::string& name) {
    const std::string path = (folder_ / "fetched").string();
    const auto fetched = WorkerClient(*channel_).GetArtifact(std::string(kStudy) + "/trials/1", name, path);
    EXPECT_TRUE(fetched.ok()) << fetched.status();
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  bool AwaitFirstStep() {
    return Eventually("the first measurement", [this] { return TheTrial().measurements_size() == 1; });
  }
  void OpenGate() { std::ofstream(folder_ / "gate") << "open"; }

  static std::vector<int64_t> Steps(const pb::Trial& trial) {
    std::vector<int64_t> steps;
    for (const auto& measurement : trial.measurements()) steps.push_back(measurement.step_count());
    return steps;
  }

  std::string lease_seconds_ = "1";  // so that lost workers are noticed soon
  const std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("photinus_e2e_" + SecureHex(8));
  std::string address_;
  std::unique_ptr<Program> server_;
  std::unique_ptr<Channel> channel_;
  std::vector<std::unique_ptr<Program>> workers_;
};

// Reports step 1, waits until the file "gate" is there, reports step 2.
constexpr char kGated[] = R"(echo "{\"step\":1,\"y\":$0}"
    while [ ! -e "$1/gate" ]; do sleep 0.01; done
    echo "{\"step\":2,\"y\":$0}")";

TEST_F(WorkerTest, TwoSlotsFinishAStudyAndLeave) {
  // The first two trials meet, so both slots must work at once.
  CreateStudy(6, R"(echo "started with $0"; read -r request; id=${request#*trials/}; id=${id%%\"*}
      touch "$1/started.$id"
      case $id in 1) other=2 ;; 2) other=1 ;; *) other=$id ;; esac
      while [ ! -e "$1/started.$other" ]; do sleep 0.01; done
      echo "{\"step\":1,\"y\":$0}"; echo "{\"final\":{\"y\":$0}}")");
  Program& worker = StartWorker("w", {"--slots", "2", "--exit-when-idle"});
  EXPECT_EQ(worker.Wait(), 0);
  EXPECT_TRUE(IsCompleted());
  const std::vector<pb::Trial> trials = Trials();
  ASSERT_EQ(trials.size(), 6u);
  std::set<std::string> clients;
  for (const pb::Trial& trial : trials) {
    EXPECT_EQ(trial.state(), pb::Trial::SUCCEEDED);
    EXPECT_THAT(Steps(trial), ElementsAre(1));
    // The program got x as text, and what it printed came back.
    EXPECT_EQ(trial.final_measurement().metrics(0).value(), trial.parameters(0).value().number_value());
    clients.insert(trial.client_id());
  }
  EXPECT_EQ(clients, (std::set<std::string>{"w.0", "w.1"}));
  EXPECT_THAT(Artifact("log.txt"), HasSubstr("started with 0."));
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "data" / "trials" / "w"));
}

TEST_F(WorkerTest, AProgramThatIsKilledGetsAnotherAttempt) {
  CreateStudy(1, kGated);
  Program& worker = StartWorker("w", {"--exit-when-idle"});
  ASSERT_TRUE(AwaitFirstStep());
  const std::vector<pid_t> children = worker.Children();
  ASSERT_EQ(children.size(), 1u);
  kill(children[0], SIGKILL);
  OpenGate();
  EXPECT_EQ(worker.Wait(), 0);
  EXPECT_EQ(TheTrial().state(), pb::Trial::SUCCEEDED);
  EXPECT_THAT(Steps(TheTrial()), ElementsAre(1, 2));
  const std::vector<v1::Attempt> attempts = Attempts();
  ASSERT_EQ(attempts.size(), 1u);
  EXPECT_EQ(attempts[0].attempt(), 1);
  EXPECT_EQ(attempts[0].measurements_size(), 1);
}

TEST_F(WorkerTest, AProgramThatAlwaysCrashesIsLostAfterThreeAttempts) {
  CreateStudy(1, "echo last words; kill -9 $$");
  EXPECT_EQ(StartWorker("w", {"--exit-when-idle"}).Wait(), 0);
  EXPECT_EQ(TheTrial().state(), pb::Trial::INFEASIBLE);
  EXPECT_EQ(TheTrial().infeasible_reason(), "lost");
  EXPECT_THAT(Artifact("log.txt"), HasSubstr("ended by signal 9 (SIGKILL); its last line: last words"));
  const std::vector<v1::Attempt> attempts = Attempts();
  ASSERT_EQ(attempts.size(), 3u);
  for (const v1::Attempt& attempt : attempts) {
    EXPECT_EQ(attempt.outcome(), "crashed");
    EXPECT_EQ(attempt.cause(), "ended by signal 9 (SIGKILL); its last line: last words");
  }
}

TEST_F(WorkerTest, ATrialThatThisMachineCannotRunIsFinishedLater) {
  CreateStudy(1, R"(if [ ! -e "$1/tried" ]; then touch "$1/tried"; echo disk full >&2; exit 75; fi
      echo "{\"step\":1,\"y\":$0}")");
  EXPECT_EQ(StartWorker("w", {"--exit-when-idle"}).Wait(), 0);
  EXPECT_EQ(TheTrial().state(), pb::Trial::SUCCEEDED);
  const std::vector<v1::Attempt> attempts = Attempts();
  ASSERT_EQ(attempts.size(), 1u);
  EXPECT_EQ(attempts[0].outcome(), "released");
}

TEST_F(WorkerTest, AKilledWorkersTrialIsFinishedByAnotherWorker) {
  CreateStudy(1, kGated);
  Program& first = StartWorker("first");
  ASSERT_TRUE(AwaitFirstStep());
  const std::vector<pid_t> children = first.Children();
  ASSERT_EQ(children.size(), 1u);
  first.Kill();
  EXPECT_TRUE(Eventually("the end of the killed worker's program", [&] { return !IsAlive(children[0]); }));
  OpenGate();
  EXPECT_EQ(StartWorker("second", {"--exit-when-idle"}).Wait(), 0);
  const pb::Trial trial = TheTrial();
  EXPECT_EQ(trial.state(), pb::Trial::SUCCEEDED);
  EXPECT_EQ(trial.client_id(), "second.0");
  EXPECT_THAT(Steps(trial), ElementsAre(1, 2));
  const std::vector<v1::Attempt> attempts = Attempts();
  ASSERT_EQ(attempts.size(), 1u);
  EXPECT_EQ(attempts[0].client_id(), "first.0");
  EXPECT_EQ(attempts[0].outcome(), "lost");
  ASSERT_EQ(attempts[0].measurements_size(), 1);
  EXPECT_EQ(attempts[0].measurements(0).step_count(), 1);
}

TEST_F(WorkerTest, AWorkerRestartedUnderItsNameBeginsItsTrialAnew) {
  CreateStudy(1, kGated);
  Program& first = StartWorker("w");
  ASSERT_TRUE(AwaitFirstStep());
  first.Kill();
  OpenGate();
  EXPECT_EQ(StartWorker("w", {"--exit-when-idle"}).Wait(), 0);
  EXPECT_EQ(TheTrial().state(), pb::Trial::SUCCEEDED);
  EXPECT_THAT(Steps(TheTrial()), ElementsAre(1, 2));
  EXPECT_EQ(Attempts().size(), 1u);
}

TEST_F(WorkerTest, AStoppedWorkerGivesItsTrialBackAtOnce) {
  CreateStudy(1, kGated);
  Program& first = StartWorker("first");
  ASSERT_TRUE(AwaitFirstStep());
  const std::vector<pid_t> children = first.Children();
  EXPECT_EQ(first.Stop(), 0);
  for (const pid_t child : children) EXPECT_FALSE(IsAlive(child));
  EXPECT_EQ(TheTrial().state(), pb::Trial::REQUESTED);
  const std::vector<v1::Attempt> attempts = Attempts();
  ASSERT_EQ(attempts.size(), 1u);
  EXPECT_EQ(attempts[0].outcome(), "released");
  OpenGate();
  EXPECT_EQ(StartWorker("second", {"--exit-when-idle"}).Wait(), 0);
  EXPECT_EQ(TheTrial().state(), pb::Trial::SUCCEEDED);
}

TEST_F(WorkerTest, AServerThatComesBackInTimeCostsNoAttempt) {
  UseLongLeases();
  CreateStudy(1, kGated);
  Program& worker = StartWorker("w", {"--exit-when-idle"});
  ASSERT_TRUE(AwaitFirstStep());
  server_->Kill();
  StartServer(address_);
  OpenGate();
  EXPECT_EQ(worker.Wait(), 0);
  EXPECT_EQ(TheTrial().state(), pb::Trial::SUCCEEDED);
  EXPECT_THAT(Steps(TheTrial()), ElementsAre(1, 2));
  EXPECT_EQ(Attempts().size(), 0u);
}

TEST_F(WorkerTest, TheResultsOfAllSlotsWaitForTheServer) {
  UseLongLeases();
  CreateStudy(2, kGated);
  Program& worker = StartWorker("w", {"--slots", "2"});
  ASSERT_TRUE(Eventually("the first measurements", [this] {
    const std::vector<pb::Trial> trials = Trials();
    return trials.size() == 2 && trials[0].measurements_size() == 1 && trials[1].measurements_size() == 1;
  }));
  server_->Kill();
  OpenGate();
  const auto spooled = [&] {
    const auto folder = std::filesystem::directory_iterator(folder_ / "data" / "spool" / "w");
    return std::count_if(begin(folder), end(folder), [](const auto& f) { return f.path().extension() == ".json"; });
  };
  EXPECT_TRUE(Eventually("the results in the spool", [&] { return spooled() == 2; }));
  worker.Kill();
  StartServer(address_);
  EXPECT_EQ(StartWorker("w", {"--slots", "2", "--exit-when-idle"}).Wait(), 0);
  for (const pb::Trial& trial : Trials()) {
    EXPECT_EQ(trial.state(), pb::Trial::SUCCEEDED);
    EXPECT_THAT(Steps(trial), ElementsAre(1, 2));
    EXPECT_EQ(Attempts(trial.name()).size(), 0u);
  }
}

TEST_F(WorkerTest, AStoppedTrialFinishesUp) {
  CreateStudy(1, R"(trap 'echo "{\"final\":{\"y\":42}}"; exit 0' TERM
      echo '{"step":1,"y":1}'; while :; do sleep 0.01; done)");
  Program& worker = StartWorker("w", {"--exit-when-idle"});
  ASSERT_TRUE(AwaitFirstStep());
  pb::StopTrialRequest stop;
  stop.set_name(TheTrial().name());
  EXPECT_TRUE(VizierClient(*channel_).StopTrial(stop).ok());
  EXPECT_EQ(worker.Wait(), 0);
  EXPECT_EQ(TheTrial().state(), pb::Trial::SUCCEEDED);
  EXPECT_EQ(TheTrial().final_measurement().metrics(0).value(), 42);
}

// The rule learns from full trials while they run, and ends a hopeless one at a value that it reports.
TEST_F(WorkerTest, AHopelessTrialIsStoppedByWhatWasLearnt) {
  // y climbs to x in 20 steps; where x is small it takes its time from step 10 on.
  CreateStudy(25, R"(awk -v x="$0" 'BEGIN { n = x < 0.4 ? 10 : 20; for (s = 1; s <= n; ++s)
        printf "{\"step\":%d,\"y\":%.6f}\n", s, x - 0.5 * exp(-s / 4) + 0.002 * sin(7 * s + 100 * x) }'
      if [ "${0#0.2}" != "$0" ]; then
        trap 'echo "{\"final\":{\"y\":0.15}}"; exit 0' TERM
        for step in 11 12 13 14 15 16 17 18 19; do sleep 0.5; echo "{\"step\":$step,\"y\":0.19}"; done
        while :; do sleep 0.01; done
      fi)",
              {{"early_stopping", {{"rule", "TSGP"}, {"horizon", 20}, {"exempt", 0}}}});
  VizierClient client(*channel_);
  // While nothing is learnt, any; then ever better ones, which go on; then the hopeless one.
  for (int i = 0; i < 25; ++i) {
    pb::CreateTrialRequest request;
    request.set_parent(kStudy);
    auto& x = *request.mutable_trial()->add_parameters();
    x.set_parameter_id("x");
    x.mutable_value()->set_number_value(i == 24 ? 0.2 : i < 20 ? 0.6 + 0.3 * (7 * i % 20) / 19 : 0.72 + 0.01 * i);
    ASSERT_TRUE(client.CreateTrial(request).ok());
  }
  EXPECT_EQ(StartWorker("w", {"--exit-when-idle"}).Wait(), 0);
  const std::vector<pb::Trial> trials = Trials();
  ASSERT_EQ(trials.size(), 25u);
  const pb::Trial& hopeless = trials.back();
  EXPECT_EQ(hopeless.state(), pb::Trial::SUCCEEDED);
  EXPECT_EQ(hopeless.final_measurement().metrics(0).value(), 0.15);
  const auto stop = StopDecisionOf(hopeless);
  ASSERT_TRUE(stop.has_value());
  EXPECT_EQ(stop->outcome(), v1::StopDecision::STOPPED);
  EXPECT_LE(Steps(hopeless).back(), std::max(10.0, stop->step() + 1)) << "the program is told at once";
  EXPECT_EQ(stop->metric(), "y");
  EXPECT_NEAR(stop->predicted_final(), 0.2, 0.15);
  v1::GetStudyStopsRequest request;
  request.set_parent(kStudy);
  const auto stops = QueryClient(*channel_).GetStudyStops(request);
  ASSERT_TRUE(stops.ok()) << stops.status();
  EXPECT_EQ(stops->audit().full(), 24);
  EXPECT_EQ(stops->audit().stopped(), 1);
  EXPECT_EQ(stops->audit().saved(), 20 - Steps(hopeless).back());
  ASSERT_EQ(stops->stops_size(), 1);
  EXPECT_EQ(stops->stops(0).trial(), 25);
  EXPECT_EQ(stops->stops(0).final(), 0.15);
}

TEST_F(WorkerTest, ADeletedStudyEndsItsPrograms) {
  CreateStudy(1, kGated);
  Program& worker = StartWorker("w", {"--exit-when-idle"});
  ASSERT_TRUE(AwaitFirstStep());
  pb::DeleteStudyRequest request;
  request.set_name(kStudy);
  EXPECT_TRUE(VizierClient(*channel_).DeleteStudy(request).ok());
  EXPECT_EQ(worker.Wait(), 0);
}

TEST_F(WorkerTest, IsListedWithItsTrial) {
  CreateStudy(1, kGated);
  Program& worker = StartWorker("w", {"--slots", "3", "--exit-when-idle"});
  ASSERT_TRUE(AwaitFirstStep());
  EXPECT_TRUE(Eventually("the worker's entry", [this] {
    const auto list = QueryClient(*channel_).ListWorkers({});
    return list.ok() && list->workers_size() == 1 && list->workers(0).slots() == 3 &&
           list->workers(0).trials_size() == 1;
  }));
  OpenGate();
  EXPECT_EQ(worker.Wait(), 0);
}

}  // namespace
}  // namespace photinus
