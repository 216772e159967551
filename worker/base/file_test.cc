#include "worker/base/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <future>

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

// As of `-o >(gzip > net.gz)`.
TEST_F(FileTest, AFifoIsWrittenIntoAndStaysOne) {
  const std::filesystem::path fifo = dir_ / "fifo", other_end = dir_ / "other_end";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  std::filesystem::create_hard_link(fifo, other_end);
  const std::string content(200'000, 'x');  // more than a pipe holds
  for (const Writer write : {&WriteFile, &WriteFileDurably}) {
    auto reader = std::async(std::launch::async, [&] { return ReadFile(other_end); });
    const Result<void> written = write(fifo, content);
    for (int end = -1; end < 0 && !std::filesystem::is_fifo(fifo);) {  // ends the reader that got nothing
      end = ::open(other_end.c_str(), O_WRONLY | O_NONBLOCK);
      ::close(end);
    }
    ASSERT_TRUE(written.ok()) << written.error().message;
    EXPECT_EQ(reader.get().value(), content) << "and all of it is read, though a FIFO has no size";
    EXPECT_TRUE(std::filesystem::is_fifo(fifo));
    EXPECT_EQ(FileCount(), 2);
  }
}

TEST_F(FileTest, ALinkLeadsToTheFile) {
  std::filesystem::create_directory(dir_ / "folder");
  std::filesystem::create_symlink("folder/file", dir_ / "link");
  std::filesystem::create_symlink(dir_ / "link", dir_ / "link2");
  for (const char* content : {"there was none", "there was one"}) {
    ASSERT_TRUE(WriteFile(dir_ / "link2", content).ok());
    EXPECT_EQ(ReadFile(dir_ / "folder" / "file").value(), content);
    EXPECT_TRUE(std::filesystem::is_symlink(dir_ / "link"));
    EXPECT_TRUE(std::filesystem::is_symlink(dir_ / "link2"));
  }
  std::filesystem::create_symlink("loop", dir_ / "loop");
  const Result<void> loop = WriteFile(dir_ / "loop", "x");
  ASSERT_FALSE(loop.ok());
  EXPECT_THAT(loop.error().message, HasSubstr("cannot write " + (dir_ / "loop").string() + ": too many symbolic"));
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
