#include <algorithm>
#include <atomic>
#include <cstdio>
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

constexpr int64_t kSmallStudy = 1000;
constexpr int kMeasurements = 5;
constexpr int kFillers = 16;
constexpr int kBatch = 25;  // trials that a filler asks for at once
constexpr int kPage = 1000;
constexpr double kMebibyte = 1 << 20;

using Bar = Figure::Bar;

// Runs trials until the study has `until` of them, each with its measurements, through the RPCs that a worker uses.
void Fill(ServiceClient& client, const std::string& study, int64_t from, int64_t until) {
  std::atomic<int64_t> next = from;
  std::vector<std::thread> fillers;
  for (int filler = 0; filler < kFillers; ++filler) {
    fillers.emplace_back([&, name = absl::StrCat("filler-", filler)] {
      while (true) {
        const int64_t first = next.fetch_add(kBatch);
        if (first >= until) return;
        const auto wanted = static_cast<int>(std::min<int64_t>(kBatch, until - first));
        for (const pb::Trial& trial : client.Suggest(study, name, wanted)) {
          for (int64_t step = 1; step <= kMeasurements; ++step)
            client.AddMeasurement(trial.name(), step, 1.0 / static_cast<double>(step));
          client.Complete(trial.name(), trial.parameters(0).value().number_value());
        }
      }
    });
  }
  for (std::thread& filler : fillers) filler.join();
}

// Fills the large study in ten steps; reports how memory grew after the first two.
void FillLarge(const ServerProcess& server, ServiceClient& client, const std::string& study, int64_t trials,
               Report& report) {
  constexpr int kSteps = 10;
  constexpr int kWarm = 2;
  double warm = 0;
  const auto begin = SteadyClock::now();
  for (int step = 1; step <= kSteps; ++step) {
    Fill(client, study, trials * (step - 1) / kSteps, trials * step / kSteps);
    if (step == kWarm) warm = static_cast<double>(server.ResidentBytes());
  }
  const auto bytes = static_cast<double>(server.ResidentBytes());
  const double seconds = SecondsSince(begin);
  report.Add({absl::StrCat("fill: ", trials, " trials x ", kMeasurements, " measurements"),
              static_cast<double>(trials) / seconds, "trials/s"});
  report.Add({"RSS after the fill", bytes / kMebibyte, "MiB", "", 0, Bar::kAtMost, 600});
  report.Add({"RSS per trial, after warm-up",
              (bytes - warm) / static_cast<double>(trials * (kSteps - kWarm) / kSteps) / 1024, "KiB", "", 0,
              Bar::kAtMost, 1.5});
}

double SuggestMilliseconds(ServiceClient& client, const std::string& study, double seconds) {
  std::vector<double> milliseconds;
  for (const auto begin = SteadyClock::now(); SecondsSince(begin) < seconds;) {
    const auto call = SteadyClock::now();
    const auto trials = client.Suggest(study, "client");
    milliseconds.push_back(1e3 * SecondsSince(call));
    client.Complete(trials[0].name(), 0);
  }
  return Median(milliseconds);
}

void CompareSuggestions(ServiceClient& client, const std::string& small, const std::string& large,
                        const WorkloadOptions& options, Report& report) {
  std::vector<double> own, ratios;
  for (int round = 0; round < 2 * options.rounds; ++round) {
    const double few = SuggestMilliseconds(client, small, options.seconds / 2);
    own.push_back(SuggestMilliseconds(client, large, options.seconds / 2));
    ratios.push_back(own.back() / few);
  }
  report.Add({absl::StrCat("SuggestTrials at ", options.trials, " trials, p50"), Median(own), "ms",
              absl::StrCat("that at ", kSmallStudy), Median(ratios), Bar::kAtMost, 2});
}

void ReadPages(ServiceClient& client, const std::string& study, const WorkloadOptions& options, Report& report) {
  const double first = MeasureRate(1, options.seconds, [&](int) { client.ListPage(study, kPage, ""); }).p50_ms;
  std::vector<double> all;
  for (int round = 0; round < options.rounds; ++round) {
    const auto begin = SteadyClock::now();
    std::string token;
    do token = client.ListPage(study, kPage, token);
    while (!token.empty());
    all.push_back(SecondsSince(begin));
  }
  report.Add({absl::StrCat("first page of ", kPage, ", p50"), first, "ms", "", 0, Bar::kAtMost, 10});
  report.Add({absl::StrCat("all ", options.trials, " trials by pages of ", kPage), Median(all), "s", "", 0,
              Bar::kAtMost, 1.5});
}

// The first costs a scan, later ones only what has changed.
void ReadOptimal(ServiceClient& client, const std::string& study, double seconds, Report& report) {
  const auto begin = SteadyClock::now();
  client.ListOptimal(study);
  report.Add({"ListOptimalTrials, the first", 1e3 * SecondsSince(begin), "ms"});
  std::vector<double> milliseconds;
  for (const auto start = SteadyClock::now(); SecondsSince(start) < seconds;) {
    client.Complete(client.Suggest(study, "client")[0].name(), 0);
    const auto call = SteadyClock::now();
    client.ListOptimal(study);
    milliseconds.push_back(1e3 * SecondsSince(call));
  }
  report.Add({"ListOptimalTrials after a change, p50", Median(milliseconds), "ms"});
}

void StartCold(ServerProcess& server, const std::string& study, const WorkloadOptions& options, Report& report) {
  std::vector<double> seconds;
  for (int round = 0; round < options.rounds; ++round) {
    const auto begin = SteadyClock::now();
    server.CrashAndRestart();
    ServiceClient(server.address()).ListPage(study, 1, "");
    seconds.push_back(SecondsSince(begin));
  }
  report.Add({"cold start after kill -9, to the first answer", Median(seconds), "s", "", 0, Bar::kAtMost, 1});
}

}  // namespace

void RunLargeStudy(const WorkloadOptions& options, Report& report) {
  const TemporaryFolder folder = Check(TemporaryFolder::Make());
  ServerProcess server(PhotinusServerCommand(absl::StrCat("sqlite://", folder.File("db"))));
  std::string large;
  {
    ServiceClient client(server.address());
    const std::string small = client.CreateStudy();
    large = client.CreateStudy();
    Fill(client, small, 0, kSmallStudy);
    FillLarge(server, client, large, options.trials, report);
    CompareSuggestions(client, small, large, options, report);
    ReadPages(client, large, options, report);
    ReadOptimal(client, large, options.seconds, report);
    report.Add({"RSS with the study in the cache", static_cast<double>(server.ResidentBytes()) / kMebibyte, "MiB", "",
                0, Bar::kAtMost, 600});
  }
  StartCold(server, large, options, report);
}

}  // namespace photinus
