#include "server/algorithms/gp/outliers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace photinus {
namespace {

TEST(QuantileOfSorted, LiesBetweenTheValuesAroundIt) {
  const std::vector<double> sorted = {0, 1, 10};
  EXPECT_DOUBLE_EQ(QuantileOfSorted(sorted, 0), 0);
  EXPECT_DOUBLE_EQ(QuantileOfSorted(sorted, 0.25), 0.5);
  EXPECT_DOUBLE_EQ(QuantileOfSorted(sorted, 0.75), 5.5);
  EXPECT_DOUBLE_EQ(QuantileOfSorted(sorted, 1), 10);
  EXPECT_DOUBLE_EQ(QuantileOfSorted({3}, 0.5), 3);
}

// Twenty values from 0 to 1, and the lowest two far below.
std::vector<double> WithTwo(double low, double lowest) {
  std::vector<double> sorted = {lowest, low};
  for (int i = 0; i < 20; ++i) sorted.push_back(i / 19.0);
  return sorted;
}

TEST(OutlierBound, LiesBetweenTheOrdinaryAndAFewThatAreFarWorse) {
  const double bound = OutlierBound(WithTwo(-100, -1e300));
  EXPECT_GT(bound, -100);
  EXPECT_LT(bound, 0);
}

TEST(OutlierBound, LiesBelowWhatIsOnlySomewhatWorse) { EXPECT_LT(OutlierBound(WithTwo(-10, -20)), -20); }

TEST(OutlierBound, LiesBelowManyThatAreFarWorse) {
  std::vector<double> sorted = WithTwo(-100, -1000);
  sorted.insert(sorted.begin(), 3, -1000);
  EXPECT_LT(OutlierBound(sorted), -1000);
}

TEST(OutlierBound, IsThatOfAnyUnitAndLiesBelowAllWhereNoNumberDoes) {
  std::vector<double> sorted = WithTwo(-100, -200);
  const double bound = OutlierBound(sorted);
  for (double& value : sorted) value *= 1024;
  EXPECT_DOUBLE_EQ(OutlierBound(sorted), 1024 * bound);
  EXPECT_EQ(OutlierBound({-1.7e308, 1.7e308}), -std::numeric_limits<double>::infinity());
}

}  // namespace
}  // namespace photinus
