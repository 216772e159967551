#include "worker/base/piped_program.h"

#include <signal.h>

#include <string>
#include <thread>

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

TEST(PipedProgram, IgnoresNoSignalThatThisProcessIgnores) {
  const auto before = ::signal(SIGINT, SIG_IGN);
  sigset_t blocked, old;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &old);
  auto program = PipedProgram::Start({"/bin/sh", "-c", "grep -E '^Sig(Blk|Ign):' /proc/self/status"});
  ::signal(SIGINT, before);
  ::pthread_sigmask(SIG_SETMASK, &old, nullptr);
  ASSERT_TRUE(program.ok()) << program.error().message;
  for (const std::string name : {"SigBlk:", "SigIgn:"}) {
    const std::string line = program->ReadLine().value();
    ASSERT_TRUE(line.starts_with(name)) << line;
    constexpr unsigned long kStandardSignals = 0x7fffffff;  // 1 to 31; those above are the C library's own
    EXPECT_EQ(std::stoul(line.substr(name.size()), nullptr, 16) & kStandardSignals, 0u) << line;
  }
}

TEST(PipedProgram, EndsReadingWhenTold) {
  auto program = PipedProgram::Start({"/bin/sh", "-c", "echo up; while :; do sleep 0.01; done"});
  ASSERT_TRUE(program.ok()) << program.error().message;
  EXPECT_EQ(program->ReadLine(), "up");
  std::thread reader([&] { EXPECT_EQ(program->ReadLine(), std::nullopt); });
  program->EndReading();
  reader.join();
}

// The destructor awaits it, so a program that would run for ever has to be killed.
TEST(PipedProgram, EndsWithItsObject) {
  { const auto program = PipedProgram::Start({"/bin/sh", "-c", "trap '' INT TERM; while :; do sleep 0.01; done"}); }
  SUCCEED();
}

}  // namespace
}  // namespace photinus
