// Compares a search algorithm with random search on named workloads, paired by instance and seed.
//   gp_versus_random [--workloads sphere,mixed] [--algorithm DEFAULT] [--trials 100] [--seeds 20] [--first-seed 1]
//                    [--threads 2] [--output search.jsonl] [--latency 20,100,300]
// Prints a table of log10 simple regrets; writes one JSON line per run to --output. --latency prints, instead, how long
// one suggestion takes after so many trials of each workload.
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "CLI/CLI.hpp"
#include "common/base/random.h"
#include "common/space/flatten.h"
#include "nlohmann/json.hpp"
#include "server/algorithms/registry.h"
#include "tests/benchmarks/search_comparison.h"

namespace photinus {
namespace {

struct Options {
  std::vector<std::string> workloads = {"sphere", "rosenbrock", "rastrigin", "ellipsoid", "mixed"};
  std::string algorithm = "DEFAULT";
  std::string out;
  int trials = 100;
  int seeds = 20;
  int first_seed = 1;
  int threads = 2;
  std::vector<int> latency;
};

constexpr double kRegretFloor = 1e-12;  // so that exact hits have a logarithm

struct Pair {
  std::string workload;
  uint64_t seed = 0;
  SearchRun run, random;

  double Regret() const { return std::log10(std::max(run.best, kRegretFloor)); }
  double RandomRegret() const { return std::log10(std::max(random.best, kRegretFloor)); }
};

std::vector<Pair> RunAll(const Options& options) {
  std::vector<Pair> pairs;
  for (const std::string& workload : options.workloads) {
    for (int i = 0; i < options.seeds; ++i) {
      pairs.push_back({.workload = workload, .seed = static_cast<uint64_t>(options.first_seed + i)});
    }
  }
  std::atomic<size_t> next = 0;
  std::vector<std::thread> threads;
  threads.reserve(options.threads);
  for (int t = 0; t < options.threads; ++t) {
    threads.emplace_back([&] {
      for (size_t i = next++; i < pairs.size(); i = next++) {
        Pair& pair = pairs[i];
        const Workload workload = MakeWorkload(pair.workload, pair.seed);
        pair.run = RunSearch(options.algorithm, workload, options.trials, pair.seed);
        pair.random = RunSearch("RANDOM_SEARCH", workload, options.trials, pair.seed);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return pairs;
}

void PrintTable(const Options& options, const std::vector<Pair>& pairs) {
  std::printf("%-12s %9s %9s %9s %9s %9s %6s %9s\n", "workload", "log10 gp", "random", "mean diff", "worst", "p",
              "wins", "ms/trial");
  for (const std::string& workload : options.workloads) {
    std::vector<double> own, random, difference, seconds;
    int wins = 0;
    double worst = -std::numeric_limits<double>::infinity();
    for (const Pair& pair : pairs) {
      if (pair.workload != workload) continue;
      own.push_back(pair.Regret());
      random.push_back(pair.RandomRegret());
      difference.push_back(own.back() - random.back());
      seconds.push_back(pair.run.seconds);
      wins += difference.back() < 0 ? 1 : 0;
      worst = std::max(worst, difference.back());
    }
    std::printf("%-12s %9.3f %9.3f %9.3f %9.3f %9.1e %3d/%-3zu %8.1f\n", workload.c_str(), Mean(own), Mean(random),
                Mean(difference), worst, WilcoxonSignedRank(difference), wins, own.size(),
                1e3 * Mean(seconds) / options.trials);
  }
}

void WriteLines(const Options& options, const std::vector<Pair>& pairs) {
  std::ofstream out(options.out);
  for (const Pair& pair : pairs) {
    const nlohmann::json line = {{"workload", pair.workload},      {"seed", pair.seed},
                                 {"algorithm", options.algorithm}, {"trials", options.trials},
                                 {"log10_regret", pair.Regret()},  {"log10_regret_random", pair.RandomRegret()},
                                 {"seconds", pair.run.seconds}};
    out << line.dump() << "\n";
  }
}

// Half of the history is random, half near the best of that: as a search leaves it.
std::vector<EvaluatedPoint> HistoryOf(const Workload& workload, int trials, uint64_t seed) {
  const Flatten flatten(workload.space);
  Random random(seed);
  std::vector<EvaluatedPoint> history;
  for (int i = 0; i < trials; ++i) {
    UnitPoint unit(flatten.dimension());
    for (double& u : unit) u = random.Uniform();
    if (i >= trials / 2) {
      const auto best = std::min_element(history.begin(), history.end(), [](const auto& a, const auto& b) {
        return a.objectives[0] < b.objectives[0];
      });
      unit = *flatten.ToUnit(best->point);
      for (double& u : unit) u += 0.1 * random.Normal();
    }
    const Point point = flatten.ToPoint(unit);
    history.push_back({.trial_id = i + 1, .point = point, .objectives = {workload.regret(point)}});
  }
  return history;
}

void PrintLatencies(const Options& options) {
  constexpr int kRepeats = 7;
  const auto algorithm = *MakeAlgorithm(options.algorithm);
  const std::vector<Objective> objectives = {{.metric = "regret", .maximize = false}};
  std::printf("%-12s %8s %10s %10s\n", "workload", "trials", "median ms", "worst ms");
  for (const std::string& name : options.workloads) {
    const Workload workload = MakeWorkload(name, 1);
    for (const int trials : options.latency) {
      std::vector<double> milliseconds;
      for (int repeat = 0; repeat < kRepeats; ++repeat) {
        const auto history = HistoryOf(workload, trials, static_cast<uint64_t>(repeat));
        const SuggestRequest request{.space = workload.space,
                                     .objectives = objectives,
                                     .completed = history,
                                     .pending = {},
                                     .first_trial_id = trials + 1};
        timespec start, end;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);  // others' load does not count
        if (!algorithm->Suggest(request).ok()) std::abort();
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
        milliseconds.push_back(1e3 * static_cast<double>(end.tv_sec - start.tv_sec) +
                               1e-6 * static_cast<double>(end.tv_nsec - start.tv_nsec));
      }
      std::sort(milliseconds.begin(), milliseconds.end());
      std::printf("%-12s %8d %10.1f %10.1f\n", name.c_str(), trials, milliseconds[kRepeats / 2], milliseconds.back());
    }
  }
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("Compares a search algorithm with random search");
  app.add_option("--workloads", options.workloads, "Names, separated by commas")
      ->delimiter(',')
      ->check(CLI::IsMember(WorkloadNames()));
  app.add_option("--algorithm", options.algorithm);
  app.add_option("--trials", options.trials)->check(CLI::PositiveNumber);
  app.add_option("--seeds", options.seeds)->check(CLI::PositiveNumber);
  app.add_option("--first-seed", options.first_seed);
  app.add_option("--threads", options.threads)->check(CLI::PositiveNumber);
  app.add_option("--output", options.out, "A file for one JSON line per run");
  app.add_option("--latency", options.latency, "Numbers of trials, separated by commas")->delimiter(',');
  CLI11_PARSE(app, argc, argv);
  if (!options.latency.empty()) {
    PrintLatencies(options);
    return 0;
  }
  const std::vector<Pair> pairs = RunAll(options);
  PrintTable(options, pairs);
  if (!options.out.empty()) WriteLines(options, pairs);
  return 0;
}

}  // namespace
}  // namespace photinus

int main(int argc, char** argv) {
  try {
    return photinus::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
