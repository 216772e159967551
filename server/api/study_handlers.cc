#include "server/api/study_handlers.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/names.h"
#include "common/base/status_macros.h"
#include "server/study/metadata.h"
#include "server/study/studies.h"

namespace photinus {

absl::StatusOr<pb::Study> HandleCreateStudy(StudyStore& store, const vizier::CreateStudyRequest& request,
                                            CallContext& context) {
  ASSIGN_OR_RETURN(const OwnerName owner, ParseField<OwnerName>("parent", request.parent()));
  const std::string name = StudyName{owner.owner, request.study().display_name()}.ToString();
  ASSIGN_OR_RETURN(const RequestId id, RequestIdOf(context, "CreateStudy", name));
  const IfExists if_exists = context.strict_create ? IfExists::kRefuse : IfExists::kReturn;
  ASSIGN_OR_RETURN(CreatedStudy created,
                   CreateStudy(store, owner, request.study(), if_exists, id, context.read_options()));
  if (created.spec_differs) context.trailing.emplace("x-spec-mismatch", "1");
  return std::move(created.study);
}

absl::StatusOr<pb::Study> HandleGetStudy(StudyStore& store, const vizier::GetStudyRequest& request) {
  ASSIGN_OR_RETURN(const StudyName name, ParseField<StudyName>("name", request.name()));
  return GetStudy(store, name);
}

absl::StatusOr<vizier::ListStudiesResponse> HandleListStudies(StudyStore& store, const PageTokens& tokens,
                                                              const vizier::ListStudiesRequest& request,
                                                              const CallContext& context) {
  ASSIGN_OR_RETURN(const OwnerName owner, ParseField<OwnerName>("parent", request.parent()));
  ASSIGN_OR_RETURN(StudyPage page, ListStudies(store, tokens, owner, request.page_size(), request.page_token(),
                                               context.read_options()));
  vizier::ListStudiesResponse response;
  for (pb::Study& study : page.studies) *response.add_studies() = std::move(study);
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<google::protobuf::Empty> HandleDeleteStudy(StudyStore& store, const vizier::DeleteStudyRequest& request,
                                                          const CallContext& context) {
  ASSIGN_OR_RETURN(const StudyName name, ParseField<StudyName>("name", request.name()));
  ASSIGN_OR_RETURN(const RequestId id, RequestIdOf(context, "DeleteStudy", request.name()));
  RETURN_IF_ERROR(store.Delete(name, id));
  return google::protobuf::Empty();
}

absl::StatusOr<pb::Study> HandleSetStudyState(StudyStore& store, const vizier::SetStudyStateRequest& request,
                                              const CallContext& context) {
  ASSIGN_OR_RETURN(const StudyName name, ParseField<StudyName>("parent", request.parent()));
  ASSIGN_OR_RETURN(const RequestId id, RequestIdOf(context, "SetStudyState", request.parent()));
  return SetStudyState(store, name, request.state(), id);
}

absl::StatusOr<vizier::UpdateMetadataResponse> HandleUpdateMetadata(StudyStore& store,
                                                                    const vizier::UpdateMetadataRequest& request,
                                                                    const CallContext& context) {
  ASSIGN_OR_RETURN(const StudyName name, ParseField<StudyName>("name", request.name()));
  ASSIGN_OR_RETURN(const RequestId id, RequestIdOf(context, "UpdateMetadata", request.name()));
  std::vector<MetadataChange> changes;
  for (int i = 0; i < request.delta_size(); ++i) {
    const vizier::UnitMetadataUpdate& update = request.delta(i);
    const std::string field = absl::StrCat("delta[", i, "]");
    MetadataChange change;
    change.entry = update.metadatum();
    RETURN_IF_ERROR(InField(field + ".metadatum", CheckMetadataEntry(change.entry)));
    if (update.has_trial_id()) {
      const auto trial_id = ParseTrialId(update.trial_id());
      if (!trial_id.ok()) return InField(field + ".trial_id", trial_id.status());
      change.trial_id = *trial_id;
    }
    changes.push_back(std::move(change));
  }
  vizier::UpdateMetadataResponse response;
  ASSIGN_OR_RETURN(*response.mutable_error_details(), UpdateMetadata(store, name, changes, id));
  return response;
}

}  // namespace photinus
