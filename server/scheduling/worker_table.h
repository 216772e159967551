// The worker daemons that were heard of since the server started.
#ifndef PHOTINUS_SERVER_SCHEDULING_WORKER_TABLE_H_
#define PHOTINUS_SERVER_SCHEDULING_WORKER_TABLE_H_

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace photinus {

struct WorkerInfo {
  std::string name;
  int32_t slots = 0;    // 0: not told yet
  std::string version;  // empty: not told yet
  absl::Time last_seen;
  bool alive = false;  // seen within the time to live
};

// Thread-safe.
class WorkerTable {
 public:
  WorkerTable(const Clock& clock, absl::Duration ttl) : clock_(clock), ttl_(ttl) {}

  // A sign of life; 0 slots and an empty version leave what is known. Of several processes under one name the
  // one first heard last counts; who tells no incarnation always does. FailedPrecondition WORKER_SUPERSEDED: it is an
  // older one.
  absl::Status Seen(std::string_view name, std::string_view incarnation, int32_t slots, std::string_view version);
  // Whether a newer process was seen under the name.
  bool IsSuperseded(std::string_view name, std::string_view incarnation);
  // By name.
  std::vector<WorkerInfo> List();

 private:
  struct Entry {
    WorkerInfo info;
    absl::Duration seen;                 // on the monotonic clock
    std::string incarnation;             // the newest that was seen; empty: none yet
    std::deque<std::string> superseded;  // those before, the latest of them first
  };

  const Clock& clock_;
  const absl::Duration ttl_;

  Mutex mutex_;
  std::map<std::string, Entry, std::less<>> workers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_WORKER_TABLE_H_
