// Giving trials to clients: service.md C4, inside the transaction that records it.
#ifndef PHOTINUS_SERVER_STUDY_ASSIGNMENT_H_
#define PHOTINUS_SERVER_STUDY_ASSIGNMENT_H_

#include <cstdint>
#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/study/budget.h"
#include "server/study/study_store.h"
#include "server/study/trial_size.h"
#include "server/study/trial_state.h"

namespace photinus {

struct Claim {
  TrialHolder holder;
  int64_t count = 1;
};

// What a claim needs, as far as a snapshot tells.
struct ClaimPlan {
  int64_t own = 0;        // the holder's ACTIVE trials, at most count
  int64_t requested = 0;  // waiting ones that it would get
  int64_t create = 0;     // new ones that it would get
};

// What is left for the claims that are planned together.
struct ClaimPool {
  Allowance allowance;
  int64_t requested = 0;  // waiting trials that may start, as far as they matter
};

absl::StatusOr<ClaimPool> MakeClaimPool(Snapshot& snapshot, const StudyRow& study, const StudyProblem& problem,
                                        int64_t wanted);
// Takes what the claim would get out of the pool.
absl::StatusOr<ClaimPlan> PlanClaim(Snapshot& snapshot, const StudyRow& study, const Claim& claim, ClaimPool& pool);

struct ClaimResult {
  std::vector<TrialRow> trials;  // ACTIVE and the holder's, ascending id; no more than fit into a reply
  ReplyRoom room;                // what they leave of the reply
  int64_t missing = 0;           // how many new ones the claim may have besides
};

// FailedPrecondition WORKER_SUPERSEDED before anything changes, where the holder is an older process of its worker.
// Steps one and two: the holder's own ACTIVE trials, then waiting ones by age; of those none where more than `new_ones`
// would be missing besides, because such a claim is not served yet. Where the reply is full, nothing is missing.
absl::StatusOr<ClaimResult> ClaimExisting(StudyEdit& edit, const Claim& claim,
                                          int64_t new_ones = std::numeric_limits<int64_t>::max());

// A trial that an algorithm suggests.
struct NewTrial {
  Point point;
  v1::Explanation explanation;  // without an arm: none is kept
};

// Step three: makes trials of the holder with the next ids, appended to `result`, while they fit into the reply.
absl::Status CreateTrials(StudyEdit& edit, const TrialHolder& holder, const std::vector<NewTrial>& new_trials,
                          ClaimResult& result);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_ASSIGNMENT_H_
