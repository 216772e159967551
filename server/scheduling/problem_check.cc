#include "server/scheduling/problem_check.h"

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "server/algorithms/registry.h"
#include "server/stopping/stopping_rule.h"

namespace photinus {

absl::Status CheckAlgorithmAndRule(const StudyProblem& problem) {
  const absl::Status algorithm = CheckAlgorithm(problem.algorithm, problem.space, AlgorithmObjectives(problem));
  if (!algorithm.ok()) {
    return ErrorField(algorithm).empty() && absl::IsInvalidArgument(algorithm)
               ? FieldError("algorithm", std::string(algorithm.message()))
               : algorithm;
  }
  if (!problem.document.early_stopping.has_value()) return absl::OkStatus();
  const absl::Status rule = MakeStoppingRule(problem.document.early_stopping->rule).status();
  if (!rule.ok()) return FieldError("early_stopping.rule", std::string(rule.message()));
  if (problem.document.early_stopping->curve.empty() && problem.objectives.empty()) {
    return FieldError("early_stopping.curve", "is missing, and there is no metric to take instead");
  }
  return absl::OkStatus();
}

std::vector<Objective> AlgorithmObjectives(const StudyProblem& problem) {
  std::vector<Objective> objectives;
  for (const ObjectiveMetric& objective : problem.objectives) {
    objectives.push_back({objective.metric, objective.maximize});
  }
  return objectives;
}

}  // namespace photinus
