#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/cli/command.h"
#include "client/cli/commands/study_drain.h"
#include "client/cli/records.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

// FailedPrecondition or, with a budget of its own, InvalidArgument: once resumed the study would be over at once.
absl::Status CheckMayGoOn(const StudyName& name, const v1::StudyStatus& status, int64_t new_budget) {
  const int64_t unfinished = int64_t{status.requested()} + status.active() + status.stopping();
  const int64_t trials = unfinished + status.succeeded() + status.infeasible();
  if (new_budget > 0) {
    if (new_budget > trials) return absl::OkStatus();
    return FieldError("--budget", absl::StrCat("must be more than ", trials, ", the trials that there are already"));
  }
  const bool ended = status.study().state() != pb::Study::ACTIVE;
  const bool used_up = status.trial_budget() > 0 && trials >= status.trial_budget() && unfinished == 0;
  if (!ended || !used_up) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(name.ToString(), " is ", pb::Study::State_Name(status.study().state()), " and its budget of ",
                   status.trial_budget(), " trials is used up; to continue it, give it more: photinus study resume ",
                   name.study, " --budget ", 2 * trials));
}

// The study document with this budget of trials. DataLoss: the server has none that is JSON.
absl::StatusOr<std::string> DocumentWithBudget(const pb::StudySpec& spec, int64_t trials) {
  Record document = DocumentOf(spec);
  if (document.is_null()) document = Record::object();
  if (!document.is_object()) return absl::DataLossError("the study's document is no JSON object");
  document["budget"]["trials"] = trials;
  return document.dump();
}

absl::Status Run(const Args& args, Session& session) {
  ASSIGN_OR_RETURN(const StudyName name, args.Study());
  ASSIGN_OR_RETURN(const int64_t budget, args.Positive("budget", 0));
  ASSIGN_OR_RETURN(const v1::StudyStatus status, session.client.GetStudyStatus(name));
  RETURN_IF_ERROR(CheckMayGoOn(name, status, budget));
  if (status.study().state() != pb::Study::ACTIVE) {  // from there on it drains, so nothing completes it meanwhile
    RETURN_IF_ERROR(session.client.SetStudyState(name, pb::Study::ACTIVE).status());
  }
  if (budget > 0) {
    ASSIGN_OR_RETURN(const std::string document, DocumentWithBudget(status.study().study_spec(), budget));
    RETURN_IF_ERROR(session.client.SetStudyDocument(name, document));
  }
  return DrainAndPrint(args, session, v1::DrainStudyRequest::RESUME);
}

}  // namespace

extern const Command kStudyResumeCommand = {
    "study",
    "resume",
    "Give suggestions again after a pause, or after the study was stopped or completed",
    "photinus study resume kws\n"
    "photinus study resume kws --budget 200    # a finished study goes on until it has 200 trials",
    {kStudyArgument},
    {{"--budget", "N", "first set the study's budget to N trials in all"}},
    &Run};

}  // namespace photinus
