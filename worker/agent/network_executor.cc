#include "worker/agent/network_executor.h"

#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "absl/status/status.h"
#include "common/base/errors.h"

namespace photinus {
namespace {

constexpr char kTrialProgram[] = "photinus-trial";

}  // namespace

const std::string& NetworkExecutor::name() const {
  static const std::string kName = "network";
  return kName;
}

absl::StatusOr<ChildCommand> NetworkExecutor::Prepare(const Assignment& assignment) const {
  if (assignment.document.trial->task.empty()) return FieldError("trial.task", "is missing; a network needs a task");
  ChildCommand command;
  command.argv = {program_};
  command.environment = environment_;
  return command;
}

absl::StatusOr<std::string> FindTrialProgram() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::string program = (self.parent_path() / kTrialProgram).string();
  if (!error && access(program.c_str(), X_OK) == 0) return program;
  return absl::NotFoundError("there is no program " + program);
}

}  // namespace photinus
