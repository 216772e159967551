#include "worker/data/feature_file.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include "worker/base/file.h"
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

// Caches outlive versions of the program, so the format is fixed, byte by byte.
TEST(FeatureFile, IsHeaderLabelsStatisticsValuesBackgroundsAndTheirDigest) {
  const std::filesystem::path path = ::testing::TempDir() + "feature_file_test.features";
  const Features features = SmallFeatures();
  const Result<void> written = WriteFeatureFile(path, features);
  ASSERT_TRUE(written.ok()) << written.error().message;
  std::string expected = "PHOTFEA2" + features.key + Words({2, 2, 2, 0, 1, 1}) + Words({7, 8, 9});
  expected += Words(features.means) + Words(features.deviations) + Words(features.values) + Words(features.backgrounds);
  EXPECT_EQ(*ReadFile(path), expected + Sha256(expected));
  const Result<FeatureFile> opened = FeatureFile::Open(path, features.key);
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  EXPECT_TRUE(opened->Holds(features));
  std::filesystem::remove(path);
}

TEST(Sha256, OfPartsIsThatOfTheWhole) {
  const std::string_view parts[] = {"ab", "", "c"};
  EXPECT_EQ(Sha256(parts), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-2, "abc"
  EXPECT_EQ(Sha256("abc"), Sha256(parts));
}

}  // namespace
}  // namespace photinus::data
