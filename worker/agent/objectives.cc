#include "worker/agent/objectives.h"

#include <vector>

#include "common/expression/expression.h"

namespace photinus {
namespace {

std::optional<std::string> FirstMissing(const std::vector<std::string>& wanted, const std::set<std::string>& known) {
  for (const std::string& name : wanted) {
    if (known.count(name) == 0) return name;
  }
  return std::nullopt;
}

const DerivedMetric* FindDerived(const StudyDocument& document, const std::string& name) {
  for (const DerivedMetric& derived : document.derived) {
    if (derived.name == name) return &derived;
  }
  return nullptr;
}

}  // namespace

std::optional<std::string> MissingMetric(const Assignment& assignment, const pb::Measurement& measurement,
                                         const std::set<std::string>& static_metrics) {
  std::set<std::string> reported;
  for (const auto& metric : measurement.metrics()) reported.insert(metric.metric_id());
  std::set<std::string> known = static_metrics;
  known.insert(reported.begin(), reported.end());
  for (const auto& parameter : assignment.trial.parameters()) known.insert(parameter.parameter_id());
  for (const auto& objective : assignment.spec.metrics()) {
    if (objective.has_safety_config()) continue;
    const DerivedMetric* derived = FindDerived(assignment.document, objective.metric_id());
    std::optional<std::string> missing;
    if (derived == nullptr) {
      missing = FirstMissing({objective.metric_id()}, reported);
    } else if (const auto expression = Expression::Parse(derived->expression); expression.ok()) {
      missing = FirstMissing(expression->variables(), known);
    }
    if (missing.has_value()) return missing;
  }
  return std::nullopt;
}

}  // namespace photinus
