// The RPCs of VizierService that concern single trials and their lists. Errors: docs/errors.md.
#ifndef PHOTINUS_SERVER_API_TRIAL_HANDLERS_H_
#define PHOTINUS_SERVER_API_TRIAL_HANDLERS_H_

#include "absl/status/statusor.h"
#include "google/protobuf/empty.pb.h"
#include "server/api/call_context.h"
#include "server/scheduling/early_stopping.h"
#include "server/study/page_token.h"
#include "server/study/study_store.h"
#include "vizier/vizier_service.pb.h"

namespace photinus {

absl::StatusOr<pb::Trial> HandleCreateTrial(StudyStore& store, const vizier::CreateTrialRequest& request,
                                            const CallContext& context);
absl::StatusOr<pb::Trial> HandleGetTrial(StudyStore& store, const vizier::GetTrialRequest& request);
absl::StatusOr<vizier::ListTrialsResponse> HandleListTrials(StudyStore& store, const PageTokens& tokens,
                                                            const vizier::ListTrialsRequest& request,
                                                            const CallContext& context);
absl::StatusOr<vizier::ListOptimalTrialsResponse> HandleListOptimalTrials(
    StudyStore& store, const PageTokens& tokens, const vizier::ListOptimalTrialsRequest& request,
    const CallContext& context);
absl::StatusOr<pb::Trial> HandleAddTrialMeasurement(StudyStore& store,
                                                    const vizier::AddTrialMeasurementRequest& request,
                                                    const CallContext& context);
absl::StatusOr<pb::Trial> HandleCompleteTrial(StudyStore& store, const vizier::CompleteTrialRequest& request,
                                              const CallContext& context);
absl::StatusOr<google::protobuf::Empty> HandleDeleteTrial(StudyStore& store, const vizier::DeleteTrialRequest& request,
                                                          const CallContext& context);
absl::StatusOr<vizier::CheckTrialEarlyStoppingStateResponse> HandleCheckTrialEarlyStoppingState(
    EarlyStopping& early_stopping, const vizier::CheckTrialEarlyStoppingStateRequest& request, CallContext& context);
absl::StatusOr<pb::Trial> HandleStopTrial(StudyStore& store, const vizier::StopTrialRequest& request);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_API_TRIAL_HANDLERS_H_
