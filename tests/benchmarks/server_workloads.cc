#include "tests/benchmarks/server_workloads.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/temporary_folder.h"
#include "tests/benchmarks/probes.h"
#include "tests/benchmarks/server_process.h"
#include "tests/benchmarks/service_client.h"

namespace photinus {
namespace {

constexpr int kClients = 50;
constexpr int kWriters = 64;
constexpr int kTrialsRead = 1000;
constexpr int kTrialsEach = 20;       // of one writer, in turn: replies hold all measurements of a trial
constexpr double kStockSeconds = 10;  // it makes about 15 trials per second

// Of the study whose suggestions are prepared.
constexpr int kParameters = 20;
constexpr int kTrialsBefore = 100;
constexpr int kTrialsPrepared = 20;  // of a round
constexpr std::chrono::milliseconds kEvaluation(400);

using Bar = Figure::Bar;

// A photinus-server on an SQLite file of its own, and the echo server beside it.
class Servers {
 public:
  Servers()
      : folder_(Check(TemporaryFolder::Make())),
        echo_(EchoServerCommand()),
        photinus_(PhotinusServerCommand(absl::StrCat("sqlite://", folder_.File("db")))),
        echo_client_(echo_.address()),
        client_(photinus_.address()) {}

  ServiceClient& client() { return client_; }
  const std::string& folder() const { return folder_.path(); }

  void Echo() { echo_client_.GetTrial("owners/benchmark/studies/echo/trials/1"); }
  Rate Echo(int clients, double seconds) {
    return MeasureRate(clients, seconds, [&](int) { Echo(); });
  }

 private:
  const TemporaryFolder folder_;
  ServerProcess echo_;
  ServerProcess photinus_;
  ServiceClient echo_client_;
  ServiceClient client_;
};

std::string ClientName(int thread) { return absl::StrCat("client-", thread); }

Rate SuggestAndComplete(ServiceClient& client, double seconds) {
  const std::string study = client.CreateStudy();
  return MeasureRate(kClients, seconds, [&](int thread) {
    const auto trials = client.Suggest(study, ClientName(thread));
    client.Complete(trials[0].name(), trials[0].parameters(0).value().number_value());
  });
}

// Milliseconds that a call takes to a machine that has been idle for as long as an evaluation takes.
double AfterIdleTime(const std::function<void()>& call) {
  std::this_thread::sleep_for(kEvaluation);
  const auto begin = SteadyClock::now();
  call();
  return 1e3 * SecondsSince(begin);
}

// The medians of what `round` appends to each of its series.
class Rounds {
 public:
  explicit Rounds(size_t series) : values_(series) {}
  void Add(const std::vector<double>& round) {
    for (size_t i = 0; i < round.size(); ++i) values_[i].push_back(round[i]);
  }
  double operator[](size_t series) const { return Median(values_[series]); }

