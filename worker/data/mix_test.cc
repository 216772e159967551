#include "worker/data/mix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "worker/data/filters.h"
#include "worker/data/resample.h"

namespace photinus::data {
namespace {

std::vector<float> Sine(double hz, double rate, size_t samples) {
  std::vector<float> signal(samples);
  for (size_t i = 0; i < samples; ++i) {
    signal[i] = static_cast<float>(std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / rate));
  }
  return signal;
}

double Peak(const std::vector<float>& signal) {
  double peak = 0;
  for (const float sample : signal) peak = std::max(peak, std::abs(static_cast<double>(sample)));
  return peak;
}

TEST(Random, IsTheSameStreamEverywhere) {
  Random random(42);  // the published first outputs of xoshiro256** seeded by splitmix64
  EXPECT_EQ(random.Next(), 1546998764402558742u);
  EXPECT_EQ(random.Next(), 6990951692964543102u);
}

TEST(Random, StaysInItsRangeAndHasTheRightMoments) {
  Random random(1);
  double sum = 0, squares = 0;
  std::vector<int> counts(7);
  for (int i = 0; i < 70000; ++i) {
    const double uniform = random.Uniform(2, 4);
    ASSERT_GE(uniform, 2);
    ASSERT_LT(uniform, 4);
    const double normal = random.Normal();
    sum += normal;
    squares += normal * normal;
    ++counts[random.Below(7)];
  }
  EXPECT_NEAR(sum / 70000, 0, 0.02);
  EXPECT_NEAR(squares / 70000, 1, 0.03);
  for (const int count : counts) EXPECT_NEAR(count, 10000, 500);
}

TEST(DeriveSeed, ChangesWithEveryArgument) {
  EXPECT_EQ(DeriveSeed(1, "train", 2), DeriveSeed(1, "train", 2));
  EXPECT_NE(DeriveSeed(1, "train", 2), DeriveSeed(2, "train", 2));
  EXPECT_NE(DeriveSeed(1, "train", 2), DeriveSeed(1, "test", 2));
  EXPECT_NE(DeriveSeed(1, "train", 2), DeriveSeed(1, "train", 3));
}

struct ResampleCase {
  const char* name;
  double hz;
  double expected_peak;  // of a unit sine read at 22050 / 16000
};

class ResampleTest : public ::testing::TestWithParam<ResampleCase> {};

TEST_P(ResampleTest, KeepsWhatFitsAndRemovesWhatWouldAlias) {
  const std::vector<float> result = Resample(Sine(GetParam().hz, 22050, 4410), 22050.0 / 16000);
  ASSERT_EQ(result.size(), 3200u);
  const std::vector<float> expected = Sine(GetParam().hz, 16000, 3200);
  double error = 0;  // away from the ends, where the signal is cut off
  for (size_t i = 100; i < 3100; ++i) {
    error = std::max(error, std::abs(static_cast<double>(result[i]) - GetParam().expected_peak * expected[i]));
  }
  EXPECT_LT(error, 0.01);
}

INSTANTIATE_TEST_SUITE_P(Tones, ResampleTest,
                         ::testing::Values(ResampleCase{"Low", 200, 1}, ResampleCase{"Middle", 3000, 1},
                                           ResampleCase{"High", 6500, 1}, ResampleCase{"AboveNyquist", 9500, 0}),
                         [](const auto& info) { return info.param.name; });

struct FilterCase {
  const char* name;
  Biquad filter;
  double hz;
  double expected_db;
};

class FilterTest : public ::testing::TestWithParam<FilterCase> {};

TEST_P(FilterTest, HasTheGainOfItsDesign) {
  std::vector<float> signal = Sine(GetParam().hz, 16000, 16000);
  Apply(GetParam().filter, signal);
  EXPECT_NEAR(20 * std::log10(Peak({signal.begin() + 8000, signal.end()})), GetParam().expected_db, 0.2);
}

INSTANTIATE_TEST_SUITE_P(Gains, FilterTest,
                         ::testing::Values(FilterCase{"PeakAtItsCentre", PeakFilter(1000, 16000, 1, 6), 1000, 6},
                                           FilterCase{"DipAtItsCentre", PeakFilter(1000, 16000, 1, -6), 1000, -6},
                                           FilterCase{"PeakFarAway", PeakFilter(4000, 16000, 2, 6), 100, 0},
                                           FilterCase{"LowPassBelow", LowPassFilter(4000, 16000, 0.707), 200, 0},
                                           FilterCase{"LowPassAtItsCorner", LowPassFilter(4000, 16000, 0.70710678),
                                                      4000, -3.01}),
                         [](const auto& info) { return info.param.name; });

TEST(Trim, CutsWhatIsBelowOnePercentOfThePeak) {
  const std::vector<float> signal = {0, 0.001f, 0.5f, 0, -1, 0.02f, 0.005f, 0};
  const std::span<const float> trimmed = Trim(signal);
  EXPECT_EQ(trimmed.data(), signal.data() + 2);
  EXPECT_EQ(trimmed.size(), 4u);
  EXPECT_TRUE(Trim(std::vector<float>(10)).empty());
}

TEST(MixClip, IsReplayableAndWithinItsLevels) {
  const std::vector<float> word = Sine(440, 22050, 9000);
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Random first(seed), second(seed);
    const std::vector<float> clip = MixClip(word, 22050, {}, first);
    ASSERT_EQ(clip.size(), kClipSamples);
    EXPECT_EQ(clip, MixClip(word, 22050, {}, second));
    EXPECT_GE(Peak(clip), std::pow(10, -24.0 / 20) * 0.999);
    EXPECT_LE(Peak(clip), std::pow(10, -3.0 / 20) * 1.001);
  }
}

TEST(MixClip, OfNoWordIsBackgroundAlone) {
  Random random(5);
  const std::vector<float> clip = MixClip({}, 22050, {}, random);
  EXPECT_GT(Peak(clip), 0);
  EXPECT_LE(Peak(clip), std::pow(10, -3.0 / 20) * 1.001);
}

TEST(MixClip, CutsAWordThatIsLongerThanTheClip) {
  Random random(5);
  EXPECT_EQ(MixClip(Sine(440, 22050, 60000), 22050, {}, random).size(), kClipSamples);
}

}  // namespace
}  // namespace photinus::data
