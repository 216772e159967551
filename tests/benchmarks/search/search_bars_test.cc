// What the default algorithm must be worth against random search: 100 trials, 20 paired seeds (minutes).
#include <ostream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/benchmarks/search/comparison.h"

namespace photinus {
namespace {

constexpr uint64_t kFirstSeed = 5001;  // not among those that the algorithm was developed on
constexpr int kSeeds = 20;
constexpr int kTrials = 100;

struct Bar {
  const char* problem;
  double mean_difference;  // of the final log10 regret to random search, at most: half of what was measured, or less
};

void PrintTo(const Bar& bar, std::ostream* out) { *out << bar.problem; }

class DefaultAlgorithmBars : public ::testing::TestWithParam<Bar> {};

TEST_P(DefaultAlgorithmBars, AreMet) {
  std::vector<double> differences;
  for (uint64_t seed = kFirstSeed; seed < kFirstSeed + kSeeds; ++seed) {
    RunKey key{.problem = GetParam().problem, .algorithm = "DEFAULT", .seed = seed, .trials = kTrials};
    const StepCurve own = RunSearch(key)->regret;
    key.algorithm = "RANDOM_SEARCH";
    differences.push_back(RelativeLogRegret(own, RunSearch(key)->regret, kTrials, kTrials));
  }
  RecordProperty("mean_difference", std::to_string(Mean(differences)));
  EXPECT_LE(Mean(differences), GetParam().mean_difference);
  EXPECT_LT(WilcoxonSignedRank(differences), 0.01);
}

INSTANTIATE_TEST_SUITE_P(Problems, DefaultAlgorithmBars,
                         ::testing::Values(Bar{"f1-d8", -1}, Bar{"f2-d8", -1}, Bar{"f9-d8", -1.2}, Bar{"f15-d8", -0.2},
                                           Bar{"conditional-training", -2.5}),
                         [](const auto& info) {
                           std::string name = info.param.problem;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace photinus
