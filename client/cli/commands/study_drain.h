// What `study stop`, `study pause` and `study resume` share.
#ifndef PHOTINUS_CLIENT_CLI_COMMANDS_STUDY_DRAIN_H_
#define PHOTINUS_CLIENT_CLI_COMMANDS_STUDY_DRAIN_H_

#include "absl/status/status.h"
#include "client/cli/command.h"

namespace photinus {

// Asks for the mode and prints the study's state.
absl::Status DrainAndPrint(const Args& args, Session& session, v1::DrainStudyRequest::Mode mode);

// Prints the study's state in one line: "kws: DRAINING, 2 trials running".
void PrintState(const StudyName& name, const v1::StudyStatus& status, Session& session);

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_COMMANDS_STUDY_DRAIN_H_
