#include "server/stopping/tsgp/outcome.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "common/base/random.h"
#include "server/stopping/tsgp/student_t.h"

namespace photinus {
namespace {

constexpr Outcome kOutcome{
    .mean = 2, .stddev = 0.5, .rise = 0.2, .rise_scale = 1.5, .fall = 0.1, .fallen_mean = -3, .fallen_stddev = 0.3};

TEST(Outcome, HasTheMomentsOfItsDraws) {
  Random random(7);
  double squares = 0, chance = 0, gain = 0;
  constexpr int kDraws = 200000;
  constexpr double kValue = 3;
  for (int i = 0; i < kDraws; ++i) {
    const double fate = random.Uniform();
    const bool falls = fate < kOutcome.fall, rises = !falls && random.Uniform() < kOutcome.rise;
    double end = falls ? kOutcome.fallen_mean + kOutcome.fallen_stddev * random.Normal() : kOutcome.mean;
    if (rises) end += std::abs(kOutcome.rise_scale * random.Normal());
    const double scatter = falls ? 0 : random.Normal();
    squares += std::pow(end + kOutcome.stddev * scatter - kOutcome.mean, 2) / kDraws;
    if (falls) continue;
    chance += StudentChanceAbove((kValue - end) / 0.7) / kDraws;
    gain += 0.7 * StudentGainAbove((kValue - end) / 0.7) / kDraws;
  }
  EXPECT_NEAR(kOutcome.Deviation(), std::sqrt(squares), 0.01);
  EXPECT_NEAR(kOutcome.ChanceAbove(kValue, 0.7), chance, 0.003);
  EXPECT_NEAR(kOutcome.GainAbove(kValue, 0.7), gain, 0.01);
}

TEST(Outcome, IsThePredictionWhereNothingElseHappens) {
  const Outcome plain{.mean = 2, .stddev = 0.5};
  EXPECT_DOUBLE_EQ(plain.Deviation(), 0.5);
  EXPECT_DOUBLE_EQ(plain.ChanceAbove(3, 0.5), StudentChanceAbove(2));
  EXPECT_DOUBLE_EQ(plain.GainAbove(3, 0.5), 0.5 * StudentGainAbove(2));
}

// As where a goal falls when the curve rises.
TEST(Outcome, RisesByANegativeScaleDownwards) {
  Outcome down = kOutcome;
  down.rise_scale = -kOutcome.rise_scale;
  EXPECT_LT(down.GainAbove(3, 0.5), kOutcome.GainAbove(3, 0.5));
  EXPECT_DOUBLE_EQ(down.Deviation(), kOutcome.Deviation());
}

}  // namespace
}  // namespace photinus
