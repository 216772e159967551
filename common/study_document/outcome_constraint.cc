#include "common/study_document/outcome_constraint.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/expression/expression.h"

namespace photinus {

double OutcomeConstraint::Slack(double value) const {
  const double slack = at_most ? bound - value : value - bound;
  return strict && slack == 0 ? -std::numeric_limits<double>::min() : slack;
}

bool Violates(const std::vector<double>& slacks) {
  return !std::all_of(slacks.begin(), slacks.end(), [](double slack) { return slack >= 0 && std::isfinite(slack); });
}

absl::StatusOr<OutcomeConstraint> ParseOutcomeConstraint(std::string_view text) {
  ASSIGN_OR_RETURN(const Expression expression, Expression::Parse(text));
  const std::optional<Expression::NumberComparison> comparison = expression.AsNumberComparison();
  const bool is_bound = comparison.has_value() && (comparison->symbol[0] == '<' || comparison->symbol[0] == '>');
  if (!is_bound) return FieldError("", "must compare a metric with a number by <=, <, >= or >: size_kb <= 64");
  if (!std::isfinite(comparison->number)) return FieldError("", "must have a finite number");
  return OutcomeConstraint{.metric = comparison->name,
                           .at_most = comparison->symbol[0] == '<',
                           .strict = comparison->symbol.size() == 1,
                           .bound = comparison->number};
}

}  // namespace photinus
