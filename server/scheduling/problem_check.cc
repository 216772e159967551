#include "server/scheduling/problem_check.h"

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/study_document/problem_entries.h"
#include "server/algorithms/registry.h"
#include "server/scheduling/curve_maker.h"
#include "server/stopping/stopping_rule.h"

namespace photinus {

namespace {

absl::Status CheckEndpoint(const PolicyEndpoints* endpoints, const std::string& endpoint) {
  if (endpoints != nullptr && endpoints->Allows(endpoint)) return absl::OkStatus();
  return FieldError("metadata", absl::StrCat("the Pythia endpoint ", Quoted(endpoint), " is not allowed: start ",
                                             "photinus-server with it in --pythia-endpoints, or leave it out to be ",
                                             "served by this server's own algorithms"));
}

absl::Status BelongsHere(const char* field) {
  return FieldError(field, "belongs to the algorithms of this server, not to a policy elsewhere; remove it");
}

// What is known or believed before the first trial.
absl::Status CheckKnownBefore(const StudyProblem& problem) {
  const AlgorithmSettings& settings = problem.document.algorithm;
  const bool elsewhere = !problem.pythia_endpoint.empty();
  if (!settings.warm_start.empty()) {
    if (elsewhere) return BelongsHere("warm_start");
    RETURN_IF_ERROR(CheckWarmStart(problem.algorithm, AlgorithmObjectives(problem)));
  }
  if (settings.priors.empty()) return absl::OkStatus();
  return elsewhere ? BelongsHere("priors") : CheckPriors(problem.algorithm, problem.space, settings.priors);
}

absl::Status CheckRule(const StudyProblem& problem) {
  if (!problem.document.early_stopping.has_value()) return absl::OkStatus();
  const EarlyStoppingSettings& settings = *problem.document.early_stopping;
  RETURN_IF_ERROR(MakeStoppingRule(settings).status());
  if (settings.horizon > 0 && settings.min_steps.value_or(0) >= settings.horizon) {
    return FieldError("early_stopping.min_steps",
                      absl::StrCat("must be less than the horizon, ", settings.horizon,
                                   ", at which trials have ended; not ", *settings.min_steps));
  }
  return CurveMetric(problem).status();
}

// `endpoints`: null for none.
absl::Status Check(const StudyProblem& problem, const PolicyEndpoints* endpoints) {
  if (problem.pythia_endpoint.empty()) {
    RETURN_IF_ERROR(CheckAlgorithm(problem.algorithm, problem.space, AlgorithmObjectives(problem)));
  } else {
    RETURN_IF_ERROR(CheckEndpoint(endpoints, problem.pythia_endpoint));
  }
  if (problem.document.algorithm.reproducible && !problem.pythia_endpoint.empty()) {
    return FieldError("algorithm.reproducible", "a policy elsewhere is as reproducible as it is; remove it");
  }
  if (problem.document.algorithm.switch_at.has_value() && problem.algorithm != kHybrid) {
    return FieldError("algorithm.switch_at", absl::StrCat("belongs to ", kHybrid, "; remove it"));
  }
  RETURN_IF_ERROR(CheckKnownBefore(problem));
  return CheckRule(problem);
}

}  // namespace

absl::Status CheckAlgorithmAndRule(const StudyProblem& problem) { return Check(problem, nullptr); }

StudyStore::ProblemCheck CheckAlgorithmOrEndpoint(const PolicyEndpoints& endpoints) {
  return [&endpoints](const StudyProblem& problem) { return Check(problem, &endpoints); };
}

std::vector<Objective> AlgorithmObjectives(const StudyProblem& problem) {
  std::vector<Objective> objectives;
  for (const ObjectiveMetric& objective : problem.objectives) {
    objectives.push_back({objective.metric, objective.maximize});
  }
  return objectives;
}

std::vector<Constraint> AlgorithmConstraints(const StudyProblem& problem) {
  std::vector<Constraint> constraints;
  for (const ProblemConstraint& constraint : problem.constraints) constraints.push_back({constraint.least_feasible});
  return constraints;
}

}  // namespace photinus
