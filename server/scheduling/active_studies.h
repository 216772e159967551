// The studies that workers may pull from.
#ifndef PHOTINUS_SERVER_SCHEDULING_ACTIVE_STUDIES_H_
#define PHOTINUS_SERVER_SCHEDULING_ACTIVE_STUDIES_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "common/base/names.h"
#include "server/study/change_feed.h"
#include "server/study/study_store.h"

namespace photinus {

struct ActiveStudy {
  int64_t uid = 0;
  StudyName name;
  std::string executor;
  int64_t version = 0;  // when it was last looked at
  int64_t running = 0;  // its ACTIVE and STOPPING trials
};

// Kept fresh by the change feed, so that a pull does not look at every study there ever was. Thread-safe.
class ActiveStudies {
 public:
  explicit ActiveStudies(StudyStore& store);

  // Looks at all studies once, at start.
  absl::Status Load();

  // The ACTIVE studies with one of these executors, those with the fewest running trials first, then the oldest. A
  // study that cannot be read is left out, and logged, until it changes.
  absl::StatusOr<std::vector<ActiveStudy>> List(const std::set<std::string>& executors);

 private:
  absl::Status Refresh();
  // nullopt: not ACTIVE, or no work for workers.
  absl::StatusOr<std::optional<ActiveStudy>> Look(Snapshot& snapshot, int64_t uid);

  StudyStore& store_;

  Mutex refreshing_;  // held throughout a refresh: whoever lists sees all that was published before
  Mutex mutex_;
  std::set<int64_t> dirty_ ABSL_GUARDED_BY(mutex_);  // uids
  std::map<int64_t, ActiveStudy> studies_ ABSL_GUARDED_BY(mutex_);

  ChangeFeed::Subscription subscription_;  // last: ends first
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_ACTIVE_STUDIES_H_
