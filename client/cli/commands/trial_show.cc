#include <nlohmann/json.hpp>
#include <vector>

#include "client/cli/command.h"
#include "client/cli/commands/trial_reference.h"
#include "client/cli/records.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

absl::Status Run(const Args& args, Session& session) {
  ASSIGN_OR_RETURN(const TrialName name, ReferredTrial(args, session.client));
  ASSIGN_OR_RETURN(const pb::Trial trial, session.client.GetTrial(name));
  ASSIGN_OR_RETURN(const auto attempts, session.client.ListAttempts(name));
  ASSIGN_OR_RETURN(const auto artifacts, session.client.ListArtifacts(name));
  Record record = TrialDetails(trial, attempts, artifacts);
  if (args.Flag("explain")) {
    ASSIGN_OR_RETURN(const v1::ExplainTrialResponse explained, session.client.ExplainTrial(name));
    record["explanation"] = ExplanationRecord(explained);
  }
  session.printer.One(record);
  return absl::OkStatus();
}

}  // namespace

extern const Command kTrialShowCommand = {
    "trial",
    "show",
    "Show one trial: parameters, metrics, learning curve, earlier attempts, artifacts",
    "photinus trial show kws 12\n"
    "photinus trial show kws best -o json\n"
    "photinus trial show kws 12 --explain",
    {kStudyArgument, kTrialArgument},
    {{"--explain", nullptr,
      "also why it was suggested (by what, what was predicted, the nearest earlier trials) and stopped"}},
    &Run};

}  // namespace photinus
