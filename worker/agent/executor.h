// Turns an assignment into a program to run.
#ifndef PHOTINUS_WORKER_AGENT_EXECUTOR_H_
#define PHOTINUS_WORKER_AGENT_EXECUTOR_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/agent/assignment.h"
#include "worker/agent/spawn.h"

namespace photinus {

// Thread-safe.
class Executor {
 public:
  virtual ~Executor() = default;
  // What `trial.executor` says in the study document.
  virtual const std::string& name() const = 0;
  // Whether the program is part of this worker's installation, not the study's choice: if it cannot be started, this
  // machine is at fault and not the study.
  virtual bool OwnsProgram() const = 0;
  // The program for this trial, without `input`, PHOTINUS_TRIAL and directory, which are the same for all executors.
  // InvalidArgument: the study's settings, which makes the trial INFEASIBLE with the message as its reason.
  virtual absl::StatusOr<ChildCommand> Prepare(const Assignment& assignment) const = 0;
};

// Completes what `executor` prepares: the request as input and in PHOTINUS_TRIAL (left out where it is longer than an
// environment entry may be), and the work dir as directory.
absl::StatusOr<ChildCommand> PrepareChild(const Executor& executor, const Assignment& assignment,
                                          const TrialPlace& place);

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_EXECUTOR_H_
