#include "worker/agent/command_executor.h"

#include "common/base/status_macros.h"
#include "worker/agent/trial_request.h"

namespace photinus {

const std::string& CommandExecutor::name() const {
  static const std::string kName = "command";
  return kName;
}

absl::StatusOr<ChildCommand> CommandExecutor::Prepare(const Assignment& assignment) const {
  ChildCommand command;
  ASSIGN_OR_RETURN(command.argv, ExpandArgv(assignment.document.trial->argv, assignment.trial, assignment.spec));
  command.environment = environment_;
  return command;
}

}  // namespace photinus
