#include "common/base/new_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "common/base/temporary_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace photinus {
namespace {

class NewFileTest : public ::testing::Test {
 protected:
  std::string Content() {
    std::ifstream file(path_);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  int FilesInFolder() {
    const std::filesystem::directory_iterator files(folder_.path());
    return static_cast<int>(std::distance(begin(files), end(files)));
  }

  const TemporaryFolder folder_ = *TemporaryFolder::Make();
  const std::string path_ = folder_.File("out");
};

TEST_F(NewFileTest, ReplacesTheOldFileOnlyWhenItIsWhole) {
  std::ofstream(path_) << "old";
  auto file = NewFile::Create(path_);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(file->Append("new ").ok());
  EXPECT_TRUE(file->Append("content").ok());
  EXPECT_EQ(Content(), "old");
  EXPECT_TRUE(file->Commit().ok());
  EXPECT_EQ(Content(), "new content");
  EXPECT_EQ(FilesInFolder(), 1);
}

TEST_F(NewFileTest, LeavesNothingUnlessCommitted) {
  {
    auto file = NewFile::Create(path_);
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_TRUE(file->Append("half").ok());
  }
  EXPECT_EQ(FilesInFolder(), 0);
}

TEST_F(NewFileTest, SaysWhichFileCannotBeMade) {
  const absl::Status status = NewFile::Create(folder_.File("missing/out")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), absl::StrCat(folder_.File("missing/out"), " cannot be created: there is no folder ",
                                           folder_.File("missing")));
}

}  // namespace
}  // namespace photinus
