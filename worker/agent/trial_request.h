// What a trial's program gets (docs/trial-protocol.md): the JSON line, and the values in its arguments.
#ifndef PHOTINUS_WORKER_AGENT_TRIAL_REQUEST_H_
#define PHOTINUS_WORKER_AGENT_TRIAL_REQUEST_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/pb.h"
#include "worker/agent/assignment.h"

namespace photinus {

// The request, one line without its newline. InvalidArgument: a parameter that is neither a number nor a string, or an
// architecture in the trial's metadata (namespace "photinus", key "architecture") that is not a JSON object.
absl::StatusOr<std::string> TrialRequestLine(const Assignment& assignment, const TrialPlace& place);

// Each `{name}` (see Placeholders) replaced by the value of that parameter: numbers as short as they read back equal,
// integers without a point. A parameter that is inactive in this trial gives the empty string. What was replaced is not
// looked at again, so a value cannot smuggle in another placeholder.
// InvalidArgument: a name that is no parameter of the study, with the nearest one.
absl::StatusOr<std::vector<std::string>> ExpandArgv(const std::vector<std::string>& argv, const pb::Trial& trial,
                                                    const pb::StudySpec& spec);

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_TRIAL_REQUEST_H_
