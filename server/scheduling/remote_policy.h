// What is asked of a study's policy that runs elsewhere, and what of its answer may be believed.
#ifndef PHOTINUS_SERVER_SCHEDULING_REMOTE_POLICY_H_
#define PHOTINUS_SERVER_SCHEDULING_REMOTE_POLICY_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/names.h"
#include "common/base/pb.h"
#include "server/scheduling/policy_endpoints.h"
#include "server/study/metadata.h"
#include "server/study/study_problem.h"
#include "server/study/study_store.h"

namespace photinus {

// A policy may suggest so many more points than it was asked for, and decide on so many trials.
inline constexpr int kMostUnasked = 1000;

// The study as `snapshot` sees it, with its metadata.
absl::StatusOr<pb::StudyDescriptor> DescribeStudy(Snapshot& snapshot, const StudyRow& study);

// Of a policy, every part checked.
struct PolicySuggestions {
  std::vector<pb::Trial> trials;      // points inside the space, with metadata
  std::vector<MetadataChange> notes;  // no part of the problem; on trials that there were when it was asked
};
struct PolicyDecisions {
  struct Stop {
    int64_t trial_id = 0;
    std::string reason;
  };
  std::vector<Stop> stops;
  std::vector<MetadataChange> notes;
};

// Asks the endpoint of `problem`; null: no endpoint is allowed. What PolicyEndpoints says, and FailedPrecondition:
// the endpoint is not allowed, or the answer is of no use, such as a point outside the space.
absl::StatusOr<PolicySuggestions> AskForSuggestions(PolicyEndpoints* endpoints, const StudyProblem& problem,
                                                    const pb::SuggestRequest& request,
                                                    const std::function<bool()>& cancelled);
absl::StatusOr<PolicyDecisions> AskForDecisions(PolicyEndpoints* endpoints, const StudyProblem& problem,
                                                const pb::EarlyStopRequest& request,
                                                const std::function<bool()>& cancelled);

// Writes what a policy notes; what it notes with trials that were deleted meanwhile is dropped. ResourceExhausted.
absl::Status PutNotes(StudyEdit& edit, std::vector<MetadataChange> notes);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_REMOTE_POLICY_H_
