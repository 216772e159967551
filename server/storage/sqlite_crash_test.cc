// kill -9 at any moment loses nothing that was acknowledged. The test starts itself again as the writer that is killed.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "common/base/temporary_folder.h"
#include "gtest/gtest.h"
#include "server/storage/sqlite_storage.h"

namespace photinus {
namespace {

constexpr char kWriterFlag[] = "--write-until-killed";
constexpr int kWriterThreads = 4;

absl::StatusOr<int64_t> EnsureStudy(Storage& storage) {
  int64_t uid = 0;
  RETURN_IF_ERROR(storage.Transact([&](Transaction& t) -> absl::Status {
    RETURN_IF_ERROR(t.EnsureOwner("ada"));
    ASSIGN_OR_RETURN(const auto found, t.FindStudy("ada", "kws"));
    StudyRow study;
    study.owner = "ada";
    study.display_name = "kws";
    if (found.has_value()) {
      uid = found->uid;
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(uid, t.InsertStudy(study));
    return absl::OkStatus();
  }));
  return uid;
}

// Adds the next trial with one measurement, all in one transaction.
absl::Status AddTrial(Transaction& t, int64_t uid, int64_t& id) {
  ASSIGN_OR_RETURN(auto study, t.GetStudy(uid));
  id = study->next_trial_id++;
  RETURN_IF_ERROR(t.UpdateStudy(*study));
  TrialRow trial;
  trial.study_uid = uid;
  trial.id = id;
  RETURN_IF_ERROR(t.PutTrial(trial));
  return t.AddMeasurement(uid, id, 1, pb::Measurement()).status();
}

// The child: writes for ever, and prints each id once it is acknowledged.
int WriteUntilKilled(const std::string& path) {
  SqliteOptions options;
  options.limits.checkpoint_pages = 20;  // so that kills meet checkpoints too
  auto storage = SqliteStorage::Open(path, options);
  if (!storage.ok()) return 2;
  const auto uid = EnsureStudy(**storage);
  if (!uid.ok()) return 3;
  std::vector<std::thread> threads;
  for (int i = 0; i < kWriterThreads; ++i) {
    threads.emplace_back([&] {
      while (true) {
        int64_t id = 0;
        if (!(*storage)->Transact([&](Transaction& t) { return AddTrial(t, *uid, id); }).ok()) _exit(4);
        const std::string line = absl::StrCat(id, "\n");
        if (write(STDOUT_FILENO, line.data(), line.size()) < 0) _exit(5);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return 0;
}

// Runs the writer, kills it as soon as it acknowledged `acknowledgements` trials, and gives all it had printed.
std::vector<int64_t> AcknowledgedBeforeKill(const std::string& path, int acknowledgements) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    execl("/proc/self/exe", "sqlite_crash_test", kWriterFlag, path.c_str(), nullptr);
    _exit(127);
  }
  close(ends[1]);
  std::string printed;
  std::array<char, 4096> buffer;
  bool killed = false;
  while (true) {
    const ssize_t size = read(ends[0], buffer.data(), buffer.size());
    if (size <= 0) break;
    printed.append(buffer.data(), static_cast<size_t>(size));
    if (!killed && std::count(printed.begin(), printed.end(), '\n') >= acknowledgements) {
      kill(child, SIGKILL);
      killed = true;
    }
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "the writer ended by itself: " << status;
  std::vector<int64_t> ids;
  for (const absl::string_view line : absl::StrSplit(printed, '\n', absl::SkipEmpty())) {
    int64_t id = 0;
    EXPECT_TRUE(absl::SimpleAtoi(line, &id)) << line;
    ids.push_back(id);
  }
  return ids;
}

void ExpectSound(const std::string& path) {
  auto connection = SqliteConnection::Open(path, SqliteConnection::Mode::kReader, "");
  ASSERT_TRUE(connection.ok()) << connection.status();
  SqliteStatement check(**connection, "PRAGMA integrity_check");
  ASSERT_TRUE(check.Step().value_or(false));
  EXPECT_EQ(check.Text(), "ok");
  SqliteStatement references(**connection, "PRAGMA foreign_key_check");
  EXPECT_FALSE(references.Step().value_or(true));
}

TEST(SqliteCrash, KilledWritersLoseNothingThatWasAcknowledged) {
  constexpr int kKills = 12;
  TemporaryFolder folder = *TemporaryFolder::Make();
  const std::string path = folder.File("db");
  Random random(7);
  std::set<int64_t> acknowledged;
  for (int round = 0; round < kKills; ++round) {
    for (const int64_t id : AcknowledgedBeforeKill(path, 1 + static_cast<int>(random.Below(150)))) {
      EXPECT_TRUE(acknowledged.insert(id).second) << "id " << id << " was given twice";
    }
    auto storage = SqliteStorage::Open(path);
    ASSERT_TRUE(storage.ok()) << storage.status();
    const auto uid = EnsureStudy(**storage);
    ASSERT_TRUE(uid.ok());
    const absl::Status status = (*storage)->Read([&](Snapshot& s) -> absl::Status {
      ASSIGN_OR_RETURN(const auto study, s.GetStudy(*uid));
      ASSIGN_OR_RETURN(const auto trials, s.ListTrials(*uid, {}));
      ASSIGN_OR_RETURN(const auto measurements, s.ListMeasurements(*uid, 1, study->next_trial_id));
      ASSIGN_OR_RETURN(const auto counts, s.CountTrials(*uid));
      // A transaction is there whole or not at all, so the parts agree; and ids are dense.
      EXPECT_EQ(study->next_trial_id, static_cast<int64_t>(trials.size()) + 1);
      EXPECT_EQ(measurements.size(), trials.size());
      EXPECT_EQ(counts.requested, static_cast<int64_t>(trials.size()));
      for (const int64_t id : acknowledged) EXPECT_TRUE(id >= 1 && id < study->next_trial_id) << id << " is lost";
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
  }
  EXPECT_GE(acknowledged.size(), 100u);
  ExpectSound(path);
}

}  // namespace
}  // namespace photinus

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], photinus::kWriterFlag) == 0) return photinus::WriteUntilKilled(argv[2]);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
