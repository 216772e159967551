// Which trial a command means.
#ifndef PHOTINUS_CLIENT_CLI_COMMANDS_TRIAL_REFERENCE_H_
#define PHOTINUS_CLIENT_CLI_COMMANDS_TRIAL_REFERENCE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/command.h"

namespace photinus {

inline constexpr Argument kTrialArgument = {"trial", "a trial's number, or `best`"};

// The best trials, at least one. NotFound says why there is none.
absl::StatusOr<std::vector<pb::Trial>> BestTrials(const StudyName& study, StudyClient& client);

// The arguments "study" and "trial". InvalidArgument: malformed. NotFound: `best` of a study without a finished trial.
absl::StatusOr<TrialName> ReferredTrial(const Args& args, StudyClient& client);

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_COMMANDS_TRIAL_REFERENCE_H_
