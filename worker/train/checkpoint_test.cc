#include "worker/train/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>

#include "worker/data/sha256.h"

namespace {
int syncs = 0;
}

// Stands before the system's, and counts.
extern "C" int fsync(int fd) {
  ++syncs;
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

namespace photinus::train {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

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

// Its checksum and fingerprint may be right all the same.
TEST(Checkpoint, WhoseOptimizerIsOfAnotherNetworkIsRefused) {
  Checkpoint fewer_means = ACheckpoint(), more_squares = ACheckpoint(), fewer_values = ACheckpoint();
  fewer_means.optimizer.mean.pop_back();
  more_squares.optimizer.square.push_back(1);
  fewer_values.values.pop_back();
  for (const Checkpoint& checkpoint : {fewer_means, more_squares, fewer_values}) {
    const auto read = DecodeCheckpoint(EncodeCheckpoint(checkpoint, kFingerprint), kFingerprint);
    ASSERT_FALSE(read.ok());
    EXPECT_THAT(read.error().message, HasSubstr("do not fit together"));
  }
}

class CheckpointFileTest : public ::testing::Test {
 protected:
  CheckpointFileTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "photinus_checkpoint_XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    options_ = {folder_ / "kept" / "state", "a trial",
                [this](const std::string& fault) { warnings_.push_back(fault); }};
  }
  ~CheckpointFileTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  CheckpointOptions options_;
  std::vector<std::string> warnings_;
};

TEST_F(CheckpointFileTest, IsOnDiskOnceItIsWrittenAndItsNameToo) {
  syncs = 0;
  CheckpointFile(options_, kFingerprint).Write(&ACheckpoint);
  EXPECT_EQ(syncs, 2) << "of the file and of its folder";
  const auto read = CheckpointFile(options_, kFingerprint).Read();
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->batches, 30);
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(CheckpointFileTest, WhichCannotBeUsedIsPassedOverWithAWarning) {
  Checkpoint other = ACheckpoint();
  other.values.pop_back();
  CheckpointFile(options_, kFingerprint).Write([&] { return other; });
  EXPECT_FALSE(CheckpointFile(options_, kFingerprint).Read().has_value());
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("is passed over: its parts do not fit together")));
}

TEST_F(CheckpointFileTest, ThatIsNotThereIsNoFault) {
  EXPECT_FALSE(CheckpointFile(options_, kFingerprint).Read().has_value());
  EXPECT_THAT(warnings_, IsEmpty());
}

}  // namespace
}  // namespace photinus::train
