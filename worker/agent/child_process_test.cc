// Real processes; every wait is for an event of theirs.
#include "worker/agent/child_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "worker/agent/standard_streams.h"

namespace photinus {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Collects lines; `on_line` may act on them.
class Collector final : public ChildOutput {
 public:
  void OnOutputLine(std::string_view line, bool cut) override {
    out.emplace_back(std::string(line) + (cut ? "..." : ""));
    if (on_line) on_line(out.back());
  }
  void OnErrorLine(std::string_view line, bool cut) override {
    err.emplace_back(std::string(line) + (cut ? "..." : ""));
  }
  bool HasRoom() override { return has_room; }

  std::vector<std::string> out, err;
  std::function<void(const std::string&)> on_line;
  bool has_room = true;
};

// "Z" for a process that has ended and waits for its parent, "" for none.
std::string StateOf(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(stat, text);
  const size_t end = text.rfind(')');
  return end == std::string::npos ? "" : text.substr(end + 2, 1);
}

bool EndsWithinTenSeconds(pid_t pid) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < deadline) {
    const std::string state = StateOf(pid);
    if (state.empty() || state == "Z") return true;
    std::this_thread::yield();
  }
  return false;
}

class ChildProcessTest : public ::testing::Test {
 protected:
  // One guard, forked while this program has one thread.
  static void SetUpTestSuite() {
    std::signal(SIGPIPE, SIG_IGN);
    guard_ = new ProcessGuard(*ProcessGuard::Start());
  }
  static ChildCommand Shell(const std::string& script) { return ChildCommand{{"sh", "-c", script}, {}, "/", ""}; }
  ChildExit RunShell(const std::string& script) { return Run(Shell(script)); }
  ChildExit Run(const ChildCommand& command) {
    child_ = *ChildProcess::Start(command, *guard_);
    return child_->Run(output_);
  }

  static ProcessGuard* guard_;
  Collector output_;
  std::unique_ptr<ChildProcess> child_;
};

ProcessGuard* ChildProcessTest::guard_ = nullptr;

TEST_F(ChildProcessTest, GivesLinesOfBothStreamsAndTheExitStatus) {
  const ChildExit exit = RunShell("echo one; echo two >&2; printf three; exit 7");
  EXPECT_THAT(output_.out, ElementsAre("one", "three"));
  EXPECT_THAT(output_.err, ElementsAre("two"));
  EXPECT_EQ(exit.status, 7);
  EXPECT_EQ(exit.signal, 0);
  EXPECT_FALSE(exit.stop_sent);
}

TEST_F(ChildProcessTest, FeedsTheWholeInputThenItsEnd) {
  const std::string line(1 << 20, 'x');  // more than a pipe holds
  Run(ChildCommand{{"wc", "-c"}, {}, "/", line});
  EXPECT_THAT(output_.out, ElementsAre(std::to_string(line.size())));
}

TEST_F(ChildProcessTest, ToleratesAChildThatReadsNothing) {
  const ChildExit exit = Run(ChildCommand{{"true"}, {}, "/", std::string(1 << 20, 'x')});
  EXPECT_EQ(exit.status, 0);
}

TEST_F(ChildProcessTest, SetsFolderEnvironmentAndArguments) {
  Run(ChildCommand{
      {"sh", "-c", "pwd; echo $PHOTINUS_X; echo \"$1\"", "sh", "a b; $(c) *"}, {"PHOTINUS_X=y z"}, "/usr", ""});
  EXPECT_THAT(output_.out, ElementsAre("/usr", "y z", "a b; $(c) *"));
}

TEST_F(ChildProcessTest, FindsProgramsInFoldersOfPathThatAreRelativeToThisProcess) {
  char name[] = "photinus_child_process_test_XXXXXX";  // in this process's folder, not in the child's
  const std::filesystem::path folder = mkdtemp(name);
  std::filesystem::create_directories(folder / "folders" / "tool");  // is no program
  std::filesystem::create_directory(folder / "programs");
  std::ofstream(folder / "programs" / "tool") << "#!/bin/sh\necho found\n";
  std::filesystem::permissions(folder / "programs" / "tool", std::filesystem::perms::owner_all);
  const std::string path = std::getenv("PATH");
  setenv("PATH", ((folder / "folders").string() + ":" + (folder / "programs").string() + ":" + path).c_str(), 1);
  const auto child = ChildProcess::Start(ChildCommand{{"tool"}, {}, "/", ""}, *guard_);
  setenv("PATH", path.c_str(), 1);
  ASSERT_TRUE(child.ok()) << child.status();
  (*child)->Run(output_);
  EXPECT_THAT(output_.out, ElementsAre("found"));
  std::filesystem::remove_all(folder);
}

TEST_F(ChildProcessTest, HasDefaultSignalsAndOnlyItsStandardStreams) {
  RunShell("ls /proc/self/fd | wc -l; grep -E '^Sig(Blk|Ign)' /proc/self/status");
  EXPECT_THAT(output_.out,
              ElementsAre("4", "SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000"));  // 3 is ls's own
}

TEST_F(ChildProcessTest, CutsHugeLines) {
  RunShell("head -c 1000000 /dev/zero | tr '\\0' x; echo; echo next");
  ASSERT_EQ(output_.out.size(), 2u);
  EXPECT_EQ(output_.out[0], std::string(ChildProcess::kMaxLine, 'x') + "...");
  EXPECT_EQ(output_.out[1], "next");
}

