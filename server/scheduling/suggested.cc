#include "server/scheduling/suggested.h"

#include <utility>

#include "common/base/status_macros.h"
#include "server/scheduling/operation_records.h"

namespace photinus {
namespace {

// An operation as it stands on disk, with its trials as they are now.
absl::StatusOr<std::optional<Suggested>> FindStored(Snapshot& snapshot, const StudyRow& study,
                                                    const OperationRow& operation) {
  ASSIGN_OR_RETURN(auto rows, TrialsOf(snapshot, operation));
  return Suggested{study, operation, std::move(rows), {}};
}

}  // namespace

absl::StatusOr<std::optional<Suggested>> ServedBefore(Snapshot& snapshot, const StudyRow& study, const Claim& claim,
                                                      const RequestId& request) {
  ASSIGN_OR_RETURN(const auto number, FindServed(snapshot, study.uid, request));
  if (!number.has_value()) return std::optional<Suggested>();
  ASSIGN_OR_RETURN(const auto operation, snapshot.GetOperation(study.uid, claim.holder.client_id, *number));
  if (!operation.has_value()) return absl::NotFoundError("the operation of this request is too old");
  return FindStored(snapshot, study, *operation);
}

absl::StatusOr<std::optional<Suggested>> ServedElsewhere(Snapshot& snapshot, const StudyRow& study,
                                                         const OperationRow& operation) {
  std::optional<OperationRow> stored;
  if (operation.study_uid == study.uid) {  // else the study was deleted, and made anew
    ASSIGN_OR_RETURN(stored, snapshot.GetOperation(study.uid, operation.client_id, operation.number));
  }
  if (!stored.has_value()) return absl::NotFoundError("the operation was deleted");
  if (!stored->done) return std::optional<Suggested>();
  return FindStored(snapshot, study, *stored);
}

absl::StatusOr<OperationRow> PutDoneOperation(StudyEdit& edit, const Claim& claim, const RequestId& request,
                                              const std::vector<TrialRow>& trials) {
  ASSIGN_OR_RETURN(OperationRow operation, NextOperation(edit, claim));
  FinishOperation(edit.now(), trials, operation);
  RETURN_IF_ERROR(PutOperationOf(edit, request, operation));
  return operation;
}

absl::Status PutOperationOf(StudyEdit& edit, const RequestId& request, const OperationRow& operation) {
  RETURN_IF_ERROR(PutNewOperation(edit, operation));
  return NoteServed(edit.transaction(), edit.study().uid, request, operation.number, edit.now());
}

}  // namespace photinus
