#include <nlohmann/json.hpp>

#include "client/cli/command.h"
#include "client/cli/commands/trial_filter.h"
#include "client/cli/records.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

absl::Status Run(const Args& args, Session& session) {
  ASSIGN_OR_RETURN(const StudyName name, args.Study());
  ASSIGN_OR_RETURN(const std::vector<pb::Trial> trials, QueriedTrials(args, name, session.client));
  std::vector<Record> records;
  const bool csv = session.printer.format() == OutputFormat::kCsv;
  for (const pb::Trial& trial : trials) records.push_back(csv ? TrialLine(trial) : TrialRecord(trial));
  std::vector<Column> columns;
  if (session.printer.format() == OutputFormat::kTable) {
    ASSIGN_OR_RETURN(const v1::StudyStatus status, session.client.GetStudyStatus(name));
    columns = TrialColumns(trials, status.study().study_spec());
  }
  session.printer.List(records, columns);
  return absl::OkStatus();
}

}  // namespace

extern const Command kTrialListCommand = {
    "trial",
    "list",
    "List trials, filtered and sorted by the server",
    "photinus trial list kws\n"
    "photinus trial list kws --filter 'accuracy > 0.9 and memory_kb < 60' --sort -reward -n 10\n"
    "photinus trial list kws --filter \"state = 'INFEASIBLE'\" -o json\n"
    "photinus trial list kws -o csv > kws.csv",
    {kStudyArgument},
    {kFilterOption,
     {"--sort", "[-]KEY", "by a metric, a parameter or id; with - descending"},
     {"-n,--limit", "N", "at most N trials"}},
    &Run};

}  // namespace photinus