TEST_F(ChildProcessTest, ReportsADeathBySignal) {
  const ChildExit exit = RunShell("kill -SEGV $$");
  EXPECT_EQ(exit.signal, SIGSEGV);
  EXPECT_FALSE(exit.killed_by_us);
}

TEST_F(ChildProcessTest, StopLetsTheChildFinishUp) {
  output_.on_line = [this](const std::string& line) {
    if (line == "ready") child_->Stop(absl::Seconds(60));
  };
  const ChildExit exit = RunShell("trap 'echo finishing; exit 0' TERM; echo ready; while :; do sleep 0.01; done");
  EXPECT_THAT(output_.out, ElementsAre("ready", "finishing"));
  EXPECT_EQ(exit.status, 0);
  EXPECT_TRUE(exit.stop_sent);
  EXPECT_FALSE(exit.killed_by_us);
}

TEST_F(ChildProcessTest, KillsAChildThatDoesNotStopInTime) {
  output_.on_line = [this](const std::string& line) {
    if (line == "ready") child_->Stop(absl::Milliseconds(20));
  };
  const ChildExit exit = RunShell("trap '' TERM; echo ready; while :; do sleep 0.01; done");
  EXPECT_EQ(exit.signal, SIGKILL);
  EXPECT_TRUE(exit.stop_sent);
  EXPECT_TRUE(exit.killed_by_us);
}

TEST_F(ChildProcessTest, KillCutsAStopShort) {
  output_.on_line = [this](const std::string& line) {
    if (line == "ready") child_->Stop(absl::InfiniteDuration());
    if (line == "stopping") child_->Kill();
  };
  const ChildExit exit = RunShell("trap 'echo stopping' TERM; echo ready; while :; do sleep 0.01; done");
  EXPECT_EQ(exit.signal, SIGKILL);
}

TEST_F(ChildProcessTest, AStopBeforeRunIsNotForgotten) {
  child_ = *ChildProcess::Start(Shell("sleep 1000"), *guard_);
  child_->Stop(absl::Seconds(60));
  EXPECT_EQ(child_->Run(output_).signal, SIGTERM);
  child_->Stop(absl::Seconds(1));  // after the end: nothing
}

TEST_F(ChildProcessTest, TakesTheChildrensChildrenAlong) {
  RunShell("sleep 1000 & echo $!");
  ASSERT_EQ(output_.out.size(), 1u);
  EXPECT_TRUE(EndsWithinTenSeconds(std::stoi(output_.out[0])));
}

TEST_F(ChildProcessTest, MakesAFastChildWaitForRoom) {
  output_.has_room = false;
  child_ = *ChildProcess::Start(Shell("echo waiting >&2; echo line"), *guard_);
  std::thread other([this] {
    // The child ends by itself (a short line fits into the pipe); its line is not read before.
    EXPECT_TRUE(EndsWithinTenSeconds(child_->pid()));
    child_->Wake();
  });
  child_->Run(output_);
  other.join();
  EXPECT_THAT(output_.out, ElementsAre("line"));  // what was left is read at the end
}

TEST_F(ChildProcessTest, SaysWhyAProgramCannotRun) {
  const auto error = [&](const ChildCommand& command) { return ChildProcess::Start(command, *guard_).status(); };
  EXPECT_EQ(error({{"no-such-program-photinus"}, {}, "/", ""}).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(error({{"/no/such/program"}, {}, "/", ""}).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(error({{"/etc/passwd"}, {}, "/", ""}).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(error({{"true"}, {}, "/no/such/folder", ""}).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(error({{}, {}, "/", ""}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(error({{"true", std::string(1 << 20, 'x')}, {}, "/", ""}).code(), absl::StatusCode::kInvalidArgument);
}

TEST(StandardStreams, AreOpenAfterwardsSoThatNothingElseTakesTheirNumbers) {
  const pid_t child = fork();
  if (child == 0) {
    close(0);
    close(2);
    OpenMissingStandardStreams();
    int ends[2];
    const bool apart = pipe(ends) == 0 && ends[0] > 2 && ends[1] > 2;
    _exit(apart ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

TEST_F(ChildProcessTest, DiesWithTheThreadThatStartedIt) {
  pid_t pid = 0;
  std::thread starter([&] {
    child_ = *ChildProcess::Start(Shell("sleep 1000"), *guard_);
    pid = child_->pid();
  });
  starter.join();
  EXPECT_TRUE(EndsWithinTenSeconds(pid));
}

// A daemon that starts a process with a child of its own, and is killed.
TEST_F(ChildProcessTest, NothingOutlivesADaemonThatIsKilled) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t daemon = fork();
  if (daemon == 0) {
    const ProcessGuard guard = *ProcessGuard::Start();
    ChildProcess& child = **new auto(*ChildProcess::Start(Shell("sleep 1000 & echo $! $$; wait"), guard));
    Collector collector;
    collector.on_line = [&](const std::string& line) { dprintf(ends[1], "%s\n", line.c_str()); };
    child.Run(collector);
    _exit(0);
  }
  close(ends[1]);
  FILE* pids = fdopen(ends[0], "r");
  int grandchild = 0, child = 0;
  ASSERT_EQ(fscanf(pids, "%d %d", &grandchild, &child), 2);
  fclose(pids);
  kill(daemon, SIGKILL);
  waitpid(daemon, nullptr, 0);
  EXPECT_TRUE(EndsWithinTenSeconds(child));
  EXPECT_TRUE(EndsWithinTenSeconds(grandchild));
}

}  // namespace
}  // namespace photinus
