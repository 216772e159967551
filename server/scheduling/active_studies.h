// The studies that workers may pull from, and whose turn it is.
#ifndef PHOTINUS_SERVER_SCHEDULING_ACTIVE_STUDIES_H_
#define PHOTINUS_SERVER_SCHEDULING_ACTIVE_STUDIES_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "common/base/names.h"
#include "common/study_document/study_document.h"
#include "server/study/change_feed.h"
#include "server/study/study_store.h"

namespace photinus {

struct ActiveStudy {
  int64_t uid = 0;
  StudyName name;
  std::string executor;
  SchedulingSettings scheduling;
  int64_t version = 0;    // when it was last looked at; so are the following
  int64_t running = 0;    // its ACTIVE and STOPPING trials
  int64_t startable = 0;  // how many more trials may start, as far as can be told without asking its algorithm
};

// What is known is kept fresh by the change feed: a pull looks only at the studies that changed, not at every study
// there is. Thread-safe.
class ActiveStudies {
 public:
  using Executors = std::set<std::string>;

  explicit ActiveStudies(StudyStore& store);

  // Looks at all studies once, at start.
  absl::Status Load();

  // A study whose turn it is, held while a trial is asked of it, so that pulls at the same time take turns as well.
  // (A shared_ptr because that carries its own deleter.)
  using Turn = std::shared_ptr<const ActiveStudy>;

  // Of the ACTIVE studies with one of these executors where a trial may start: of those with the highest priority the
  // one with the fewest running trials for its weight, then the oldest; null where there is none. `tried`: uids of
  // those that had none after all. A study that cannot be read is left out, and logged, until it changes.
  absl::StatusOr<Turn> Next(const Executors& executors, const std::set<int64_t>& tried);

  // The study in which the client has an ACTIVE trial under a lease already, where its executor is one of these.
  absl::StatusOr<Turn> OfClient(const std::string& client_id, const Executors& executors);

  // How many trials may start in studies with one of these executors.
  absl::StatusOr<int64_t> Startable(const Executors& executors);

  // The study had no trial to give at that version, so it is left out until it changes.
  void NoteNothing(int64_t uid, int64_t version);

  // Whether nothing runs in any study with one of these executors.
  bool AllIdle(const Executors& executors);

 private:
  struct Entry {
    ActiveStudy study;
    int64_t turns = 0;  // that are held

    // The smaller, the sooner.
    double Share() const { return static_cast<double>(study.running + turns) / study.scheduling.weight; }
  };

  absl::Status Refresh();
  // nullopt: not ACTIVE, or no work for workers.
  absl::StatusOr<std::optional<ActiveStudy>> Look(Snapshot& snapshot, int64_t uid);
  void Update(int64_t uid, std::optional<ActiveStudy> study);
  Turn Take(Entry& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void GiveBack(int64_t uid);

  StudyStore& store_;

  Mutex refreshing_;  // held throughout a refresh: whoever asks sees all that was published before
  Mutex mutex_;
  std::set<int64_t> dirty_ ABSL_GUARDED_BY(mutex_);  // uids
  std::map<int64_t, Entry> studies_ ABSL_GUARDED_BY(mutex_);

  ChangeFeed::Subscription subscription_;  // last: ends first
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_ACTIVE_STUDIES_H_
