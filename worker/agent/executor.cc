#include "worker/agent/executor.h"

#include "common/base/status_macros.h"
#include "worker/agent/trial_request.h"

namespace photinus {
namespace {

constexpr size_t kMaxEnvironmentEntry = 120 << 10;  // Linux allows 128 KiB with name and end

}  // namespace

absl::StatusOr<ChildCommand> PrepareChild(const Executor& executor, const Assignment& assignment,
                                          const TrialPlace& place) {
  ASSIGN_OR_RETURN(ChildCommand command, executor.Prepare(assignment));
  ASSIGN_OR_RETURN(const std::string request, TrialRequestLine(assignment, place));
  if (request.size() <= kMaxEnvironmentEntry) command.environment.push_back("PHOTINUS_TRIAL=" + request);
  command.input = request + "\n";
  command.directory = place.work_dir;
  return command;
}

}  // namespace photinus
