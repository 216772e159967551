// Whether the algorithm and the stopping rule that a study names exist and fit it.
#ifndef PHOTINUS_SERVER_SCHEDULING_PROBLEM_CHECK_H_
#define PHOTINUS_SERVER_SCHEDULING_PROBLEM_CHECK_H_

#include <vector>

#include "absl/status/status.h"
#include "server/algorithms/suggestion_algorithm.h"
#include "server/scheduling/policy_endpoints.h"
#include "server/study/study_problem.h"
#include "server/study/study_store.h"

namespace photinus {

// InvalidArgument, a FieldError, that lists the known names. A study that names a Pythia endpoint is refused.
absl::Status CheckAlgorithmAndRule(const StudyProblem& problem);

// The same, but of a study whose endpoint is allowed the algorithm is the policy's business.
StudyStore::ProblemCheck CheckAlgorithmOrEndpoint(const PolicyEndpoints& endpoints);

std::vector<Objective> AlgorithmObjectives(const StudyProblem& problem);
std::vector<Constraint> AlgorithmConstraints(const StudyProblem& problem);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_PROBLEM_CHECK_H_
