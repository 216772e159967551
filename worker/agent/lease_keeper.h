// Keeps the leases of all running trials alive, and tells their slots when they are not.
#ifndef PHOTINUS_WORKER_AGENT_LEASE_KEEPER_H_
#define PHOTINUS_WORKER_AGENT_LEASE_KEEPER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/random.h"
#include "photinus/v1/worker_service.pb.h"

namespace photinus {

// What became of a lease.
enum class LeaseEvent {
  kStop,         // finish up and complete the trial
  kLost,         // the trial is somebody else's now, or gone
  kStudyClosed,  // the study takes no results any more
  kFenced,       // no beat was acknowledged for the lease's time to live: others may have the trial by now
};

// Sends one heartbeat for all leases every quarter of the shortest time to live, give or take 20 %, and every 15 s
// while there is none; repeats a lost one up to three times after a thirtieth of it (service.md C12), and for as long
// as it takes in the last quarter of a lease: with three beats in ten lost, some worker of hundreds gave up once an
// hour. A lease that no beat renewed for its time to live, counted from the sending of the last acknowledged one, is
// fenced by our own clock. Thread-safe.
class LeaseKeeper {
 public:
  struct Identity {
    std::string worker;
    std::string incarnation;
    std::string version;
    int slots = 1;
  };
  // Sends the request, waiting at most `timeout`.
  using Beat =
      std::function<absl::StatusOr<v1::HeartbeatResponse>(const v1::HeartbeatRequest& request, absl::Duration timeout)>;
  // Runs in the keeper's thread and must not block or use the keeper. kStop may come again and again; each other
  // event is the last one.
  using OnEvent = std::function<void(LeaseEvent)>;

  LeaseKeeper(const Clock& clock, uint64_t seed, Identity identity, Beat beat);
  ~LeaseKeeper();
  LeaseKeeper(const LeaseKeeper&) = delete;
  LeaseKeeper& operator=(const LeaseKeeper&) = delete;

  // Begins to keep a lease that was granted just now; returns its handle.
  int64_t Add(const std::string& trial, const std::string& token, absl::Duration ttl, OnEvent on_event);
  // Ends that. Afterwards its OnEvent is not called any more.
  void Remove(int64_t handle);

  // Runs Step in a thread until the destructor, which first waits for a beat under way.
  void Start();
  // Does what is due; returns how long nothing more will be. For Start and for tests.
  absl::Duration Step();

 private:
  struct Lease {
    std::string trial;
    std::string token;
    absl::Duration ttl;
    absl::Duration renewed;  // by the clock's Monotonic
    bool ended = false;      // a last event was given
    OnEvent on_event;
  };

  void Loop();
  // handles: of the request's leases, in their order, which is also that of the answers.
  v1::HeartbeatRequest MakeRequest(std::vector<int64_t>& handles) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Apply(const v1::HeartbeatResponse& response, const std::vector<int64_t>& handles, absl::Duration sent)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FenceExpired(absl::Duration now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ScheduleNext(bool acknowledged, absl::Duration sent, absl::Duration now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Duration ShortestTtl() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Duration NextFence() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& clock_;
  const Identity identity_;
  const Beat beat_;
  std::thread thread_;

  Mutex mutex_;
  CondVar wake_;
  std::map<int64_t, Lease> leases_ ABSL_GUARDED_BY(mutex_);
  int64_t next_handle_ ABSL_GUARDED_BY(mutex_) = 1;
  absl::Duration next_beat_ ABSL_GUARDED_BY(mutex_);  // by the clock's Monotonic
  absl::Duration begun_ ABSL_GUARDED_BY(mutex_);      // when the beat was first sent
  int repeats_ ABSL_GUARDED_BY(mutex_) = 0;           // of it, being lost
  Random jitter_ ABSL_GUARDED_BY(mutex_);
  bool changed_ ABSL_GUARDED_BY(mutex_) = false;  // wakes the thread
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_LEASE_KEEPER_H_
