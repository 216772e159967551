#include "server/api/trial_handlers.h"

#include <optional>
#include <utility>

#include "common/base/names.h"
#include "common/base/status_macros.h"
#include "server/study/trial_lists.h"
#include "server/study/trials.h"

namespace photinus {
namespace {

absl::StatusOr<std::optional<LeaseToken>> TokenOf(const CallContext& context) {
  if (context.lease_token.empty()) return std::optional<LeaseToken>();
  ASSIGN_OR_RETURN(const LeaseToken token, LeaseToken::Parse(context.lease_token));
  return std::optional<LeaseToken>(token);
}

}  // namespace

absl::StatusOr<pb::Trial> HandleCreateTrial(StudyStore& store, const vizier::CreateTrialRequest& request,
                                            const CallContext& context) {
  ASSIGN_OR_RETURN(const StudyName study, ParseField<StudyName>("parent", request.parent()));
  ASSIGN_OR_RETURN(const RequestId id, RequestIdOf(context, "CreateTrial", request.parent()));
  return CreateTrial(store, study, request.trial(), id);
}

absl::StatusOr<pb::Trial> HandleGetTrial(StudyStore& store, const vizier::GetTrialRequest& request) {
  ASSIGN_OR_RETURN(const TrialName name, ParseField<TrialName>("name", request.name()));
  return GetTrial(store, name);
}

absl::StatusOr<vizier::ListTrialsResponse> HandleListTrials(StudyStore& store, const PageTokens& tokens,
                                                            const vizier::ListTrialsRequest& request,
                                                            const CallContext& context) {
  ASSIGN_OR_RETURN(const StudyName study, ParseField<StudyName>("parent", request.parent()));
  ASSIGN_OR_RETURN(TrialPage page,
                   ListTrials(store, tokens, study, request.page_size(), request.page_token(), context.read_options()));
  vizier::ListTrialsResponse response;
  for (pb::Trial& trial : page.trials) *response.add_trials() = std::move(trial);
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<vizier::ListOptimalTrialsResponse> HandleListOptimalTrials(
    StudyStore& store, const PageTokens& tokens, const vizier::ListOptimalTrialsRequest& request,
    const CallContext& context) {
  ASSIGN_OR_RETURN(const StudyName study, ParseField<StudyName>("parent", request.parent()));
  ASSIGN_OR_RETURN(TrialPage page, ListOptimalTrials(store, tokens, study, request.page_size(), request.page_token(),
                                                     context.read_options()));
  vizier::ListOptimalTrialsResponse response;
  for (pb::Trial& trial : page.trials) *response.add_optimal_trials() = std::move(trial);
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<pb::Trial> HandleAddTrialMeasurement(StudyStore& store,
                                                    const vizier::AddTrialMeasurementRequest& request,
                                                    const CallContext& context) {
  ASSIGN_OR_RETURN(const TrialName name, ParseField<TrialName>("trial_name", request.trial_name()));
  ASSIGN_OR_RETURN(const auto token, TokenOf(context));
  ASSIGN_OR_RETURN(const RequestId id, RequestIdOf(context, "AddTrialMeasurement", request.trial_name()));
  return AddMeasurement(store, name, request.measurement(), token, id);
}

absl::StatusOr<pb::Trial> HandleCompleteTrial(StudyStore& store, const vizier::CompleteTrialRequest& request,
                                              const CallContext& context) {
  ASSIGN_OR_RETURN(const TrialName name, ParseField<TrialName>("name", request.name()));
  ASSIGN_OR_RETURN(const auto token, TokenOf(context));
  Completion completion;
  // Stock clients send an empty measurement where they have none.
  if (request.final_measurement().metrics_size() > 0) completion.final_measurement = request.final_measurement();
  completion.infeasible = request.trial_infeasible();
  completion.infeasible_reason = request.infeasible_reason();
  return CompleteTrial(store, name, completion, token);
}

absl::StatusOr<google::protobuf::Empty> HandleDeleteTrial(StudyStore& store, const vizier::DeleteTrialRequest& request,
                                                          const CallContext& context) {
  ASSIGN_OR_RETURN(const TrialName name, ParseField<TrialName>("name", request.name()));
  ASSIGN_OR_RETURN(const RequestId id, RequestIdOf(context, "DeleteTrial", request.name()));
  RETURN_IF_ERROR(DeleteTrial(store, name, id));
  return google::protobuf::Empty();
}

absl::StatusOr<vizier::CheckTrialEarlyStoppingStateResponse> HandleCheckTrialEarlyStoppingState(
    EarlyStopping& early_stopping, const vizier::CheckTrialEarlyStoppingStateRequest& request, CallContext& context) {
  ASSIGN_OR_RETURN(const TrialName name, ParseField<TrialName>("trial_name", request.trial_name()));
  ASSIGN_OR_RETURN(const auto token, TokenOf(context));
  if (!context.called_again) {
    ASSIGN_OR_RETURN(context.continue_on, early_stopping.PoolFor(name.study));
    if (context.continue_on != nullptr) return vizier::CheckTrialEarlyStoppingStateResponse();
  }
  ASSIGN_OR_RETURN(const StoppingDecision decision, early_stopping.Check(name, token, context.read_options()));
  vizier::CheckTrialEarlyStoppingStateResponse response;
  response.set_should_stop(decision.stop);
  return response;
}

absl::StatusOr<pb::Trial> HandleStopTrial(StudyStore& store, const vizier::StopTrialRequest& request) {
  ASSIGN_OR_RETURN(const TrialName name, ParseField<TrialName>("name", request.name()));
  return StopTrial(store, name, kStoppedByPerson);
}

}  // namespace photinus
