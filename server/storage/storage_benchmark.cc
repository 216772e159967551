// How fast storage is, beside what the disk allows:
//   ./run bench storage [--folder DIR] [--seconds 2] [--workload sync|disk|large|memory] [--postgres URL]
// With --postgres in that database alone, which keeps what is written.
// Prints a table, and with --output FILE a JSON line per figure.
// A "row" is what a server's change costs: one trial of 400 bytes stored and its study updated, in one transaction that
// is acknowledged after the sync.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "server/storage/postgres_storage.h"
#include "server/storage/sqlite_storage.h"

namespace photinus {
namespace {

using Clock = std::chrono::steady_clock;

double Seconds(Clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

void Check(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

std::FILE* output = nullptr;

void Record(const char* workload, double per_second, double p50_ms, double p99_ms) {
  if (output == nullptr) return;
  std::fprintf(output, "{\"workload\":\"%s\",\"per_second\":%.1f,\"p50_ms\":%.4f,\"p99_ms\":%.4f}\n", workload,
               per_second, p50_ms, p99_ms);
}

// Calls `work(thread)` from each thread until the time is up; prints calls per second and the latency of one call.
void Measure(const char* name, int threads, double seconds, const std::function<void(int)>& work) {
  std::vector<std::vector<double>> latencies(threads);
  const auto start = Clock::now();
  std::vector<std::thread> running;
  running.reserve(threads);
  for (int thread = 0; thread < threads; ++thread) {
    running.emplace_back([&, thread] {
      for (auto now = Clock::now(); Seconds(now - start) < seconds;) {
        work(thread);
        const auto end = Clock::now();
        latencies[thread].push_back(Seconds(end - now));
        now = end;
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  const double elapsed = Seconds(Clock::now() - start);
  std::vector<double> all;
  for (const auto& each : latencies) all.insert(all.end(), each.begin(), each.end());
  std::sort(all.begin(), all.end());
  std::printf("%-28s %10.0f /s   p50 %8.3f ms   p99 %8.3f ms\n", name, static_cast<double>(all.size()) / elapsed,
              1e3 * all[all.size() / 2], 1e3 * all[all.size() * 99 / 100]);
  std::fflush(stdout);
  Record(name, static_cast<double>(all.size()) / elapsed, 1e3 * all[all.size() / 2], 1e3 * all[all.size() * 99 / 100]);
}

// What one durable write costs at least: append 4 KiB, fdatasync.
void ProbeSync(const std::string& folder, double seconds) {
  const std::string path = folder + "/probe";
  const int file = open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0644);
  const std::string block(4096, 'x');
  Measure("fdatasync, alone", 1, seconds, [&](int) {
    if (write(file, block.data(), block.size()) < 0 || fdatasync(file) != 0) Check(absl::UnavailableError("fdatasync"));
  });
  close(file);
  unlink(path.c_str());
}

int64_t AddStudy(Storage& storage, const std::string& name) {
  int64_t uid = 0;
  Check(storage.Transact([&](Transaction& t) -> absl::Status {
    RETURN_IF_ERROR(t.EnsureOwner("bench"));
    StudyRow study;
    study.owner = "bench";
    study.display_name = name;
    ASSIGN_OR_RETURN(uid, t.InsertStudy(study));
    return absl::OkStatus();
  }));
  return uid;
}

TrialRow TypicalTrial(int64_t uid, int64_t id) {
  TrialRow trial;
  trial.study_uid = uid;
  trial.id = id;
  trial.state = pb::Trial::SUCCEEDED;
  trial.client_id = "worker-1";
  trial.mod_version = id;
  for (int i = 0; i < 10; ++i) {
    auto* parameter = trial.body.add_parameters();
    parameter->set_parameter_id(absl::StrCat("block", i, ".filters"));
    parameter->mutable_value()->set_number_value(i);
  }
  trial.body.set_infeasible_reason(std::string(100, 'x'));
  return trial;
}

// One row; the id comes from the study, as the server's do.
absl::Status AddRow(Transaction& t, int64_t uid, TrialRow& trial) {
  ASSIGN_OR_RETURN(auto study, t.GetStudy(uid));
  trial.study_uid = uid;
  trial.id = study->next_trial_id++;
  trial.mod_version = ++study->version;
  RETURN_IF_ERROR(t.PutTrial(trial));
  return t.UpdateStudy(*study);
}

void MeasureRows(Storage& storage, const std::string& name, int producers, double seconds) {
  std::vector<int64_t> studies;
  studies.reserve(producers);
  std::vector<TrialRow> trials(producers, TypicalTrial(0, 0));
  for (int i = 0; i < producers; ++i)
    studies.push_back(AddStudy(storage, absl::StrCat(name, i, " ", absl::ToUnixMicros(absl::Now()))));
  Measure(name.c_str(), producers, seconds, [&](int thread) {
    Check(storage.Transact([&](Transaction& t) { return AddRow(t, studies[thread], trials[thread]); }));
  });
}

// All on one study, whose row each transaction must lock.
void MeasureHotStudy(Storage& storage, const std::string& name, int producers, double seconds) {
  const int64_t uid = AddStudy(storage, absl::StrCat(name, " ", absl::ToUnixMicros(absl::Now())));
  std::vector<TrialRow> trials(producers, TypicalTrial(0, 0));
  Measure(name.c_str(), producers, seconds,
          [&](int thread) { Check(storage.Transact([&](Transaction& t) { return AddRow(t, uid, trials[thread]); })); });
}

void MeasureLargeStudy(Storage& storage, double seconds) {
  constexpr int64_t kTrials = 100000;
  const int64_t uid = AddStudy(storage, "large");
  for (int64_t first = 1; first <= kTrials; first += 1000) {
    Check(storage.Transact([&](Transaction& t) -> absl::Status {
      for (int64_t id = first; id < first + 1000; ++id) RETURN_IF_ERROR(t.PutTrial(TypicalTrial(uid, id)));
      return absl::OkStatus();
    }));
  }
  std::atomic<int64_t> next = 0;
  const auto get = [&](int) {
    const int64_t id = next++ * 7919 % kTrials + 1;
    Check(storage.Read([&](Snapshot& s) { return s.GetTrial(uid, id).status(); }));
  };
  Measure("get trial of 100,000, x1", 1, seconds, get);
  Measure("get trial of 100,000, x4", 4, seconds, get);
  Measure("count trials of 100,000", 1, seconds,
          [&](int) { Check(storage.Read([&](Snapshot& s) { return s.CountTrials(uid).status(); })); });
  Measure("page of 1,000 trials", 1, seconds, [&](int) {
    const int64_t after = next++ * 1000 % kTrials;
    Check(storage.Read([&](Snapshot& s) { return s.ListTrials(uid, {.after_id = after, .limit = 1000}).status(); }));
  });
  const auto start = Clock::now();
  Check(storage.Transact([&](Transaction& t) { return t.DeleteStudy(uid); }));
  const double deletion = Seconds(Clock::now() - start);
  std::printf("%-28s %10.3f s\n", "delete study of 100,000", deletion);
  Record("delete study of 100,000", 1 / deletion, 1e3 * deletion, 1e3 * deletion);
  double longest = 0;
  for (bool more = true; more;) {
    const auto begin = Clock::now();
    Check(storage.Transact([&](Transaction& t) -> absl::Status {
      ASSIGN_OR_RETURN(more, t.EraseDeletedStudies(1000));
      return absl::OkStatus();
    }));
    longest = std::max(longest, Seconds(Clock::now() - begin));
  }
  const double erasure = Seconds(Clock::now() - start) - deletion;
  std::printf("%-28s %10.3f s, longest transaction %.3f s\n", "erase it", erasure, longest);
  Record("erase study of 100,000", 1 / erasure, 1e3 * longest, 1e3 * longest);
}

int RunPostgres(const std::string& url, double seconds) {
  PostgresOptions unbatched;
  unbatched.writers = 16;
  unbatched.limits.batch = 1;
  for (const bool batches : {false, true}) {
    PostgresOptions options = unbatched;
    if (batches) options.limits = {};
    auto storage = PostgresStorage::Open(url, options);
    Check(storage.status());
    const std::string kind = batches ? "batched" : "unbatched";
    MeasureRows(**storage, absl::StrCat(kind, ", own studies, x16"), 16, seconds);
    MeasureHotStudy(**storage, absl::StrCat(kind, ", one study, x64"), 64, seconds);
  }
  return 0;
}

int Run(const std::string& folder, double seconds, const std::string& only) {
  const auto wanted = [&](const char* workload) { return only.empty() || only == workload; };
  const std::string path = folder + "/photinus-benchmark.db";
  const auto remove = [&] {
    for (const char* end : {"", "-wal", "-shm", ".lock"}) unlink((path + end).c_str());
  };
  remove();
  if (wanted("sync") || wanted("disk")) ProbeSync(folder, seconds);
  if (wanted("disk") || wanted("large")) {
    auto storage = SqliteStorage::Open(path);
    Check(storage.status());
    for (const int producers : {1, 4, 16, 64, 256}) {
      if (wanted("disk")) MeasureRows(**storage, absl::StrCat("rows on disk, x", producers), producers, seconds);
    }
    if (wanted("large")) MeasureLargeStudy(**storage, seconds);
  }
  remove();
  if (!wanted("memory")) return 0;
  auto memory = SqliteStorage::OpenInMemory();
  Check(memory.status());
  for (const int producers : {1, 64}) {
    MeasureRows(**memory, absl::StrCat("rows in memory, x", producers), producers, seconds);
  }
  return 0;
}

}  // namespace
}  // namespace photinus

int main(int argc, char** argv) {
  std::string folder = std::filesystem::temp_directory_path().string();
  std::string workload, postgres;
  double seconds = 2;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view flag = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : "";
    if (flag == "--folder") {
      folder = value;
    } else if (flag == "--seconds") {
      seconds = std::atof(value);
    } else if (flag == "--workload") {
      workload = value;
    } else if (flag == "--postgres") {
      postgres = value;
    } else if (flag == "--output") {
      photinus::output = std::fopen(value, "w");
    } else {
      std::fprintf(stderr, "unknown flag %s; known: --folder, --seconds, --workload, --postgres, --output\n", argv[i]);
      return 2;
    }
  }
  if (!postgres.empty()) return photinus::RunPostgres(postgres, seconds);
  return photinus::Run(folder, seconds, workload);
}
