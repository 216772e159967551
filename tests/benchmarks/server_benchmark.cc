// How many trials a server hands out and takes back per second: each of N clients suggests one trial and completes it,
// over and over, all in one study (or one each).
//
// Usage: server [--address HOST:PORT] [--clients 50] [--seconds 10] [--algorithm RANDOM_SEARCH] [--studies 1]
//               [--output FILE]
// Without an address it starts the photinus-server beside it on a temporary file. Beside the result stands how often
// the disk syncs 4 KiB per second, alone, in the same run. Prints one line of JSON.
#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/study_builder.h"
#include "vizier/vizier_service.grpc.pb.h"

namespace photinus {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kConnections = 8;

struct Flags {
  std::string address;
  int clients = 50;
  double seconds = 10;
  std::string algorithm = "RANDOM_SEARCH";
  int studies = 1;
  std::string output;
};

// One client's latencies in milliseconds, one per suggest and complete.
struct Timings {
  std::vector<double> suggest;
  std::vector<double> complete;
};

void Check(const grpc::Status& status, const char* what) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s: %s\n", what, status.error_message().c_str());
  std::exit(1);
}

double Milliseconds(SteadyClock::time_point begin) {
  return std::chrono::duration<double, std::milli>(SteadyClock::now() - begin).count();
}

std::shared_ptr<grpc::Channel> Connect(const std::string& address, int number) {
  grpc::ChannelArguments arguments;
  arguments.SetInt("photinus.benchmark.channel", number);  // else all channels share one connection
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

std::string CreateStudy(vizier::VizierService::Stub& stub, const Flags& flags, int number) {
  vizier::CreateStudyRequest request;
  request.set_parent("owners/benchmark");
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  *request.mutable_study() = AStudy("bench-" + std::to_string(now) + "-" + std::to_string(number))
                                 .WithFloat("x")
                                 .WithFloat("z")
                                 .WithObjective("y")
                                 .WithAlgorithm(flags.algorithm)
                                 .Study();
  grpc::ClientContext context;
  pb::Study study;
  Check(stub.CreateStudy(&context, request, &study), "CreateStudy");
  return study.name();
}

void Work(vizier::VizierService::Stub& stub, const std::string& study, int client, const std::atomic<bool>& stop,
          Timings& timings) {
  while (!stop) {
    auto begin = SteadyClock::now();
    vizier::SuggestTrialsRequest suggest;
    suggest.set_parent(study);
    suggest.set_client_id("client-" + std::to_string(client));
    suggest.set_suggestion_count(1);
    google::longrunning::Operation operation;
    grpc::ClientContext suggest_context;
    Check(stub.SuggestTrials(&suggest_context, suggest, &operation), "SuggestTrials");
    vizier::SuggestTrialsResponse response;
    if (!operation.done() || !operation.response().UnpackTo(&response)) continue;
    timings.suggest.push_back(Milliseconds(begin));

    begin = SteadyClock::now();
    vizier::CompleteTrialRequest complete;
    complete.set_name(response.trials(0).name());
    *complete.mutable_final_measurement() =
        AMeasurement(1, {{"y", response.trials(0).parameters(0).value().number_value()}});
    grpc::ClientContext complete_context;
    pb::Trial trial;
    Check(stub.CompleteTrial(&complete_context, complete, &trial), "CompleteTrial");
    timings.complete.push_back(Milliseconds(begin));
  }
}

double Quantile(std::vector<double>& values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(q * static_cast<double>(values.size() - 1))];
}

