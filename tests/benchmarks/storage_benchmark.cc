// How fast storage is, beside what the disk allows:
//   ./run bench storage [--folder DIR] [--seconds 2] [--workloads disk,large,memory] [--output FILE]
// Prints a table, and with --output FILE a JSON line per figure. PostgreSQL is measured by `./run bench server`.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/temporary_folder.h"
#include "server/storage/sqlite_storage.h"
#include "tests/benchmarks/guarded_main.h"
#include "tests/benchmarks/measure.h"
#include "tests/benchmarks/probes.h"
#include "tests/benchmarks/storage_rows.h"

namespace photinus {
namespace {

void MeasureDisk(const std::string& folder, double seconds, Report& report) {
  report.Add("fdatasync, alone", ProbeSync(folder, seconds));
  auto storage = Check(SqliteStorage::Open(folder + "/disk.db"));
  for (const int producers : {1, 4, 16, 64, 256}) {
    const double probe = ProbeGroupCommit(folder, producers, seconds).per_second;
    const double rows = MeasureRows(*storage, producers, seconds).per_second;
    report.Add(
        {absl::StrCat("rows on disk, x", producers), rows, "rows/s", absl::StrCat("G(", producers, ")"), rows / probe});
  }
}

void MeasureMemory(const std::string&, double seconds, Report& report) {
  auto storage = Check(SqliteStorage::OpenInMemory());
  for (const int producers : {1, 64}) {
    report.Add(absl::StrCat("rows in memory, x", producers), MeasureRows(*storage, producers, seconds));
  }
}

void MeasureLarge(const std::string& folder, double seconds, Report& report) {
  constexpr int64_t kTrials = 100000;
  auto storage = Check(SqliteStorage::Open(folder + "/large.db"));
  const int64_t uid = AddStudy(*storage);
  for (int64_t first = 1; first <= kTrials; first += 1000) {
    Check(storage->Transact([&](Transaction& t) -> absl::Status {
      for (int64_t id = first; id < first + 1000; ++id) RETURN_IF_ERROR(t.PutTrial(TypicalTrial(uid, id)));
      return absl::OkStatus();
    }));
  }
  std::atomic<int64_t> next = 0;
  const auto get = [&](int) {
    const int64_t id = next++ * 7919 % kTrials + 1;
    Check(storage->Read([&](Snapshot& s) { return s.GetTrial(uid, id).status(); }));
  };
  report.Add("get trial of 100,000, x1", MeasureRate(1, seconds, get));
  report.Add("get trial of 100,000, x4", MeasureRate(4, seconds, get));
  report.Add("count trials of 100,000", MeasureRate(1, seconds, [&](int) {
               Check(storage->Read([&](Snapshot& s) { return s.CountTrials(uid).status(); }));
             }));
  report.Add("page of 1,000 trials", MeasureRate(1, seconds, [&](int) {
               const int64_t after = next++ * 1000 % kTrials;
               Check(storage->Read(
                   [&](Snapshot& s) { return s.ListTrials(uid, {.after_id = after, .limit = 1000}).status(); }));
             }));
  const auto begin = SteadyClock::now();
  Check(storage->Transact([&](Transaction& t) { return t.DeleteStudy(uid); }));
  report.Add({"delete study of 100,000", 1e3 * SecondsSince(begin), "ms"});
  double longest = 0;
  const auto erasing = SteadyClock::now();
  for (bool more = true; more;) {
    const auto transaction = SteadyClock::now();
    Check(storage->Transact([&](Transaction& t) -> absl::Status {
      ASSIGN_OR_RETURN(more, t.EraseDeleted(1000));
      return absl::OkStatus();
    }));
    longest = std::max(longest, 1e3 * SecondsSince(transaction));
  }
  report.Add({"erase it", SecondsSince(erasing), "s"});
  report.Add({"erase it, the longest transaction", longest, "ms"});
}

struct Workload {
  const char* name;
  void (*run)(const std::string& folder, double seconds, Report&);
};

constexpr Workload kWorkloads[] = {{"disk", &MeasureDisk}, {"large", &MeasureLarge}, {"memory", &MeasureMemory}};

int Main(int argc, char** argv) {
  std::vector<std::string> names;
  for (const Workload& workload : kWorkloads) names.emplace_back(workload.name);
  std::vector<std::string> wanted = names;
  std::string output;
  double seconds = 2;
  CLI::App app("How fast storage is");
  app.add_option("--workloads", wanted, "Names, separated by commas")->delimiter(',')->check(CLI::IsMember(names));
  app.add_option("--seconds", seconds, "Of each measurement")->check(CLI::Range(0.1, 3600.0));
  app.add_option_function<std::string>(
      "--folder", [](const std::string& folder) { setenv("TMPDIR", folder.c_str(), 1); },
      "Where databases go, on the disk to be measured; else the system's temporary folder");
  app.add_option("--output", output, "A file for one JSON line per figure");
  CLI11_PARSE(app, argc, argv);
  Report report(output);
  const TemporaryFolder folder = Check(TemporaryFolder::Make());
  for (const Workload& workload : kWorkloads) {
    if (std::find(wanted.begin(), wanted.end(), workload.name) != wanted.end()) {
      workload.run(folder.path(), seconds, report);
    }
  }
  return 0;
}

}  // namespace
}  // namespace photinus

int main(int argc, char** argv) { return photinus::GuardedMain(&photinus::Main, argc, argv); }
