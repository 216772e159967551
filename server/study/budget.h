// What a study's budget, draining and limits still allow.
#ifndef PHOTINUS_SERVER_STUDY_BUDGET_H_
#define PHOTINUS_SERVER_STUDY_BUDGET_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "server/storage/storage.h"
#include "server/study/study_problem.h"

namespace photinus {

inline constexpr int64_t kMaxTrialsPerStudy = 1'000'000;

struct Allowance {
  int64_t start = 0;   // how many trials may become ACTIVE now (budget.parallel; none while paused)
  int64_t create = 0;  // how many new trials there may be (budget.trials, the limit of trials per study)
};

// budget.trials counts all trials that the study has, whatever their state.
absl::StatusOr<Allowance> AllowanceOf(Snapshot& snapshot, const StudyRow& study, const StudyProblem& problem);

// The first `limit` waiting trials that may start in their turn, by id. Of a study that drains those are what ran
// before, to finish what was begun, and what was made by hand since, such as retests.
absl::StatusOr<std::vector<TrialRow>> StartableTrials(Snapshot& snapshot, const StudyRow& study, int64_t limit);

// Whether an ACTIVE study is over: it drains or its budget of trials is used up, and nothing runs nor waits
// that may still start.
absl::StatusOr<bool> IsOver(Snapshot& snapshot, const StudyRow& study, const StudyProblem& problem);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_BUDGET_H_
