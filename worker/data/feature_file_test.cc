#include "worker/data/feature_file.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <utility>

#include "worker/base/file.h"
#include "worker/data/folder_fixture.h"
#include "worker/data/sha256.h"

namespace photinus::data {
namespace {

std::string Words(std::initializer_list<uint32_t> values) {
  return {reinterpret_cast<const char*>(values.begin()), values.size() * sizeof(uint32_t)};
}

std::string Words(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

// Two frames of two bins, two clips to train by, none to validate, one to test, one background.
Features SmallFeatures() {
  return {.key = std::string(64, 'k'),
          .frames = 2,
          .bins = 2,
          .counts = {2, 0, 1},
          .labels = {7, 8, 9},
          .values = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
          .means = {0.5F, 0.25F},
          .deviations = {1, 2},
          .backgrounds = {-1, -2, -3, -4}};
}

class FeatureFileTest : public ::testing::Test {
 protected:
  ~FeatureFileTest() override {
    std::filesystem::remove(path_);
    std::filesystem::remove_all(note_);
  }

  FeatureFile WriteAndOpen(const Features& features) const {
    EXPECT_TRUE(WriteFeatureFile(path_, features).ok());
    Result<FeatureFile> opened = FeatureFile::Open(path_, features.key);
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    return std::move(opened).value();
  }

  const std::filesystem::path path_ = ::testing::TempDir() + "feature_file_test.features";
  const std::filesystem::path note_ = path_.string() + ".checked";
  const Features features_ = SmallFeatures();
};

// Caches outlive versions of the program, so the format is fixed, byte by byte.
TEST_F(FeatureFileTest, IsKeyShapeLabelsStatisticsValuesBackgroundsAndTheirDigest) {
  const Features features = SmallFeatures();
  EXPECT_TRUE(WriteAndOpen(features).Holds(features));
  const std::string content = Words({2, 2, 2, 0, 1, 1}) + Words({7, 8, 9}) + Words(features.means) +
                              Words(features.deviations) + Words(features.values) + Words(features.backgrounds);
  EXPECT_EQ(*ReadFile(path_), "PHOTFEA3" + features.key + content + Sha256(content));
}

TEST_F(FeatureFileTest, HasTheDigestOfItsContentWhateverThatIsMadeFrom) {
  Features features = SmallFeatures();
  const std::string digest = WriteAndOpen(features).digest();
  features.key = std::string(64, 'l');
  EXPECT_EQ(WriteAndOpen(features).digest(), digest);
  features.labels[0] = 8;
  EXPECT_NE(WriteAndOpen(features).digest(), digest);
}

TEST_F(FeatureFileTest, OfAnotherVersionIsNone) {
  const Features features = SmallFeatures();
  WriteAndOpen(features);
  std::string content = *ReadFile(path_);
  content[7] = '2';
  ASSERT_TRUE(WriteFile(path_, content).ok());
  const Result<FeatureFile> opened = FeatureFile::Open(path_, features.key);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kNotFound) << "so that it is made again";
  EXPECT_EQ(opened.error().message, path_.string() + " was made by another version of photinus-trial");
}

TEST_F(FeatureFileTest, IsReadOnceAndThenWhenItIsYounger) {
  WriteAndOpen(features_);
  AlterUnnoticed(path_);
  EXPECT_TRUE(FeatureFile::Open(path_, features_.key, Check::kChanges).ok()) << "it is not read";
  std::filesystem::last_write_time(path_, std::filesystem::last_write_time(path_) + std::chrono::hours(1));
  const Result<FeatureFile> younger = FeatureFile::Open(path_, features_.key, Check::kChanges);
  ASSERT_FALSE(younger.ok());
  EXPECT_EQ(younger.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(younger.error().message, path_.string() + " was altered: its SHA-256 does not match");
}

TEST_F(FeatureFileTest, IsNotTrustedAfterItWasFoundDamaged) {
  WriteAndOpen(features_);
  AlterUnnoticed(path_);
  EXPECT_FALSE(FeatureFile::Open(path_, features_.key, Check::kWhole).ok());
  EXPECT_FALSE(FeatureFile::Open(path_, features_.key, Check::kChanges).ok());
}

TEST_F(FeatureFileTest, IsReadWithoutANote) {
  WriteAndOpen(features_);
  const std::string note = *ReadFile(note_);
  std::filesystem::remove(note_);
  EXPECT_TRUE(FeatureFile::Open(path_, features_.key, Check::kChanges).ok());
  EXPECT_EQ(*ReadFile(note_), note);

  std::filesystem::remove(note_);
  AlterUnnoticed(path_);
  EXPECT_FALSE(FeatureFile::Open(path_, features_.key, Check::kChanges).ok());
  EXPECT_FALSE(std::filesystem::exists(note_));
}

TEST_F(FeatureFileTest, NeedsNoNoteWhereNoneCanBeWritten) {
  std::filesystem::create_directory(note_);
  WriteAndOpen(features_);
  EXPECT_TRUE(FeatureFile::Open(path_, features_.key, Check::kChanges).ok());
}

TEST(Sha256, OfPartsIsThatOfTheWhole) {
  const std::string_view parts[] = {"ab", "", "c"};
  EXPECT_EQ(Sha256(parts), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-2, "abc"
  EXPECT_EQ(Sha256("abc"), Sha256(parts));
}

}  // namespace
}  // namespace photinus::data
