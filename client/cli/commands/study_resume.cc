#include "client/cli/command.h"
#include "client/cli/commands/study_drain.h"

namespace photinus {
namespace {

absl::Status Run(const Args& args, Session& session) {
  return DrainAndPrint(args, session, v1::DrainStudyRequest::RESUME);
}

}  // namespace

extern const Command kStudyResumeCommand = {"study",
                                            "resume",
                                            "Give suggestions again after a pause",
                                            "photinus study resume kws",
                                            {{"study", "a study's id or full name"}},
                                            {},
                                            &Run};

}  // namespace photinus
