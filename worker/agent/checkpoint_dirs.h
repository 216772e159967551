// Folders in which trials keep what another attempt can go on with: <data folder>/checkpoints/<trial>.
#ifndef PHOTINUS_WORKER_AGENT_CHECKPOINT_DIRS_H_
#define PHOTINUS_WORKER_AGENT_CHECKPOINT_DIRS_H_

#include <string>
#include <utility>

#include "absl/time/time.h"
#include "common/base/names.h"

namespace photinus {

// Nobody writes to the checkpoint of a trial that was given up, or that another machine has finished.
inline constexpr absl::Duration kCheckpointLife = absl::Hours(7 * 24);

// One data folder's. Workers that share it share them, so that a trial goes on where any of them left it. Thread-safe.
class CheckpointDirs {
 public:
  // data_dir: absolute.
  explicit CheckpointDirs(std::string data_dir) : data_dir_(std::move(data_dir)) {}

  // The folder for an attempt at a trial, made if missing. The first attempt finds it empty: what lies there is of an
  // earlier trial of this name. Empty, and a warning, where it cannot be made: the trial runs without.
  std::string Open(const TrialName& trial, int attempt) const;

  // Once the trial has its result.
  void Remove(const TrialName& trial) const;

  // Removes those that nobody has written to for `life` before `now`.
  void RemoveAbandoned(absl::Time now, absl::Duration life = kCheckpointLife) const;

 private:
  std::string PathOf(const TrialName& trial) const;

  const std::string data_dir_;
};

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_CHECKPOINT_DIRS_H_
