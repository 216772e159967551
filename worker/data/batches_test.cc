#include "worker/data/batches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace photinus::data {
namespace {

// 3 frames x 4 bins, each value unlike the others.
std::vector<float> Clip() { return {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}; }

std::vector<float> Augmented(const Augmentation& augmentation, uint64_t seed) {
  Random random(seed);
  std::vector<float> result(12, -1);
  Augment(Clip(), 3, 4, augmentation, random, result);
  return result;
}

TEST(Augment, WithoutOptionsCopies) { EXPECT_EQ(Augmented({}, 1), Clip()); }

TEST(Augment, IsReplayable) {
  const Augmentation all{1, 1, 2, 2};
  for (uint64_t seed = 0; seed < 50; ++seed) EXPECT_EQ(Augmented(all, seed), Augmented(all, seed));
}

// Every result must be the clip moved by some (t, f) within the limits, with zeros moved in: found by trying all.
TEST(Augment, ShiftsByAtMostItsLimits) {
  std::vector<int> seen(9);
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const std::vector<float> result = Augmented({1, 1, 0, 0}, seed);
    int matches = 0;
    for (int t = -1; t <= 1; ++t) {
      for (int f = -1; f <= 1; ++f) {
        std::vector<float> moved(12);
        for (int i = 0; i < 3; ++i) {
          for (int j = 0; j < 4; ++j) {
            const bool inside = i - t >= 0 && i - t < 3 && j - f >= 0 && j - f < 4;
            moved[static_cast<size_t>(i * 4 + j)] = inside ? Clip()[static_cast<size_t>((i - t) * 4 + j - f)] : 0;
          }
        }
        if (moved == result) ++matches, ++seen[static_cast<size_t>((t + 1) * 3 + f + 1)];
      }
    }
    EXPECT_EQ(matches, 1);
  }
  EXPECT_THAT(seen, ::testing::Each(::testing::Gt(10)));
}

TEST(Augment, MasksWholeFramesAndBins) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const std::vector<float> result = Augmented({0, 0, 1, 1}, seed);
    int frames = 0, bins = 0;
    for (size_t i = 0; i < 3; ++i) frames += result[i * 4] == 0 && result[i * 4 + 3] == 0 ? 1 : 0;
    for (size_t j = 0; j < 4; ++j) bins += result[j] == 0 && result[8 + j] == 0 ? 1 : 0;
    EXPECT_LE(frames, 1);
    for (size_t i = 0; i < 12; ++i) {
      EXPECT_TRUE(result[i] == 0 || result[i] == Clip()[i]);
    }
    EXPECT_LE(bins, frames == 1 ? 4 : 1);
  }
}

}  // namespace
}  // namespace photinus::data
