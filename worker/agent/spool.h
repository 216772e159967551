// Results on disk until the server has them.
#ifndef PHOTINUS_WORKER_AGENT_SPOOL_H_
#define PHOTINUS_WORKER_AGENT_SPOOL_H_

#include <filesystem>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/agent/trial_result.h"

namespace photinus {

// One JSON file per result in a folder of this worker alone. Thread-safe.
class Spool {
 public:
  explicit Spool(std::filesystem::path folder);

  // Makes the folder, or returns what an earlier process left in it. A file that is no result is renamed to *.broken.
  // Unavailable: the folder cannot be made, or it or a file in it cannot be read (which may pass: nothing is renamed).
  absl::StatusOr<std::vector<TrialResult>> Open() const;

  // Returns once the result is on disk. Unavailable: it cannot be written; the disk may be full.
  absl::Status Save(const TrialResult& result) const;
  // Once it is delivered or refused.
  void Delete(const TrialResult& result) const;

 private:
  std::filesystem::path PathOf(const TrialResult& result) const;

  const std::filesystem::path folder_;
};

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_SPOOL_H_