// A photinus-server on a file of its own, gone with the object.
class Server {
 public:
  Server() {
    std::string name = (std::filesystem::temp_directory_path() / "photinus-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) Fail("no temporary folder");
    folder_ = name;
    int out[2];
    if (pipe(out) != 0) Fail("no pipe");
    pid_ = fork();
    if (pid_ == 0) Exec(out[1]);
    close(out[1]);
    FILE* lines = fdopen(out[0], "r");
    char line[256] = "";
    constexpr char kListening[] = "listening on ";
    if (std::fgets(line, sizeof line, lines) == nullptr) Fail("photinus-server does not start");
    std::fclose(lines);
    address_ = std::string(line).substr(sizeof kListening - 1);
    address_.pop_back();
  }
  ~Server() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  const std::string& address() const { return address_; }

  // How often 4 KiB can be appended and synced per second, alone.
  double SyncsPerSecond() const {
    const int file = open((folder_ + "/probe").c_str(), O_CREAT | O_WRONLY, 0600);
    const std::string page(4096, 'p');
    int syncs = 0;
    const auto begin = SteadyClock::now();
    while (Milliseconds(begin) < 1000) {
      if (write(file, page.data(), page.size()) < 0 || fdatasync(file) != 0) Fail("cannot write");
      ++syncs;
    }
    close(file);
    return syncs * 1000 / Milliseconds(begin);
  }

 private:
  [[noreturn]] static void Fail(const char* what) {
    std::perror(what);
    std::exit(1);
  }
  [[noreturn]] void Exec(int out) const {
    const std::string program =
        std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "bin" / "photinus-server";
    const std::string storage = "sqlite://" + folder_ + "/db";
    dup2(out, STDOUT_FILENO);
    execl(program.c_str(), program.c_str(), "--storage", storage.c_str(), "--listen", "127.0.0.1:0", "--log-level",
          "warn", nullptr);
    _exit(127);
  }

  std::string folder_;
  pid_t pid_ = 0;
  std::string address_;
};

// All clients at once; `seconds` becomes how long it took.
Timings RunClients(const Flags& flags, double& seconds) {
  std::vector<std::unique_ptr<vizier::VizierService::Stub>> stubs;
  for (int i = 0; i < flags.clients; ++i) {
    stubs.push_back(vizier::VizierService::NewStub(Connect(flags.address, i % kConnections)));
  }
  std::vector<std::string> studies;
  for (int i = 0; i < flags.studies; ++i) studies.push_back(CreateStudy(*stubs[0], flags, i));
  std::atomic<bool> stop = false;
  std::vector<Timings> timings(flags.clients);
  std::vector<std::thread> threads;
  const auto begin = SteadyClock::now();
  for (int i = 0; i < flags.clients; ++i) {
    threads.emplace_back([&, i] { Work(*stubs[i], studies[i % studies.size()], i, stop, timings[i]); });
  }
  std::this_thread::sleep_for(std::chrono::duration<double>(flags.seconds));
  stop = true;
  for (std::thread& thread : threads) thread.join();
  seconds = Milliseconds(begin) / 1000;
  Timings all;
  for (const Timings& timing : timings) {
    all.suggest.insert(all.suggest.end(), timing.suggest.begin(), timing.suggest.end());
    all.complete.insert(all.complete.end(), timing.complete.begin(), timing.complete.end());
  }
  return all;
}

int Run(Flags flags) {
  std::unique_ptr<Server> server;
  double syncs = 0;
  if (flags.address.empty()) {
    server = std::make_unique<Server>();
    flags.address = server->address();
    syncs = server->SyncsPerSecond();
  }
  double seconds = 0;
  Timings all = RunClients(flags, seconds);
  char line[1024];
  std::snprintf(
      line, sizeof line,
      "{\"workload\": \"suggest+complete\", \"algorithm\": \"%s\", \"clients\": %d, \"studies\": %d, \"trials\": %zu, "
      "\"seconds\": %.2f, \"trials_per_second\": %.1f, \"suggest_ms_p50\": %.2f, \"suggest_ms_p99\": %.2f, "
      "\"complete_ms_p50\": %.2f, \"complete_ms_p99\": %.2f, \"syncs_per_second\": %.0f}\n",
      flags.algorithm.c_str(), flags.clients, flags.studies, all.complete.size(), seconds,
      static_cast<double>(all.complete.size()) / seconds, Quantile(all.suggest, 0.5), Quantile(all.suggest, 0.99),
      Quantile(all.complete, 0.5), Quantile(all.complete, 0.99), syncs);
  std::fputs(line, stdout);
  if (!flags.output.empty()) std::ofstream(flags.output) << line;
  return 0;
}

}  // namespace
}  // namespace photinus

int main(int argc, char** argv) {
  photinus::Flags flags;
  CLI::App app("Suggest and complete, as fast as a server can");
  app.add_option("--address", flags.address, "HOST:PORT of a photinus-server; else one is started");
  app.add_option("--output", flags.output, "A file for the result");
  app.add_option("--clients", flags.clients)->check(CLI::Range(1, 1000));
  app.add_option("--seconds", flags.seconds)->check(CLI::Range(0.1, 3600.0));
  app.add_option("--algorithm", flags.algorithm);
  app.add_option("--studies", flags.studies)->check(CLI::Range(1, 1000));
  CLI11_PARSE(app, argc, argv);
  return photinus::Run(flags);
}
