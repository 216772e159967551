#include "server/algorithms/gp_training.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "gtest/gtest.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

constexpr Index kMany = 20'000;

MatrixXd Goals(Index rows) {
  MatrixXd goals(rows, 2);
  for (Index i = 0; i < rows; ++i) {
    const double k = static_cast<double>(i), angle = 0.5 * M_PI * std::fmod(0.618 * k, 1),
                 radius = std::fmod(0.4142 * k, 1);
    goals.row(i) << std::exp(radius * std::cos(angle)), radius * std::sin(angle);
  }
  return goals;
}

TEST(StandingOf, PutsTheFrontOfManyTrialsAbove) {
  MatrixXd goals = Goals(kMany);
  goals.row(777) << 3, 1.1;  // above all others
  goals.row(778) << -1, -1;  // below
  const Eigen::VectorXd standing = StandingOf(goals, std::vector<bool>(kMany, true));
  Index best = 0, worst = 0;
  standing.maxCoeff(&best);
  standing.minCoeff(&worst);
  EXPECT_EQ(best, 777);
  EXPECT_EQ(worst, 778);
  EXPECT_TRUE(standing.allFinite());
}

TEST(StandingOf, FindsTheOneOfManyTrialsThatDiffers) {
  MatrixXd goals = MatrixXd::Constant(kMany, 2, 5);
  goals.row(1'237) << 6, 6;
  Index best = 0;
  StandingOf(goals, std::vector<bool>(kMany, true)).maxCoeff(&best);
  EXPECT_EQ(best, 1'237);
}

}  // namespace
}  // namespace photinus
