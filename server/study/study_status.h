// How a study stands, and what changed in it.
#ifndef PHOTINUS_SERVER_STUDY_STUDY_STATUS_H_
#define PHOTINUS_SERVER_STUDY_STUDY_STATUS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/names.h"
#include "common/base/pb.h"
#include "server/study/page_token.h"
#include "server/study/study_store.h"

namespace photinus {

struct StudyStatusView {
  int64_t uid = 0;
  int64_t version = 0;
  pb::Study study;
  bool draining = false;  // by hand or because the budget of trials is used up
  bool paused = false;
  TrialCounts counts;
  int64_t trial_budget = 0;     // 0: none
  std::vector<pb::Trial> best;  // as ListOptimalTrials, the first ten, as far as they fit into kMaxPageBytes
};

// NotFound.
absl::StatusOr<StudyStatusView> GetStudyStatus(StudyStore& store, const StudyName& name,
                                               const ReadOptions& options = {});

struct StudyStatusPage {
  std::vector<StudyStatusView> statuses;
  std::string next_page_token;
};

// Of an owner's studies, by ascending uid; page_size 0 is kMaxPageSize, and pages end early as those of ListTrials.
// NotFound: the owner. InvalidArgument: page size or token.
absl::StatusOr<StudyStatusPage> ListStudyStatuses(StudyStore& store, const PageTokens& tokens, const OwnerName& owner,
                                                  int page_size, std::string_view page_token,
                                                  const ReadOptions& options = {});

// How far somebody has been told what changes in a study; at first not at all.
struct UpdatePosition {
  int64_t uid = 0;                 // of the study; 0: whichever has the name
  std::optional<int64_t> version;  // what changed later is not told yet; unset: nothing is
  std::vector<TrialBytes> left;    // neither are these
  int64_t told = 0;                // everything up to this version is
};

struct StudyUpdate {
  StudyStatusView status;          // its best trials as KeepLatest leaves them
  std::vector<pb::Trial> changed;  // ascending id, as KeepLatest leaves them
  std::vector<int32_t> attempts;   // of each of them
  bool whole = false;              // the first of all that run, whatever changed before
  UpdatePosition next;
  bool over = false;  // COMPLETED, and all is told: nothing more will change by itself
};

inline constexpr int64_t kMaxChangedTrials = 1000;

// With the trials that changed after `position`, as many as may be held in memory together. Whole at first, where the
// study was never of that version (a backup was restored), and where more than kMaxChangedTrials changed. NotFound,
// also where the study of that name is no longer the one of the position.
absl::StatusOr<StudyUpdate> GetStudyUpdate(StudyStore& store, const StudyName& name, const UpdatePosition& position,
                                           const ReadOptions& options = {});

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_STUDY_STATUS_H_
