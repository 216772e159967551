// vizier.PythiaService, called.
#ifndef PHOTINUS_COMMON_RPC_PYTHIA_CLIENT_H_
#define PHOTINUS_COMMON_RPC_PYTHIA_CLIENT_H_

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/channel.h"
#include "vizier/pythia_service.pb.h"

namespace photinus {

struct PolicyCallOptions {
  // For a connection. Somebody who is restarting is worth a wait, because a policy is asked for the second time only
  // when the client asks again.
  absl::Duration connect_timeout = absl::Seconds(4);
  absl::Duration timeout = absl::Minutes(5);  // for the answer
  std::function<bool()> cancelled;            // may be null; looked at now and then
};

// Calls that take long, for the policy computes: they are never repeated, because it may take them for different ones.
// Errors are the policy's, plus Unavailable (no connection, or lost), DeadlineExceeded and Cancelled. Thread-safe.
class PythiaClient {
 public:
  explicit PythiaClient(const Channel& channel);
  ~PythiaClient();
  PythiaClient(PythiaClient&&) noexcept;
  PythiaClient& operator=(PythiaClient&&) noexcept;

  absl::StatusOr<vizier::SuggestDecision> Suggest(const vizier::SuggestRequest& request,
                                                  const PolicyCallOptions& options);
  absl::StatusOr<vizier::EarlyStopDecisions> EarlyStop(const vizier::EarlyStopRequest& request,
                                                       const PolicyCallOptions& options);

 private:
  struct Stub;  // keeps gRPC out of this header
  std::unique_ptr<Stub> stub_;
};

}  // namespace photinus

#endif  // PHOTINUS_COMMON_RPC_PYTHIA_CLIENT_H_
