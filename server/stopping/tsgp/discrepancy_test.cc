#include "server/stopping/tsgp/discrepancy.h"

#include <cmath>

#include "common/base/random.h"
#include "gmock/gmock.h"

namespace photinus {
namespace {

// Curves whose ends are drawn from the prior, and whose begins say sqrt(variance) * N(0, 1) - bias too much.
std::vector<JudgedBegin> Judged(int count, double bias, double variance, double outliers = 0) {
  Random random(7);
  std::vector<JudgedBegin> judged;
  for (int i = 0; i < count; ++i) {
    JudgedBegin each{.prior = {0.3, 0.5}, .precision = 400, .noise = 0.001};
    const double g = 0.3 + std::sqrt(0.5) * random.Normal();
    each.told = g - bias + std::sqrt(variance + 1 / each.precision) * random.Normal();
    each.end = g + std::sqrt(each.noise) * random.Normal();
    if (random.Uniform() < outliers) each.end -= 5;
    judged.push_back(each);
  }
  return judged;
}

TEST(Discrepancy, IsNoneOfCurvesOfTheModel) {
  const Discrepancy discrepancy = FitDiscrepancy(Judged(400, 0, 0));
  EXPECT_NEAR(discrepancy.bias, 0, 0.02);
  EXPECT_LE(discrepancy.variance, 0.003);
}

TEST(Discrepancy, IsFoundWhereBeginsMislead) {
  const Discrepancy discrepancy = FitDiscrepancy(Judged(400, 0.4, 0.1));
  EXPECT_NEAR(discrepancy.bias, 0.4, 0.06);
  EXPECT_NEAR(discrepancy.variance, 0.1, 0.075);
}

TEST(Discrepancy, HardlyMindsCurvesThatFallLate) {
  const Discrepancy discrepancy = FitDiscrepancy(Judged(400, 0.4, 0.1, 0.1));
  EXPECT_NEAR(discrepancy.bias, 0.4, 0.1);
}

TEST(Discrepancy, WaitsForTenCurves) {
  EXPECT_EQ(FitDiscrepancy(Judged(9, 1, 1)).variance, 0);
  EXPECT_GT(FitDiscrepancy(Judged(10, 1, 1)).variance, 0);
}

TEST(Discrepancies, AreInterpolatedAndEndWithTheCurve) {
  Discrepancies discrepancies;
  for (size_t k = 0; k < discrepancies.by_share.size(); ++k) {
    discrepancies.by_share[k] = {.bias = 1.0 + static_cast<double>(k), .variance = 0.1};
  }
  EXPECT_EQ(discrepancies.At(0).bias, 1);
  EXPECT_EQ(discrepancies.At(0.1).bias, 1);
  EXPECT_NEAR(discrepancies.At(0.3).bias, 2.5, 1e-12);
  EXPECT_EQ(discrepancies.At(0.6).bias, 4);
  EXPECT_NEAR(discrepancies.At(0.8).variance, 0.05, 1e-12);
  EXPECT_EQ(discrepancies.At(1).bias, 0);
  EXPECT_EQ(discrepancies.At(1.5).variance, 0);
}

}  // namespace
}  // namespace photinus
