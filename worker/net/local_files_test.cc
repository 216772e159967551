#include "worker/net/local_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "worker/base/file.h"

namespace photinus::net {
namespace {

using ::testing::EndsWith;

class LocalFilesTest : public ::testing::Test {
 protected:
  LocalFilesTest() {
    std::string pattern = ::testing::TempDir() + "local_files_XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    EXPECT_TRUE(WriteFile(folder_ / "file", "x").ok());
    EXPECT_EQ(::mkfifo((folder_ / "fifo").c_str(), 0600), 0);
  }
  ~LocalFilesTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ / name; }

  static void ExpectRefused(const Result<void>& result, const std::string& reason,
                            ErrorCode code = ErrorCode::kInvalidArgument) {
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, code);
    EXPECT_THAT(result.error().message, EndsWith(reason));
  }

  std::filesystem::path folder_;
};

TEST_F(LocalFilesTest, AFileOrAPipeIsRead) {
  EXPECT_TRUE(CheckReadable(Path("file")).ok());
  EXPECT_TRUE(CheckReadable(Path("fifo")).ok()) << "and nothing is taken from it";
  ExpectRefused(CheckReadable(Path("none")), "/none: No such file or directory", ErrorCode::kNotFound);
  ExpectRefused(CheckReadable(folder_), ": Is a directory");
}

TEST_F(LocalFilesTest, WhereThereIsNothingANameMayBeMeant) {
  EXPECT_TRUE(CheckNetwork("mobilenet_v1").ok());
  EXPECT_TRUE(CheckNetwork(Path("file")).ok());
  ExpectRefused(CheckNetwork(folder_), ": Is a directory");
}

TEST_F(LocalFilesTest, AFileIsWrittenIntoAFolderThatIsThere) {
  EXPECT_TRUE(CheckWritable(Path("file")).ok());
  EXPECT_TRUE(CheckWritable(Path("new")).ok());
  EXPECT_TRUE(CheckWritable(Path("fifo")).ok());
  EXPECT_TRUE(CheckWritable("new").ok()) << "in the current folder";
  ExpectRefused(CheckWritable(folder_), ": Is a directory");
  ExpectRefused(CheckWritable(Path("none/new")), "none/new: No such file or directory");
  ExpectRefused(CheckWritable(Path("file/new")), "file/new: Not a directory");
}

}  // namespace
}  // namespace photinus::net
