#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/cli/command.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

// OK if the person agrees. InvalidArgument: nobody is there to ask. Aborted: they said no.
absl::Status Confirm(const StudyName& name, Session& session) {
  ASSIGN_OR_RETURN(const v1::StudyStatus status, session.client.GetStudyStatus(name));
  const int trials =
      status.requested() + status.active() + status.stopping() + status.succeeded() + status.infeasible();
  const auto answer = session.console.Ask(
      absl::StrCat("delete ", name.ToString(), " with its ", trials, trials == 1 ? " trial" : " trials", "? [y/N]"));
  if (!answer.ok()) return FieldError("--yes", "is required where nobody can be asked");
  if (*answer == "y" || *answer == "yes") return absl::OkStatus();
  return absl::AbortedError("nothing was deleted");
}

absl::Status Run(const Args& args, Session& session) {
  ASSIGN_OR_RETURN(const StudyName name, args.Study());
  if (!args.Flag("yes")) RETURN_IF_ERROR(Confirm(name, session));
  RETURN_IF_ERROR(session.client.DeleteStudy(name));
  session.printer.Done(absl::StrCat("deleted ", name.ToString()), {{"name", name.ToString()}, {"deleted", true}});
  return absl::OkStatus();
}

}  // namespace

extern const Command kStudyDeleteCommand = {"study",
                                            "delete",
                                            "Delete a study with its trials and artifacts, for good",
                                            "photinus study delete kws\n"
                                            "photinus study delete kws --yes",
                                            {kStudyArgument},
                                            {{"--yes", nullptr, "do not ask"}},
                                            &Run};

}  // namespace photinus
