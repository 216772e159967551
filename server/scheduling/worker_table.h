// The worker daemons that were heard of, as all servers of a storage know them.
#ifndef PHOTINUS_SERVER_SCHEDULING_WORKER_TABLE_H_
#define PHOTINUS_SERVER_SCHEDULING_WORKER_TABLE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "server/storage/storage.h"

namespace photinus {

struct WorkerInfo {
  std::string name;
  int32_t slots = 0;    // 0: not told yet
  std::string version;  // empty: not told yet
  absl::Time last_seen;
  bool alive = false;  // seen within the time to live, and has not left
};

// Which process counts is on disk before it is told; when it was seen, by StoreSightings. Thread-safe.
class WorkerTable {
 public:
  // Both are borrowed.
  WorkerTable(Storage& storage, const Clock& clock, absl::Duration ttl) : storage_(storage), clock_(clock), ttl_(ttl) {}

  // A sign of life; 0 slots and an empty version leave what is known. Of several processes under one name the
  // one first heard last counts; who tells no incarnation always does. FailedPrecondition WORKER_SUPERSEDED: it is an
  // older one. Errors of the storage.
  absl::Status Seen(std::string_view name, std::string_view incarnation, int32_t slots, std::string_view version);

  // The process ends: its worker is not alive until another one is heard of, and it is told WORKER_SUPERSEDED from now
  // on. Without effect where it does not count. Errors of the storage.
  absl::Status Left(std::string_view name, std::string_view incarnation);

  // By name.
  absl::StatusOr<std::vector<WorkerInfo>> List();

  // Writes who was seen since the last call. To be called again and again; what fails is written by the next.
  absl::Status StoreSightings();

 private:
  struct Sighting {
    std::string incarnation;  // empty: not told
    int32_t slots = 0;
    std::string version;
    absl::Duration at;  // on the monotonic clock
  };
  using Sightings = std::map<std::string, Sighting, std::less<>>;  // by name

  void Note(const std::string& name, Sighting sighting);
  // Makes the process the worker's, unless it is superseded.
  absl::Status Introduce(std::string_view name, const Sighting& sighting);
  absl::Status Store(Sightings::const_iterator first, Sightings::const_iterator last);
  // By the clock that storage keeps times by.
  absl::StatusOr<absl::Time> Now(Snapshot& snapshot) const;
  // Adds what the sighting tells.
  void Apply(const Sighting& sighting, absl::Time now, WorkerRow& worker) const;

  Storage& storage_;
  const Clock& clock_;
  const absl::Duration ttl_;

  Mutex mutex_;
  Sightings sightings_ ABSL_GUARDED_BY(mutex_);  // that storage does not know yet
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_WORKER_TABLE_H_