 private:
  std::vector<std::vector<double>> values_;
};

}  // namespace

void RunSuggestAndComplete(const WorkloadOptions& options, Report& report) {
  Servers servers;
  Rounds rounds(5);
  for (int round = 0; round < options.rounds; ++round) {
    const double echo = servers.Echo(kClients, options.seconds).per_second;
    const double group = ProbeGroupCommit(servers.folder(), kClients, options.seconds).per_second;
    const Rate rate = SuggestAndComplete(servers.client(), options.seconds);
    rounds.Add({rate.per_second, rate.p50_ms, rate.p99_ms, rate.per_second / echo, rate.per_second / group});
  }
  const std::string name = absl::StrCat("suggest+complete, ", kClients, " clients");
  report.Add({name, rounds[0], "trials/s", "", 0, Bar::kAtLeast, 1000});
  report.Add({name, rounds[0], "trials/s", absl::StrCat("E(", kClients, ")"), rounds[3]});
  report.Add({name, rounds[0], "trials/s", absl::StrCat("G(", kClients, ")"), rounds[4]});
  report.Add({name + ", p50", rounds[1], "ms"});
  report.Add({name + ", p99", rounds[2], "ms"});
}

void RunDurableMutations(const WorkloadOptions& options, Report& report) {
  Servers servers;
  ServiceClient& client = servers.client();
  const std::string study = client.CreateStudy();
  std::vector<std::vector<pb::Trial>> trials;
  for (int i = 0; i < kWriters; ++i) trials.push_back(client.Suggest(study, ClientName(i), kTrialsEach));
  std::vector<int64_t> steps(kWriters);
  Rounds rounds(6);
  for (int round = 0; round < options.rounds; ++round) {
    const double echo = servers.Echo(kWriters, options.seconds).per_second;
    const double group = ProbeGroupCommit(servers.folder(), kWriters, options.seconds).per_second;
    const double bound = std::min(echo, group);
    const double measurements =
        MeasureRate(kWriters, options.seconds, [&](int thread) {
          const int64_t step = ++steps[thread];
          client.AddMeasurement(trials[thread][step % kTrialsEach].name(), step, 1.0 / static_cast<double>(step));
        }).per_second;
    const double metadata = MeasureRate(kWriters, options.seconds, [&](int thread) {
                              client.PutMetadata(study, ClientName(thread));
                            }).per_second;
    rounds.Add({echo, group, measurements, measurements / bound, metadata, metadata / bound});
  }
  const std::string bound = absl::StrCat("min(E, G)(", kWriters, ")");
  report.Add({absl::StrCat("echo, ", kWriters, " clients: E"), rounds[0], "/s"});
  report.Add({absl::StrCat("bare group commit, ", kWriters, " producers: G"), rounds[1], "rows/s"});
  report.Add({absl::StrCat("AddTrialMeasurement, ", kWriters, " clients"), rounds[2], "/s", bound, rounds[3],
              Bar::kAtLeast, 0.15});
  report.Add(
      {absl::StrCat("UpdateMetadata, ", kWriters, " clients"), rounds[4], "/s", bound, rounds[5], Bar::kAtLeast, 0.15});
}

void RunOneClient(const WorkloadOptions& options, Report& report) {
  Servers servers;
  ServiceClient& client = servers.client();
  const std::vector<pb::Trial> trials = client.Suggest(client.CreateStudy(), "client", kTrialsEach);
  int64_t step = 0;
  Rounds rounds(4);
  for (int round = 0; round < options.rounds; ++round) {
    const double echo = servers.Echo(1, options.seconds).p50_ms;
    const double sync = ProbeSync(servers.folder(), options.seconds).p50_ms;
    const double own =
        MeasureRate(1, options.seconds, [&](int) {
          ++step;
          client.AddMeasurement(trials[step % kTrialsEach].name(), step, 1.0 / static_cast<double>(step));
        }).p50_ms;
    rounds.Add({echo, sync, own, own / (1.5 * (echo + sync) + 1)});
  }
  report.Add({"echo, 1 client, p50", rounds[0], "ms"});
  report.Add({"fdatasync, alone, p50: 1000/F", rounds[1], "ms"});
  report.Add(
      {"AddTrialMeasurement, 1 client, p50", rounds[2], "ms", "1.5 (echo + sync) + 1 ms", rounds[3], Bar::kAtMost, 1});
}

void RunPrepared(const WorkloadOptions& options, Report& report) {
  Servers servers;
  ServiceClient& client = servers.client();
  AStudy sphere = AStudy("").WithAlgorithm("DEFAULT").WithObjective("y", /*maximize=*/false);
  for (int i = 0; i < kParameters; ++i) sphere.WithFloat(absl::StrCat("x", i));
  const std::string study = client.CreateStudy(sphere);
  const auto evaluate = [&](const pb::Trial& trial) {
    double y = 0;
    for (const auto& parameter : trial.parameters()) y += std::pow(parameter.value().number_value() - 0.3, 2);
    client.Complete(trial.name(), y);
  };
  for (int trial = 0; trial < kTrialsBefore; ++trial) evaluate(client.Suggest(study, "client").at(0));
  Rounds rounds(4);
  for (int round = 0; round < options.rounds; ++round) {
    SyncProbe probe(servers.folder());
    std::vector<double> syncs, echoes, own;
    for (int trial = 0; trial < kTrialsPrepared; ++trial) {
      syncs.push_back(AfterIdleTime([&] { probe.Sync(); }));
      echoes.push_back(AfterIdleTime([&] { servers.Echo(); }));
      std::vector<pb::Trial> suggested;
      own.push_back(AfterIdleTime([&] { suggested = client.Suggest(study, "client"); }));
      evaluate(suggested.at(0));
    }
    const double sync = Median(syncs), echo = Median(echoes), p50 = Median(own);
    rounds.Add({echo, sync, p50, p50 / (1.5 * (echo + sync) + 1)});
  }
  report.Add({"echo after idle time, 1 client, p50", rounds[0], "ms"});
  report.Add({"fdatasync after idle time, p50", rounds[1], "ms"});
  report.Add({absl::StrCat("SuggestTrials, DEFAULT, ", kParameters, " parameters, after idle time, p50"), rounds[2],
              "ms", "1.5 (echo + sync) + 1 ms", rounds[3], Bar::kAtMost, 1});
}

void RunGetTrial(const WorkloadOptions& options, Report& report) {
  Servers servers;
  ServiceClient& client = servers.client();
  std::vector<std::string> trials;
  for (const pb::Trial& trial : client.Suggest(client.CreateStudy(), "client", kTrialsRead)) {
    trials.push_back(trial.name());
  }
  std::atomic<size_t> next = 0;
  Rounds rounds(3);
  for (int round = 0; round < options.rounds; ++round) {
    const double echo = servers.Echo(kClients, options.seconds).per_second;
    const double own = MeasureRate(kClients, options.seconds, [&](int) {
                         client.GetTrial(trials[next++ * 7919 % trials.size()]);
                       }).per_second;
    rounds.Add({echo, own, own / echo});
  }
  report.Add({absl::StrCat("echo, ", kClients, " clients: E"), rounds[0], "/s"});
  report.Add({absl::StrCat("GetTrial, ", kClients, " clients"), rounds[1], "/s", absl::StrCat("E(", kClients, ")"),
              rounds[2], Bar::kAtLeast, 0.4});
}

void RunStockServer(const WorkloadOptions& options, Report& report) {
  constexpr char kServe[] =
      "import socket, sys\n"
      "from vizier._src.service import vizier_server\n"
      "free = socket.socket(); free.bind(('127.0.0.1', 0)); port = free.getsockname()[1]; free.close()\n"
      "server = vizier_server.DefaultVizierServer(host='127.0.0.1', port=port, database_url='sqlite:///' + "
      "sys.argv[1])\n"
      "print('listening on', server.endpoint, flush=True)\n"
      "sys.stdin.read()\n";
  const std::string& python = options.vizier_python;
  const std::string import = absl::StrCat(python, " -c 'import vizier._src.service.vizier_server' >/dev/null 2>&1");
  if (python.empty() || std::system(import.c_str()) != 0) {
    std::printf("google-vizier's server: skipped, %s\n",
                python.empty() ? "no --vizier-python" : "it cannot be imported (it needs jax)");
    return;
  }
  const TemporaryFolder folder = Check(TemporaryFolder::Make());
  ServerProcess server({python, "-c", kServe, folder.File("db")});
  ServiceClient client(server.address());
  const Rate rate = SuggestAndComplete(client, std::max(options.seconds, kStockSeconds));
  report.Add({absl::StrCat("google-vizier: suggest+complete, ", kClients, " clients"), rate.per_second, "trials/s"});
}

}  // namespace photinus
