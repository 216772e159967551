#include "tests/benchmarks/search/hypervolume.h"

#include <limits>

#include "gtest/gtest.h"

namespace photinus {
namespace {

TEST(ParetoFront, HasTheVolumeOfAUnionOfBoxes) {
  ParetoFront front({2, 2, 2});
  front.Add({1, 1, 1});
  EXPECT_DOUBLE_EQ(front.Hypervolume(), 1);
  front.Add({0, 1.5, 1.5});  // 2 * 0.5 * 0.5, of which half lies in the first
  EXPECT_DOUBLE_EQ(front.Hypervolume(), 1.25);
  front.Add({1.5, 0, 1});  // 0.5 * 2 * 1, of which half lies in the first, and nothing more in the second
  EXPECT_DOUBLE_EQ(front.Hypervolume(), 1.75);
  front.Add({0, 0, 0});
  EXPECT_DOUBLE_EQ(front.Hypervolume(), 8);
}

TEST(ParetoFront, IgnoresWhatIsDominatedOutsideOrNotANumber) {
  ParetoFront front({1, 1});
  front.Add({0.5, 0.5});
  front.Add({0.5, 0.6});
  front.Add({0.5, 0.5});
  front.Add({0, 1});
  front.Add({std::numeric_limits<double>::quiet_NaN(), 0});
  EXPECT_DOUBLE_EQ(front.Hypervolume(), 0.25);
}

}  // namespace
}  // namespace photinus
