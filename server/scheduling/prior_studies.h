// The studies that a warm study starts with, for its algorithm.
#ifndef PHOTINUS_SERVER_SCHEDULING_PRIOR_STUDIES_H_
#define PHOTINUS_SERVER_SCHEDULING_PRIOR_STUDIES_H_

#include <vector>

#include "server/algorithms/suggestion_algorithm.h"
#include "server/study/study_problem.h"

namespace photinus {

// What was copied for a study that starts warm, as algorithms take it. A trial that is not valid in the study's space,
// as in a file that somebody changed before its import, is left out.
std::vector<PriorStudy> PriorStudiesOf(const StudyProblem& problem);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_PRIOR_STUDIES_H_
