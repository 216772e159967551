// The unary RPCs of photinus.v1.QueryService. Errors: docs/errors.md.
#ifndef PHOTINUS_SERVER_API_QUERY_HANDLERS_H_
#define PHOTINUS_SERVER_API_QUERY_HANDLERS_H_

#include "absl/status/statusor.h"
#include "photinus/v1/query_service.pb.h"
#include "server/api/call_context.h"
#include "server/study/page_token.h"
#include "server/study/study_status.h"
#include "server/study/study_store.h"

namespace photinus {

absl::StatusOr<v1::QueryTrialsResponse> HandleQueryTrials(StudyStore& store, const PageTokens& tokens,
                                                          const v1::QueryTrialsRequest& request,
                                                          const CallContext& context);
absl::StatusOr<v1::StudyStatus> HandleGetStudyStatus(StudyStore& store, const v1::GetStudyStatusRequest& request,
                                                     const CallContext& context);
absl::StatusOr<v1::ListStudyStatusesResponse> HandleListStudyStatuses(StudyStore& store, const PageTokens& tokens,
                                                                      const v1::ListStudyStatusesRequest& request,
                                                                      const CallContext& context);
absl::StatusOr<v1::StudyStatus> HandleDrainStudy(StudyStore& store, const v1::DrainStudyRequest& request,
                                                 const CallContext& context);
absl::StatusOr<v1::ListAttemptsResponse> HandleListAttempts(StudyStore& store, const PageTokens& tokens,
                                                            const v1::ListAttemptsRequest& request,
                                                            const CallContext& context);
absl::StatusOr<v1::ListArtifactsResponse> HandleListArtifacts(StudyStore& store,
                                                              const v1::ListArtifactsRequest& request);

// One message of WatchStudy.
v1::WatchStudyResponse ToResponse(StudyUpdate update);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_API_QUERY_HANDLERS_H_
