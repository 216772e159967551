#include "worker/base/quantile.h"

#include "gtest/gtest.h"

namespace photinus {
namespace {

TEST(Quantile, IsTheSmallestValueThatTheShareDoesNotExceed) {
  const std::vector<int> values = {40, 10, 30, 20};
  EXPECT_EQ(Quantile(values, 0), 10);
  EXPECT_EQ(Quantile(values, 0.25), 10);
  EXPECT_EQ(Quantile(values, 0.26), 20);
  EXPECT_EQ(Quantile(values, 0.5), 20);
  EXPECT_EQ(Quantile(values, 0.9), 40);
  EXPECT_EQ(Quantile(values, 1), 40);
  EXPECT_EQ(Quantile(std::vector<double>{0.5}, 0.1), 0.5);
}

TEST(Quantile, TakesWholeRanksAsSuch) {
  for (const int count : {20, 40, 100, 300, 3000}) {
    std::vector<int> values;
    for (int i = 1; i <= count; ++i) values.push_back(i);
    for (const int percent : {5, 10, 25, 75, 90, 95}) {
      EXPECT_EQ(Quantile(values, percent / 100.0), count * percent / 100) << percent << " % of " << count;
    }
  }
}

}  // namespace
}  // namespace photinus
