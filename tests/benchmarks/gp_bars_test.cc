// What the default algorithm must be worth against random search: 100 trials, 20 paired seeds (minutes).
#include <algorithm>
#include <cmath>
#include <ostream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/benchmarks/search_comparison.h"

namespace photinus {
namespace {

constexpr uint64_t kFirstSeed = 5001;  // not among those that the algorithm was developed on
constexpr int kSeeds = 20;
constexpr int kTrials = 100;
constexpr double kRegretFloor = 1e-12;  // so that exact hits have a logarithm

struct Bar {
  const char* workload;
  double mean_difference;  // of log10 simple regret, at most
};

void PrintTo(const Bar& bar, std::ostream* out) { *out << bar.workload; }

class DefaultAlgorithmBars : public ::testing::TestWithParam<Bar> {};

TEST_P(DefaultAlgorithmBars, AreMet) {
  const auto [name, bar] = GetParam();
  std::vector<double> differences;
  for (uint64_t seed = kFirstSeed; seed < kFirstSeed + kSeeds; ++seed) {
    const Workload workload = MakeWorkload(name, seed);
    const double own = RunSearch("DEFAULT", workload, kTrials, seed).best;
    const double random = RunSearch("RANDOM_SEARCH", workload, kTrials, seed).best;
    differences.push_back(std::log10(std::max(own, kRegretFloor)) - std::log10(std::max(random, kRegretFloor)));
  }
  RecordProperty("mean_difference", std::to_string(Mean(differences)));
  EXPECT_LE(Mean(differences), bar);
  EXPECT_LT(WilcoxonSignedRank(differences), 0.01);
}

INSTANTIATE_TEST_SUITE_P(Workloads, DefaultAlgorithmBars,
                         ::testing::Values(Bar{"sphere", -1}, Bar{"ellipsoid", -1}, Bar{"rosenbrock", 0},
                                           Bar{"rastrigin", 0}, Bar{"mixed", 0}),
                         [](const auto& info) { return std::string(info.param.workload); });

}  // namespace
}  // namespace photinus
