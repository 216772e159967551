#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/command.h"
#include "client/cli/records.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

// A study that is deleted while the list is made is left out.
absl::StatusOr<std::vector<v1::StudyStatus>> StatusesOf(const std::vector<pb::Study>& studies, StudyClient& client) {
  std::vector<v1::StudyStatus> statuses;
  for (const pb::Study& study : studies) {
    ASSIGN_OR_RETURN(const StudyName name, StudyName::Parse(study.name()));
    auto status = client.GetStudyStatus(name);
    if (status.status().code() == absl::StatusCode::kNotFound) continue;
    RETURN_IF_ERROR(status.status());
    statuses.push_back(*std::move(status));
  }
  return statuses;
}

absl::Status Run(const Args& args, Session& session) {
  auto studies = session.client.ListStudies(args.owner());
  if (studies.status().code() == absl::StatusCode::kNotFound) studies = std::vector<pb::Study>();  // a new owner
  RETURN_IF_ERROR(studies.status());
  ASSIGN_OR_RETURN(const std::vector<v1::StudyStatus> statuses, StatusesOf(*studies, session.client));
  std::vector<Record> records;
  for (const v1::StudyStatus& status : statuses) records.push_back(StudyRecord(status));
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
