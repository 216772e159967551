// PullTrial: one trial of any study that a worker can serve, with a long poll that holds no thread.
#ifndef PHOTINUS_SERVER_SCHEDULING_PULLER_H_
#define PHOTINUS_SERVER_SCHEDULING_PULLER_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "server/scheduling/active_studies.h"
#include "server/scheduling/lease_table.h"
#include "server/scheduling/suggester.h"
#include "server/scheduling/thread_pool.h"
#include "server/scheduling/timer.h"
#include "server/study/remote_changes.h"
#include "server/study/study_store.h"

namespace photinus {

struct Pulled {
  struct Lease {
    pb::Trial trial;
    pb::StudySpec spec;  // with metadata
    LeaseToken token;
    int32_t attempt = 1;
  };
  std::optional<Lease> lease;  // none: nothing to do
  bool all_idle = false;       // no study that the worker serves has work now or expects any
};

// Thread-safe.
class Puller {
 public:
  using Done = std::function<void(absl::StatusOr<Pulled>)>;

  struct Request {
    TrialHolder holder;  // with an incarnation
    std::set<std::string> executors;
    absl::Duration wait;              // how long to wait for a trial
    std::function<bool()> cancelled;  // may be null
  };

  // All are borrowed; the pool runs the continuations. `remote`: null where no other server changes the studies.
  Puller(StudyStore& store, ActiveStudies& studies, Suggester& suggester, LeaseTable& leases, ThreadPool& pool,
         Timer& timer, RemoteChanges* remote);

  // Calls `done` exactly once. A client that has a trial already gets that; else studies take turns as ActiveStudies
  // says. A study whose algorithm fails is logged, once per version, and passed over. Unavailable: too much to do,
  // stopping. FailedPrecondition WORKER_SUPERSEDED.
  void Pull(Request request, Done done);

  // Answers all that wait, with nothing, and all that come.
  void Stop();

 private:
  struct Waiter;

  // Tries one study after another, then waits for changes.
  void Begin(const std::shared_ptr<Waiter>& waiter);
  void TryNext(const std::shared_ptr<Waiter>& waiter);
  // Learns once of each pull what other servers did before it came: what they acknowledged may be work. False where
  // it did so before, or there are none.
  absl::StatusOr<bool> CatchUp(Waiter& waiter);
  // The study to ask next; null: none is left.
  absl::StatusOr<ActiveStudies::Turn> NextTurn(Waiter& waiter);
  void OnSuggested(const std::shared_ptr<Waiter>& waiter, absl::StatusOr<Suggested> suggested);
  // Notes that the study could not suggest.
  void NoteFailure(Waiter& waiter, const ActiveStudy& study, const absl::Status& status);
  // The study is gone.
  void ForgetFailure(int64_t study_uid);
  void Grant(Waiter& waiter, Suggested suggested);
  // The reply where no study had work.
  Pulled Nothing(const Waiter& waiter);
  void Park(const std::shared_ptr<Waiter>& waiter);
  void Expire(Waiter& waiter);
  void OnChange();
  // Lets as many of those that wait look again as may get a trial.
  void Wake();

  StudyStore& store_;
  ActiveStudies& studies_;
  Suggester& suggester_;
  LeaseTable& leases_;
  ThreadPool& pool_;
  Timer& timer_;
  RemoteChanges* const remote_;

  Mutex mutex_;
  int64_t changes_ ABSL_GUARDED_BY(mutex_) = 0;  // counts what may have made work
  bool waking_ ABSL_GUARDED_BY(mutex_) = false;  // Wake is on its way
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<std::shared_ptr<Waiter>> parked_ ABSL_GUARDED_BY(mutex_);  // by age
  std::map<int64_t, int64_t> failed_ ABSL_GUARDED_BY(mutex_);           // study uid -> version whose failure was logged

  ChangeFeed::Subscription subscription_;  // last: ends first
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_PULLER_H_
