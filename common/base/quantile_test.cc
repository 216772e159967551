#include "common/base/quantile.h"

#include <gtest/gtest.h>

namespace photinus {
namespace {

TEST(Quantile, IsAValueOrBetweenTwo) {
  EXPECT_EQ(Quantile({3}, 0.7), 3);
  EXPECT_EQ(Quantile({5, 1, 3}, 0.5), 3);
  EXPECT_EQ(Quantile({7, 1, 5, 3}, 0.5), 4);
  EXPECT_EQ(Quantile({7, 1, 5, 3}, 0), 1);
  EXPECT_EQ(Quantile({7, 1, 5, 3}, 1), 7);
  EXPECT_DOUBLE_EQ(Quantile({7, 1, 5, 3}, 0.75), 5.5);
}

TEST(Quantile, DoesNotOverflow) { EXPECT_EQ(Quantile({-1.7e308, 1.7e308}, 0.5), 0); }

TEST(RobustDeviation, IsThatOfANormalWithTheInterquartileRange) {
  EXPECT_NEAR(RobustDeviation({0, 1, 2, 3, 4}), 2 / 1.349, 1e-12);
  EXPECT_NEAR(RobustDeviation({-1e300, 1, 2, 3, 1e300}), 2 / 1.349, 1e-12);
}

}  // namespace
}  // namespace photinus
