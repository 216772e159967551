#include "server/algorithms/cma_es/margin.h"

#include <cmath>

#include "gtest/gtest.h"

namespace photinus {
namespace {

double Cdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2)); }
double Below(const Marginal& m, double border) { return Cdf((border - m.mean) / m.deviation); }
double Above(const Marginal& m, double border) { return Cdf((m.mean - border) / m.deviation); }

constexpr double kAlpha = 0.02;

TEST(WithMargin, LeavesAWideDistributionAlone) {
  const Marginal wide = {.mean = 0.5, .deviation = 0.3};
  const Marginal same = WithMargin(wide, {.low = 0.4, .high = 0.6}, kAlpha);
  EXPECT_EQ(same.mean, 0.5);
  EXPECT_EQ(same.deviation, 0.3);
  EXPECT_EQ(WithMargin(wide, {.high = 0.6}, kAlpha).mean, 0.5);
  EXPECT_EQ(WithMargin(wide, {}, kAlpha).mean, 0.5);
}

TEST(WithMargin, MovesTheMeanTowardsTheOneBorderOfAnEndCell) {
  const Marginal first = WithMargin({.mean = 0.1, .deviation = 0.01}, {.high = 0.5}, kAlpha);
  EXPECT_NEAR(Above(first, 0.5), kAlpha, 1e-9);
  EXPECT_EQ(first.deviation, 0.01);
  EXPECT_LT(first.mean, 0.5);
  const Marginal last = WithMargin({.mean = 0.9, .deviation = 0.01}, {.low = 0.5}, kAlpha);
  EXPECT_NEAR(Below(last, 0.5), kAlpha, 1e-9);
  EXPECT_GT(last.mean, 0.5);
}

TEST(WithMargin, OpensBothSidesOfAnInnerCell) {
  const Cell cell = {.low = 0.4, .high = 0.6};
  const Marginal middle = WithMargin({.mean = 0.5, .deviation = 0.01}, cell, kAlpha);
  EXPECT_NEAR(Below(middle, 0.4), kAlpha / 2, 1e-9);
  EXPECT_NEAR(Above(middle, 0.6), kAlpha / 2, 1e-9);
  EXPECT_NEAR(middle.mean, 0.5, 1e-9);
  const Marginal near_an_end = WithMargin({.mean = 0.59, .deviation = 0.01}, cell, kAlpha);
  EXPECT_NEAR(Below(near_an_end, 0.4), kAlpha / 2, 1e-9);
  EXPECT_NEAR(Above(near_an_end, 0.6), Cdf(-1), 0.01);  // what it was, but for what the other side took
}

TEST(DrawWithin, GivesTheQuantilesOfTheCell) {
  const Marginal m = {.mean = 0.5, .deviation = 0.1};
  EXPECT_NEAR(DrawWithin(m, {}, 0.5), 0.5, 1e-12);
  for (const double u : {0.1, 0.5, 0.9}) {
    const double inside = DrawWithin(m, {.low = 0.45, .high = 0.7}, u);
    EXPECT_NEAR((Below(m, inside) - Below(m, 0.45)) / (Below(m, 0.7) - Below(m, 0.45)), u, 1e-9);
    const double above = DrawWithin(m, {.low = 0.7, .high = 0.8}, u);
    EXPECT_NEAR((Above(m, 0.7) - Above(m, above)) / (Above(m, 0.7) - Above(m, 0.8)), 1 - u, 1e-9);
    EXPECT_LE(DrawWithin(m, {.high = 0.2}, u), 0.2);
  }
}

TEST(DrawWithin, TakesTheNearestEndOfACellThatIsTooFarOut) {
  const Marginal m = {.mean = 0.5, .deviation = 0.001};
  EXPECT_EQ(DrawWithin(m, {.low = 0.7, .high = 0.8}, 0.3), 0.7);
  EXPECT_EQ(DrawWithin(m, {.low = 0.1, .high = 0.2}, 0.3), 0.2);
  EXPECT_EQ(DrawWithin(m, {.low = 0.7}, 0.3), 0.7);
}

}  // namespace
}  // namespace photinus
