#include "worker/train/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/data/sha256.h"

namespace photinus::train {
namespace {

using ::testing::HasSubstr;

const std::string kFingerprint(64, 'a');

Checkpoint ACheckpoint() {
  Checkpoint checkpoint;
  checkpoint.batches = 30;
  checkpoint.values = {1.5f, -2.25f, 3.0f};
  checkpoint.optimizer = {{0.1f, 0.2f, 0.3f}, {4, 5, 6}, 30};
  checkpoint.statistics = {{0.5f}, {}, {7, 8}};
  checkpoint.ranges = {{-1, 2, true, false}, {0, 6, true, true}};
  checkpoint.curve = {{1, 0.5, 12.25, 0.75, 2.5, false}, {2, 1.0, 24.5, 0.875, 1.5, true}};
  checkpoint.loss_sum = 3.5;
  checkpoint.loss_count = 2;
  checkpoint.fake_quantized = true;
  checkpoint.seconds = 25;
  checkpoint.wait_seconds = 0.5;
  return checkpoint;
}

TEST(Checkpoint, ComesBackWhole) {
  const std::string bytes = EncodeCheckpoint(ACheckpoint(), kFingerprint);
  const Result<Checkpoint> read = DecodeCheckpoint(bytes, kFingerprint);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->batches, 30);
  EXPECT_EQ(read->optimizer.square, (std::vector<float>{4, 5, 6}));
  EXPECT_EQ(read->optimizer.steps, 30);
  EXPECT_EQ(read->statistics, ACheckpoint().statistics);
  EXPECT_TRUE(read->ranges.at(1).fixed);
  EXPECT_EQ(read->curve.at(1).accuracy, 0.875);
  EXPECT_EQ(read->wait_seconds, 0.5);
  EXPECT_EQ(EncodeCheckpoint(*read, kFingerprint), bytes);
}

TEST(Checkpoint, IsRefusedWhereverItIsCutOrAltered) {
  const std::string whole = EncodeCheckpoint(ACheckpoint(), kFingerprint);
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(DecodeCheckpoint(whole.substr(0, size), kFingerprint).ok()) << size;
    std::string altered = whole;
    altered[size] ^= 1;
    EXPECT_FALSE(DecodeCheckpoint(altered, kFingerprint).ok()) << size;
  }
}

TEST(Checkpoint, OfAnotherTrainingIsRefused) {
  const auto read = DecodeCheckpoint(EncodeCheckpoint(ACheckpoint(), kFingerprint), std::string(64, 'b'));
  EXPECT_THAT(read.error().message, HasSubstr("another training"));
}

// A program with a fault of its own may have written a checksum over nonsense.
TEST(Checkpoint, WhosePartsDoNotFitIsRefused) {
  std::string bytes = EncodeCheckpoint(ACheckpoint(), kFingerprint);
  bytes.resize(bytes.size() - 64);
  const std::string more = bytes + "more", less = bytes.substr(0, bytes.size() - 5);
  std::string counts = bytes;
  counts[20 + 64 + 8 + 7] = '\x7f';  // of the values: 2^62 and more
  for (const std::string& content : {more, less, counts}) {
    EXPECT_THAT(DecodeCheckpoint(content + data::Sha256(content), kFingerprint).error().message,
                HasSubstr("do not fit together"));
  }
}

}  // namespace
}  // namespace photinus::train
