#include "tests/benchmarks/search/comparison.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <optional>
#include <set>
#include <tuple>

#include "nlohmann/json.hpp"
#include "tests/benchmarks/search/rival_searcher.h"

namespace photinus {
namespace {

using Json = nlohmann::json;

constexpr double kRegretFloor = 1e-8;  // of the final regret of random search; less cannot be told from the optimum
constexpr uint64_t kBootstrapSeed = 95;

RunLine ParseRun(const RunKey& key, const Json& line) {
  RunLine run{.key = key, .regret = line.at("regret"), .versions = line.at("versions")};
  if (!line.contains("seconds")) return run;
  run.seconds = line["seconds"];
  if (line.contains("latency")) run.latency = line["latency"];
  run.feasible = line.value("feasible", std::numeric_limits<double>::quiet_NaN());  // older lines lack it
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

// What the reference of random searches depends on: batches do not matter to it.
using RunInstance = std::tuple<std::string, std::string, uint64_t, int>;  // suite, problem, seed, trials
RunInstance InstanceOf(const RunKey& key) { return {key.suite, key.problem, key.seed, key.trials}; }

std::vector<RunLine> LinesOf(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    std::exit(2);
  }
  std::vector<RunLine> lines;
  for (std::string text; std::getline(file, text);) {
    const Json line = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (const std::optional<RunKey> key = KeyOf(line)) lines.push_back(ParseRun(*key, line));
  }
  return lines;
}

bool InFamily(const Comparison& c) { return c.pairs > 0 && FindRival(c.rival) != nullptr; }

void AdjustRivals(double Comparison::*p, std::vector<Comparison>& comparisons) {
  std::vector<double> family;
  for (const Comparison& c : comparisons) {
    if (InFamily(c)) family.push_back(c.*p);
  }
  family = HolmAdjusted(family);
  auto adjusted = family.begin();
  for (Comparison& c : comparisons) {
    if (InFamily(c)) c.*p = *adjusted++;
  }
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

std::vector<RunLine> ReadRuns(const std::vector<std::string>& paths, const std::vector<std::string>& kept) {
  std::map<RunKey, RunLine> runs;
  std::set<RunInstance> instances;
  for (const std::string& path : paths) {
    for (RunLine& run : LinesOf(path)) {
      instances.insert(InstanceOf(run.key));
      runs.insert_or_assign(run.key, std::move(run));
    }
  }
  for (const std::string& path : kept) {
    for (RunLine& run : LinesOf(path)) {
      if (instances.contains(InstanceOf(run.key))) runs.try_emplace(run.key, std::move(run));
    }
  }
  std::vector<RunLine> lines;
  for (auto& [key, run] : runs) lines.push_back(std::move(run));
  return lines;
}

std::map<Setting, SuiteRuns> ScoreRuns(const std::vector<RunLine>& lines) {
  std::map<RunInstance, const StepCurve*> references;
  for (const RunLine& line : lines) {
    if (line.key.algorithm == kRandomReference) references[InstanceOf(line.key)] = &line.regret;
  }
  std::map<Setting, SuiteRuns> settings;
  for (const RunLine& line : lines) {
    const RunKey& key = line.key;
    const auto reference = references.find(InstanceOf(key));
    if (key.algorithm == kRandomReference || reference == references.end() || line.regret.empty()) continue;
    settings[{key.suite, key.trials, key.batch}][key.algorithm][{key.problem, key.seed}] = {
        .line = line, .score = ScoreOf(line.regret, *reference->second, key.trials), .reference = *reference->second};
  }
  return settings;
}

std::vector<Comparison> CompareWithRivals(const SuiteRuns& suite, const std::string& subject) {
  std::vector<Comparison> comparisons;
  const auto own = suite.find(subject);
  if (own == suite.end()) return comparisons;
  for (const auto& [other, runs] : suite) {
    if (other != subject) comparisons.push_back(Compare(own->second, other, runs));
  }
  AdjustRivals(&Comparison::anytime_p, comparisons);
  AdjustRivals(&Comparison::final_p, comparisons);
  return comparisons;
}

}  // namespace photinus
