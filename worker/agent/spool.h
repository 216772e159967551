// Results on disk until the server has them.
#ifndef PHOTINUS_WORKER_AGENT_SPOOL_H_
#define PHOTINUS_WORKER_AGENT_SPOOL_H_

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "worker/agent/trial_result.h"

namespace photinus {

// One JSON file per result in a folder of this worker alone. Thread-safe.
class Spool {
 public:
  // Makes the folder. Unavailable: it cannot be made or read.
  explicit Spool(std::filesystem::path folder);
  absl::Status Open();

  // Returns once the result is on disk, and in the caller's hands: TakeNext does not give it. ResourceExhausted: disk
  // full; Unavailable.
  absl::Status Save(const TrialResult& result);
  // A result that is in nobody's hands; nullopt if there is none. A file that cannot be read is renamed to *.broken.
  std::optional<TrialResult> TakeNext();
  // Out of the caller's hands: delivered or refused, so it is deleted; or to be tried again later.
  void Delete(const TrialResult& result);
  void PutBack(const TrialResult& result);

  // The work dirs of everything in the spool.
  std::vector<std::string> WorkDirs();

 private:
  std::filesystem::path PathOf(const TrialResult& result) const;

  const std::filesystem::path folder_;

  Mutex mutex_;
  std::set<std::filesystem::path> taken_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_SPOOL_H_
