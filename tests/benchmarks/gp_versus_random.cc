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
#include <tuple>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "Eigen/Cholesky"
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

double ThreadMilliseconds() {  // others' load does not count
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

template <typename Work>
double MillisecondsOf(const Work& work) {
  const double start = ThreadMilliseconds();
  work();
  return ThreadMilliseconds() - start;
}

// Half of the history is random, half near the best of that: as a search leaves it.
void Fill(const Workload& workload, int trials, Searcher& searcher) {
  const Flatten flatten(workload.space);
  Random random(1);
  double least = std::numeric_limits<double>::infinity();
  UnitPoint best;
  for (int i = 0; i < trials; ++i) {
    UnitPoint unit(flatten.dimension());
    for (double& u : unit) u = random.Uniform();
    if (i >= trials / 2) {
      for (size_t k = 0; k < unit.size(); ++k) unit[k] = best[k] + 0.1 * random.Normal();
    }
    flatten.Snap(unit);
    const Point point = flatten.ToPoint(unit);
    const double regret = workload.regret(point);
    if (regret < least && i < trials / 2) std::tie(least, best) = std::pair(regret, unit);
    searcher.Complete(i + 1, point);
  }
}

// The Cholesky factorisation that latencies are compared with.
double MillisecondsOfCholesky() {
  constexpr Eigen::Index kRows = 1000;
  const Eigen::MatrixXd a = Eigen::MatrixXd::Random(kRows, kRows);
  Eigen::MatrixXd k = a * a.transpose();
  k.diagonal().array() += kRows;
  std::vector<double> times;
  for (int i = 0; i < 7; ++i) {
    times.push_back(MillisecondsOf([&] {
      const Eigen::LLT<Eigen::MatrixXd> llt(k);
      if (llt.info() != Eigen::Success) std::abort();
    }));
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

// Of suggestions that are asked for the moment a trial completes; between them the model is refitted where that is due,
// which is not counted.
void PrintLatencies(const Options& options) {
  constexpr int kRepeats = 21;
  std::printf("one Cholesky factorisation of 1000 rows: %.1f ms\n", MillisecondsOfCholesky());
  std::printf("%-12s %8s %10s %10s %10s %10s\n", "workload", "trials", "first ms", "median ms", "worst ms", "fit ms");
  for (const std::string& name : options.workloads) {
    const Workload workload = MakeWorkload(name, 1);
    for (const int trials : options.latency) {
      Searcher searcher(options.algorithm, workload, /*seed=*/1);
      Fill(workload, trials, searcher);
      const double fit = MillisecondsOf([&] { searcher.Learn(); });
      Point point;
      const double first = MillisecondsOf([&] { point = searcher.Suggest(); });
      std::vector<double> times;
      for (int repeat = 1; repeat <= kRepeats; ++repeat) {
        searcher.Complete(trials + repeat, point);
        searcher.Learn();
        times.push_back(MillisecondsOf([&] { point = searcher.Suggest(); }));
      }
      std::sort(times.begin(), times.end());
      std::printf("%-12s %8d %10.1f %10.1f %10.1f %10.1f\n", name.c_str(), trials, first, times[kRepeats / 2],
                  times.back(), fit);
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
