#include "tests/benchmarks/search/run_pool.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "tests/benchmarks/search/rival_searcher.h"

namespace photinus {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;

double PeakMemoryMb(int who) {
  rusage usage;
  getrusage(who, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

std::string TextOf(const RunKey& key) {
  return absl::StrCat(key.algorithm, " ", key.problem, " seed ", key.seed, " (", key.suite, ")");
}

// The exit status of the process that makes one run.
int MakeRun(const RunKey& key, const std::string& label, const std::string& output) {
  absl::StatusOr<SearchRun> run = RunSearch(key);
  if (!run.ok()) {
    std::fprintf(stderr, "\n%s: %s\n", TextOf(key).c_str(), run.status().ToString().c_str());
    return 1;
  }
  run->key.algorithm = Labelled(key.algorithm, label);
  run->peak_memory_mb = PeakMemoryMb(FindRival(key.algorithm) != nullptr ? RUSAGE_CHILDREN : RUSAGE_SELF);
  if (AppendLine(output, ToJson(*run).dump() + "\n")) return 0;
  std::fprintf(stderr, "\ncannot write %s\n", output.c_str());
  return 1;
}

// How long runs took so far, and what that says about those to come.
class Progress {
 public:
  Progress(const std::vector<RunKey>& runs, int processes) : total_(runs.size()), processes_(processes) {
    for (const RunKey& run : runs) ++left_[run.algorithm];
  }

  void Finished(const RunKey& run, double seconds) {
    ++done_;
    --left_[run.algorithm];
    auto& [count, sum] = taken_[run.algorithm];
    ++count;
    sum += seconds;
    std::fprintf(stderr, "%s[%zu/%zu] %s: %.1f s; about %.0f min left%s", isatty(STDERR_FILENO) ? "\r\033[K" : "",
                 done_, total_, TextOf(run).c_str(), seconds, SecondsLeft() / 60, isatty(STDERR_FILENO) ? "" : "\n");
    if (done_ == total_) std::fputc('\n', stderr);
  }

 private:
  double SecondsLeft() const {
    int all_count = 0;
    double all_sum = 0;
    for (const auto& [algorithm, taken] : taken_) {
      all_count += taken.first;
      all_sum += taken.second;
    }
    double left = 0;
    for (const auto& [algorithm, count] : left_) {
      const auto taken = taken_.find(algorithm);
      left += count * (taken == taken_.end() ? all_sum / all_count : taken->second.second / taken->second.first);
    }
    return left / processes_;
  }

  const size_t total_;
  const int processes_;
  size_t done_ = 0;
  std::map<std::string, int> left_;
  std::map<std::string, std::pair<int, double>> taken_;  // runs and their seconds
};

}  // namespace

std::string Labelled(const std::string& algorithm, const std::string& label) {
  const bool ours = FindRival(algorithm) == nullptr && algorithm != kRandomReference;
  return ours && !label.empty() ? absl::StrCat(algorithm, "@", label) : algorithm;
}

int RunAll(const std::vector<RunKey>& runs, int processes, const std::string& label, const std::string& output) {
  struct Running {
    RunKey key;
    Clock::time_point begin;
  };
  std::map<pid_t, Running> running;
  Progress progress(runs, processes);
  int failed = 0;
  for (size_t next = 0; next < runs.size() || !running.empty();) {
    if (next < runs.size() && running.size() < static_cast<size_t>(processes)) {
      std::fflush(nullptr);  // or the child would write what this process has buffered
      const pid_t pid = fork();
      if (pid == 0) _exit(MakeRun(runs[next], label, output));
      if (pid > 0) running[pid] = {.key = runs[next], .begin = Clock::now()};
      failed += pid < 0 ? 1 : 0;
      ++next;
      continue;
    }
    int status = 0;
    const pid_t ended = waitpid(-1, &status, 0);
    const auto found = running.find(ended);
    if (found == running.end()) continue;
    failed += status == 0 ? 0 : 1;
    progress.Finished(found->second.key, std::chrono::duration<double>(Clock::now() - found->second.begin).count());
    running.erase(found);
  }
  return failed;
}

bool AppendLine(const std::string& path, const std::string& line) {
  const int file = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  const bool written = file >= 0 && write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  if (file >= 0) close(file);
  return written;
}

std::set<RunKey> KeysIn(const std::string& path) {
  std::set<RunKey> keys;
  std::ifstream file(path);
  for (std::string text; std::getline(file, text);) {
    const Json line = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (const std::optional<RunKey> key = KeyOf(line)) keys.insert(*key);
  }
  return keys;
}

}  // namespace photinus
