#include "worker/base/subprocess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace photinus {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

TEST(ProgramOutput, HoldsBothStreams) {
  const Result<std::string> output = ProgramOutput({"sh", "-c", "cat; echo out; echo err >&2"});
  ASSERT_TRUE(output.ok()) << output.error().message;
  EXPECT_EQ(*output, "out\nerr\n");
}

TEST(ProgramOutput, IsTheErrorsLastWords) {
  const Result<std::string> output = ProgramOutput({"sh", "-c", "echo no luck; exit 3"});
  ASSERT_FALSE(output.ok());
  EXPECT_EQ(output.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(output.error().message, "sh ended with status 3: no luck\n");
}

TEST(RunProgram, SaysHowItEnded) {
  EXPECT_TRUE(RunProgram({"true"}).ok());
  EXPECT_EQ(RunProgram({"false"}).error().message, "false ended with status 1");
  EXPECT_THAT(RunProgram({"sh", "-c", "kill -9 $$"}).error().message, EndsWith("was ended by signal 9"));
}

TEST(RunProgram, IsNotFoundWhereThereIsNone) {
  const Result<void> run = RunProgram({"/no/such/program"});
  ASSERT_FALSE(run.ok());
  EXPECT_EQ(run.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(run.error().message, HasSubstr("/no/such/program"));
}

TEST(ProgramBesideThisOne, LiesInTheSameFolder) {
  EXPECT_EQ(ProgramBesideThisOne("x"), std::filesystem::canonical("/proc/self/exe").parent_path() / "x");
}

}  // namespace
}  // namespace photinus
