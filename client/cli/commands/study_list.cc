#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/command.h"
#include "client/cli/records.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

absl::Status Run(const Args& args, Session& session) {
  auto statuses = session.client.ListStudies(args.owner());
  if (statuses.status().code() == absl::StatusCode::kNotFound)
    statuses = std::vector<v1::StudyStatus>();  // a new owner
  RETURN_IF_ERROR(statuses.status());
  std::vector<Record> records;
  for (const v1::StudyStatus& status : *statuses) records.push_back(StudyRecord(status));
  if (records.empty()) session.console.Note(absl::StrCat("owner ", args.owner(), " has no studies"));
  std::vector<Column> columns = {{"study", "STUDY"},
                                 {"state", "STATE"},
                                 {"trials.succeeded", "SUCCEEDED"},
                                 {"trials.infeasible", "INFEASIBLE"},
                                 {"trials.active", "ACTIVE"},
                                 {"trial_budget", "BUDGET"},
                                 {"best_trial", "BEST"},
                                 {"created", "CREATED"}};
  session.printer.List(records, columns);
  return absl::OkStatus();
}

}  // namespace

extern const Command kStudyListCommand = {"study",
                                          "list",
                                          "List the owner's studies with their progress",
                                          "photinus study list\n"
                                          "photinus --owner ada study list -o csv",
                                          {},
                                          {},
                                          &Run};

}  // namespace photinus
