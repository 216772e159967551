#include "client/cli/report/study_results.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/numbers.h"
#include "client/cli/records.h"
#include "common/base/status_macros.h"
#include "common/study_document/problem_entries.h"
#include "common/study_document/trial_role.h"

namespace photinus {
namespace {

using Json = nlohmann::ordered_json;

void Sort(const pb::Trial& trial, StudyResults& results) {
  if (trial.state() == pb::Trial::INFEASIBLE) return;
  const std::string role = RoleOf(trial);
  int64_t of = 0;
  if (role == kBaselineRole) {
    results.baselines[BaselineOf(trial)].push_back(trial);
  } else if (role == kRetestRole && absl::SimpleAtoi(RepeatedBy(trial), &of)) {
    results.retests[of].push_back(trial);
  } else if (role.empty() && trial.state() == pb::Trial::SUCCEEDED) {
    results.searched.push_back(trial);
  }
}

}  // namespace

absl::StatusOr<StudyResults> ReadResults(const StudyName& study, StudyClient& client) {
  StudyResults results;
  RETURN_IF_ERROR(client.ReadTrials(study, [&](const pb::Trial& trial) {
    Sort(trial, results);
    return absl::OkStatus();
  }));
  return results;
}

std::vector<const pb::Trial*> BestBy(const pb::StudySpec::MetricSpec& metric,
                                     const std::vector<const pb::Trial*>& trials, size_t count) {
  const double sign = metric.goal() == pb::StudySpec::MetricSpec::MINIMIZE ? 1 : -1;
  std::vector<std::pair<double, const pb::Trial*>> costs;
  for (const pb::Trial* trial : trials) {
    if (const auto value = FinalValue(*trial, metric.metric_id()); value.has_value()) {
      costs.emplace_back(sign * *value, trial);
    }
  }
  std::stable_sort(costs.begin(), costs.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<const pb::Trial*> best;
  for (size_t i = 0; i < std::min(count, costs.size()); ++i) best.push_back(costs[i].second);
  return best;
}

std::string BaselineArchitecture(const std::string& network) { return Json{{"baseline", network}}.dump(); }

std::string BaselineOf(const pb::Trial& trial) {
  for (const pb::KeyValue& entry : trial.metadata()) {
    if (!IsOwnNamespace(entry.ns()) || entry.key() != kArchitectureKey) continue;
    const Json architecture = Json::parse(entry.value(), nullptr, /*allow_exceptions=*/false);
    const bool named = architecture.is_object() && architecture.contains("baseline");
    if (named && architecture["baseline"].is_string()) return architecture["baseline"].get<std::string>();
  }
  return "";
}

}  // namespace photinus
