// What a study's stopping rule decided, and how right it was: from what was kept when it was decided.
#ifndef PHOTINUS_SERVER_ANALYSIS_STUDY_STOPS_H_
#define PHOTINUS_SERVER_ANALYSIS_STUDY_STOPS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/names.h"
#include "photinus/v1/query_service.pb.h"
#include "server/study/page_token.h"
#include "server/study/study_history.h"
#include "server/study/study_store.h"

namespace photinus {

// Costs a look at each trial of the history and reads nothing else.
v1::StopAudit AuditStops(const StudyHistory& history);

// One page of the trials that were stopped or exempted, with the audit of all. page_size 0: kMaxPageSize. NotFound.
// InvalidArgument: page size or token. LongReadNeeded where `options` allow no long read and the history must be built
// anew. Cancelled.
absl::StatusOr<v1::GetStudyStopsResponse> ListStudyStops(StudyStore& store, const PageTokens& tokens,
                                                         const StudyName& name, int page_size,
                                                         std::string_view page_token, const ReadOptions& options);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ANALYSIS_STUDY_STOPS_H_
