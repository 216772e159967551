#include "worker/base/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>

namespace photinus {
namespace {

using ::testing::HasSubstr;

class FileTest : public ::testing::Test {
 protected:
  FileTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "photinus_file_XXXXXX").string();
    dir_ = ::mkdtemp(pattern.data());
  }
  ~FileTest() override { std::filesystem::remove_all(dir_); }

  std::ptrdiff_t FileCount() const {
    return std::distance(std::filesystem::directory_iterator(dir_), std::filesystem::directory_iterator());
  }

  std::filesystem::path dir_;
};

using Writer = Result<void> (*)(const std::filesystem::path&, std::string_view);

TEST_F(FileTest, IsReadAsItWasWritten) {
  const std::string content("a\0b\n", 4);
  for (const Writer write : {&WriteFile, &WriteFileDurably}) {
    ASSERT_TRUE(write(dir_ / "file", "something longer that is replaced").ok());
    ASSERT_TRUE(write(dir_ / "file", content).ok());
    EXPECT_EQ(ReadFile(dir_ / "file").value(), content);
    EXPECT_EQ(FileCount(), 1) << "nothing is left behind";
  }
}

TEST_F(FileTest, PartsStandOneAfterTheOther) {
  const std::string_view parts[] = {"one, ", "", std::string_view("two\0", 4), "three"};
  ASSERT_TRUE(WritePartsDurably(dir_ / "file", parts).ok());
  EXPECT_EQ(ReadFile(dir_ / "file").value(), std::string("one, two\0three", 14));
  EXPECT_EQ(FileCount(), 1) << "nothing is left behind";
}

TEST_F(FileTest, NamesWhatCannotBeWritten) {
  std::filesystem::create_directory(dir_ / "folder");
  for (const Writer write : {&WriteFile, &WriteFileDurably}) {
    const Result<void> missing = write(dir_ / "no" / "file", "x");
    ASSERT_FALSE(missing.ok());
    EXPECT_EQ(missing.error().code, ErrorCode::kUnavailable);
    EXPECT_THAT(missing.error().message, HasSubstr("cannot write " + (dir_ / "no" / "file").string()));
    EXPECT_FALSE(write(dir_ / "folder", "x").ok()) << "a folder is not replaced";
    EXPECT_EQ(FileCount(), 1) << "nothing is left behind";
  }
}

TEST_F(FileTest, WorksInTheCurrentFolder) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(dir_);
  EXPECT_TRUE(WriteFileDurably("file", "x").ok());
  EXPECT_EQ(ReadFile("file").value(), "x");
  std::filesystem::current_path(before);
}

TEST_F(FileTest, IsNotFoundWhereThereIsNone) { EXPECT_EQ(ReadFile(dir_ / "none").error().code, ErrorCode::kNotFound); }

}  // namespace
}  // namespace photinus
