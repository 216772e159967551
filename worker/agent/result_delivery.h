// The end of a trial: its result reaches the server, now or after a restart.
#ifndef PHOTINUS_WORKER_AGENT_RESULT_DELIVERY_H_
#define PHOTINUS_WORKER_AGENT_RESULT_DELIVERY_H_

#include <filesystem>

#include "worker/agent/server_calls.h"
#include "worker/agent/spool.h"
#include "worker/agent/trial_result.h"

namespace photinus {

enum class Delivery {
  kAccepted,
  kRefused,  // the trial is somebody else's or finished (the server keeps this as a late result), or gone
  kLater,    // cancelled before the server answered
};

// Sends the measurements that are left and the artifacts, then completes the trial; waits while the server is away. A
// final measurement that the server calls invalid makes the trial INFEASIBLE with its message.
Delivery Deliver(ServerClients& clients, const TrialResult& result, Cancellation& cancellation);

// Deliver, then takes the result out of the spool and removes its work dir; on kLater both stay. The artifacts of a
// refused one are kept in late_folder (see KeepLateArtifacts).
Delivery DeliverFromSpool(ServerClients& clients, const Spool& spool, const std::filesystem::path& late_folder,
                          const TrialResult& result, Cancellation& cancellation);

}  // namespace photinus

#endif  // PHOTINUS_WORKER_AGENT_RESULT_DELIVERY_H_
