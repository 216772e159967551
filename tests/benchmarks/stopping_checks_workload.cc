#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/temporary_folder.h"
#include "tests/benchmarks/server_process.h"
#include "tests/benchmarks/server_workloads.h"
#include "tests/benchmarks/service_client.h"

namespace photinus {
namespace {

constexpr int kTrials = 2000;
constexpr int kSteps = 100;
constexpr int kParameters = 10;
constexpr int kFillers = 16;
constexpr int kFirstCheck = 10, kLastCheck = 90;  // of a running trial, at each step between

// In which no check ends a trial.
AStudy StudyWithTsgp() {
  AStudy study = AStudy("").WithObjective("y").WithDocument(
      absl::StrCat(R"({"early_stopping": {"rule": "TSGP", "exempt": 1, "horizon": )", kSteps, "}}"));
  for (int i = 0; i < kParameters; ++i) study.WithFloat(absl::StrCat("x", i));
  return study;
}

// Of a curve that rises to the parameters' mean, with ripples for noise.
double ValueAt(const pb::Trial& trial, int step) {
  double sum = 0;
  for (const auto& parameter : trial.parameters()) sum += parameter.value().number_value();
  return sum / kParameters * (1 - std::exp(-step / 20.0)) + 0.01 * std::sin(7 * sum + 13 * step);
}

void Train(ServiceClient& client, const pb::Trial& trial, int from, int until) {
  for (int step = from; step <= until; ++step) client.AddMeasurement(trial.name(), step, ValueAt(trial, step));
}

void RunFullTrials(ServiceClient& client, const std::string& study) {
  std::atomic<int> left = kTrials;
  std::vector<std::thread> fillers;
  for (int filler = 0; filler < kFillers; ++filler) {
    fillers.emplace_back([&, name = absl::StrCat("filler-", filler)] {
      while (left.fetch_sub(1) > 0) {
        const pb::Trial trial = client.Suggest(study, name).at(0);
        Train(client, trial, 1, kSteps);
        client.Complete(trial.name(), ValueAt(trial, kSteps));
      }
    });
  }
  for (std::thread& filler : fillers) filler.join();
}

// Milliseconds of the checks of one trial, each after a new value; those of an echo in between.
void CheckOne(ServiceClient& client, const pb::Trial& trial, const std::function<void()>& echo,
              std::vector<double>& checks, std::vector<double>& echoes) {
  const auto milliseconds = [](const std::function<void()>& call) {
    const auto begin = SteadyClock::now();
    call();
    return 1e3 * SecondsSince(begin);
  };
  Train(client, trial, 1, kFirstCheck - 1);
  for (int step = kFirstCheck; step <= kLastCheck; ++step) {
    Train(client, trial, step, step);
    echoes.push_back(milliseconds(echo));
    checks.push_back(milliseconds([&] { client.CheckEarlyStopping(trial.name()); }));
  }
  client.Complete(trial.name(), ValueAt(trial, kLastCheck));
}

}  // namespace

void RunStoppingChecks(const WorkloadOptions& options, Report& report) {
  const TemporaryFolder folder = Check(TemporaryFolder::Make());
  const ServerProcess echo_server(EchoServerCommand());
  const ServerProcess server(PhotinusServerCommand(absl::StrCat("sqlite://", folder.File("db"))));
  ServiceClient echo(echo_server.address()), client(server.address());
  const std::string study = client.CreateStudy(StudyWithTsgp());
  RunFullTrials(client, study);
  pb::Trial trial = client.Suggest(study, "client").at(0);
  Train(client, trial, 1, kFirstCheck);
  const auto begin = SteadyClock::now();
  client.CheckEarlyStopping(trial.name());
  report.Add({absl::StrCat("check of a trial beside ", kTrials, " x ", kSteps, " values, the first"),
              1e3 * SecondsSince(begin), "ms"});
  client.Complete(trial.name(), ValueAt(trial, kFirstCheck));
  std::vector<double> checks, echoes;
  for (int round = 0; round < options.rounds; ++round) {
    trial = client.Suggest(study, "client").at(0);
    CheckOne(
        client, trial, [&] { echo.GetTrial("owners/benchmark/studies/echo/trials/1"); }, checks, echoes);
  }
  report.Add({"echo, 1 client, p50", Median(echoes), "ms"});
  report.Add({"check, p99", Quantile(checks, 0.99), "ms"});
  report.Add({"check, p50", Median(checks), "ms", "echo", Median(checks) / Median(echoes)});
}

}  // namespace photinus
