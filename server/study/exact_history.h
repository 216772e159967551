// The history of just what a snapshot sees.
#ifndef PHOTINUS_SERVER_STUDY_EXACT_HISTORY_H_
#define PHOTINUS_SERVER_STUDY_EXACT_HISTORY_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/storage/storage.h"
#include "server/study/read_options.h"
#include "server/study/study_cache.h"
#include "server/study/study_history.h"

namespace photinus {

// As StudyCache::History, but at study.version and no later one: for those who show trials of `snapshot` by what the
// history says of them. SnapshotTooOld: a later one is known.
absl::StatusOr<std::shared_ptr<const StudyHistory>> ExactHistory(StudyCache& cache, Snapshot& snapshot,
                                                                 const StudyRow& study,
                                                                 const ReadOptions& options = {});

// Unavailable. StudyStore::Read and ReadLong run what says so again, some times, on new snapshots.
absl::Status SnapshotTooOld();
bool IsSnapshotTooOld(const absl::Status& status);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_EXACT_HISTORY_H_
