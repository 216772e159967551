// The server as a worker uses it: calls that go on until they are answered.
#ifndef PHOTINUS_WORKER_AGENT_SERVER_CALLS_H_
#define PHOTINUS_WORKER_AGENT_SERVER_CALLS_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/rpc/call_options.h"
#include "common/rpc/cancellation.h"
#include "common/rpc/vizier_client.h"
#include "common/rpc/worker_client.h"

namespace photinus {

// Both services, over one connection. Thread-safe.
struct ServerClients {
  explicit ServerClients(const Channel& channel) : vizier(channel), worker(channel) {}

  VizierClient vizier;
  WorkerClient worker;
  std::string incarnation;  // of this process; set before the first call
};

// Headers and deadline of one call about a trial.
CallOptions TrialCall(const std::string& lease_token, Cancellation& cancellation);

// Whether a call that failed so may succeed later without anybody's doing: the server is away, overloaded or out of
// disk.
bool MayPass(const absl::Status& status);

// Whether PullTrial or Heartbeat failed because a newer daemon of the same name has taken this one's place.
bool IsSuperseded(const absl::Status& status);

// Repeats `call` with back-off while its error MayPass, and faults of the server (Internal, Unknown, DataLoss) a few
// times. Cancelled once `cancellation` is.
absl::Status UntilAnswered(Cancellation& cancellation, absl::FunctionRef<absl::Status()> call);

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_SERVER_CALLS_H_
