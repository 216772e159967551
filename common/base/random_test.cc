#include "common/base/random.h"

#include <cmath>
#include <vector>

#include "gtest/gtest.h"

namespace photinus {
namespace {

TEST(Random, IsTheSameForEqualSeedsAndDiffersOtherwise) {
  Random a(7), b(7), c(8);
  EXPECT_EQ(a.Next(), b.Next());
  EXPECT_NE(a.Next(), c.Next());
}

TEST(Random, MatchesTheReferenceValueOfSplitMix64) {
  EXPECT_EQ(SplitMix64(0), 0xe220a8397b1dcdafull);  // first output of the reference generator seeded with 0
}

TEST(Random, BelowIsUniform) {
  Random random(1);
  std::vector<int> counts(5);
  for (int i = 0; i < 50000; ++i) ++counts[random.Below(5)];
  for (const int count : counts) EXPECT_NEAR(count, 10000, 400);
}

TEST(Random, NormalHasMeanZeroAndVarianceOne) {
  Random random(2);
  double sum = 0, squares = 0;
  constexpr int kDraws = 50000;
  for (int i = 0; i < kDraws; ++i) {
    const double x = random.Normal();
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / kDraws, 0, 0.02);
  EXPECT_NEAR(squares / kDraws, 1, 0.03);
}

TEST(Random, SecureHexHasTwoDigitsPerByteAndNeverRepeats) {
  EXPECT_EQ(SecureHex(16).size(), 32u);
  EXPECT_NE(SecureHex(16), SecureHex(16));
}

}  // namespace
}  // namespace photinus
