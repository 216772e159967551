#include "client/cli/command.h"
#include "client/cli/commands/study_drain.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

absl::Status Run(const Args& args, Session& session) {
  if (!args.Flag("now")) return DrainAndPrint(args, session, v1::DrainStudyRequest::STOP);
  ASSIGN_OR_RETURN(const StudyName name, args.Study());
  RETURN_IF_ERROR(session.client.SetStudyState(name, pb::Study::COMPLETED).status());
  ASSIGN_OR_RETURN(const v1::StudyStatus status, session.client.GetStudyStatus(name));
  PrintState(name, status, session);
  return absl::OkStatus();
}

}  // namespace

extern const Command kStudyStopCommand = {"study",
                                          "stop",
                                          "Give no more suggestions; the study completes once its running trials have "
                                          "finished",
                                          "photinus study stop kws\n"
                                          "photinus study stop kws --now    # running trials are given up",
                                          {kStudyArgument},
                                          {{"--now", nullptr,
                                            "complete the study at once; results of running trials "
                                            "are refused"}},
                                          &Run};

}  // namespace photinus
