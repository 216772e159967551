#include "client/cli/commands/trial_reference.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/records.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

constexpr int64_t kExamples = 100;  // trials whose metrics are named
constexpr char kSucceeded[] = "state = 'SUCCEEDED'";

// Why a study has no best trial.
absl::StatusOr<std::string> WhyNoneIsBest(const StudyName& study, StudyClient& client) {
  ASSIGN_OR_RETURN(const v1::StudyStatus status, client.GetStudyStatus(study));
  const int infeasible = status.infeasible();
  if (status.succeeded() == 0) {
    return infeasible == 0 ? "has no finished trial yet" : absl::StrCat("has only infeasible trials yet: ", infeasible);
  }
  ASSIGN_OR_RETURN(const auto examples,
                   client.QueryTrials(study, {.filter = kSucceeded, .order_by = "", .limit = kExamples}));
  std::set<std::string> seen, missing;
  for (const pb::Trial& trial : examples) {
    for (const auto& [name, value] : CurrentMetrics(trial)) seen.insert(name);
    for (const std::string& name : ObjectivesWithoutValue(trial, status.study().study_spec())) {
      missing.insert(Quoted(name));
    }
  }
  const int finished = status.succeeded();
  const std::string trials = absl::StrCat("has ", finished, finished == 1 ? " finished trial" : " finished trials");
  if (missing.empty()) return absl::StrCat(trials, ", none that satisfies all constraints");
  return absl::StrCat(trials, ", none with a finite ", absl::StrJoin(missing, " and "),
                      ", which it optimises; seen: ", seen.empty() ? "no metric" : absl::StrJoin(seen, ", "));
}

}  // namespace

absl::StatusOr<std::vector<pb::Trial>> BestTrials(const StudyName& study, StudyClient& client) {
  ASSIGN_OR_RETURN(std::vector<pb::Trial> best, client.ListOptimalTrials(study));
  if (!best.empty()) return best;
  ASSIGN_OR_RETURN(const std::string reason, WhyNoneIsBest(study, client));
  return absl::NotFoundError(absl::StrCat(study.ToString(), " ", reason));
}

absl::StatusOr<TrialName> ReferredTrial(const Args& args, StudyClient& client) {
  ASSIGN_OR_RETURN(const StudyName study, args.Study());
  const std::string text = args.Text("trial");
  if (text == "best") {
    ASSIGN_OR_RETURN(const std::vector<pb::Trial> best, BestTrials(study, client));
    return TrialName::Parse(best[0].name());
  }
  const auto id = ParseTrialId(text);
  if (!id.ok()) return FieldError("trial", absl::StrCat("must be a number or `best`, not '", text, "'"));
  return TrialName{study, *id};
}

}  // namespace photinus
