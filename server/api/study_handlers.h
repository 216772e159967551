// The RPCs of VizierService that concern whole studies. Errors: docs/errors.md.
#ifndef PHOTINUS_SERVER_API_STUDY_HANDLERS_H_
#define PHOTINUS_SERVER_API_STUDY_HANDLERS_H_

#include "absl/status/statusor.h"
#include "google/protobuf/empty.pb.h"
#include "server/api/call_context.h"
#include "server/study/page_token.h"
#include "server/study/study_store.h"
#include "vizier/vizier_service.pb.h"

namespace photinus {

// Sets the trailer x-spec-mismatch where the stored study's spec differs. With the header x-strict-create a study that
// exists is AlreadyExists.
absl::StatusOr<pb::Study> HandleCreateStudy(StudyStore& store, const vizier::CreateStudyRequest& request,
                                            CallContext& context);
absl::StatusOr<pb::Study> HandleGetStudy(StudyStore& store, const vizier::GetStudyRequest& request);
absl::StatusOr<vizier::ListStudiesResponse> HandleListStudies(StudyStore& store, const PageTokens& tokens,
                                                              const vizier::ListStudiesRequest& request,
                                                              const CallContext& context);
absl::StatusOr<google::protobuf::Empty> HandleDeleteStudy(StudyStore& store, const vizier::DeleteStudyRequest& request,
                                                          const CallContext& context);
absl::StatusOr<pb::Study> HandleSetStudyState(StudyStore& store, const vizier::SetStudyStateRequest& request,
                                              const CallContext& context);
absl::StatusOr<vizier::UpdateMetadataResponse> HandleUpdateMetadata(StudyStore& store,
                                                                    const vizier::UpdateMetadataRequest& request,
                                                                    const CallContext& context);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_API_STUDY_HANDLERS_H_
