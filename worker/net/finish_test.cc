#include "worker/net/finish.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <streambuf>

namespace photinus::net {
namespace {

using ::testing::HasSubstr;

// 0: it returned.
int ExitCodeOf(const Result<void>& result) {
  try {
    Finish(result);
  } catch (const CLI::RuntimeError& failure) {
    return failure.get_exit_code();
  }
  return 0;
}

TEST(Finish, TellsUsageFromEverythingElse) {
  EXPECT_EQ(ExitCodeOf({}), 0);
  EXPECT_EQ(ExitCodeOf(InvalidArgument("no point of the space")), 2);
  EXPECT_EQ(ExitCodeOf(NotFound("no such file")), 2);
  EXPECT_EQ(ExitCodeOf(Unavailable("the power monitor is silent")), 1) << "4 is a server that cannot be reached";
}

// As standard output on a full disk.
class FullDisk : public std::streambuf {
 protected:
  int sync() override { return -1; }
};

TEST(Finish, FailsWhereStandardOutputCannotBeWritten) {
  FullDisk full;
  std::streambuf* const before = std::cout.rdbuf(&full);
  ::testing::internal::CaptureStderr();
  const int code = ExitCodeOf({});
  std::cout.rdbuf(before);
  std::cout.clear();
  EXPECT_EQ(code, 1);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("cannot write standard output"));
}

}  // namespace
}  // namespace photinus::net
