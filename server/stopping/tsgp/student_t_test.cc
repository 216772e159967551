#include "server/stopping/tsgp/student_t.h"

#include <gtest/gtest.h>

#include <cmath>

namespace photinus {
namespace {

struct Row {
  double z, chance, gain;
};

class StudentTTest : public ::testing::TestWithParam<Row> {};

TEST_P(StudentTTest, HasTheTabulatedTails) {
  const Row& row = GetParam();
  EXPECT_NEAR(StudentChanceAbove(row.z), row.chance, 1e-8 * row.chance);
  EXPECT_NEAR(StudentGainAbove(row.z), row.gain, 1e-8 * row.gain);
}

// By quadrature.
INSTANTIATE_TEST_SUITE_P(Table, StudentTTest,
                         ::testing::Values(Row{-5, 0.9962547832, 5.0068870654}, Row{-1, 0.8130495168, 1.1708203932},
                                           Row{0, 0.5, 0.5}, Row{1, 0.1869504832, 0.1708203932},
                                           Row{2, 0.058058261758, 0.06066017178},
                                           Row{10, 0.00028100181136, 0.00096144602369},
                                           Row{200, 1.874687541e-09, 1.2498750117e-07}));

TEST(StudentT, GainIsTheIntegralOfTheChance) {
  constexpr double kStep = 1e-4;
  for (const double z : {-2.0, 0.3, 4.0, 30.0}) {
    const double slope = (StudentGainAbove(z + kStep) - StudentGainAbove(z - kStep)) / (2 * kStep);
    EXPECT_NEAR(slope, -StudentChanceAbove(z), 1e-6 * StudentChanceAbove(z) + 1e-10);
  }
}

TEST(StudentT, TailsStayPositiveFarOut) {
  EXPECT_GT(StudentChanceAbove(1e6), 0);
  EXPECT_NEAR(StudentGainAbove(1e6) * std::pow(1e6, 3), 1, 1e-6);
}

}  // namespace
}  // namespace photinus
