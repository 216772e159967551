#include "tests/benchmarks/search/statistics.h"

#include <ostream>
#include <vector>

#include "gtest/gtest.h"

namespace photinus {
namespace {

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

TEST(HolmAdjusted, MultipliesBySmallerNumbersAndNeverDecreases) {
  EXPECT_EQ(HolmAdjusted({0.04, 0.01, 0.03}), (std::vector<double>{0.06, 0.03, 0.06}));
  EXPECT_EQ(HolmAdjusted({0.9, 0.8}), (std::vector<double>{1, 1}));
}

TEST(Quantile, IsLinearBetweenNeighbours) {
  EXPECT_DOUBLE_EQ(Quantile({3, 1, 2}, 0.5), 2);
  EXPECT_DOUBLE_EQ(Quantile({4, 1, 2, 3}, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(Quantile({1, 2}, 1), 2);
  EXPECT_DOUBLE_EQ(Quantile({1, 2}, 0.25), 1.25);
}

TEST(BootstrapMean, CoversTheSpreadBetweenGroups) {
  // Two groups without spread of their own: a resample has mean 0, 1 or 2 with probabilities 1/4, 1/2, 1/4.
  const Interval two = BootstrapMean({{0, 0, 0}, {2, 2, 2}}, 1);
  EXPECT_EQ(two.low, 0);
  EXPECT_EQ(two.high, 2);
  const Interval constant = BootstrapMean({{1, 1}, {1}}, 1);
  EXPECT_EQ(constant.low, 1);
  EXPECT_EQ(constant.high, 1);
  // The mean of 100 values of variance 1/4 has deviation 0.05.
  std::vector<double> coins;
  for (int i = 0; i < 100; ++i) coins.push_back(i % 2);
  const Interval one = BootstrapMean({coins}, 1);
  EXPECT_NEAR(one.low, 0.4, 0.02);
  EXPECT_NEAR(one.high, 0.6, 0.02);
}

}  // namespace
}  // namespace photinus
