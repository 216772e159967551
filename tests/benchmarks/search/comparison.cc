#include "tests/benchmarks/search/comparison.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <tuple>

#include "nlohmann/json.hpp"

namespace photinus {
namespace {

using Json = nlohmann::json;

constexpr double kRegretFloor = 1e-8;  // of the final regret of random search; less cannot be told from the optimum
constexpr uint64_t kBootstrapSeed = 95;

RunLine ParseRun(const Json& line) {
  RunLine run{.key = {.suite = line.at("suite"),
                      .problem = line.at("problem"),
                      .algorithm = line.at("algorithm"),
                      .seed = line.at("seed"),
                      .trials = line.at("trials"),
                      .batch = line.at("batch")},
              .regret = line.at("regret"),
              .versions = line.at("versions")};
  if (!line.contains("seconds")) return run;
  run.seconds = line["seconds"];
  run.latency = line.at("latency");
  run.cpu_seconds = line.at("cpu_seconds");
  run.peak_memory_mb = line.at("peak_memory_mb");
  return run;
}

// Grouped by problem, in the order of the instances.
std::vector<std::vector<double>> Values(const std::map<std::string, std::vector<double>>& by_problem) {
  std::vector<std::vector<double>> groups;
  for (const auto& [problem, values] : by_problem) groups.push_back(values);
  return groups;
}

double MeanOfMeans(const std::vector<std::vector<double>>& groups) {
  std::vector<double> means;
  for (const std::vector<double>& group : groups) means.push_back(Mean(group));
  return Mean(means);
}

std::vector<double> Joined(const std::vector<std::vector<double>>& groups) {
  std::vector<double> all;
  for (const std::vector<double>& group : groups) all.insert(all.end(), group.begin(), group.end());
  return all;
}

Comparison Compare(const std::map<Instance, ScoredRun>& subject, const std::string& rival,
                   const std::map<Instance, ScoredRun>& rivals) {
  Comparison comparison{.rival = rival};
  std::map<std::string, std::vector<double>> anytime, final;
  for (const auto& [instance, run] : subject) {
    const auto other = rivals.find(instance);
    if (other == rivals.end()) continue;
    anytime[instance.first].push_back(run.score.anytime - other->second.score.anytime);
    final[instance.first].push_back(run.score.final - other->second.score.final);
    const double difference = final[instance.first].back();
    comparison.wins += difference < 0 ? 1 : difference == 0 ? 0.5 : 0;
    ++comparison.pairs;
  }
  if (comparison.pairs == 0) return comparison;
  comparison.wins /= comparison.pairs;
  const auto anytime_groups = Values(anytime), final_groups = Values(final);
  comparison.anytime = MeanOfMeans(anytime_groups);
  comparison.final = MeanOfMeans(final_groups);
  comparison.anytime_interval = BootstrapMean(anytime_groups, kBootstrapSeed);
  comparison.final_interval = BootstrapMean(final_groups, kBootstrapSeed);
  comparison.anytime_p = WilcoxonSignedRank(Joined(anytime_groups));
  comparison.final_p = WilcoxonSignedRank(Joined(final_groups));
  return comparison;
}

}  // namespace

double RelativeLogRegret(const StepCurve& regret, const StepCurve& reference, int trial, int trials) {
  // Where random search finds the optimum, every regret above it is infinitely worse: the smallest number stands for 0.
  const double floor = std::max(kRegretFloor * ValueAt(reference, trials), 1e-300);
  return std::log10(std::max(ValueAt(regret, trial), floor) / std::max(ValueAt(reference, trial), floor));
}

Score ScoreOf(const StepCurve& regret, const StepCurve& reference, int trials) {
  Score score{.final = RelativeLogRegret(regret, reference, trials, trials)};
  const int first = std::max(1, trials / 10);
  for (int t = first; t <= trials; ++t) {
    score.anytime += RelativeLogRegret(regret, reference, t, trials) / (trials - first + 1);
  }
  return score;
}

std::vector<RunLine> ReadRuns(const std::vector<std::string>& paths) {
  std::map<RunKey, RunLine> runs;
  for (const std::string& path : paths) {
    std::ifstream file(path);
    if (!file) {
      std::fprintf(stderr, "cannot read %s\n", path.c_str());
      std::exit(2);
    }
    for (std::string text; std::getline(file, text);) {
      const Json line = Json::parse(text, nullptr, /*allow_exceptions=*/false);
      if (!line.is_object() || !line.contains("regret")) continue;  // torn when the machine stopped, or a latency
      RunLine run = ParseRun(line);
      runs.insert_or_assign(run.key, std::move(run));
    }
  }
  std::vector<RunLine> lines;
  for (auto& [key, run] : runs) lines.push_back(std::move(run));
  return lines;
}

std::map<std::string, SuiteRuns> ScoreRuns(const std::vector<RunLine>& lines) {
  std::map<std::tuple<std::string, std::string, uint64_t, int>, const StepCurve*> references;
  for (const RunLine& line : lines) {
    const RunKey& key = line.key;
    if (key.algorithm == kRandomReference) references[{key.suite, key.problem, key.seed, key.trials}] = &line.regret;
  }
  std::map<std::string, SuiteRuns> suites;
  for (const RunLine& line : lines) {
    const RunKey& key = line.key;
    const auto reference = references.find({key.suite, key.problem, key.seed, key.trials});
    if (key.algorithm == kRandomReference || reference == references.end() || line.regret.empty()) continue;
    suites[key.suite][key.algorithm][{key.problem, key.seed}] = {
        .line = line, .score = ScoreOf(line.regret, *reference->second, key.trials), .reference = *reference->second};
  }
  return suites;
}

std::vector<Comparison> CompareWithRivals(const SuiteRuns& suite, const std::string& subject) {
  std::vector<Comparison> comparisons;
  const auto own = suite.find(subject);
  if (own == suite.end()) return comparisons;
  std::vector<double> anytime, final;
  for (const auto& [rival, runs] : suite) {
    if (rival == subject) continue;
    comparisons.push_back(Compare(own->second, rival, runs));
    anytime.push_back(comparisons.back().anytime_p);
    final.push_back(comparisons.back().final_p);
  }
  anytime = HolmAdjusted(anytime);
  final = HolmAdjusted(final);
  for (size_t i = 0; i < comparisons.size(); ++i) {
    comparisons[i].anytime_p = anytime[i];
    comparisons[i].final_p = final[i];
  }
  return comparisons;
}

}  // namespace photinus
