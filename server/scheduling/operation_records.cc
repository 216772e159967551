#include "server/scheduling/operation_records.h"

#include <utility>

#include "common/base/status_macros.h"
#include "server/study/trial_size.h"

namespace photinus {
namespace {

// Old ones go in lots, faster than new ones come, so that the usual operation pays nothing.
constexpr int64_t kCleanEvery = 16;
constexpr int64_t kCleanAtMost = 48;

}  // namespace

absl::StatusOr<OperationRow> NextOperation(StudyEdit& edit, const Claim& claim) {
  OperationRow operation;
  operation.study_uid = edit.study().uid;
  operation.client_id = claim.holder.client_id;
  operation.count = static_cast<int32_t>(claim.count);
  operation.created = edit.now();
  ASSIGN_OR_RETURN(operation.number, edit.transaction().LastOperationNumber(operation.study_uid, operation.client_id));
  ++operation.number;
  return operation;
}

absl::Status PutNewOperation(StudyEdit& edit, const OperationRow& operation) {
  RETURN_IF_ERROR(edit.transaction().PutOperation(operation));
  if (operation.number % kCleanEvery != 0) return absl::OkStatus();
  return edit.transaction().DeleteOldOperations(operation.study_uid, operation.client_id,
                                                operation.number - kOperationsKept + 1, edit.now() - kOperationLifetime,
                                                kCleanAtMost);
}

void FinishOperation(absl::Time now, const std::vector<TrialRow>& trials, OperationRow& operation) {
  operation.done = true;
  operation.finished = now;
  operation.holder.clear();
  operation.trial_ids.clear();
  for (const TrialRow& trial : trials) operation.trial_ids.push_back(trial.id);
}

absl::StatusOr<std::vector<TrialRow>> TrialsOf(Snapshot& snapshot, const OperationRow& operation) {
  std::vector<TrialRow> trials;
  ReplyRoom room;
  for (const int64_t id : operation.trial_ids) {
    ASSIGN_OR_RETURN(auto trial, snapshot.GetTrial(operation.study_uid, id));
    if (!trial.has_value()) continue;
    if (!room.Take(*trial)) break;
    trials.push_back(*std::move(trial));
  }
  return trials;
}

absl::StatusOr<bool> ChangeUnfinished(Storage& storage, const OperationRow& operation,
                                      absl::FunctionRef<absl::Status(Transaction&, OperationRow&)> change) {
  bool unfinished = false;
  RETURN_IF_ERROR(storage.Transact([&](Transaction& transaction) -> absl::Status {
    unfinished = false;
    ASSIGN_OR_RETURN(const auto study, transaction.GetStudy(operation.study_uid));
    if (!study.has_value()) return absl::NotFoundError("the operation's study was deleted");
    ASSIGN_OR_RETURN(auto stored, transaction.GetOperation(study->uid, operation.client_id, operation.number));
    if (!stored.has_value() || stored->done) return absl::OkStatus();
    unfinished = true;
    RETURN_IF_ERROR(change(transaction, *stored));
    return transaction.PutOperation(*stored);
  }));
  return unfinished;
}

absl::StatusOr<std::optional<OperationRow>> FindOperation(Snapshot& snapshot, const Clock& clock, int64_t study_uid,
                                                          const std::string& client_id, int64_t number) {
  ASSIGN_OR_RETURN(std::optional<OperationRow> operation, snapshot.GetOperation(study_uid, client_id, number));
  const bool old = operation.has_value() && operation->done && operation->created < clock.Now() - kOperationLifetime;
  if (!old) return operation;
  ASSIGN_OR_RETURN(const int64_t last, snapshot.LastOperationNumber(study_uid, client_id));
  if (number <= last - kOperationsKept) operation.reset();
  return operation;
}

}  // namespace photinus
