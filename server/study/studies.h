// What can be done with studies; each function is one step of service.md C21-C26.
#ifndef PHOTINUS_SERVER_STUDY_STUDIES_H_
#define PHOTINUS_SERVER_STUDY_STUDIES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/names.h"
#include "common/base/pb.h"
#include "server/study/page_token.h"
#include "server/study/study_store.h"

namespace photinus {

struct CreatedStudy {
  pb::Study study;
  bool spec_differs = false;  // a study of this name existed, with another spec; it is returned unchanged
};

enum class IfExists { kReturn, kRefuse };

// Creates `study` for `owner`, or gives the one of the same display name. InvalidArgument: name set, no display name,
// any error of a new study's spec. AlreadyExists: kRefuse. NotFound: a repetition of a request whose study was deleted
// since. LongReadNeeded: it starts warm, and `options` allow no long read. Cancelled.
absl::StatusOr<CreatedStudy> CreateStudy(StudyStore& store, const OwnerName& owner, const pb::Study& study,
                                         IfExists if_exists = IfExists::kReturn, const RequestId& request = {},
                                         const ReadOptions& options = {});

absl::StatusOr<pb::Study> GetStudy(StudyStore& store, const StudyName& name);

struct StudyPage {
  std::vector<pb::Study> studies;
  std::string next_page_token;
};
// By age; pages end early, and unpaged lists are refused, as those of ListTrials. NotFound: an owner who never had a
// study. InvalidArgument: page size or token. ResourceExhausted: page_size 0 and more than kMaxListBytes.
absl::StatusOr<StudyPage> ListStudies(StudyStore& store, const PageTokens& tokens, const OwnerName& owner,
                                      int page_size, std::string_view page_token, const ReadOptions& options = {});

absl::StatusOr<pb::Study> SetStudyState(StudyStore& store, const StudyName& name, pb::Study::State state,
                                        const RequestId& request = {});

enum class DrainMode { kStop, kPause, kResume };
absl::Status DrainStudy(StudyStore& store, const StudyName& name, DrainMode mode, const RequestId& request = {});

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_STUDIES_H_
