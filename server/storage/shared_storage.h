// What the servers that share one database learn of each other through it: changed studies, and one time for leases.
#ifndef PHOTINUS_SERVER_STORAGE_SHARED_STORAGE_H_
#define PHOTINUS_SERVER_STORAGE_SHARED_STORAGE_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/storage/storage.h"

namespace photinus {

struct StudyVersion {
  int64_t uid = 0;
  int64_t version = 0;
  bool deleted = false;
};

// Studies that changed, and where to look on from. A study may come more than once.
struct ChangedStudies {
  std::vector<StudyVersion> studies;
  int64_t next = 0;
};

// A sign of life of the process that holds a lease.
struct LeaseBeat {
  int64_t study_uid = 0;
  int64_t trial_id = 0;
  int64_t epoch = 0;
  absl::Duration age;  // how long ago it came
};

// Thread-safe. Unavailable: the database cannot be reached.
class SharedStorage {
 public:
  virtual ~SharedStorage() = default;

  // Whatever any server committed since the call that returned `since`, and possibly more; 0: begin here,
  // which gives all studies.
  virtual absl::StatusOr<ChangedStudies> ListChanges(int64_t since) = 0;

  // Notes the beats, and returns the leases whose holders gave no sign of life for `lifetime`. To be called again and
  // again, by every server: time passes only from one call of any of them to the next. Where the database's clock went
  // back, or on by more than `longest_gap` (it was set, the database is another, no server ran), that time does not
  // count, and every lease is good for `grace` more. A lease begins when a call first finds it. One that was returned
  // is returned again, to any server, after another `longest_gap`, if it is still there then.
  struct LeaseTimes {
    absl::Duration lifetime;
    absl::Duration longest_gap;
    absl::Duration grace;
  };
  virtual absl::StatusOr<std::vector<LeaseRow>> SweepLeases(absl::Span<const LeaseBeat> beats,
                                                            const LeaseTimes& times) = 0;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_SHARED_STORAGE_H_
