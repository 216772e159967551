// A quick guard of what gp_versus_random measures in full: the default algorithm must stay far ahead of random search.
#include <cmath>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/benchmarks/search_comparison.h"

namespace photinus {
namespace {

struct Bar {
  const char* workload;
  int trials;
  double mean_difference;  // of log10 simple regret, at most
};

void PrintTo(const Bar& bar, std::ostream* out) { *out << bar.workload; }

class DefaultAlgorithm : public ::testing::TestWithParam<Bar> {};

TEST_P(DefaultAlgorithm, StaysAheadOfRandomSearch) {
  const Bar& bar = GetParam();
  std::vector<double> differences;
  for (uint64_t seed = 201; seed <= 203; ++seed) {
    const Workload workload = MakeWorkload(bar.workload, seed);
    const double own = RunSearch("DEFAULT", workload, bar.trials, seed).best;
    const double random = RunSearch("RANDOM_SEARCH", workload, bar.trials, seed).best;
    differences.push_back(std::log10(std::max(own, 1e-9)) - std::log10(random));
  }
  EXPECT_LE(Mean(differences), bar.mean_difference);
}

INSTANTIATE_TEST_SUITE_P(Bars, DefaultAlgorithm,
                         ::testing::Values(Bar{"sphere", 60, -3}, Bar{"ellipsoid", 70, -2}, Bar{"rosenbrock", 60, -1},
                                           Bar{"mixed", 60, -1}),
                         [](const auto& info) { return std::string(info.param.workload); });

TEST(QuasiRandomSearch, IsNoWorseThanRandomSearchOnASmoothProblem) {
  std::vector<double> differences;
  for (uint64_t seed = 201; seed <= 230; ++seed) {
    const Workload workload = MakeWorkload("sphere", seed);
    differences.push_back(std::log10(RunSearch("QUASI_RANDOM_SEARCH", workload, 100, seed).best) -
                          std::log10(RunSearch("RANDOM_SEARCH", workload, 100, seed).best));
  }
  EXPECT_LT(Mean(differences), 0.05);
}

struct WilcoxonCase {
  const char* situation;
  std::vector<double> differences;
  double p;
};

void PrintTo(const WilcoxonCase& c, std::ostream* out) { *out << c.situation; }

class WilcoxonTest : public ::testing::TestWithParam<WilcoxonCase> {};

TEST_P(WilcoxonTest, MatchesTheExactDistribution) {
  EXPECT_NEAR(WilcoxonSignedRank(GetParam().differences), GetParam().p, 1e-12);
}

INSTANTIATE_TEST_SUITE_P(Table, WilcoxonTest,
                         ::testing::Values(WilcoxonCase{"AllNegative", {-1, -2, -3, -4, -5}, 2.0 / 32},
                                           WilcoxonCase{"OneSmallPositive", {1, -2, -3, -4, -5}, 4.0 / 32},
                                           WilcoxonCase{"Balanced", {1, -1}, 1},
                                           WilcoxonCase{"ZerosAreDropped", {-1, -2, -3, -4, -5, 0}, 2.0 / 32},
                                           WilcoxonCase{"TiesShareRanks", {-1, -1, -1, 1}, 2 * 5.0 / 16},
                                           WilcoxonCase{"Nothing", {}, 1}),
                         [](const auto& info) { return info.param.situation; });

TEST(Workloads, HaveRegretZeroAtBestAndNeverLess) {
  for (const std::string& name : WorkloadNames()) {
    const SearchRun run = RunSearch("RANDOM_SEARCH", MakeWorkload(name, 3), 500, 1);
    EXPECT_GE(run.best, 0) << name;
  }
}

}  // namespace
}  // namespace photinus
