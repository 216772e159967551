// Compares stopping rules on studies whose curves are known to their ends. docs/benchmarks.md shows how.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "CLI/CLI.hpp"
#include "nlohmann/json.hpp"
#include "tests/benchmarks/guarded_main.h"
#include "tests/benchmarks/search/run_pool.h"
#include "tests/benchmarks/stopping/curve_family.h"
#include "tests/benchmarks/stopping/stopping_cost.h"
#include "tests/benchmarks/stopping/stopping_replay.h"
#include "tests/benchmarks/stopping/stopping_report.h"
#include "tests/benchmarks/stopping/stopping_run.h"

namespace photinus {
namespace {

using Json = nlohmann::json;
using Names = std::vector<std::string>;

struct Options {
  Names families, rules = {"NONE", "MEDIAN", "TSGP"};
  std::string algorithm = "EAGLE_STRATEGY";
  int seeds = 4, repeats = 1, trials = 250, horizon = 50, threads = 2;
  uint64_t first_seed = 1;
  std::string output = "stopping.jsonl";
  Names report;
  bool cost = false;
  std::string replay;
};

std::vector<StoppingRun> RunsIn(const Names& paths) {
  std::vector<StoppingRun> runs;
  for (const std::string& path : paths) {
    std::ifstream file(path);
    for (std::string text; std::getline(file, text);) {
      const Json line = Json::parse(text, nullptr, /*allow_exceptions=*/false);
      if (line.is_object() && line.contains("hindsight_loss")) runs.push_back(StoppingRunFromJson(line));
    }
  }
  return runs;
}

// By repeat and seed, so that rules can be compared long before the end.
std::vector<StoppingKey> MissingRuns(const Options& options) {
  std::set<StoppingKey> done;
  for (const StoppingRun& run : RunsIn({options.output})) done.insert(run.key);
  std::vector<StoppingKey> missing;
  for (int i = 0; i < options.repeats * options.seeds; ++i) {
    const uint64_t seed = options.first_seed + static_cast<uint64_t>(i % options.seeds);
    for (const std::string& family : options.families) {
      for (const std::string& rule : options.rules) {
        StoppingKey key{.family = family,
                        .rule = rule,
                        .algorithm = options.algorithm,
                        .seed = seed,
                        .trials = options.trials,
                        .horizon = options.horizon,
                        .repeat = i / options.seeds};
        if (!done.contains(key)) missing.push_back(std::move(key));
      }
    }
  }
  return missing;
}

// Appends a line per run as it ends; how many failed.
int RunAll(const std::vector<StoppingKey>& keys, int threads, const std::string& output) {
  std::atomic<size_t> next = 0, ended = 0;
  std::atomic<int> failed = 0;
  const auto work = [&] {
    for (size_t i = next++; i < keys.size(); i = next++) {
      const auto run = RunStopping(keys[i]);
      if (!run.ok()) std::fprintf(stderr, "%s: %s\n", keys[i].rule.c_str(), run.status().ToString().c_str());
      failed += run.ok() && AppendLine(output, ToJson(*run).dump() + "\n") ? 0 : 1;
      std::fprintf(stderr, "[%zu/%zu] %s %s seed %llu\n", ++ended, keys.size(), keys[i].family.c_str(),
                   keys[i].rule.c_str(), static_cast<unsigned long long>(keys[i].seed));
    }
  };
  std::vector<std::thread> pool;
  for (int i = 0; i < threads; ++i) pool.emplace_back(work);
  for (std::thread& thread : pool) thread.join();
  return failed;
}

// A line per rule on standard output; how many failed.
int MeasureCosts(const Options& options) {
  int failed = 0;
  for (const std::string& rule : options.rules) {
    const CostSetting setting{.rule = rule};
    const auto cost = MeasureCost(setting);
    if (!cost.ok()) std::fprintf(stderr, "%s: %s\n", rule.c_str(), cost.status().ToString().c_str());
    if (cost.ok()) std::printf("%s\n", ToJson(setting, *cost).dump().c_str());
    failed += cost.ok() ? 0 : 1;
  }
  return failed;
}

// The table of all rules on recorded studies; 0 if all went well.
int Replay(const Options& options) {
  const auto studies = ReadRecordedStudies(options.replay);
  const auto table = studies.ok() ? ReplayTable(options.rules, *studies) : studies.status();
  if (!table.ok()) std::fprintf(stderr, "%s\n", table.status().ToString().c_str());
  if (table.ok()) std::printf("%s", table->c_str());
  return table.ok() ? 0 : 1;
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app(
      "Runs searches whose trials a rule may stop, appends a line of JSON per run to --output (what stands there "
      "already is skipped), and prints the tables of that file: all rules, and rivals beside the settings of TSGP that "
      "save as much.");
  Names families;
  for (const CurveFamily& family : CurveFamilies()) families.push_back(family.name);
  options.families = families;
  app.add_option("--families", options.families, "Families of curves, separated by commas (default all)")
      ->delimiter(',')
      ->check(CLI::IsMember(families));
  app.add_option("--rules", options.rules,
                 "Rules with options, such as MEDIAN,TSGP:delta=0.01:checks=2 (default NONE,MEDIAN,TSGP)")
      ->delimiter(',');
  app.add_option("--algorithm", options.algorithm, "Who proposes trials (default EAGLE_STRATEGY)");
  app.add_option("--seeds", options.seeds, "How many studies of each family (default 4)")->check(CLI::PositiveNumber);
  app.add_option("--repeats", options.repeats, "Runs of each study, with other chance (default 1)")
      ->check(CLI::PositiveNumber);
  app.add_option("--first-seed", options.first_seed, "The first of them (default 1; those below 1000 are for tuning)");
  app.add_option("--trials", options.trials, "Trials of a study (default 250)")->check(CLI::PositiveNumber);
  app.add_option("--horizon", options.horizon, "Values of a full trial (default 50)")->check(CLI::Range(10, 10000));
  app.add_option("--threads", options.threads, "Runs at a time (default 2)")->check(CLI::PositiveNumber);
  app.add_option("--output", options.output, "File of results (default stopping.jsonl)");
  app.add_option("--report", options.report, "Run nothing: print the tables of these files");
  app.add_flag("--cost", options.cost, "Run nothing: measure checks and a lesson at 2,000 trials of 100 values");
  app.add_option("--replay", options.replay, "Run nothing: try the rules on the curves in this file of real_study.py");
  CLI11_PARSE(app, argc, argv);
  if (!options.replay.empty()) return Replay(options);
  if (options.cost) return MeasureCosts(options) == 0 ? 0 : 1;
  const int failed = options.report.empty() ? RunAll(MissingRuns(options), options.threads, options.output) : 0;
  const Names inputs = options.report.empty() ? Names{options.output} : options.report;
  const std::vector<StoppingRun> runs = RunsIn(inputs);
  std::printf("%s", StoppingTable(Summarise(runs)).c_str());
  if (const auto rivals = CompareWithRivals(runs); !rivals.empty()) std::printf("\n%s", RivalTable(rivals).c_str());
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace photinus

int main(int argc, char** argv) { return photinus::GuardedMain(&photinus::Main, argc, argv); }
