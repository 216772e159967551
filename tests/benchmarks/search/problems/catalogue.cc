#include "tests/benchmarks/search/problems/catalogue.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "absl/strings/str_cat.h"
#include "tests/benchmarks/search/problems/bbob.h"
#include "tests/benchmarks/search/problems/conditional.h"
#include "tests/benchmarks/search/problems/constrained.h"
#include "tests/benchmarks/search/problems/multi_objective.h"
#include "tests/benchmarks/search/problems/nas.h"
#include "tests/benchmarks/search/problems/wrong_scale.h"

namespace photinus {
namespace {

constexpr uint64_t kNoiseLevelStream = 0x10a5e;

constexpr double kDecades = 2;  // of scales that are wrong

// Many columns of features.
constexpr EpistasisSize kWide = {.categories = 40, .skip_edges = 8, .least_levels = 26, .most_levels = 26};

uint64_t HashOf(const std::string& name) {
  uint64_t hash = 0;
  for (const char c : name) hash = MixSeed(hash, static_cast<uint64_t>(static_cast<unsigned char>(c)));
  return hash;
}

const std::map<std::string, Problem (*)(Random&)>& NamedProblems() {
  static const auto& problems = *new std::map<std::string, Problem (*)(Random&)>{
      {"nas-epistasis", [](Random& random) { return EpistasisProblem({}, random); }},
      {"nas-epistasis-wide", [](Random& random) { return EpistasisProblem(kWide, random); }},
      {"nas-macro", [](Random& random) { return MacroNetProblem({}, random); }},
      {"nas-ridge", [](Random& random) { return RidgeProblem({}, random); }},
      {"conditional-training", &TrainingProblem},
      {"conditional-branches", &BranchesProblem},
      {"conditional-layers", &LayersProblem},
      {"constrained-halfspaces", &HalfspacesProblem},
      {"constrained-ball", &BallProblem},
      {"constrained-safety", &SafetyProblem},
  };
  return problems;
}

}  // namespace

absl::StatusOr<Problem> MakeProblem(const std::string& name, uint64_t instance) {
  Random random(MixSeed(HashOf(name), instance));
  if (const auto named = NamedProblems().find(name); named != NamedProblems().end()) return named->second(random);
  const std::vector<std::string> several = MultiObjectiveNames();
  if (std::find(several.begin(), several.end(), name) != several.end()) return MultiObjectiveProblem(name, random);
  int number = 0, dimension = 0, length = 0;
  const bool is_bbob = std::sscanf(name.c_str(), "f%d-d%d%n", &number, &dimension, &length) == 2 && number >= 1 &&
                       number <= kBbobFunctions && dimension >= 2 && dimension <= 1000;
  const std::string variant = name.substr(static_cast<size_t>(length));
  if (is_bbob) {
    const BoxFunction function = BbobFunction(number, dimension, random);
    if (variant == "-log2") return ContinuousProblem(OnWrongScale(function, kDecades), random);
    if (variant.empty()) return ContinuousProblem(function, random);
    if (variant == "-outliers") return WithOutliers(ContinuousProblem(function, random));
    if (variant == "-mixed") return MixedProblem(function, random);
    const uint64_t noise_seed = MixSeed(instance, kNoiseLevelStream);
    if (variant == "-noise1") return WithNoise(ContinuousProblem(function, random), 0.01, noise_seed);
    if (variant == "-noise10") return WithNoise(ContinuousProblem(function, random), 0.1, noise_seed);
  }
  return absl::InvalidArgumentError(absl::StrCat("no problem '", name, "'; see docs/benchmarks.md for their names"));
}

}  // namespace photinus
