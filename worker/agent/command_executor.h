// The executor `command`: the argv of the study document.
#ifndef PHOTINUS_WORKER_AGENT_COMMAND_EXECUTOR_H_
#define PHOTINUS_WORKER_AGENT_COMMAND_EXECUTOR_H_

#include <string>
#include <utility>
#include <vector>

#include "worker/agent/executor.h"

namespace photinus {

// Whoever may write studies on the server chooses the command, so an agent has this executor only if the server is on
// this machine or the operator said so (--allow-remote-command). There is no shell: each argument reaches the program
// as it stands.
class CommandExecutor final : public Executor {
 public:
  // environment: "NAME=value", added to the worker's own.
  explicit CommandExecutor(std::vector<std::string> environment) : environment_(std::move(environment)) {}

  const std::string& name() const override;
  bool OwnsProgram() const override { return false; }
  absl::StatusOr<ChildCommand> Prepare(const Assignment& assignment) const override;

 private:
  const std::vector<std::string> environment_;
};

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_COMMAND_EXECUTOR_H_
