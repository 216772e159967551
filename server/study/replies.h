// What a change of studies and trials is answered with, put together after the commit: the writer serves everybody, and
// what was changed is then on disk, so that nothing may fail any more. Where something cannot be read (because it was
// deleted at once, or storage fails) it is left out.
#ifndef PHOTINUS_SERVER_STUDY_REPLIES_H_
#define PHOTINUS_SERVER_STUDY_REPLIES_H_

#include <vector>

#include "common/base/names.h"
#include "common/base/pb.h"
#include "server/storage/storage.h"
#include "server/study/study_store.h"

namespace photinus {

// With its metadata.
pb::Study ReplyStudy(StudyStore& store, const StudyRow& study);

// As ViewTrials: `rows`, which are of one study, as they were committed; their lists are as they are now. Trials
// without lists, as new ones are, cost no reading.
std::vector<pb::Trial> ReplyTrials(StudyStore& store, const StudyName& study, const std::vector<TrialRow>& rows);
pb::Trial ReplyTrial(StudyStore& store, const StudyName& study, const TrialRow& row);

// As ViewLatest.
pb::Trial ReplyLatest(StudyStore& store, const StudyName& study, const TrialRow& row);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_REPLIES_H_
