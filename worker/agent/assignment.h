// One trial as it was given to this worker.
#ifndef PHOTINUS_WORKER_AGENT_ASSIGNMENT_H_
#define PHOTINUS_WORKER_AGENT_ASSIGNMENT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/names.h"
#include "common/base/pb.h"
#include "common/study_document/study_document.h"
#include "photinus/v1/worker_service.pb.h"

namespace photinus {

struct Assignment {
  TrialName name;
  pb::Trial trial;
  pb::StudySpec spec;
  StudyDocument document;  // has `trial`
  std::string lease_token;
  absl::Duration lease_ttl;
  int attempt = 1;

  // InvalidArgument if the server's answer makes no sense to us: a bad name, a study document without an executor or
  // with keys that this worker is too old for.
  static absl::StatusOr<Assignment> FromResponse(const v1::PullTrialResponse& response);

  // A trial's own seed: the same in each attempt, < 2^53 so that every JSON reader keeps it.
  uint64_t Seed() const;
};

// Where a slot runs its trial.
struct TrialPlace {
  std::string device;          // as the program sees it: "cpu" or "cuda:0"
  std::string data_dir;        // absolute; shared by all trials of this machine
  std::string work_dir;        // absolute; the trial's own
  int threads = 1;             // that it may compute with
  std::string energy;          // what predicts a network's energy: a device's name or a model file; empty: nothing
  std::string checkpoint_dir;  // absolute; what lies there the next attempt finds; empty: there is none
  std::vector<std::string> monitor;  // program and arguments of the power monitor that measures energy; may be empty
};

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_ASSIGNMENT_H_
