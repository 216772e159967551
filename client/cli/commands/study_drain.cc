#include "client/cli/commands/study_drain.h"

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/cli/records.h"
#include "common/base/status_macros.h"

namespace photinus {

absl::Status DrainAndPrint(const Args& args, Session& session, v1::DrainStudyRequest::Mode mode) {
  ASSIGN_OR_RETURN(const StudyName name, args.Study());
  ASSIGN_OR_RETURN(const v1::StudyStatus status, session.client.DrainStudy(name, mode));
  PrintState(name, status, session);
  return absl::OkStatus();
}

void PrintState(const StudyName& name, const v1::StudyStatus& status, Session& session) {
  const int running = status.active() + status.stopping();
  const std::string trials =
      running == 0 ? "" : absl::StrCat(", ", running, running == 1 ? " trial" : " trials", " running");
  session.printer.Done(absl::StrCat(name.study, ": ", StudyStateText(status), trials), StudyRecord(status));
}

}  // namespace photinus
