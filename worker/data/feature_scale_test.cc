#include "worker/data/feature_scale.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "worker/data/front_end.h"
#include "worker/data/random.h"

namespace photinus::data {
namespace {

using ::testing::FloatNear;
using ::testing::Pointwise;

TEST(Dct, AgreesWithAComputationOutsideThisProgram) {
  // Three tones; the numbers are those of a few lines of Python, straight from the definitions of log_mel.h and Dct.
  const LogMelOptions options = FindFrontEnd(FeatureKind::kMfcc, 16000, 49).value().mel;
  std::vector<float> signal(options.window + options.hop);
  for (size_t i = 0; i < signal.size(); ++i) {
    const double turns = 2 * std::numbers::pi * static_cast<double>(i) / 16000;
    signal[i] = static_cast<float>(0.4 * std::sin(440 * turns) + 0.2 * std::sin(1870 * turns + 1) +
                                   0.05 * std::cos(5200 * turns));
  }
  std::vector<float> features(2 * 40);
  LogMel(options).Compute(signal, features);
  Dct(40).Transform(features);
  const size_t coefficients[] = {0, 1, 2, 3, 12, 25, 39};
  const double expected[2][7] = {{-46.2811, 16.6204, 2.5158, -2.7218, 9.6023, 1.0847, 0.0319},
                                 {-46.5819, 16.3066, 2.4508, -2.7462, 9.6586, 1.0448, 0.0211}};
  for (size_t frame = 0; frame < 2; ++frame) {
    for (size_t i = 0; i < 7; ++i) {
      EXPECT_NEAR(features[frame * 40 + coefficients[i]], expected[frame][i], 2e-3) << frame << ", " << coefficients[i];
    }
  }
}

TEST(Dct, IsOrthonormal) {
  Random random(4);
  std::vector<float> values(3 * 40);
  for (float& value : values) value = static_cast<float>(random.Normal());
  std::vector<float> there = values;
  Dct(40).Transform(there);
  for (size_t frame = 0; frame < 3; ++frame) {
    double before = 0, after = 0;
    for (size_t i = frame * 40; i < (frame + 1) * 40; ++i) {
      before += static_cast<double>(values[i]) * static_cast<double>(values[i]);
      after += static_cast<double>(there[i]) * static_cast<double>(there[i]);
    }
    EXPECT_NEAR(after, before, 1e-4);
  }
  Dct(40).Invert(there);
  EXPECT_THAT(there, Pointwise(FloatNear(1e-5f), values));
}

class FeatureScaleTest : public ::testing::TestWithParam<FeatureKind> {};

TEST_P(FeatureScaleTest, GoesToLogMelAndBack) {
  Random random(5);
  std::vector<float> means(40), deviations(40), values(2 * 40);
  for (float& mean : means) mean = static_cast<float>(random.Normal());
  for (float& deviation : deviations) deviation = static_cast<float>(random.Uniform(0.5, 2));
  for (float& value : values) value = static_cast<float>(random.Normal());
  const FeatureScale scale(GetParam(), means, deviations);
  std::vector<float> there = values;
  scale.ToLogMel(there);
  std::vector<float> expected(40);
  for (size_t i = 0; i < 40; ++i) expected[i] = values[i] * deviations[i] + means[i];
  if (GetParam() == FeatureKind::kMfcc) Dct(40).Invert(expected);
  EXPECT_THAT(std::vector<float>(there.begin(), there.begin() + 40), Pointwise(FloatNear(1e-4f), expected));
  scale.FromLogMel(there);
  EXPECT_THAT(there, Pointwise(FloatNear(1e-4f), values));
}

INSTANTIATE_TEST_SUITE_P(Kinds, FeatureScaleTest, ::testing::Values(FeatureKind::kLogMel, FeatureKind::kMfcc),
                         [](const auto& info) { return info.param == FeatureKind::kMfcc ? "Mfcc" : "LogMel"; });

TEST(FeatureKind, IsFoundByItsName) {
  EXPECT_EQ(FindFeatureKind("mfcc").value(), FeatureKind::kMfcc);
  EXPECT_EQ(FindFeatureKind("mfc").error().message, "unknown features \"mfc\"; known are: log-mel, mfcc");
}

}  // namespace
}  // namespace photinus::data
