// The incumbent and the Pareto front.
#ifndef PHOTINUS_SERVER_STUDY_OPTIMAL_TRIALS_H_
#define PHOTINUS_SERVER_STUDY_OPTIMAL_TRIALS_H_

#include <cstdint>
#include <vector>

#include "server/study/study_cache.h"
#include "server/study/study_problem.h"

namespace photinus {

// Ids, ascending, of the SUCCEEDED trials whose objectives are all finite and that no other such trial dominates. With
// one objective that is the incumbent alone: of equally good trials the oldest. Without objectives: none.
std::vector<int64_t> OptimalTrials(const StudyProblem& problem, const StudyHistory& history);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_OPTIMAL_TRIALS_H_
