#include "worker/data/log_mel.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

#include "worker/data/random.h"

namespace photinus::data {
namespace {

std::vector<float> Noise(size_t size, uint64_t seed) {
  Random random(seed);
  std::vector<float> signal(size);
  for (float& sample : signal) sample = static_cast<float>(random.Uniform(-1, 1));
  return signal;
}

// The definition, in double precision.
std::vector<double> NaivePower(const std::vector<float>& signal) {
  std::vector<double> power;
  for (size_t k = 0; k <= signal.size() / 2; ++k) {
    std::complex<double> sum = 0;
    for (size_t n = 0; n < signal.size(); ++n) {
      const double turns = static_cast<double>(k * n % signal.size()) / static_cast<double>(signal.size());
      sum += static_cast<double>(signal[n]) * std::polar(1.0, -2 * std::numbers::pi * turns);
    }
    power.push_back(std::norm(sum));
  }
  return power;
}

class RealFftTest : public ::testing::TestWithParam<size_t> {};

TEST_P(RealFftTest, AgreesWithTheDefinition) {
  const std::vector<float> signal = Noise(GetParam(), 3);
  std::vector<float> power(GetParam() / 2 + 1);
  RealFft(GetParam()).PowerSpectrum(signal, power);
  const std::vector<double> expected = NaivePower(signal);
  for (size_t k = 0; k < power.size(); ++k) {
    EXPECT_NEAR(power[k], expected[k], 1e-5 * static_cast<double>(GetParam())) << "bin " << k;
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, RealFftTest, ::testing::Values(4, 8, 16, 64, 1024));

// Features of one frame straight from the definitions: naive DFT, filters evaluated at every bin.
std::vector<double> NaiveLogMel(const std::vector<float>& frame, const LogMelOptions& options) {
  std::vector<float> windowed(options.fft_size);
  for (size_t i = 0; i < options.window; ++i) {
    const double phase = 2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(options.window);
    windowed[i] = static_cast<float>(static_cast<double>(frame[i]) * (0.5 - 0.5 * std::cos(phase)));
  }
  const std::vector<double> power = NaivePower(windowed);
  const auto mel = [](double hz) { return 2595 * std::log10(1 + hz / 700); };
  const auto hz = [](double mels) { return 700 * (std::pow(10, mels / 2595) - 1); };
  const double step = (mel(options.high_hz) - mel(options.low_hz)) / static_cast<double>(options.bins + 1);
  std::vector<double> features;
  for (size_t m = 0; m < options.bins; ++m) {
    const double left = hz(mel(options.low_hz) + step * static_cast<double>(m));
    const double centre = hz(mel(options.low_hz) + step * static_cast<double>(m + 1));
    const double right = hz(mel(options.low_hz) + step * static_cast<double>(m + 2));
    double sum = 1e-6;
    for (size_t k = 0; k < power.size(); ++k) {
      const double f = static_cast<double>(k) * options.sample_rate / static_cast<double>(options.fft_size);
      sum += std::max(0.0, std::min((f - left) / (centre - left), (right - f) / (right - centre))) * power[k];
    }
    features.push_back(std::log(sum));
  }
  return features;
}

TEST(LogMel, AgreesWithANaiveComputation) {
  const LogMelOptions options;
  const std::vector<float> clip = Noise(options.window + 2 * options.hop, 11);
  LogMel log_mel(options);
  ASSERT_EQ(log_mel.FrameCount(clip.size()), 3u);
  std::vector<float> features(3 * options.bins);
  log_mel.Compute(clip, features);
  for (size_t f = 0; f < 3; ++f) {
    const auto start = clip.begin() + static_cast<std::ptrdiff_t>(f * options.hop);
    const std::vector<double> expected =
        NaiveLogMel({start, start + static_cast<std::ptrdiff_t>(options.window)}, options);
    for (size_t m = 0; m < options.bins; ++m) EXPECT_NEAR(features[f * options.bins + m], expected[m], 1e-3);
  }
}

TEST(LogMel, GivesFortyNineFramesForOneSecond) {
  LogMel log_mel(LogMelOptions{});
  EXPECT_EQ(log_mel.FrameCount(16000), 49u);
  EXPECT_EQ(log_mel.FrameCount(640), 1u);
  EXPECT_EQ(log_mel.FrameCount(639), 0u);
}

TEST(LogMel, OfDigitalSilenceIsTheFloor) {
  LogMel log_mel(LogMelOptions{});
  std::vector<float> features(40);
  log_mel.Compute(std::vector<float>(640), features);
  for (const float value : features) EXPECT_FLOAT_EQ(value, std::log(1e-6f));
}

TEST(LogMel, PutsAToneIntoTheBinOfItsFrequency) {
  const LogMelOptions options;
  LogMel log_mel(options);
  std::vector<float> tone(options.window);
  for (size_t i = 0; i < tone.size(); ++i) {
    tone[i] = static_cast<float>(std::sin(2 * std::numbers::pi * 1000 * static_cast<double>(i) / options.sample_rate));
  }
  std::vector<float> features(options.bins);
  log_mel.Compute(tone, features);
  const auto loudest = std::max_element(features.begin(), features.end()) - features.begin();
  const auto mel = [](double hz) { return 2595 * std::log10(1 + hz / 700); };
  const double step = (mel(options.high_hz) - mel(options.low_hz)) / static_cast<double>(options.bins + 1);
  EXPECT_NEAR(static_cast<double>(loudest + 1), (mel(1000) - mel(options.low_hz)) / step, 0.5);
}

}  // namespace
}  // namespace photinus::data
