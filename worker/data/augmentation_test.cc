#include "worker/data/augmentation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <set>
#include <vector>

namespace photinus::data {
namespace {

// 3 frames x 4 bins, each value unlike the others.
std::vector<float> Clip() { return {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}; }

std::vector<float> Augmented(const Augmentation& augmentation, uint64_t seed) {
  Random random(seed);
  std::vector<float> result(12, -1);
  ShiftAndMask(Clip(), 3, 4, DrawChanges(augmentation, 3, 4, 0, random), result);
  return result;
}

TEST(ShiftAndMask, WithoutOptionsCopies) { EXPECT_EQ(Augmented({}, 1), Clip()); }

TEST(ShiftAndMask, IsReplayable) {
  const Augmentation all{1, 1, 2, 2};
  for (uint64_t seed = 0; seed < 50; ++seed) EXPECT_EQ(Augmented(all, seed), Augmented(all, seed));
}

// Every result must be the clip moved by some (t, f) within the limits, with zeros moved in: found by trying all.
TEST(ShiftAndMask, ShiftsByAtMostItsLimits) {
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

TEST(ShiftAndMask, LeavesHalfOfAClipAtLeast) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Random random(seed);
    EXPECT_LE(std::abs(DrawChanges({.max_time_shift = 100}, 49, 40, 0, random).time_shift), 24);
  }
}

TEST(ShiftAndMask, MasksWholeFramesAndBins) {
  Changes changes;
  changes.time_masks = {{1, 2}};
  changes.frequency_masks = {{0, 1}, {2, 4}};
  std::vector<float> result(12, -1);
  ShiftAndMask(Clip(), 3, 4, changes, result);
  EXPECT_THAT(result, ::testing::ElementsAre(0, 2, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0));
}

TEST(ShiftAndMask, MasksAfterItShifts) {
  Changes changes;
  changes.time_shift = 1;
  changes.frequency_shift = -1;
  changes.time_masks = {{2, 3}};
  changes.frequency_masks = {{1, 2}};
  std::vector<float> result(12, -1);
  ShiftAndMask(Clip(), 3, 4, changes, result);
  EXPECT_THAT(result, ::testing::ElementsAre(0, 0, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0));
}

TEST(DrawChanges, DrawsAsManyMasksAsToldEachWithinItsWidth) {
  Augmentation augmentation;
  augmentation.time_masks = 2;
  augmentation.max_time_mask = 24;
  augmentation.frequency_masks = 3;
  augmentation.max_frequency_mask = 6;
  std::set<int> widths;
  Random random(1);
  for (int i = 0; i < 300; ++i) {
    const Changes changes = DrawChanges(augmentation, 196, 40, 10, random);
    ASSERT_EQ(changes.time_masks.size(), 2u);
    ASSERT_EQ(changes.frequency_masks.size(), 3u);
    EXPECT_EQ(changes.background, -1);
    for (const auto& [first, last] : changes.time_masks) {
      EXPECT_GE(first, 0);
      EXPECT_LE(last, 196);
      widths.insert(last - first);
    }
    for (const auto& [first, last] : changes.frequency_masks) EXPECT_LE(last - first, 6);
  }
  EXPECT_EQ(widths.size(), 25u) << "0..24 frames";
}

TEST(DrawChanges, GivesItsShareOfExamplesABackground) {
  Augmentation augmentation;
  augmentation.noise = 0.8;
  Random random(1);
  int noisy = 0;
  std::set<int> chosen;
  for (int i = 0; i < 1000; ++i) {
    const Changes changes = DrawChanges(augmentation, 49, 40, 10, random);
    if (changes.background < 0) continue;
    ++noisy;
    chosen.insert(changes.background);
    EXPECT_GE(changes.snr_db, 10);
    EXPECT_LT(changes.snr_db, 20);
  }
  EXPECT_NEAR(noisy, 800, 40);
  EXPECT_EQ(chosen.size(), 10u);
}

double Power(std::vector<float> values, const FeatureScale& scale) {
  scale.ToLogMel(values);
  double sum = 0;
  for (const float value : values) sum += std::exp(static_cast<double>(value));
  return sum;
}

class AddBackgroundTest : public ::testing::TestWithParam<FeatureKind> {};

TEST_P(AddBackgroundTest, AddsPowersAtTheRatioToldToIt) {
  Random random(3);
  std::vector<float> means(40), deviations(40), clip(49 * 40), background(49 * 40);
  for (float& mean : means) mean = static_cast<float>(random.Uniform(-1, 1));
  for (float& deviation : deviations) deviation = static_cast<float>(random.Uniform(0.5, 1.5));
  for (float& value : clip) value = static_cast<float>(random.Normal());
  for (float& value : background) value = static_cast<float>(random.Normal());
  const FeatureScale scale(GetParam(), means, deviations);
  const double alone = Power(clip, scale);
  for (const double snr : {0.0, 10.0}) {
    std::vector<float> mixed = clip;
    AddBackground(background, snr, scale, mixed);
    EXPECT_NEAR(Power(mixed, scale) / alone, 1 + std::pow(10, -snr / 10), 1e-3);
  }
  std::vector<float> mixed = clip;
  AddBackground(background, 100, scale, mixed);
  EXPECT_THAT(mixed, ::testing::Pointwise(::testing::FloatNear(2e-3f), clip)) << "a whisper changes nothing";
}

INSTANTIATE_TEST_SUITE_P(Kinds, AddBackgroundTest, ::testing::Values(FeatureKind::kLogMel, FeatureKind::kMfcc),
                         [](const auto& info) { return info.param == FeatureKind::kMfcc ? "Mfcc" : "LogMel"; });

}  // namespace
}  // namespace photinus::data
