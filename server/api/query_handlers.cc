#include "server/api/query_handlers.h"

#include <utility>

#include "common/base/errors.h"
#include "common/base/names.h"
#include "common/base/status_macros.h"
#include "server/study/artifacts.h"
#include "server/study/attempts.h"
#include "server/study/studies.h"
#include "server/study/timestamps.h"
#include "server/study/trial_query.h"

namespace photinus {
namespace {

v1::StudyStatus ToProto(StudyStatusView view) {
  v1::StudyStatus status;
  *status.mutable_study() = std::move(view.study);
  status.set_draining(view.draining);
  status.set_paused(view.paused);
  status.set_requested(static_cast<int32_t>(view.counts.requested));
  status.set_active(static_cast<int32_t>(view.counts.active));
  status.set_stopping(static_cast<int32_t>(view.counts.stopping));
  status.set_succeeded(static_cast<int32_t>(view.counts.succeeded));
  status.set_infeasible(static_cast<int32_t>(view.counts.infeasible));
  status.set_stopped_early(static_cast<int32_t>(view.counts.stopped_early));
  status.set_trial_budget(view.trial_budget);
  for (pb::Trial& trial : view.best) *status.add_best() = std::move(trial);
  return status;
}

absl::StatusOr<DrainMode> ParseMode(v1::DrainStudyRequest::Mode mode) {
  switch (mode) {
    case v1::DrainStudyRequest::STOP:
      return DrainMode::kStop;
    case v1::DrainStudyRequest::PAUSE:
      return DrainMode::kPause;
    case v1::DrainStudyRequest::RESUME:
      return DrainMode::kResume;
    default:
      return FieldError("mode", "must be STOP, PAUSE or RESUME");
  }
}

}  // namespace

absl::StatusOr<v1::QueryTrialsResponse> HandleQueryTrials(StudyStore& store, const PageTokens& tokens,
                                                          const v1::QueryTrialsRequest& request,
                                                          const CallContext& context) {
  ASSIGN_OR_RETURN(const StudyName study, ParseField<StudyName>("parent", request.parent()));
  ASSIGN_OR_RETURN(TrialPage page, QueryTrials(store, tokens, study,
                                               {.filter = request.filter(),
                                                .order_by = request.order_by(),
                                                .page_size = request.page_size(),
                                                .page_token = request.page_token()},
                                               context.read_options()));
  v1::QueryTrialsResponse response;
  for (pb::Trial& trial : page.trials) *response.add_trials() = std::move(trial);
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::StudyStatus> HandleGetStudyStatus(StudyStore& store, const v1::GetStudyStatusRequest& request,
                                                     const CallContext& context) {
  ASSIGN_OR_RETURN(const StudyName name, ParseField<StudyName>("name", request.name()));
  ASSIGN_OR_RETURN(StudyStatusView view, GetStudyStatus(store, name, context.read_options()));
  return ToProto(std::move(view));
}

absl::StatusOr<v1::ListStudyStatusesResponse> HandleListStudyStatuses(StudyStore& store, const PageTokens& tokens,
                                                                      const v1::ListStudyStatusesRequest& request,
                                                                      const CallContext& context) {
  ASSIGN_OR_RETURN(const OwnerName owner, ParseField<OwnerName>("parent", request.parent()));
  ASSIGN_OR_RETURN(StudyStatusPage page, ListStudyStatuses(store, tokens, owner, request.page_size(),
                                                           request.page_token(), context.read_options()));
  v1::ListStudyStatusesResponse response;
  for (StudyStatusView& view : page.statuses) *response.add_statuses() = ToProto(std::move(view));
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::StudyStatus> HandleDrainStudy(StudyStore& store, const v1::DrainStudyRequest& request,
                                                 const CallContext& context) {
  ASSIGN_OR_RETURN(const StudyName name, ParseField<StudyName>("name", request.name()));
  ASSIGN_OR_RETURN(const DrainMode mode, ParseMode(request.mode()));
  ASSIGN_OR_RETURN(const RequestId id, RequestIdOf(context, "DrainStudy", request.name()));
  if (!context.called_again) RETURN_IF_ERROR(DrainStudy(store, name, mode, id));
  ASSIGN_OR_RETURN(StudyStatusView view, GetStudyStatus(store, name, context.read_options()));
  return ToProto(std::move(view));
}

absl::StatusOr<v1::ListAttemptsResponse> HandleListAttempts(StudyStore& store, const PageTokens& tokens,
                                                            const v1::ListAttemptsRequest& request,
                                                            const CallContext& context) {
  ASSIGN_OR_RETURN(const TrialName name, ParseField<TrialName>("trial", request.trial()));
  ASSIGN_OR_RETURN(AttemptPage page, ListAttempts(store, tokens, name, request.page_size(), request.page_token(),
                                                  context.read_options()));
  v1::ListAttemptsResponse response;
  response.set_next_page_token(page.next_page_token);
  for (AttemptView& view : page.attempts) {
    v1::Attempt& attempt = *response.add_attempts();
    attempt.set_attempt(view.row.attempt);
    attempt.set_client_id(view.row.client_id);
    attempt.set_lease_epoch(view.row.lease_epoch);
    attempt.set_outcome(view.row.outcome);
    for (pb::Measurement& measurement : view.measurements) *attempt.add_measurements() = std::move(measurement);
    if (view.row.late_result.has_value()) *attempt.mutable_late_result() = *std::move(view.row.late_result);
    attempt.set_late_infeasible(view.row.late_infeasible);
    attempt.set_late_infeasible_reason(view.row.late_infeasible_reason);
    attempt.set_cause(view.row.cause);
    *attempt.mutable_end_time() = ToTimestamp(view.row.ended);
  }
  return response;
}

absl::StatusOr<v1::ListArtifactsResponse> HandleListArtifacts(StudyStore& store,
                                                              const v1::ListArtifactsRequest& request) {
  ASSIGN_OR_RETURN(const TrialName name, ParseField<TrialName>("trial", request.trial()));
  ASSIGN_OR_RETURN(const auto artifacts, ListArtifacts(store, name));
  v1::ListArtifactsResponse response;
  for (const ArtifactRow& row : artifacts) {
    auto& artifact = *response.add_artifacts();
    artifact.set_name(row.name);
    artifact.set_size(row.size);
    artifact.set_sha256(row.sha256);
  }
  return response;
}

v1::WatchStudyResponse ToResponse(StudyUpdate update) {
  v1::WatchStudyResponse response;
  response.set_uid(update.status.uid);
  response.set_version(update.next.told);
  response.set_whole(update.whole);
  response.mutable_attempts()->Add(update.attempts.begin(), update.attempts.end());
  *response.mutable_status() = ToProto(std::move(update.status));
  for (pb::Trial& trial : update.changed) *response.add_changed() = std::move(trial);
  return response;
}

}  // namespace photinus
