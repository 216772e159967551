#include "client/cli/commands/trial_filter.h"

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/study_document/problem_entries.h"

namespace photinus {
namespace {

// The server calls the field by its own name.
absl::Status AsOption(const absl::Status& status) {
  const std::string field = ErrorField(status);
  const char* option = field == "filter" ? "--filter" : field == "order_by" ? "--sort" : nullptr;
  if (option == nullptr) return status;
  return absl::InvalidArgumentError(absl::StrCat(option, std::string(status.message()).substr(field.size())));
}

absl::StatusOr<std::vector<pb::Trial>> Query(const StudyName& study, const StudyClient::TrialQuery& query,
                                             StudyClient& client) {
  auto trials = client.QueryTrials(study, query);
  RETURN_IF_ERROR(AsOption(trials.status()));
  return trials;
}

// As the study's document has them, which is in the language of filters.
std::vector<std::string> OutcomeConstraints(const pb::StudySpec& spec) {
  std::vector<std::string> constraints;
  for (const pb::KeyValue& entry : spec.metadata()) {
    if (!IsStudyDocument(entry)) continue;
    const auto document = nlohmann::json::parse(entry.value(), nullptr, /*allow_exceptions=*/false);
    if (!document.is_object() || !document.contains("outcome_constraints")) continue;
    for (const auto& text : document["outcome_constraints"]) {
      if (text.is_string()) constraints.push_back(text.get<std::string>());
    }
  }
  return constraints;
}

}  // namespace

absl::StatusOr<std::vector<pb::Trial>> QueriedTrials(const Args& args, const StudyName& study, StudyClient& client) {
  StudyClient::TrialQuery query{.filter = args.Text("filter"), .order_by = args.Text("sort")};
  ASSIGN_OR_RETURN(query.limit, args.Positive("limit", 0));
  return Query(study, query, client);
}

absl::StatusOr<WinnerLimits> ReadWinnerLimits(const Args& args, const StudyName& study, const pb::StudySpec& spec,
                                              StudyClient& client) {
  WinnerLimits limits;
  std::vector<std::string> conditions = OutcomeConstraints(spec);
  if (args.Has("filter")) {
    const bool alone = conditions.empty();
    conditions.push_back(alone ? args.Text("filter") : absl::StrCat("(", args.Text("filter"), ")"));
  }
  if (conditions.empty()) return limits;
  limits.filter = absl::StrJoin(conditions, " and ");
  ASSIGN_OR_RETURN(const std::vector<pb::Trial> trials, Query(study, {.filter = limits.filter}, client));
  limits.trials.emplace();
  for (const pb::Trial& trial : trials) limits.trials->insert(std::stoll(trial.id()));
  return limits;
}

}  // namespace photinus
