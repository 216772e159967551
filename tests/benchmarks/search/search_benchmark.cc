// Compares search algorithms, ours and others', on problems whose optimum is known. docs/benchmarks.md shows how.
#include <fnmatch.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "tests/benchmarks/guarded_main.h"
#include "tests/benchmarks/search/kept_runs.h"
#include "tests/benchmarks/search/latency_table.h"
#include "tests/benchmarks/search/problems/catalogue.h"
#include "tests/benchmarks/search/quality_gate.h"
#include "tests/benchmarks/search/rival_searcher.h"
#include "tests/benchmarks/search/run_pool.h"
#include "tests/benchmarks/search/search_report.h"
#include "tests/benchmarks/search/suites.h"

namespace photinus {
namespace {

using Names = std::vector<std::string>;

struct Options {
  Names suites = {"gate"};
  Names problems;
  Names algorithms = {"DEFAULT", "RANDOM_SEARCH"};
  int seeds = 0, trials = 0, batch = 0;  // 0: the suite's
  uint64_t first_seed = 1;
  int threads = 2;
  std::string label, output = "search.jsonl";
  Names report, keep;
  std::string subject = "DEFAULT", report_folder;
  std::vector<int> latency;
  Names latency_problems = {"f8-d20"};
  int latency_suggestions = 120;
  bool list = false, accept_gate = false;
};

// The problems of the suite that match one of the patterns (all, if there are none), and the names that are not
// patterns of the suite's but problems themselves.
Names ChosenProblems(const Suite& suite, const Names& patterns) {
  if (patterns.empty()) return suite.problems;
  Names chosen;
  for (const std::string& pattern : patterns) {
    const size_t before = chosen.size();
    std::copy_if(suite.problems.begin(), suite.problems.end(), std::back_inserter(chosen),
                 [&](const std::string& problem) { return fnmatch(pattern.c_str(), problem.c_str(), 0) == 0; });
    if (chosen.size() == before) chosen.push_back(pattern);
  }
  return chosen;
}

// Those whose environment is there or could be made.
Names AvailableAlgorithms(const Names& algorithms) {
  Names available;
  for (const std::string& algorithm : algorithms) {
    const absl::Status status = FindRival(algorithm) != nullptr ? InstallRival(algorithm) : absl::OkStatus();
    if (status.ok()) {
      available.push_back(algorithm);
    } else {
      std::fprintf(stderr, "%s is missing: %s\n", algorithm.c_str(), status.ToString().c_str());
    }
  }
  return available;
}

// Of the algorithms those that know as many objectives as the problem has. Throws if there is no such problem.
Names AlgorithmsFor(const std::string& problem, const Names& algorithms) {
  const auto made = MakeProblem(problem, 1);
  if (!made.ok()) throw std::invalid_argument(made.status().ToString());
  Names able;
  std::copy_if(algorithms.begin(), algorithms.end(), std::back_inserter(able), [&](const std::string& algorithm) {
    const Rival* rival = FindRival(algorithm);
    return rival == nullptr || rival->several_objectives || made->objectives.size() == 1;
  });
  return able;
}

std::vector<RunKey> WantedRuns(const Options& options, const Suite& suite, const Names& algorithms) {
  std::vector<RunKey> runs;
  for (const std::string& problem : ChosenProblems(suite, options.problems)) {
    const Names able = AlgorithmsFor(problem, algorithms);
    const int seeds = options.seeds > 0 ? options.seeds : suite.seeds;
    for (uint64_t seed = options.first_seed; seed < options.first_seed + static_cast<uint64_t>(seeds); ++seed) {
      RunKey key{.suite = suite.name,
                 .problem = problem,
                 .algorithm = kRandomReference,
                 .seed = seed,
                 .trials = options.trials > 0 ? options.trials : suite.trials};
      runs.push_back(key);
      key.batch = options.batch > 0 ? options.batch : suite.batch;
      for (const std::string& algorithm : able) {
        key.algorithm = algorithm;
        runs.push_back(key);
      }
    }
  }
  // So that algorithms can be compared long before the end.
  std::stable_sort(runs.begin(), runs.end(), [](const RunKey& a, const RunKey& b) { return a.seed < b.seed; });
  return runs;
}

int RunSuites(const Options& options) {
  const Names algorithms = AvailableAlgorithms(options.algorithms);
  std::set<RunKey> done;
  Names files = KeptFiles(kKeptRuns);
  files.push_back(options.output);
  for (const std::string& file : files) done.merge(KeysIn(file));
  std::vector<RunKey> missing;
  for (const std::string& name : options.suites) {
    for (RunKey& run : WantedRuns(options, *FindSuite(name), algorithms)) {
      RunKey line = run;
      line.algorithm = Labelled(run.algorithm, options.label);
      if (!done.contains(line)) missing.push_back(std::move(run));
    }
  }
  return RunAll(missing, options.threads, options.label, options.output);
}

std::vector<LatencyCase> LatencyCases(const Options& options) {
  const Names algorithms = AvailableAlgorithms(options.algorithms);
  std::vector<LatencyCase> cases;
  for (const std::string& problem : options.latency_problems) {
    for (const std::string& algorithm : AlgorithmsFor(problem, algorithms)) {
      for (const int trials : options.latency) cases.push_back({algorithm, problem, trials});
    }
  }
  return cases;
}

void PrintSuites() {
  for (const Suite& suite : Suites()) {
    std::printf("%s: %d trials, batches of %d, %d seeds", suite.name.c_str(), suite.trials, suite.batch, suite.seeds);
    for (const int trials : suite.other_trials) std::printf(", also --trials %d", trials);
    std::printf(":");
    for (const std::string& problem : suite.problems) std::printf(" %s", problem.c_str());
    std::printf("\n");
  }
}

void AddOptions(CLI::App& app, Options& options) {
  Names suites;
  for (const Suite& suite : Suites()) suites.push_back(suite.name);
  app.add_option("--suite", options.suites, "Suites, separated by commas (default gate)")
      ->delimiter(',')
      ->check(CLI::IsMember(suites));
  app.add_option("--problems", options.problems, "Only these of the suite's problems (patterns as f*-d8), or others")
      ->delimiter(',');
  app.add_option(
         "--algorithms", options.algorithms,
         "Ours by their names (docs/algorithms.md); rivals: PYTHON_RANDOM, OPTUNA_TPE, OPTUNA_GP, OPTUNA_CMA_ES, "
         "VIZIER_EAGLE, VIZIER_DEFAULT, HEBO (default DEFAULT,RANDOM_SEARCH)")
      ->delimiter(',');
  app.add_option("--seeds", options.seeds, "How many instances of each problem (default: the suite's)")
      ->check(CLI::PositiveNumber);
  app.add_option("--first-seed", options.first_seed, "The first of them (default 1)");
  app.add_option("--trials", options.trials, "Trials of a run (default: the suite's)")->check(CLI::PositiveNumber);
  app.add_option("--batch", options.batch, "Points asked for at a time (default: the suite's)")
      ->check(CLI::PositiveNumber);
  app.add_option("--threads", options.threads, "Runs at a time (default 2)")->check(CLI::PositiveNumber);
  app.add_option("--label", options.label, "Write our algorithms as NAME@LABEL, to compare versions of them");
  app.add_option("--output", options.output, "File of results (default search.jsonl)");
  app.add_option("--report", options.report, "Run nothing: report on these files");
  app.add_option("--keep", options.keep, "Run nothing: add the rivals' runs in these files to those in the repository");
  app.add_option("--subject", options.subject, "Whom the report compares with all others (default DEFAULT)");
  app.add_option("--report-folder", options.report_folder,
                 "Where report.md and the plots go (default: beside --output)");
  app.add_option("--latency", options.latency,
                 "Instead: how long a suggestion takes after so many trials, such as 100,300,1000")
      ->delimiter(',');
  app.add_option("--latency-problems", options.latency_problems, "Of these problems (default f8-d20)")->delimiter(',');
  app.add_option("--latency-suggestions", options.latency_suggestions,
                 "Measured for each (default 120, of which one at least is made beside a lesson)")
      ->check(CLI::PositiveNumber);
  app.add_flag("--accept-gate", options.accept_gate,
               "Instead: make what DEFAULT scores in the suite gate the scores that search_gate_test accepts");
  app.add_flag("--list", options.list, "Print the suites");
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app(
      "Runs search algorithms on problems whose optimum is known, appends a line of JSON per run to --output (what "
      "stands there or is kept in the repository is skipped), and prints the report of that file and of what is kept "
      "of rivals on the same instances.");
  AddOptions(app, options);
  CLI11_PARSE(app, argc, argv);
  if (options.list) {
    PrintSuites();
    return 0;
  }
  if (!options.keep.empty()) {
    const int kept = KeepRuns(options.keep, kKeptRuns);
    std::printf("kept %d runs in %s\n", kept, kKeptRuns);
    return kept < 0 ? 1 : 0;
  }
  if (options.accept_gate) return WriteGateScores(kAcceptedScores, ScoreDefaultForGate()) ? 0 : 1;
  if (!options.latency.empty()) {
    const int failed =
        PrintLatencies(LatencyCases(options), options.latency_suggestions, options.label, options.output);
    return failed == 0 ? 0 : 1;
  }
  if (options.report_folder.empty()) {
    options.report_folder = std::filesystem::path(options.output).replace_extension().string() + "-report";
  }
  const int failed = options.report.empty() ? RunSuites(options) : 0;
  const Names inputs = options.report.empty() ? Names{options.output} : options.report;
  std::printf("%s", WriteReport(inputs, options.subject, options.report_folder).c_str());
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace photinus

int main(int argc, char** argv) { return photinus::GuardedMain(&photinus::Main, argc, argv); }
