#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/cli/command.h"
#include "client/cli/commands/trial_reference.h"
#include "common/base/status_macros.h"
#include "common/base/temporary_folder.h"

namespace photinus {
namespace {

constexpr char kLogArtifact[] = "log.txt";

absl::Status Run(const Args& args, Session& session) {
  ASSIGN_OR_RETURN(const TrialName name, ReferredTrial(args, session.client));
  ASSIGN_OR_RETURN(const TemporaryFolder folder, TemporaryFolder::Make());
  const std::string path = folder.File(kLogArtifact);
  const absl::Status status = session.client.FetchArtifact(name, kLogArtifact, path);
  if (status.code() == absl::StatusCode::kNotFound) {
    RETURN_IF_ERROR(session.client.GetTrial(name).status());
    return absl::NotFoundError(
        absl::StrCat(name.ToString(),
                     " has no log; a worker stores it when the trial's process ends, and a copy of a study has it "
                     "only if it was exported with --artifacts"));
  }
  RETURN_IF_ERROR(status);
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  session.console.Out(session.console.OutIsTerminal() ? Harmless(text.str()) : text.str());
  return absl::OkStatus();
}

}  // namespace

extern const Command kTrialLogsCommand = {"trial",
                                          "logs",
                                          "Print the log of a trial's process",
                                          "photinus trial logs kws 12\n"
                                          "photinus trial logs kws 12 | tail",
                                          {kStudyArgument, kTrialArgument},
                                          {},
                                          &Run};

}  // namespace photinus
