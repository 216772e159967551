#include <nlohmann/json.hpp>

#include "client/cli/command.h"
#include "client/cli/records.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

absl::Status Run(const Args& args, Session& session) {
  ASSIGN_OR_RETURN(const StudyName name, args.Study());
  ASSIGN_OR_RETURN(const v1::StudyStatus status, session.client.GetStudyStatus(name));
  session.printer.One(StudyDetails(status));
  return absl::OkStatus();
}

}  // namespace

extern const Command kStudyShowCommand = {"study",
                                          "show",
                                          "Show one study: state, counts, algorithm, parameters, metrics, best trials",
                                          "photinus study show kws\n"
                                          "photinus study show owners/ada/studies/kws -o json",
                                          {kStudyArgument},
                                          {},
                                          &Run};

}  // namespace photinus
