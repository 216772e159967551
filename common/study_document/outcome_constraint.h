// What a trial's outcome must satisfy to count: a bound on one of its metrics.
#ifndef PHOTINUS_COMMON_STUDY_DOCUMENT_OUTCOME_CONSTRAINT_H_
#define PHOTINUS_COMMON_STUDY_DOCUMENT_OUTCOME_CONSTRAINT_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace photinus {

struct OutcomeConstraint {
  std::string metric;
  bool at_most = true;  // else at least
  bool strict = false;  // the bound itself violates it
  double bound = 0;

  // How far a value of the metric is from violating the constraint, in its unit: not negative if it satisfies it. NaN
  // for NaN.
  double Slack(double value) const;
};

// Whether a trial with these slacks, one for each constraint, violates any: also where a slack is not known, or
// infinite.
bool Violates(const std::vector<double>& slacks);

// Of "METRIC <= NUMBER" with <=, <, >= or >, in the language of common/expression. InvalidArgument, a FieldError
// without a path.
absl::StatusOr<OutcomeConstraint> ParseOutcomeConstraint(std::string_view text);

}  // namespace photinus

#endif  // PHOTINUS_COMMON_STUDY_DOCUMENT_OUTCOME_CONSTRAINT_H_
