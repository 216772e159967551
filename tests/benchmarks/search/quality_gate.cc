#include "tests/benchmarks/search/quality_gate.h"

#include <cmath>
#include <cstdio>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "nlohmann/json.hpp"
#include "server/algorithms/registry.h"
#include "tests/benchmarks/search/comparison.h"
#include "tests/benchmarks/search/own_searcher.h"
#include "tests/benchmarks/search/problems/catalogue.h"
#include "tests/benchmarks/search/suites.h"

namespace photinus {
namespace {

// Of its own: neither those of `development` nor those of published figures.
constexpr uint64_t kFirstSeed = 9001;

double ProblemLoss(const std::vector<double>& scores, const std::vector<double>& accepted) {
  std::vector<double> losses;
  for (size_t i = 0; i < scores.size(); ++i) losses.push_back(scores[i] - accepted[i]);
  return Mean(losses);
}

}  // namespace

GateScores ScoreGate(const SearcherMaker& make, int seeds) {
  const Suite& gate = *FindSuite("gate");
  GateScores scores;
  for (const std::string& name : gate.problems) {
    for (uint64_t seed = kFirstSeed; seed < kFirstSeed + static_cast<uint64_t>(seeds); ++seed) {
      const RunKey key{.problem = name, .algorithm = kRandomReference, .seed = seed, .trials = gate.trials};
      const StepCurve reference = RunSearch(key)->regret;
      const Problem problem = *MakeProblem(name, seed);
      const std::unique_ptr<Searcher> searcher = make(problem, seed);
      scores[name].push_back(ScoreOf(RunSearch(key, problem, *searcher)->regret, reference, gate.trials).anytime);
    }
  }
  return scores;
}

GateScores ScoreDefaultForGate() {
  const auto make = [](const Problem& problem, uint64_t seed) {
    return std::make_unique<OwnSearcher>(*MakeAlgorithm("DEFAULT"), problem, seed);
  };
  return ScoreGate(make, FindSuite("gate")->seeds);
}

double MeanLoss(const GateScores& scores, const GateScores& accepted) {
  std::vector<double> losses;
  for (const auto& [problem, values] : scores) losses.push_back(ProblemLoss(values, accepted.at(problem)));
  return Mean(losses);
}

std::string FindLosses(const GateScores& scores, const GateScores& accepted) {
  std::string faults;
  for (const auto& [problem, values] : scores) {
    const auto found = accepted.find(problem);
    if (found == accepted.end() || found->second.size() != values.size()) {
      return absl::StrCat("the accepted scores are of other problems: ", problem, "\n");
    }
    const double loss = ProblemLoss(values, found->second);
    if (!(loss <= kProblemLoss)) absl::StrAppendFormat(&faults, "%s loses %.3f\n", problem, loss);
  }
  const double loss = MeanLoss(scores, accepted);
  if (!(loss <= kMeanLoss)) absl::StrAppendFormat(&faults, "the mean over problems loses %.3f\n", loss);
  return faults;
}

GateScores ReadGateScores(const std::string& path) {
  const auto json = nlohmann::json::parse(std::ifstream(path), nullptr, /*allow_exceptions=*/false);
  return json.is_object() ? json.get<GateScores>() : GateScores{};
}

bool WriteGateScores(const std::string& path, const GateScores& scores) {
  std::ofstream file(path);
  file << "{";
  for (const auto& [problem, values] : scores) {
    std::string numbers;
    for (const double v : values) absl::StrAppendFormat(&numbers, "%s%.4f", numbers.empty() ? "" : ", ", v);
    file << (problem == scores.begin()->first ? "\n" : ",\n") << "\"" << problem << "\": [" << numbers << "]";
  }
  file << "\n}\n";
  return static_cast<bool>(file.flush());
}

}  // namespace photinus
