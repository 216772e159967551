// SuggestTrials operations as they stand on disk: their numbers, and how long they stay; service.md C8, C9.
#ifndef PHOTINUS_SERVER_SCHEDULING_OPERATION_RECORDS_H_
#define PHOTINUS_SERVER_SCHEDULING_OPERATION_RECORDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/storage/storage.h"
#include "server/study/assignment.h"
#include "server/study/study_store.h"

namespace photinus {

// An operation stays this long, or as one of its client's last so many.
inline constexpr absl::Duration kOperationLifetime = absl::Hours(24);
inline constexpr int64_t kOperationsKept = 16;

// The client's next operation, not yet written. Numbers are dense and never used again.
absl::StatusOr<OperationRow> NextOperation(StudyEdit& edit, const Claim& claim);

// Writes it; now and then old operations of the client go.
absl::Status PutNewOperation(StudyEdit& edit, const OperationRow& operation);

// Makes it done with these trials.
void FinishOperation(absl::Time now, const std::vector<TrialRow>& trials, OperationRow& operation);

// The trials of a done operation as they are now, without those deleted since; no more than fit into a reply.
absl::StatusOr<std::vector<TrialRow>> TrialsOf(Snapshot& snapshot, const OperationRow& operation);

// Changes the operation where it is still unfinished, and tells whether it was. NotFound: its study was deleted.
absl::StatusOr<bool> ChangeUnfinished(Storage& storage, const OperationRow& operation,
                                      absl::FunctionRef<absl::Status(Transaction&, OperationRow&)> change);

// nullopt: there is none, or it is too old.
absl::StatusOr<std::optional<OperationRow>> FindOperation(Snapshot& snapshot, const Clock& clock, int64_t study_uid,
                                                          const std::string& client_id, int64_t number);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_OPERATION_RECORDS_H_
