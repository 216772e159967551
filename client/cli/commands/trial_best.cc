#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/command.h"
#include "client/cli/commands/trial_reference.h"
#include "client/cli/records.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

absl::Status Run(const Args& args, Session& session) {
  ASSIGN_OR_RETURN(const StudyName name, args.Study());
  ASSIGN_OR_RETURN(const std::vector<pb::Trial> best, BestTrials(name, session.client));
  std::vector<Record> records;
  records.reserve(best.size());
  for (const pb::Trial& trial : best) records.push_back(TrialRecord(trial));
  if (session.printer.format() == OutputFormat::kTable && best.size() == 1) {
    session.printer.One(records[0]);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const v1::StudyStatus status, session.client.GetStudyStatus(name));
  session.printer.List(records, TrialColumns(best, status.study().study_spec()));
  return absl::OkStatus();
}

}  // namespace

extern const Command kTrialBestCommand = {"trial",
                                          "best",
                                          "Print the best trial, or with several objectives the Pareto front",
                                          "photinus trial best kws\n"
                                          "photinus trial best kws -o json",
                                          {kStudyArgument},
                                          {},
                                          &Run};

}  // namespace photinus
