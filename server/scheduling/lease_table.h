// Which workers hold which trials, and for how long: service.md C10-C15.
#ifndef PHOTINUS_SERVER_SCHEDULING_LEASE_TABLE_H_
#define PHOTINUS_SERVER_SCHEDULING_LEASE_TABLE_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/names.h"
#include "server/scheduling/lease_deadlines.h"
#include "server/study/lease_token.h"
#include "server/study/study_store.h"

namespace photinus {

enum class LeaseVerdict {
  kOk,
  kStop,         // finish up
  kLost,         // somebody else's now, or gone
  kStudyClosed,  // the study takes no more results
};

// The leases of workers. Thread-safe.
class LeaseTable {
 public:
  // A worker should beat every quarter of `ttl`; 1.5 ttl after its last sign of life its trials are lost.
  LeaseTable(StudyStore& store, absl::Duration ttl);

  absl::Duration ttl() const { return ttl_; }

  // The worker got the trial, or asked for it again.
  void Grant(const LeaseToken& token) { deadlines_->Renew(token); }

  struct Held {
    TrialName trial;
    LeaseToken token;
  };
  // Renews the leases that are still their holders'. One verdict for each, in order.
  absl::StatusOr<std::vector<LeaseVerdict>> Renew(const std::vector<Held>& leases);

  // The trials that each worker holds, by its name; those of studies that take no results do not count.
  absl::StatusOr<std::map<std::string, std::vector<TrialName>>> TrialsByWorker();

  // Takes back what nobody has renewed for too long. To be called at the start, and then every SweepInterval. The error
  // is the last one; what failed is tried again.
  absl::Status TakeBackExpired();
  absl::Duration SweepInterval() const { return ttl_ / kSweepsPerTtl; }

 private:
  static constexpr int kSweepsPerTtl = 20;

  absl::StatusOr<LeaseVerdict> Judge(Snapshot& snapshot, const Held& lease);

  StudyStore& store_;
  const absl::Duration ttl_;
  const std::unique_ptr<LeaseDeadlines> deadlines_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_LEASE_TABLE_H_
