// What a server does per second, beside what gRPC and the disk allow at the same moment:
//   ./run bench server [--workloads suggest,durable,...] [--seconds 2] [--rounds 3] [--trials 100000] [--folder DIR]
//                      [--vizier-python PYTHON] [--output FILE]
// Each workload starts servers of its own. Prints a table, and with --output FILE a JSON line per figure; ends with
// status 1 if a figure misses its bar.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/benchmarks/echo_server.h"
#include "tests/benchmarks/guarded_main.h"
#include "tests/benchmarks/server_workloads.h"

namespace photinus {
namespace {

struct Workload {
  const char* name;
  void (*run)(const WorkloadOptions&, Report&);
};

constexpr Workload kWorkloads[] = {
    {"suggest", &RunSuggestAndComplete},
    {"durable", &RunDurableMutations},
    {"one-client", &RunOneClient},
    {"prepared", &RunPrepared},
    {"get", &RunGetTrial},
    {"large", &RunLargeStudy},
    {"checks", &RunStoppingChecks},
    {"postgres", &RunPostgres},
    {"google-vizier", &RunStockServer},
};

int Main(int argc, char** argv) {
  WorkloadOptions options;
  std::vector<std::string> names;
  for (const Workload& workload : kWorkloads) names.emplace_back(workload.name);
  std::vector<std::string> wanted = names;
  std::string output;
  bool serve_echo = false;
  CLI::App app("How fast a server is");
  app.add_option("--workloads", wanted, "Names, separated by commas")->delimiter(',')->check(CLI::IsMember(names));
  app.add_option("--seconds", options.seconds, "Of each measurement")->check(CLI::Range(0.1, 3600.0));
  app.add_option("--rounds", options.rounds, "Of each workload")->check(CLI::PositiveNumber);
  app.add_option("--trials", options.trials, "Of the large study")->check(CLI::Range(1000, 1000000));
  app.add_option_function<std::string>(
      "--folder", [](const std::string& folder) { setenv("TMPDIR", folder.c_str(), 1); },
      "Where databases go, on the disk to be measured; else the system's temporary folder");
  app.add_option("--vizier-python", options.vizier_python, "A Python that has google-vizier and jax");
  app.add_option("--output", output, "A file for one JSON line per figure");
  app.add_flag("--serve-echo", serve_echo, "Be the echo server")->group("");
  CLI11_PARSE(app, argc, argv);
  if (serve_echo) return RunEchoServer();
  Report report(output);
  for (const Workload& workload : kWorkloads) {
    if (std::find(wanted.begin(), wanted.end(), workload.name) != wanted.end()) workload.run(options, report);
  }
  return report.missed() == 0 ? 0 : 1;
}

}  // namespace
}  // namespace photinus

int main(int argc, char** argv) { return photinus::GuardedMain(&photinus::Main, argc, argv); }
