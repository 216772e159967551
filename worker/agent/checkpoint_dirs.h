// Folders in which trials keep what another attempt can go on with: <data folder>/checkpoints/<trial>.
#ifndef PHOTINUS_WORKER_AGENT_CHECKPOINT_DIRS_H_
#define PHOTINUS_WORKER_AGENT_CHECKPOINT_DIRS_H_

#include <string>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "common/base/names.h"
#include "worker/base/file_descriptor.h"

namespace photinus {

// Nobody writes to the checkpoint of a trial that was given up, or that another machine has finished.
inline constexpr absl::Duration kCheckpointLife = absl::Hours(7 * 24);

// What the names of a trial's folders begin with, so that people recognise it: <study>.<id>, of the study's name 64
// letters and digits at most, any other character as '_'.
std::string FolderNameOf(const TrialName& trial);

// A trial's folder while an attempt uses it: RemoveAbandoned leaves it, in every process of this machine.
struct CheckpointDir {
  std::string path;       // absolute; empty: there is none
  FileDescriptor lock{};  // of the folder, shared; closed where its file system has none (some of a network)
};

// One data folder's. Workers that share it share them, so that a trial goes on where any of them left it. A study made
// anew under its name finds nothing of the old one's: the lease token, of whichever attempt, tells them apart.
// Thread-safe.
class CheckpointDirs {
 public:
  // data_dir: absolute.
  explicit CheckpointDirs(std::string data_dir) : data_dir_(std::move(data_dir)) {}

  // The folder for an attempt at a trial, made if missing. The first attempt finds it empty: what lies there is from
  // another server's database. None, and a warning, where it cannot be made: the trial runs without.
  CheckpointDir Open(const TrialName& trial, std::string_view lease_token, int attempt) const;

  // Once the trial has its result.
  void Remove(const TrialName& trial, std::string_view lease_token) const;

  // Removes those that no attempt uses and to whose files, however deep, nobody has written for `life` before `now`.
  void RemoveAbandoned(absl::Time now, absl::Duration life = kCheckpointLife) const;

 private:
  std::string PathOf(const TrialName& trial, std::string_view lease_token) const;

  const std::string data_dir_;
};

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_CHECKPOINT_DIRS_H_
