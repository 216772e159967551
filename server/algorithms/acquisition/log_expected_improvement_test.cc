#include "server/algorithms/acquisition/log_expected_improvement.h"

#include <cmath>

#include "gtest/gtest.h"

namespace photinus {
namespace {

struct HCase {
  const char* situation;
  double z, log_h;
};

class LogImprovementTest : public ::testing::TestWithParam<HCase> {};

TEST_P(LogImprovementTest, MatchesTheExactValue) {
  EXPECT_NEAR(LogImprovement(GetParam().z).value, GetParam().log_h, 1e-12 * std::abs(GetParam().log_h));
}

// h at 0 is 1/sqrt(2 pi); for large z it is z; far out log h = -z^2/2 - log sqrt(2 pi) - 2 log|z| + log(1 - 3/z^2 +
// ...).
INSTANTIATE_TEST_SUITE_P(Table, LogImprovementTest,
                         ::testing::Values(HCase{"AtTheIncumbent", 0, -0.91893853320467274},
                                           HCase{"Sure", 40, 3.6888794541139363},
                                           HCase{"FarOut", -1000, -500014.734452091},
                                           HCase{"Absurd", -1e8, -5000000000000037.76029961}),
                         [](const auto& info) { return info.param.situation; });

TEST(LogImprovement, IsContinuousWhereTheFormulaChanges) {
  const LogH above = LogImprovement(-5 + 1e-9), below = LogImprovement(-5 - 1e-9);
  EXPECT_NEAR(above.value, below.value, 2e-8);
  EXPECT_NEAR(above.derivative, below.derivative, 1e-8);
}

TEST(LogImprovement, AgreesWithItsAsymptoteDeepInTheTail) {
  for (const double z : {-60.0, -300.0, -1e4, -1e6}) {
    const double series = 1 - 3 / (z * z) + 15 / std::pow(z, 4) - 105 / std::pow(z, 6);
    const double expected = -0.5 * z * z - 0.5 * std::log(2 * M_PI) - 2 * std::log(-z) + std::log(series);
    EXPECT_NEAR(LogImprovement(z).value, expected, 1e-13 * std::abs(expected)) << z;
  }
}

TEST(LogExpectedImprovement, HasTheDerivativesOfItsValue) {
  for (const double mean : {-30.0, -7.0, -5.0, -1.0, 0.0, 0.5, 3.0}) {
    for (const double stddev : {0.3, 1.0, 2.0}) {
      const LogEi ei = LogExpectedImprovement(mean, stddev, 0.1);
      const double h = 1e-5;
      const auto at = [&](double dm, double ds) { return LogExpectedImprovement(mean + dm, stddev + ds, 0.1).value; };
      EXPECT_NEAR(ei.by_mean, (at(h, 0) - at(-h, 0)) / (2 * h), 1e-5 * std::abs(ei.by_mean) + 1e-7);
      EXPECT_NEAR(ei.by_stddev, (at(0, h) - at(0, -h)) / (2 * h), 1e-5 * std::abs(ei.by_stddev) + 1e-7);
    }
  }
}

TEST(LogAugmentedExpectedImprovement, HasTheDerivativesOfItsValue) {
  for (const double stddev : {0.03, 1.0, 4.0}) {
    const auto at = [](double mean, double stddev) { return LogAugmentedExpectedImprovement(mean, stddev, 0.1, 0.25); };
    const LogEi ei = at(0.2, stddev);
    const double h = 1e-5;
    EXPECT_NEAR(ei.by_mean, (at(0.2 + h, stddev).value - at(0.2 - h, stddev).value) / (2 * h), 1e-5 * ei.by_mean);
    EXPECT_NEAR(ei.by_stddev, (at(0.2, stddev + h).value - at(0.2, stddev - h).value) / (2 * h), 1e-5 * ei.by_stddev);
  }
}

TEST(LogAugmentedExpectedImprovement, IsLessByWhatAnObservationCannotTell) {
  const double plain = LogExpectedImprovement(0, 1, 0).value;
  EXPECT_EQ(LogAugmentedExpectedImprovement(0, 1, 0, 0).value, plain);
  EXPECT_NEAR(LogAugmentedExpectedImprovement(0, 1, 0, 1).value, plain + std::log(1 - std::sqrt(0.5)), 1e-12);
  EXPECT_NEAR(LogAugmentedExpectedImprovement(0, 1, 0, 1e-30).value, plain, 1e-12);
  EXPECT_TRUE(std::isfinite(LogAugmentedExpectedImprovement(0, 1e-12, 0, 1e6).value));
}

TEST(LogExpectedImprovement, StaysFiniteAtTheExtremes) {
  for (const double mean : {-1e150, -1.0, 0.0, 1e150}) {
    for (const double stddev : {1e-12, 1.0, 1e12}) {
      const LogEi ei = LogExpectedImprovement(mean, stddev, 0);
      if (std::abs(mean / stddev) > 1e153) continue;  // z^2 itself overflows
      EXPECT_TRUE(std::isfinite(ei.value)) << mean << " " << stddev;
      EXPECT_TRUE(std::isfinite(ei.by_mean)) << mean << " " << stddev;
    }
  }
}

}  // namespace
}  // namespace photinus
