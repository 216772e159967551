#include "worker/xnnpack/full_taps.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace photinus::xnnpack {
namespace {

using ::testing::ElementsAre;

DepthwiseKernel Ones(int height, int width) {
  return {height, width, std::vector<std::int8_t>(static_cast<std::size_t>(height * width), 1)};
}

TEST(WithFullTaps, TakesTheSmallestThatHoldsTheKernel) {
  struct Case {
    int height, width, full_height, full_width;
  };
  for (const Case& c : {Case{1, 1, 3, 3}, Case{3, 3, 3, 3}, Case{2, 3, 3, 3}, Case{3, 1, 3, 3}, Case{5, 1, 9, 1},
                        Case{1, 5, 1, 9}, Case{9, 1, 9, 1}, Case{4, 4, 5, 5}, Case{5, 2, 5, 5}, Case{5, 5, 5, 5},
                        Case{11, 1, 25, 1}, Case{1, 25, 1, 25}, Case{6, 2, 6, 2}}) {
    const DepthwiseKernel full = WithFullTaps(Ones(c.height, c.width));
    EXPECT_EQ(full.height, c.full_height) << c.height << " x " << c.width;
    EXPECT_EQ(full.width, c.full_width) << c.height << " x " << c.width;
    EXPECT_EQ(full.weights.size(), static_cast<std::size_t>(full.height * full.width));
  }
}

TEST(WithFullTaps, PutsZerosBehindRowsAndColumns) {
  const DepthwiseKernel full = WithFullTaps({2, 2, {1, 2, 3, 4, 5, 6, 7, 8}});  // two channels
  EXPECT_THAT(full.weights, ElementsAre(1, 2, 3, 4, 0, 0,                       //
                                        5, 6, 7, 8, 0, 0,                       //
                                        0, 0, 0, 0, 0, 0));
}

}  // namespace
}  // namespace photinus::xnnpack
