#include "server/analysis/study_importance.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "server/study/told_objectives.h"

namespace photinus {
namespace {

constexpr int64_t kFewestTrials = 10;

// Trials that tell something of one objective.
struct Evidence {
  std::vector<UnitPoint> units;
  std::vector<double> goals;  // to be maximised
};

Evidence EvidenceFor(const StudyProblem& problem, const StudyHistory& history, const Flatten& flatten,
                     size_t objective) {
  Evidence evidence;
  for (const HistoryTrial trial : history) {
    if (trial.state() != pb::Trial::SUCCEEDED || trial.apart()) continue;
    const double value = ToldObjectives(problem, trial)[objective];
    if (!std::isfinite(value)) continue;
    std::optional<UnitPoint> unit = flatten.ToUnit(trial.point());
    if (!unit.has_value()) continue;
    evidence.units.push_back(*std::move(unit));
    evidence.goals.push_back(problem.objectives[objective].maximize ? value : -value);
  }
  return evidence;
}

absl::Status CheckEnough(const StudyName& name, const std::string& metric, int dimension, const Evidence& evidence) {
  const int64_t wanted = std::max<int64_t>(kFewestTrials, dimension + 1);
  const auto trials = static_cast<int64_t>(evidence.goals.size());
  if (trials < wanted) {
    return Error(absl::StatusCode::kFailedPrecondition, "TOO_FEW_TRIALS",
                 absl::StrCat("the importance of ", dimension, " parameters for ", metric, " takes at least ", wanted,
                              " trials that succeeded; ", name.ToString(), " has ", trials));
  }
  const auto [least, most] = std::minmax_element(evidence.goals.begin(), evidence.goals.end());
  if (*least < *most) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "TOO_FEW_TRIALS",
               absl::StrCat("all ", trials, " trials of ", name.ToString(), " have the same ", metric,
                            ": no parameter has had an effect yet"));
}

// Numbers of the wanted objectives.
absl::StatusOr<std::vector<size_t>> Wanted(const StudyProblem& problem, std::string_view objective) {
  std::vector<size_t> wanted;
  std::vector<std::string> names;
  for (size_t i = 0; i < problem.objectives.size(); ++i) {
    names.push_back(problem.objectives[i].metric);
    if (objective.empty() || objective == names.back()) wanted.push_back(i);
  }
  if (!wanted.empty()) return wanted;
  if (names.empty()) return FieldError("objective", "has nothing to name: the study has no objective");
  return FieldError("objective",
                    absl::StrCat("is ", Quoted(objective), "; must be one of ", absl::StrJoin(names, ", ")));
}

}  // namespace

absl::StatusOr<StudyImportance> MeasureStudyImportance(StudyStore& store, const StudyName& name,
                                                       std::string_view objective, const ReadOptions& options) {
  if (!options.may_be_long) return LongReadNeeded();
  StudyImportance result;
  std::shared_ptr<const StudyHistory> history;
  RETURN_IF_ERROR(store.Read(options, [&](Snapshot& snapshot, const ReadOptions& read) -> absl::Status {
    ASSIGN_OR_RETURN(const StudyRow study, store.Find(snapshot, name));
    ASSIGN_OR_RETURN(result.problem, store.cache().Problem(snapshot, study));
    ASSIGN_OR_RETURN(history, store.cache().History(snapshot, study, read));
    return absl::OkStatus();
  }));
  ASSIGN_OR_RETURN(const std::vector<size_t> wanted, Wanted(*result.problem, objective));
  const Flatten flatten(result.problem->space);
  for (const size_t i : wanted) {
    RETURN_IF_ERROR(options.Check());
    const std::string& metric = result.problem->objectives[i].metric;
    const Evidence evidence = EvidenceFor(*result.problem, *history, flatten, i);
    RETURN_IF_ERROR(CheckEnough(name, metric, flatten.dimension(), evidence));
    const auto trials = static_cast<int64_t>(evidence.goals.size());
    const Eigen::VectorXd goals = Eigen::Map<const Eigen::VectorXd>(evidence.goals.data(), trials);
    std::optional<Importance> importance = MeasureImportance(flatten, evidence.units, goals, options.cancelled);
    RETURN_IF_ERROR(options.Check());
    if (!importance.has_value()) {
      return absl::InternalError(absl::StrCat("no model could be fitted to the trials of ", name.ToString()));
    }
    result.objectives.push_back({metric, trials, *std::move(importance)});
  }
  return result;
}

}  // namespace photinus
