// Why a stopping rule that predicts has stopped nothing yet.
#ifndef PHOTINUS_CLIENT_CLI_COMMANDS_AWAITED_LESSON_H_
#define PHOTINUS_CLIENT_CLI_COMMANDS_AWAITED_LESSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/cli/study_client.h"
#include "common/base/names.h"
#include "common/study_document/study_document.h"

namespace photinus {

// The full trials that the rule waits for: "nothing learnt: 3 of 20 full trials". Empty: they are there, or it predicts
// nothing. Reads all trials of the study. spec: the study's, by whose settings the rule goes.
absl::StatusOr<std::string> AwaitedLesson(const StudyName& name, const pb::StudySpec& spec,
                                          const EarlyStoppingSettings& settings, StudyClient& client);

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_COMMANDS_AWAITED_LESSON_H_
