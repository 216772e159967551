#include "worker/trial/data_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <new>
#include <string>
#include <system_error>
#include <thread>

namespace photinus::trial {
namespace {

using ::testing::HasSubstr;

class OpenDataTest : public ::testing::Test {
 protected:
  OpenDataTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "photinus_open_XXXXXX").string();
    request_ = {.data_dir = ::mkdtemp(pattern.data()), .task = "events-smoke"};
  }
  ~OpenDataTest() override { std::filesystem::remove_all(request_.data_dir); }

  DataRequest request_;
};

// `stop` is asked by every thread that makes clips.
TEST_F(OpenDataTest, UsesAsManyThreadsAsItIsTold) {
  request_.threads = 1;
  std::atomic<int> elsewhere = 0;
  const auto stop = [&elsewhere, caller = std::this_thread::get_id()] {
    if (std::this_thread::get_id() != caller) ++elsewhere;
    return false;
  };
  const Result<data::DataSet> data = OpenData(request_, /*verify=*/false, stop);
  ASSERT_TRUE(data.ok()) << data.error().message;
  EXPECT_EQ(elsewhere, 0);
}

TEST_F(OpenDataTest, SaysThatMemoryIsShort) {
  const Result<data::DataSet> data = OpenData(request_, /*verify=*/false, []() -> bool { throw std::bad_alloc(); });
  ASSERT_FALSE(data.ok());
  EXPECT_EQ(data.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(data.error().message, HasSubstr("not enough memory to make the data set 'events-smoke'"));
}

TEST_F(OpenDataTest, SaysThatTheSystemRefusedAThread) {
  const auto refused = []() -> bool {
    throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
  };
  const Result<data::DataSet> data = OpenData(request_, /*verify=*/false, refused);
  ASSERT_FALSE(data.ok());
  EXPECT_EQ(data.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(data.error().message,
            "cannot make the data set 'events-smoke' here: the system refused a thread or a file: Resource "
            "temporarily unavailable");
}

}  // namespace
}  // namespace photinus::trial
