#include "server/scheduling/operations.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "server/scheduling/operation_records.h"
#include "server/study/timestamps.h"
#include "server/study/trial_view.h"
#include "vizier/vizier_service.pb.h"

namespace photinus {

google::longrunning::Operation ViewOperation(const StudyName& study, const OperationRow& row,
                                             pb::Study::State study_state, std::vector<pb::Trial> trials) {
  google::longrunning::Operation operation;
  operation.set_name(OperationName{study, row.client_id, row.number}.ToString());
  operation.set_done(row.done);
  if (!row.done) return operation;
  if (row.error_code != 0) {
    operation.mutable_error()->set_code(row.error_code);
    operation.mutable_error()->set_message(row.error_message);
    return operation;
  }
  vizier::SuggestTrialsResponse response;
  for (pb::Trial& trial : trials) *response.add_trials() = std::move(trial);
  response.set_study_state(study_state);
  *response.mutable_start_time() = ToTimestamp(row.created);
  *response.mutable_end_time() = ToTimestamp(row.finished);
  operation.mutable_response()->PackFrom(response);
  return operation;
}

absl::StatusOr<google::longrunning::Operation> GetOperation(StudyStore& store, Suggester& suggester,
                                                            const OperationName& name) {
  google::longrunning::Operation operation;
  StudyRow study;
  std::vector<OperationRow> abandoned;
  RETURN_IF_ERROR(store.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    ASSIGN_OR_RETURN(study, store.Find(snapshot, name.study));
    ASSIGN_OR_RETURN(const auto problem, store.cache().Problem(snapshot, study));
    ASSIGN_OR_RETURN(const auto row, FindOperation(snapshot, store.clock(), study.uid, name.client_id, name.number));
    if (!row.has_value()) {
      return Error(absl::StatusCode::kNotFound, "OPERATION_NOT_FOUND",
                   absl::StrCat(name.ToString(), " does not exist (any more)"));
    }
    if (!row->done) {
      ASSIGN_OR_RETURN(abandoned, suggester.leases().Abandoned(snapshot, {*row}));
    }
    ASSIGN_OR_RETURN(auto rows, TrialsOf(snapshot, *row));
    ASSIGN_OR_RETURN(auto trials, ViewTrials(snapshot, study, *problem, std::move(rows)));
    operation = ViewOperation(name.study, *row, study.state, std::move(trials));
    return absl::OkStatus();
  }));
  if (!abandoned.empty()) RETURN_IF_ERROR(suggester.TakeOver(study, abandoned[0]));
  return operation;
}

}  // namespace photinus
