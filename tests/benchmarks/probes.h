// What the machine allows at this moment, measured without any code of ours: figures are judged beside these.
#ifndef PHOTINUS_TESTS_BENCHMARKS_PROBES_H_
#define PHOTINUS_TESTS_BENCHMARKS_PROBES_H_

#include <string>

#include "tests/benchmarks/measure.h"

namespace photinus {

// A file of its own, removed in the end.
class SyncProbe {
 public:
  explicit SyncProbe(const std::string& folder);
  ~SyncProbe();
  SyncProbe(const SyncProbe&) = delete;
  SyncProbe& operator=(const SyncProbe&) = delete;

  // Appends 4 KiB, followed by fdatasync.
  void Sync();

 private:
  const std::string path_;
  const int file_;
};

// F: SyncProbe::Sync, alone.
Rate ProbeSync(const std::string& folder, double seconds);

// G(n): rows per second (insert a trial of 400 bytes, update its study) of n producers whose rows one thread writes to
// an SQLite file, with synchronous=FULL and one commit for whatever queued during the last.
Rate ProbeGroupCommit(const std::string& folder, int producers, double seconds);

// The same row as a transaction of its own through libpq (BEGIN, SELECT FOR UPDATE, INSERT, UPDATE, COMMIT), from
// connections that have a study each.
Rate ProbePostgres(const std::string& url, int connections, double seconds);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_BENCHMARKS_PROBES_H_
