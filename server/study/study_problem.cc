#include "server/study/study_problem.h"

#include <cmath>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "common/study_document/problem_entries.h"

namespace photinus {
namespace {

constexpr int kMaxMetrics = 64;

absl::StatusOr<std::vector<ObjectiveMetric>> ParseObjectives(const pb::StudySpec& spec) {
  if (spec.metrics_size() > kMaxMetrics) {
    return FieldError("metrics", absl::StrCat("has ", spec.metrics_size(), " metrics; at most ", kMaxMetrics));
  }
  std::vector<ObjectiveMetric> objectives;
  std::set<std::string> seen;
  for (int i = 0; i < spec.metrics_size(); ++i) {
    const pb::StudySpec::MetricSpec& metric = spec.metrics(i);
    const std::string field = absl::StrCat("metrics[", i, "]");
    if (metric.metric_id().empty()) return FieldError(field + ".metric_id", "is empty");
    if (!seen.insert(metric.metric_id()).second) {
      return FieldError(field + ".metric_id", absl::StrCat(Quoted(metric.metric_id()), " stands there twice"));
    }
    const auto goal = metric.goal();  // Vizier: unspecified is MAXIMIZE
    if (!pb::StudySpec::MetricSpec::GoalType_IsValid(goal)) {
      return FieldError(field + ".goal", "must be MAXIMIZE or MINIMIZE");
    }
    if (metric.has_safety_config()) continue;
    objectives.push_back({metric.metric_id(), goal != pb::StudySpec::MetricSpec::MINIMIZE});
  }
  return objectives;
}

// Safety metrics. As in google-vizier, the threshold itself is safe, and a goal that is not given is MAXIMIZE.
absl::StatusOr<std::vector<ProblemConstraint>> ParseSafety(const pb::StudySpec& spec) {
  std::vector<ProblemConstraint> constraints;
  for (int i = 0; i < spec.metrics_size(); ++i) {
    if (!spec.metrics(i).has_safety_config()) continue;
    const auto& safety = spec.metrics(i).safety_config();
    const std::string field = absl::StrCat("metrics[", i, "].safety_config.");
    const double share = safety.desired_min_safe_trials_fraction();
    if (!std::isfinite(safety.safety_threshold())) return FieldError(field + "safety_threshold", "must be finite");
    if (!(share >= 0 && share <= 1)) {
      return FieldError(field + "desired_min_safe_trials_fraction", "must be between 0 and 1");
    }
    constraints.push_back({{.metric = spec.metrics(i).metric_id(),
                            .at_most = spec.metrics(i).goal() == pb::StudySpec::MetricSpec::MINIMIZE,
                            .bound = safety.safety_threshold()},
                           share});
  }
  return constraints;
}

absl::StatusOr<std::vector<DerivedFormula>> ParseDerived(const StudyDocument& document) {
  std::vector<DerivedFormula> formulas;
  for (size_t i = 0; i < document.derived.size(); ++i) {
    const std::string field = absl::StrCat("metrics[", i, "].expression");
    auto expression = Expression::Parse(document.derived[i].expression);
    if (!expression.ok()) return InField(field, expression.status());
    formulas.push_back({document.derived[i].name, *std::move(expression)});
  }
  return formulas;
}

absl::StatusOr<std::string> ParseEndpoint(const pb::StudySpec& spec) {
  std::string endpoint;
  for (const pb::KeyValue& entry : spec.metadata()) {
    if (!IsEndpoint(entry)) continue;
    if (entry.has_proto()) return FieldError("metadata", "the Pythia endpoint must be a string, not a message");
    endpoint = entry.value();
  }
  return endpoint;
}

}  // namespace

absl::StatusOr<StudyProblem> ParseStudyProblem(const pb::StudySpec& spec) {
  StudyProblem problem;
  problem.algorithm = spec.algorithm();
  problem.noisy = spec.observation_noise() == pb::StudySpec::HIGH;
  ASSIGN_OR_RETURN(problem.objectives, ParseObjectives(spec));
  ASSIGN_OR_RETURN(problem.space, SearchSpace::FromSpec(spec));
  ASSIGN_OR_RETURN(problem.pythia_endpoint, ParseEndpoint(spec));
  if (problem.pythia_endpoint.empty()) {
    ASSIGN_OR_RETURN(problem.document, StudyDocumentOf(spec));
  } else {
    pb::StudySpec without_default = spec;
    without_default.clear_automated_stopping_spec();
    ASSIGN_OR_RETURN(problem.document, StudyDocumentOf(without_default));
  }
  ASSIGN_OR_RETURN(problem.derived, ParseDerived(problem.document));
  ASSIGN_OR_RETURN(problem.constraints, ParseSafety(spec));
  for (const OutcomeConstraint& constraint : problem.document.outcome_constraints) {
    problem.constraints.push_back({constraint});
  }
  return problem;
}

uint64_t StudySeed(const StudyProblem& problem, const StudyName& name) {
  if (problem.document.has_seed) return problem.document.seed;
  uint64_t seed = 0;
  for (const char c : name.ToString()) seed = MixSeed(seed, static_cast<unsigned char>(c));
  return seed;
}

}  // namespace photinus
