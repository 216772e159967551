#include "client/cli/command.h"
#include "client/cli/commands/study_drain.h"

namespace photinus {
namespace {

absl::Status Run(const Args& args, Session& session) {
  return DrainAndPrint(args, session, v1::DrainStudyRequest::PAUSE);
}

}  // namespace

extern const Command kStudyPauseCommand = {"study",
                                           "pause",
                                           "Give no more suggestions until resumed; running trials finish",
                                           "photinus study pause kws",
                                           {kStudyArgument},
                                           {},
                                           &Run};

}  // namespace photinus
