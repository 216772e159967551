// What SuggestTrials answers, and what of it stands on disk: service.md C8, C9.
#ifndef PHOTINUS_SERVER_SCHEDULING_SUGGESTED_H_
#define PHOTINUS_SERVER_SCHEDULING_SUGGESTED_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/pb.h"
#include "server/study/assignment.h"
#include "server/study/request_id.h"
#include "server/study/study_store.h"

namespace photinus {

// What a client gets.
struct Suggested {
  StudyRow study;
  std::optional<OperationRow> operation;  // where one was asked for; not done: the rest is empty
  std::vector<TrialRow> rows;             // ascending id
  std::vector<pb::Trial> trials;          // the same as clients see them; added after the commit
};

// What the request got before; nullopt: it is new. NotFound: its operation is too old.
absl::StatusOr<std::optional<Suggested>> ServedBefore(Snapshot& snapshot, const StudyRow& study, const Claim& claim,
                                                      const RequestId& request);
// What has become of an unfinished operation by a process that took it over; nullopt: nothing. NotFound: it was
// deleted.
absl::StatusOr<std::optional<Suggested>> ServedElsewhere(Snapshot& snapshot, const StudyRow& study,
                                                         const OperationRow& operation);

// Writes the claim's new operation, done with these trials, and that it serves the request.
absl::StatusOr<OperationRow> PutDoneOperation(StudyEdit& edit, const Claim& claim, const RequestId& request,
                                              const std::vector<TrialRow>& trials);
// Writes a new operation, and that it serves the request.
absl::Status PutOperationOf(StudyEdit& edit, const RequestId& request, const OperationRow& operation);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_SUGGESTED_H_
