// Whether the algorithm and the stopping rule that a study names exist and fit it.
#ifndef PHOTINUS_SERVER_SCHEDULING_PROBLEM_CHECK_H_
#define PHOTINUS_SERVER_SCHEDULING_PROBLEM_CHECK_H_

#include <vector>

#include "absl/status/status.h"
#include "server/algorithms/suggestion_algorithm.h"
#include "server/study/study_problem.h"

namespace photinus {

// InvalidArgument, a FieldError, that lists the known names.
absl::Status CheckAlgorithmAndRule(const StudyProblem& problem);

std::vector<Objective> AlgorithmObjectives(const StudyProblem& problem);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_PROBLEM_CHECK_H_
