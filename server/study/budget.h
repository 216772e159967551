// What a study's budget, draining and limits still allow.
#ifndef PHOTINUS_SERVER_STUDY_BUDGET_H_
#define PHOTINUS_SERVER_STUDY_BUDGET_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "server/storage/storage.h"
#include "server/study/study_problem.h"

namespace photinus {

inline constexpr int64_t kMaxTrialsPerStudy = 1'000'000;

struct Allowance {
  int64_t start = 0;           // how many trials may become ACTIVE now (budget.parallel; none while paused)
  int64_t create = 0;          // how many new trials there may be (budget.trials, the limit of trials per study)
  bool requeued_only = false;  // draining: only trials that ran before may start, to finish what was begun
};

// budget.trials counts all trials that the study has, whatever their state.
absl::StatusOr<Allowance> AllowanceOf(Snapshot& snapshot, const StudyRow& study, const StudyProblem& problem);

// Whether an ACTIVE study is over: it drains or its budget of trials is used up, and nothing runs nor waits
// that may still start.
absl::StatusOr<bool> IsOver(Snapshot& snapshot, const StudyRow& study, const StudyProblem& problem);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_BUDGET_H_
