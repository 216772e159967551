#include "server/scheduling/problem_check.h"

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "server/algorithms/registry.h"
#include "server/scheduling/learning_curves.h"
#include "server/stopping/stopping_rule.h"

namespace photinus {

absl::Status CheckAlgorithmAndRule(const StudyProblem& problem) {
  RETURN_IF_ERROR(CheckAlgorithm(problem.algorithm, problem.space, AlgorithmObjectives(problem)));
  if (problem.document.algorithm.switch_at.has_value() && problem.algorithm != kHybrid) {
    return FieldError("algorithm.switch_at", absl::StrCat("belongs to ", kHybrid, "; remove it"));
  }
  if (!problem.document.early_stopping.has_value()) return absl::OkStatus();
  RETURN_IF_ERROR(MakeStoppingRule(problem.document.early_stopping->rule).status());
  return CurveMetric(problem).status();
}

std::vector<Objective> AlgorithmObjectives(const StudyProblem& problem) {
  std::vector<Objective> objectives;
  for (const ObjectiveMetric& objective : problem.objectives) {
    objectives.push_back({objective.metric, objective.maximize});
  }
  return objectives;
}

}  // namespace photinus
