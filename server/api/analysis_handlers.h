// The RPCs of photinus.v1.QueryService that people look into a search with. Errors: docs/errors.md.
#ifndef PHOTINUS_SERVER_API_ANALYSIS_HANDLERS_H_
#define PHOTINUS_SERVER_API_ANALYSIS_HANDLERS_H_

#include "absl/status/statusor.h"
#include "photinus/v1/query_service.pb.h"
#include "server/api/call_context.h"
#include "server/study/page_token.h"
#include "server/study/study_store.h"

namespace photinus {

absl::StatusOr<v1::ExplainTrialResponse> HandleExplainTrial(StudyStore& store, const v1::ExplainTrialRequest& request,
                                                            const CallContext& context);
absl::StatusOr<v1::GetStudyStopsResponse> HandleGetStudyStops(StudyStore& store, const PageTokens& tokens,
                                                              const v1::GetStudyStopsRequest& request,
                                                              const CallContext& context);
absl::StatusOr<v1::GetParameterImportanceResponse> HandleGetParameterImportance(
    StudyStore& store, const v1::GetParameterImportanceRequest& request, const CallContext& context);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_API_ANALYSIS_HANDLERS_H_
