// Sends a running trial's measurements, and learns whether it should stop.
#ifndef PHOTINUS_WORKER_AGENT_MEASUREMENT_REPORTER_H_
#define PHOTINUS_WORKER_AGENT_MEASUREMENT_REPORTER_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/base/pb.h"
#include "worker/agent/server_calls.h"

namespace photinus {

// A thread that calls AddTrialMeasurement for each measurement in order, at most kMaxPerSecond in the long run, and
// after it CheckTrialEarlyStoppingState. While the server is away it waits. Measurements that the server
// refuses are dropped, the first of them with a line in the log. Methods are for one thread.
class MeasurementReporter {
 public:
  static constexpr size_t kCapacity = 256;
  static constexpr int kMaxPerSecond = 200;

  // Called from the reporter's thread.
  struct Events {
    std::function<void()> on_stop;  // the stopping rule says so; perhaps more than once
    std::function<void()> on_lost;  // the server takes nothing of this trial any more: what is left is dropped
    std::function<void()> on_room;  // HasRoom is true again
  };

  // `clients` and `cancellation` outlive the reporter; once cancelled, it sends nothing more, but keeps the rest.
  MeasurementReporter(ServerClients& clients, std::string trial, std::string lease_token, Cancellation& cancellation,
                      Events events);
  ~MeasurementReporter();
  MeasurementReporter(const MeasurementReporter&) = delete;
  MeasurementReporter& operator=(const MeasurementReporter&) = delete;

  // Never blocks; what comes while there is no room is kept too, but the caller should not go on for long.
  void Add(pb::Measurement measurement);
  bool HasRoom();
  // Goes on for at most `patience`, then cancels. Returns what was not sent, the first perhaps being underway (the
  // server knows a measurement that comes twice). Last.
  std::vector<pb::Measurement> Finish(absl::Duration patience);

 private:
  void Loop();
  enum class Sent { kDone, kCancelled, kLost };
  Sent Send(const pb::Measurement& measurement);
  // False if cancelled before.
  bool AwaitTurn();
  void CheckStop();

  ServerClients& clients_;
  const std::string trial_;
  const std::string lease_token_;
  Cancellation& cancellation_;
  const Events events_;
  // Of the thread.
  bool dropped_ = false;                              // the server has refused a measurement, and the log says so
  absl::Time budget_full_at_ = absl::InfinitePast();  // when the burst is available again

  Mutex mutex_;
  CondVar changed_;  // the queue, finishing_ or ended_
  std::deque<pb::Measurement> queue_ ABSL_GUARDED_BY(mutex_);
  bool finishing_ ABSL_GUARDED_BY(mutex_) = false;
  bool lost_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;  // the thread sends nothing more
  std::thread thread_;                          // last: uses the rest
};

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_MEASUREMENT_REPORTER_H_
