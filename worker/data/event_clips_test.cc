#include "worker/data/event_clips.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "worker/base/file.h"
#include "worker/data/data_set.h"
#include "worker/data/event_sounds.h"
#include "worker/data/fft.h"
#include "worker/data/other_sounds.h"
#include "worker/data/sha256.h"

namespace photinus::data {
namespace {

using ::testing::HasSubstr;

EventClips Clips(uint64_t seed = 1) { return {FindTask("events").value(), seed}; }

TEST(ParameterDraw, NoValueOccursInTwoSplits) {
  std::map<int, std::set<Split>> splits_of_cell;
  for (const Split split : kSplits) {
    Random random(7);
    ParameterDraw draw(split, random);
    for (int i = 0; i < 2000; ++i) {
      const double value = draw.Uniform(40, 60);  // 20 cells of width 1
      splits_of_cell[static_cast<int>(std::floor(value))].insert(split);
    }
  }
  ASSERT_EQ(splits_of_cell.size(), 20u) << "all of the range is used";
  EXPECT_EQ(splits_of_cell.begin()->first, 40);
  std::map<Split, int> cells;
  for (const auto& [cell, splits] : splits_of_cell) {
    ASSERT_EQ(splits.size(), 1u) << cell;
    ++cells[*splits.begin()];
  }
  EXPECT_EQ(cells[Split::kTrain], 12);
  EXPECT_EQ(cells[Split::kValidation], 4);
  EXPECT_EQ(cells[Split::kTest], 4);
}

TEST(ParameterDraw, IsEvenInOctaves) {
  Random random(7);
  ParameterDraw draw(Split::kTrain, random);
  int below = 0;
  for (int i = 0; i < 4000; ++i) {
    const double value = draw.LogUniform(100, 1600);
    ASSERT_GE(value, 100);
    ASSERT_LT(value, 1600);
    below += value < 400 ? 1 : 0;
  }
  EXPECT_NEAR(below, 2000, 150);
}

TEST(EventClips, FollowFromSeedSplitAndIndexAlone) {
  const std::vector<float> clip = Clips().Clip(Split::kTrain, 6).value();
  ASSERT_EQ(clip.size(), 32000u);
  EXPECT_EQ(clip, Clips().Clip(Split::kTrain, 6).value());
  EXPECT_NE(clip, Clips(2).Clip(Split::kTrain, 6).value());
  EXPECT_NE(clip, Clips().Clip(Split::kTest, 6).value());
  EXPECT_NE(clip, Clips().Clip(Split::kTrain, 22).value()) << "another clip of the same class";
}

// The root mean square of a clip's first difference, which follows its pitch and its level.
double Steepness(std::span<const float> clip) {
  double sum = 0;
  for (size_t i = 1; i < clip.size(); ++i) sum += std::pow(static_cast<double>(clip[i] - clip[i - 1]), 2);
  return std::sqrt(sum / static_cast<double>(clip.size()));
}

// With other values here kEventsVersion has to change, since data sets made earlier hold other clips.
TEST(EventClips, AreTheSameWithEveryCompiler) {
  constexpr double kSteepness[] = {0.11892, 0.01969, 0.01400, 0.16200, 0.01071, 0.01403, 0.00900, 0.13264,
                                   0.07390, 0.01904, 0.11176, 0.01586, 0.00563, 0.05522, 0.05329, 0.00484,
                                   0.01435, 0.00919, 0.05604, 0.02946, 0.00388, 0.01079, 0.01482, 0.01342};
  for (size_t i = 0; i < std::size(kSteepness); ++i) {
    EXPECT_NEAR(Steepness(Clips().Clip(Split::kTrain, i).value()), kSteepness[i], 2e-5) << i;
  }
}

TEST(EventClips, AreHalfNegativeAndTheEventsEquallyFrequent) {
  const EventClips clips = Clips();
  for (const Split split : kSplits) {
    std::map<int, size_t> counts;
    for (size_t i = 0; i < clips.Size(split); ++i) ++counts[clips.Label(split, i)];
    EXPECT_EQ(counts.size(), EventClasses().size());
    EXPECT_EQ(counts[kNegativeLabel], clips.Size(split) / 2);
    for (int label = 0; label < kNegativeLabel; ++label) EXPECT_EQ(counts[label], clips.Size(split) / 16) << label;
  }
  EXPECT_EQ(EventClasses()[kNegativeLabel], "negative");
}

TEST(EventClips, HaveALevelWithinTheChannelsBounds) {
  for (size_t i = 0; i < 24; ++i) {  // every event, and every other sound but those of odd kinds
    float peak = 0;
    const std::vector<float> clip = Clips().Clip(Split::kValidation, i).value();
    for (const float sample : clip) peak = std::max(peak, std::abs(sample));
    EXPECT_LT(peak, 0.72f) << i;
    EXPECT_GT(peak, i % 2 == 0 ? 0.06f : 0.0019f) << i;
  }
}

// The share of a sound's power between two frequencies, mean of some draws.
double ShareBetween(SoundMaker make, double low, double high) {
  constexpr size_t kSize = 32768;
  RealFft fft(kSize);
  std::vector<float> power(kSize / 2 + 1);
  double inside = 0, all = 0;
  for (uint64_t seed = 0; seed < 12; ++seed) {
    Random random(seed);
    ParameterDraw draw(Split::kTrain, random);
    std::vector<float> sound(kEventSamples);
    make(sound, draw);
    sound.resize(kSize);
    fft.PowerSpectrum(sound, power);
    double sum = 0, band = 0;
    for (size_t k = 0; k < power.size(); ++k) {
      const double hz = static_cast<double>(k) * 16000 / kSize;
      sum += static_cast<double>(power[k]);
      if (hz >= low && hz < high) band += static_cast<double>(power[k]);
    }
    EXPECT_TRUE(std::isfinite(sum) && sum > 0) << "seed " << seed;
    inside += band / sum;
    all += 1;
  }
  return inside / all;
}

struct SpectrumCase {
  const char* name;
  size_t event;
  double low, high;  // Hz; where most of its power is
  double share;
};

class SpectrumTest : public ::testing::TestWithParam<SpectrumCase> {};

TEST_P(SpectrumTest, LiesWhereTheSoundIs) {
  const SpectrumCase& c = GetParam();
  EXPECT_EQ(EventClasses()[c.event], c.name);
  EXPECT_GT(ShareBetween(EventSounds()[c.event], c.low, c.high), c.share);
}

INSTANTIATE_TEST_SUITE_P(
    Table, SpectrumTest,
    ::testing::Values(SpectrumCase{"alarm", 0, 1400, 4000, 0.85}, SpectrumCase{"baby", 1, 300, 5500, 0.9},
                      SpectrumCase{"dog", 2, 50, 3000, 0.8}, SpectrumCase{"knock", 3, 50, 1300, 0.8},
                      SpectrumCase{"doorbell", 4, 80, 3500, 0.9}, SpectrumCase{"phone", 5, 400, 5500, 0.9},
                      SpectrumCase{"siren", 6, 350, 6000, 0.95}, SpectrumCase{"water", 7, 300, 6000, 0.85}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(OtherSounds, AreTwelveAndOnlyTheLastIsSilent) {
  ASSERT_EQ(OtherSounds().size(), 12u);
  for (size_t kind = 0; kind < 12; ++kind) {
    Random random(3);
    ParameterDraw draw(Split::kTrain, random);
    std::vector<float> sound(kEventSamples);
    OtherSounds()[kind](sound, draw);
    double power = 0;
    for (const float sample : sound) power += static_cast<double>(sample) * static_cast<double>(sample);
    EXPECT_TRUE(std::isfinite(power)) << kind;
    EXPECT_EQ(power > 0, kind != 11) << kind;
  }
}

class EventSetTest : public ::testing::Test {
 protected:
  EventSetTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "photinus_events_XXXXXX").string();
    dir_ = ::mkdtemp(pattern.data());
  }
  ~EventSetTest() override { std::filesystem::remove_all(dir_); }

  DataSetOptions Options() const {
    DataSetOptions options;
    options.data_dir = dir_;
    options.task = "events-smoke";
    return options;
  }
  std::filesystem::path File(const char* name) const { return dir_ / "events-smoke.seed1" / name; }

  std::filesystem::path dir_;
};

// The class whose mean training spectrogram is nearest, for clips that are events: the plainest of classifiers.
double NearestMeanAccuracy(const DataSet& set) {
  const size_t size = set.Clip(Split::kTrain, 0).size();
  std::vector<std::vector<double>> means(kNegativeLabel, std::vector<double>(size));
  for (size_t i = 0; i < set.Size(Split::kTrain); i += 2) {
    std::vector<double>& mean = means[static_cast<size_t>(set.Label(Split::kTrain, i))];
    for (size_t j = 0; j < size; ++j) mean[j] += static_cast<double>(set.Clip(Split::kTrain, i)[j]) / 20;
  }
  double right = 0, all = 0;
  for (size_t i = 0; i < set.Size(Split::kValidation); i += 2) {
    std::vector<double> distances(means.size());
    for (size_t k = 0; k < means.size(); ++k) {
      for (size_t j = 0; j < size; ++j) {
        const double difference = means[k][j] - static_cast<double>(set.Clip(Split::kValidation, i)[j]);
        distances[k] += difference * difference;
      }
    }
    const auto nearest = std::min_element(distances.begin(), distances.end()) - distances.begin();
    right += nearest == set.Label(Split::kValidation, i) ? 1 : 0;
    all += 1;
  }
  return right / all;
}

TEST_F(EventSetTest, IsMadeOnceAndTheSameWhateverTheNumberOfThreads) {
  const Result<DataSet> set = DataSet::Open(Options());
  ASSERT_TRUE(set.ok()) << set.error().message;
  EXPECT_EQ(set->frames(), 49);
  EXPECT_EQ(set->bins(), 40);
  EXPECT_EQ(set->Classes().size(), 9u);
  EXPECT_EQ(set->Size(Split::kTrain), 320u);
  EXPECT_GT(NearestMeanAccuracy(*set), 0.3) << "of eight events, by chance 0.125";
  const std::string digest = Sha256(ReadFile(File("log-mel-49.features")).value());

  DataSetOptions options = Options();
  options.progress = [](std::string_view stage, size_t, size_t) { ADD_FAILURE() << "made again: " << stage; };
  EXPECT_TRUE(DataSet::Open(options).ok());

  ASSERT_TRUE(WriteFile(File("log-mel-49.features"), "cut").ok());
  std::vector<std::string> warnings;
  options = Options();
  options.threads = 3;
  options.warn = [&](const std::string& warning) { warnings.push_back(warning); };
  options.verify = true;
  EXPECT_THAT(DataSet::Open(options).error().message, HasSubstr("is truncated: found 3 bytes; delete it and run"));
  options.verify = false;
  ASSERT_TRUE(DataSet::Open(options).ok());
  EXPECT_THAT(warnings, ::testing::ElementsAre(HasSubstr("is truncated: found 3 bytes; making it again")));
  EXPECT_EQ(Sha256(ReadFile(File("log-mel-49.features")).value()), digest);
}

TEST_F(EventSetTest, NamesTheShapesThatATaskHas) {
  DataSetOptions options = Options();
  options.frames = 32;
  const Result<DataSet> set = DataSet::Open(options);
  ASSERT_FALSE(set.ok());
  EXPECT_EQ(set.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(set.error().message, HasSubstr("32 frames: a task has those of 49, 98 or 196 frames x 40 bins"));
}

}  // namespace
}  // namespace photinus::data
