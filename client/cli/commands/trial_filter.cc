#include "client/cli/commands/trial_filter.h"

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/at_field.h"
#include "client/cli/records.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

// The server calls the field by its own name.
absl::Status AsOption(const absl::Status& status) {
  const std::string field = ErrorField(status);
  return field == "filter" ? AtField("--filter", status) : field == "order_by" ? AtField("--sort", status) : status;
}

absl::StatusOr<std::vector<pb::Trial>> Query(const StudyName& study, const StudyClient::TrialQuery& query,
                                             StudyClient& client) {
  auto trials = client.QueryTrials(study, query);
  RETURN_IF_ERROR(AsOption(trials.status()));
  return trials;
}

// In the language of filters, in which the study's document has them: `outcome_constraints`, then the safety metrics.
std::vector<std::string> Constraints(const pb::StudySpec& spec) {
  std::vector<std::string> constraints;
  const nlohmann::ordered_json document = DocumentOf(spec);
  if (document.is_object() && document.contains("outcome_constraints")) {
    for (const auto& text : document["outcome_constraints"]) {
      if (text.is_string()) constraints.push_back(text.get<std::string>());
    }
  }
  for (const auto& metric : spec.metrics()) {
    if (!metric.has_safety_config()) continue;
    const bool at_most = metric.goal() == pb::StudySpec::MetricSpec::MINIMIZE;
    const nlohmann::json threshold = metric.safety_config().safety_threshold();
    constraints.push_back(absl::StrCat("`", metric.metric_id(), at_most ? "` <= " : "` >= ", threshold.dump()));
  }
  return constraints;
}

}  // namespace

absl::StatusOr<std::vector<pb::Trial>> QueriedTrials(const Args& args, const StudyName& study, StudyClient& client) {
  StudyClient::TrialQuery query{.filter = args.Text("filter"), .order_by = args.Text("sort")};
  ASSIGN_OR_RETURN(query.limit, args.Positive("limit", 0));
  return Query(study, query, client);
}

absl::StatusOr<WinnerLimits> ReadWinnerLimits(const std::string& filter, const StudyName& study,
                                              const pb::StudySpec& spec, StudyClient& client) {
  WinnerLimits limits;
  std::vector<std::string> conditions = Constraints(spec);
  if (!filter.empty()) conditions.push_back(conditions.empty() ? filter : absl::StrCat("(", filter, ")"));
  if (conditions.empty()) return limits;
  limits.filter = absl::StrJoin(conditions, " and ");
  ASSIGN_OR_RETURN(const std::vector<pb::Trial> trials, Query(study, {.filter = limits.filter}, client));
  limits.trials.emplace();
  for (const pb::Trial& trial : trials) limits.trials->insert(std::stoll(trial.id()));
  return limits;
}

}  // namespace photinus
