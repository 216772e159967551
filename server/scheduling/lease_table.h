// Which workers hold which trials, and for how long: service.md C10-C15.
#ifndef PHOTINUS_SERVER_SCHEDULING_LEASE_TABLE_H_
#define PHOTINUS_SERVER_SCHEDULING_LEASE_TABLE_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/base/names.h"
#include "server/study/change_feed.h"
#include "server/study/lease_token.h"
#include "server/study/study_store.h"

namespace photinus {

enum class LeaseVerdict {
  kOk,
  kStop,         // finish up
  kLost,         // somebody else's now, or gone
  kStudyClosed,  // the study takes no more results
};

// Who holds what stands on disk, with the trials; only when it was last heard of is kept here, on the monotonic clock.
// So neither a restart nor a clock that jumps takes a trial from anybody. Thread-safe.
class LeaseTable {
 public:
  // A worker should beat every quarter of `ttl`; 1.5 ttl after its last sign of life its trials are lost.
  LeaseTable(StudyStore& store, absl::Duration ttl);

  absl::Duration ttl() const { return ttl_; }

  // Gives every lease on disk a full time to live. Those of studies that are not ACTIVE are left out until that
  // changes.
  absl::Status Recover();
  // The same for one study, which came while the server ran.
  absl::Status RecoverStudy(int64_t uid) { return RecoverStudies({uid}); }

  // The worker got the trial, or asked for it again.
  void Grant(const TrialName& name, const LeaseToken& token, const std::string& worker);

  struct Held {
    TrialName trial;
    LeaseToken token;
  };
  // Renews the leases that are still the worker's. One verdict for each, in order.
  absl::StatusOr<std::vector<LeaseVerdict>> Renew(const std::string& worker, const std::vector<Held>& leases);

  // The trials that a worker holds, as far as known; those of studies that take no results do not count.
  std::vector<TrialName> TrialsOf(const std::string& worker);

  // Takes back what nobody has renewed for too long. To be called now and then. The error is the last one; what failed
  // is tried again.
  absl::Status TakeBackExpired();

 private:
  struct Lease {
    TrialName trial;
    LeaseToken token;
    std::string worker;
    absl::Duration expires;  // on the monotonic clock
  };
  using Key = std::pair<int64_t, int64_t>;  // study uid, trial id

  absl::Duration NextExpiry() const { return store_.clock().Monotonic() + 1.5 * ttl_; }
  absl::StatusOr<LeaseVerdict> Judge(Snapshot& snapshot, const Held& lease);
  void Forget(const Lease& lease);
  // Grants the leases of these studies that are on disk, where the study is ACTIVE; else notes it as closed.
  absl::Status RecoverStudies(const std::set<int64_t>& uids);

  StudyStore& store_;
  const absl::Duration ttl_;

  Mutex mutex_;
  std::map<Key, Lease> leases_ ABSL_GUARDED_BY(mutex_);
  // By uid: studies that take no results, whose leases are therefore not kept; and those to look at again.
  std::set<int64_t> closed_ ABSL_GUARDED_BY(mutex_);
  std::set<int64_t> unsettled_ ABSL_GUARDED_BY(mutex_);

  ChangeFeed::Subscription subscription_;  // last: ends first
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_LEASE_TABLE_H_
