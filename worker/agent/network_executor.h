// The executor `network`: photinus-trial, the built-in trainer.
#ifndef PHOTINUS_WORKER_AGENT_NETWORK_EXECUTOR_H_
#define PHOTINUS_WORKER_AGENT_NETWORK_EXECUTOR_H_

#include <string>
#include <utility>
#include <vector>

#include "worker/agent/executor.h"

namespace photinus {

class NetworkExecutor final : public Executor {
 public:
  // program: photinus-trial's full path. environment: as for CommandExecutor.
  NetworkExecutor(std::string program, std::vector<std::string> environment)
      : program_(std::move(program)), environment_(std::move(environment)) {}

  const std::string& name() const override;
  bool OwnsProgram() const override { return true; }
  absl::StatusOr<ChildCommand> Prepare(const Assignment& assignment) const override;

 private:
  const std::string program_;
  const std::vector<std::string> environment_;
};

// photinus-trial in the folder of this process's own program; NotFound if there is none that can be run.
absl::StatusOr<std::string> FindTrialProgram();

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_NETWORK_EXECUTOR_H_
