// One replica of the service: all its parts, wired together.
#ifndef PHOTINUS_SERVER_REPLICA_REPLICA_H_
#define PHOTINUS_SERVER_REPLICA_REPLICA_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "server/pythia/pythia_endpoints.h"
#include "server/scheduling/timer.h"
#include "server/storage/storage.h"
#include "server/study/study_cache.h"

namespace photinus {

struct ReplicaOptions {
  std::string listen = "127.0.0.1:0";  // HOST:PORT; port 0 takes a free one
  absl::Duration lease_ttl = absl::Seconds(60);
  absl::Duration drain_time = absl::Seconds(25);  // which calls in progress have once Drain begins
  std::function<void()> on_dead_storage = [] {};  // nothing can be stored any more; called again and again
  size_t cache_bytes = kDefaultCacheBytes;        // of what is remembered of studies, about
  PythiaOptions pythia = {};                      // policies that run elsewhere
  std::string pythia_vizier;                      // the server whose policies are here (ServedPolicies::Make)
};

// Serves from Start until Drain.
class Replica {
 public:
  // Takes up what an earlier process left, and serves. All are borrowed. Errors of the storage, of GrpcServer::Start
  // and of PythiaEndpoints::Make and ServedPolicies::Make.
  static absl::StatusOr<std::unique_ptr<Replica>> Start(Storage& storage, const Clock& clock, Timer& timer,
                                                        const ReplicaOptions& options);
  ~Replica();

  // HOST:PORT with the port in use.
  const std::string& address() const;

  // Long polls and watches end at once, backups, exports, imports and downloads soon, Unavailable; other
  // calls in progress may finish. Stops the timer. Takes longer than drain_time
  // where a call still waits for the storage then.
  void Drain();

 private:
  struct Parts;

  explicit Replica(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_REPLICA_REPLICA_H_
