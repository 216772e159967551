#include "worker/data/batch_loader.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <new>
#include <semaphore>
#include <set>
#include <span>
#include <string>

namespace photinus::data {
namespace {

// 50 training clips of 49 x 40, each unlike the others, and 4 backgrounds.
DataSet Noise() {
  Random random(1);
  Features features;
  features.key = std::string(64, '0');
  features.frames = 49;
  features.bins = 40;
  features.counts = {50, 1, 1};
  features.means.assign(40, -2.0f);
  features.deviations.assign(40, 1.5f);
  for (int clip = 0; clip < 52; ++clip) features.labels.push_back(clip % 12);
  features.values.resize(52 * 49 * 40);
  features.backgrounds.resize(4 * 49 * 40);
  for (auto* values : {&features.values, &features.backgrounds}) {
    for (float& value : *values) value = static_cast<float>(random.Normal());
  }
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("photinus_noise_" + std::to_string(::getpid()));
  EXPECT_TRUE(WriteFeatureFile(path, features).ok());
  DataSet data = DataSet::FromFile(path, features.key, FindTask("smoke").value()).value();
  std::filesystem::remove(path);  // the mapping keeps its content
  return data;
}

Augmentation Everything() { return {3, 1, 10, 6, 2, 2, 0.5, 10, 20}; }

TEST(TrainingStream, HasEveryClipOnceInAnEpochInAnotherOrder) {
  const DataSet data = Noise();
  TrainingStream stream(data, {}, 7);
  std::vector<std::vector<uint32_t>> epochs;
  for (int epoch = 0; epoch < 3; ++epoch) {
    std::vector<uint32_t> clips;
    for (const int count : {20, 30}) {
      const std::vector<Example> examples = stream.Next(count);
      for (const Example& example : examples) clips.push_back(example.clip);
    }
    EXPECT_EQ(std::set<uint32_t>(clips.begin(), clips.end()).size(), 50u);
    epochs.push_back(clips);
  }
  EXPECT_NE(epochs[0], epochs[1]);
  EXPECT_NE(epochs[1], epochs[2]);
}

class BatchLoaderTest : public ::testing::TestWithParam<int> {};  // with so many threads
class AheadTest : public BatchLoaderTest {};

TEST_P(BatchLoaderTest, GivesTheStreamsBatchesWhateverTheNumberOfThreads) {
  const DataSet data = Noise();
  TrainingStream stream(data, Everything(), 7);
  BatchLoader loader(data, Everything(), 7, 16, GetParam());
  for (int i = 0; i < 60; ++i) {
    const Batch expected = MakeBatch(data, stream.Next(16));
    const Batch batch = loader.Next();
    ASSERT_EQ(batch.labels, expected.labels) << "batch " << i;
    ASSERT_EQ(batch.features, expected.features) << "batch " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Threads, BatchLoaderTest, ::testing::Values(0, 1, 2, 5));

// In a thread of its own it would end the process.
TEST_P(BatchLoaderTest, ThrowsWhatAMakerThrowsInThePlaceOfItsBatch) {
  const DataSet data = Noise();
  TrainingStream stream(data, {}, 7);
  for (int i = 0; i < 5; ++i) stream.Next(16);
  const std::vector<Example> sixth = stream.Next(16);
  const auto is_sixth = [&](std::span<const Example> examples) {
    return std::ranges::equal(examples, sixth, {}, &Example::clip, &Example::clip);
  };
  const auto make = [&](const DataSet& set, std::span<const Example> examples) {
    if (is_sixth(examples)) throw std::bad_alloc();
    return MakeBatch(set, examples);
  };
  BatchLoader loader(data, {}, 7, 16, GetParam(), 0, make, [] { return 0.0; });
  for (int i = 0; i < 5; ++i) EXPECT_EQ(loader.Next().labels.size(), 16u);
  EXPECT_THROW(loader.Next(), std::bad_alloc);
}

// A clock that every batch moves on by two seconds. Seconds are whole, so sums are exact.
class Workshop {
 public:
  BatchMaker Maker() {
    return [this](const DataSet& set, std::span<const Example> examples) {
      now_ += 2;
      ++made_;
      return MakeBatch(set, examples);
    };
  }
  SecondsClock Clock() {
    return [this] { return now_.load(); };
  }
  uint64_t made() const { return made_; }

 private:
  std::atomic<double> now_ = 1000;
  std::atomic<uint64_t> made_ = 0;
};

TEST(BatchLoaderWaits, ForEveryBatchThatItMakesItself) {
  const DataSet data = Noise();
  Workshop workshop;
  BatchLoader loader(data, Everything(), 7, 16, /*threads=*/0, 0, workshop.Maker(), workshop.Clock());
  loader.AwaitAhead();
  EXPECT_EQ(workshop.made(), 0u);
  for (int i = 0; i < 3; ++i) loader.Next();
  EXPECT_EQ(loader.waited_seconds(), 6);
}

TEST_P(AheadTest, MakesBatchesUnaskedAndDoesNotWaitForThem) {
  const DataSet data = Noise();
  Workshop workshop;
  BatchLoader loader(data, Everything(), 7, 16, GetParam(), 0, workshop.Maker(), workshop.Clock());
  loader.AwaitAhead();
  EXPECT_EQ(workshop.made(), BatchLoader::kAhead);
  for (uint64_t i = 0; i < BatchLoader::kAhead; ++i) loader.Next();
  EXPECT_EQ(loader.waited_seconds(), 0);
}

INSTANTIATE_TEST_SUITE_P(Threads, AheadTest, ::testing::Values(1, 2, 5));

// The maker begins a batch once Next has looked at the clock and waits for it.
TEST(BatchLoaderWaits, AsLongAsTheClockSaysWhereItIsStarved) {
  const DataSet data = Noise();
  std::atomic<double> now = 1000;
  std::counting_semaphore waiting(0);
  const auto make = [&](const DataSet& set, std::span<const Example> examples) {
    waiting.acquire();
    now += 2;
    return MakeBatch(set, examples);
  };
  const auto clock = [&, begins = false]() mutable {
    const double seconds = now;  // before the maker moves them on
    begins = !begins;
    if (begins) waiting.release();
    return seconds;
  };
  BatchLoader loader(data, {}, 7, 16, /*threads=*/1, 0, make, clock);
  for (int i = 0; i < 3; ++i) loader.Next();
  EXPECT_EQ(loader.waited_seconds(), 6);
  waiting.release(BatchLoader::kAhead);  // for those that are made until the loader ends
}

TEST(BatchLoader, EndsWithBatchesThatNobodyTook) {
  const DataSet data = Noise();
  for (int i = 0; i < 20; ++i) BatchLoader(data, Everything(), 7, 16, 3);
}

TEST(MakeBatch, MixesBackgroundsIntoTheShareOfExamplesThatHaveOne) {
  const DataSet data = Noise();
  Augmentation noise;
  noise.noise = 0.5;
  TrainingStream stream(data, noise, 7);
  const std::vector<Example> examples = stream.Next(50);
  const Batch batch = MakeBatch(data, examples);
  for (size_t i = 0; i < examples.size(); ++i) {
    const std::span<const float> clip = data.Clip(Split::kTrain, examples[i].clip);
    const bool equal = std::equal(clip.begin(), clip.end(), batch.features.begin() + static_cast<int64_t>(i * 1960));
    EXPECT_EQ(equal, examples[i].changes.background < 0) << i;
  }
}

}  // namespace
}  // namespace photinus::data
