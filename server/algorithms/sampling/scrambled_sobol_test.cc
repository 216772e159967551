#include "server/algorithms/sampling/scrambled_sobol.h"

#include <cmath>
#include <set>
#include <vector>

#include "gtest/gtest.h"

namespace photinus {
namespace {

TEST(ScrambledSobol, PutsOnePointIntoEveryCellOfEveryCoordinate) {
  ScrambledSobol sobol(100, 7);
  std::vector<std::set<int>> cells(100);
  for (int i = 0; i < 256; ++i) {
    const UnitPoint point = sobol.At(i);
    for (int d = 0; d < 100; ++d) cells[d].insert(static_cast<int>(point[d] * 256));
  }
  for (const auto& hit : cells) EXPECT_EQ(hit.size(), 256);
}

TEST(ScrambledSobol, IsANetInItsFirstTwoCoordinates) {
  ScrambledSobol sobol(2, 3);
  for (int log_width = 0; log_width <= 6; ++log_width) {  // 2^w x 2^(6-w) boxes
    std::set<std::pair<int, int>> boxes;
    for (int i = 0; i < 64; ++i) {
      const UnitPoint p = sobol.At(i);
      boxes.emplace(static_cast<int>(std::ldexp(p[0], log_width)), static_cast<int>(std::ldexp(p[1], 6 - log_width)));
    }
    EXPECT_EQ(boxes.size(), 64) << log_width;
  }
}

TEST(ScrambledSobol, IsUniformOverSeeds) {
  double mean = 0, square = 0;
  const int seeds = 4000;
  for (int seed = 0; seed < seeds; ++seed) {
    const double x = ScrambledSobol(3, seed).At(5)[2];
    mean += x / seeds;
    square += x * x / seeds;
  }
  EXPECT_NEAR(mean, 0.5, 0.02);
  EXPECT_NEAR(square - mean * mean, 1.0 / 12, 0.01);
}

TEST(ScrambledSobol, GivesAnyPointInAnyOrderAndHugeIndices) {
  ScrambledSobol forwards(4, 9);
  const UnitPoint third = (forwards.At(0), forwards.At(1), forwards.At(3));
  ScrambledSobol direct(4, 9);
  EXPECT_EQ(direct.At(3), third);
  EXPECT_EQ(direct.At(UINT64_MAX).size(), 4);
  EXPECT_NE(ScrambledSobol(4, 10).At(3), third);
}

TEST(ScrambledSobol, GoesOnBeyondTheTable) {
  ScrambledSobol sobol(5000, 1);
  const UnitPoint point = sobol.At(17);
  ASSERT_EQ(point.size(), 5000);
  EXPECT_NE(point[4999], point[4999 - 3667]);
  EXPECT_TRUE(ScrambledSobol(0, 1).At(3).empty());
}

}  // namespace
}  // namespace photinus
