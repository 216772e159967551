#include "client/cli/commands/trial_reference.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace photinus {

absl::StatusOr<TrialName> ReferredTrial(const Args& args, StudyClient& client) {
  ASSIGN_OR_RETURN(const StudyName study, args.Study());
  const std::string text = args.Text("trial");
  if (text == "best") {
    ASSIGN_OR_RETURN(const std::vector<pb::Trial> best, client.ListOptimalTrials(study));
    if (best.empty()) return absl::NotFoundError(absl::StrCat(study.ToString(), " has no finished trial yet"));
    return TrialName::Parse(best[0].name());
  }
  const auto id = ParseTrialId(text);
  if (!id.ok()) return FieldError("trial", absl::StrCat("must be a number or `best`, not '", text, "'"));
  return TrialName{study, *id};
}

}  // namespace photinus
