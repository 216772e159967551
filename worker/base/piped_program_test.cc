#include "worker/base/piped_program.h"

#include <signal.h>

#include "gtest/gtest.h"

namespace photinus {
namespace {

TEST(PipedProgram, IsReadLineByLine) {
  auto program = PipedProgram::Start({"/bin/sh", "-c", "echo one; echo; printf three"});
  ASSERT_TRUE(program.ok()) << program.error().message;
  EXPECT_EQ(program->ReadLine(), "one");
  EXPECT_EQ(program->ReadLine(), "");
  EXPECT_EQ(program->ReadLine(), "three");
  EXPECT_EQ(program->ReadLine(), std::nullopt);
}

TEST(PipedProgram, GetsSignals) {
  auto program =
      PipedProgram::Start({"/bin/sh", "-c", "trap 'echo bye; exit 0' INT; echo up; while :; do sleep 0.01; done"});
  ASSERT_TRUE(program.ok()) << program.error().message;
  EXPECT_EQ(program->ReadLine(), "up");
  program->Signal(SIGINT);
  EXPECT_EQ(program->ReadLine(), "bye");
}

TEST(PipedProgram, ThatDoesNotExistIsAnError) {
  const auto program = PipedProgram::Start({"no-such-program-here"});
  ASSERT_FALSE(program.ok());
  EXPECT_EQ(program.error().code, ErrorCode::kNotFound);
}

// The destructor awaits it, so a program that would run for ever has to be killed.
TEST(PipedProgram, EndsWithItsObject) {
  { const auto program = PipedProgram::Start({"/bin/sh", "-c", "trap '' INT TERM; while :; do sleep 0.01; done"}); }
  SUCCEED();
}

}  // namespace
}  // namespace photinus
