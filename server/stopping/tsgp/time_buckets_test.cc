#include "server/stopping/tsgp/time_buckets.h"

#include <gtest/gtest.h>

namespace photinus {
namespace {

using Eigen::ArrayXd;

TEST(TimeBuckets, LeaveShortCurvesAlone) {
  const ArrayXd times = ArrayXd::LinSpaced(5, 1, 5);
  const CurveData data = IntoBuckets(times, 2 * times, 5);
  EXPECT_TRUE((data.times == times).all());
  EXPECT_TRUE((data.values == 2 * times).all());
  EXPECT_TRUE((data.counts == 1).all());
}

TEST(TimeBuckets, GrowGeometricallyAndLoseNoPoint) {
  const ArrayXd times = ArrayXd::LinSpaced(7, 1, 7);
  const CurveData data = IntoBuckets(times, times.square(), 3);  // 1 + 2 + 4 points
  EXPECT_TRUE((data.counts == Eigen::Array3d(1, 2, 4)).all()) << data.counts;
  EXPECT_TRUE((data.times == Eigen::Array3d(1, 2.5, 5.5)).all());
  EXPECT_TRUE((data.values == Eigen::Array3d(1, 6.5, (16 + 25 + 36 + 49) / 4.0)).all());
}

TEST(TimeBuckets, EachHaveAPointHoweverManyThereAre) {
  for (const int points : {33, 34, 63, 100, 1000, 20000}) {
    const ArrayXd times = ArrayXd::LinSpaced(points, 0, 1);
    const CurveData data = IntoBuckets(times, times, 32);
    ASSERT_EQ(data.size(), 32);
    EXPECT_EQ(data.counts.sum(), points);
    EXPECT_GE(data.counts.minCoeff(), 1);
    EXPECT_EQ(data.counts[0], 1);
    EXPECT_TRUE((data.times.tail(31) > data.times.head(31)).all());
  }
}

TEST(TimeBuckets, LeaveTheLastPointsByThemselves) {
  const ArrayXd times = ArrayXd::LinSpaced(50, 1, 50);
  const CurveData data = IntoBuckets(times, -times, 10, 3);
  ASSERT_EQ(data.size(), 10);
  EXPECT_EQ(data.counts.sum(), 50);
  for (Eigen::Index i = 7; i < 10; ++i) {
    EXPECT_EQ(data.counts[i], 1);
    EXPECT_EQ(data.times[i], static_cast<double>(41 + i));
    EXPECT_EQ(data.values[i], -data.times[i]);
  }
  EXPECT_NEAR((data.counts * data.times).sum(), times.sum(), 1e-9);
}

}  // namespace
}  // namespace photinus
