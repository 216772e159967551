#include "client/cli/commands/trial_filter.h"

#include <string>

#include "absl/strings/str_cat.h"
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

}  // namespace

absl::StatusOr<std::vector<pb::Trial>> QueriedTrials(const Args& args, const StudyName& study, StudyClient& client) {
  StudyClient::TrialQuery query{.filter = args.Text("filter"), .order_by = args.Text("sort")};
  ASSIGN_OR_RETURN(query.limit, args.Positive("limit", 0));
  auto trials = client.QueryTrials(study, query);
  RETURN_IF_ERROR(AsOption(trials.status()));
  return trials;
}

absl::StatusOr<std::optional<std::set<int64_t>>> FilteredIds(const Args& args, const StudyName& study,
                                                             StudyClient& client) {
  if (!args.Has("filter")) return std::nullopt;
  ASSIGN_OR_RETURN(const std::vector<pb::Trial> trials, QueriedTrials(args, study, client));
  std::set<int64_t> ids;
  for (const pb::Trial& trial : trials) ids.insert(std::stoll(trial.id()));
  return ids;
}

}  // namespace photinus
