// SuggestTrials and GetOperation. Errors: docs/errors.md.
#ifndef PHOTINUS_SERVER_API_SUGGEST_HANDLERS_H_
#define PHOTINUS_SERVER_API_SUGGEST_HANDLERS_H_

#include <functional>

#include "absl/status/statusor.h"
#include "google/longrunning/operations.pb.h"
#include "server/api/call_context.h"
#include "server/scheduling/suggester.h"
#include "server/study/study_store.h"
#include "vizier/vizier_service.pb.h"

namespace photinus {

// Calls `done` exactly once, perhaps on another thread.
void HandleSuggestTrials(Suggester& suggester, const vizier::SuggestTrialsRequest& request, const CallContext& context,
                         std::function<void(absl::StatusOr<google::longrunning::Operation>)> done);

absl::StatusOr<google::longrunning::Operation> HandleGetOperation(
    StudyStore& store, Suggester& suggester, const google::longrunning::GetOperationRequest& request);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_API_SUGGEST_HANDLERS_H_
