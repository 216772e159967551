#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/command.h"
#include "client/cli/commands/trial_reference.h"
#include "client/cli/records.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

// The server calls the field by its own name.
absl::Status AsOption(const absl::Status& status) {
  const std::string field = ErrorField(status);
  const char* option = field == "filter" ? "--filter" : field == "order_by" ? "--sort" : nullptr;
  if (option == nullptr) return status;
  return absl::InvalidArgumentError(absl::StrCat(option, std::string(status.message()).substr(field.size())));
}

absl::Status Run(const Args& args, Session& session) {
  ASSIGN_OR_RETURN(const StudyName name, args.Study());
  StudyClient::TrialQuery query{.filter = args.Text("filter"), .order_by = args.Text("sort")};
  ASSIGN_OR_RETURN(query.limit, args.Positive("limit", 0));
  const auto trials = session.client.QueryTrials(name, query);
  RETURN_IF_ERROR(AsOption(trials.status()));
  std::vector<Record> records;
  for (const pb::Trial& trial : *trials) records.push_back(TrialRecord(trial));
  std::vector<Column> columns;
  if (session.printer.format() == OutputFormat::kTable) {
    ASSIGN_OR_RETURN(const v1::StudyStatus status, session.client.GetStudyStatus(name));
    columns = TrialColumns(*trials, status.study().study_spec());
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
    {{"--filter", "EXPR", "only trials for which this holds (docs/cli.md)"},
     {"--sort", "[-]KEY", "by a metric, a parameter or id; with - descending"},
     {"-n,--limit", "N", "at most N trials"}},
    &Run};

}  // namespace photinus
