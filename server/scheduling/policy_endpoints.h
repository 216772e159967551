// Policies that run elsewhere, behind Vizier's PythiaService.
#ifndef PHOTINUS_SERVER_SCHEDULING_POLICY_ENDPOINTS_H_
#define PHOTINUS_SERVER_SCHEDULING_POLICY_ENDPOINTS_H_

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/scheduling/thread_pool.h"
#include "vizier/pythia_service.pb.h"

namespace photinus {

// Reasons of errors, all of them told to the client whose request needed the policy.
inline constexpr char kPythiaUnavailable[] = "PYTHIA_UNAVAILABLE";     // UNAVAILABLE: no answer came
inline constexpr char kPythiaFailed[] = "PYTHIA_FAILED";               // FAILED_PRECONDITION: the policy's own error
inline constexpr char kPythiaInvalidReply[] = "PYTHIA_INVALID_REPLY";  // FAILED_PRECONDITION: nonsense
inline constexpr char kPythiaNotAllowed[] = "PYTHIA_NOT_ALLOWED";      // FAILED_PRECONDITION: not any more

// The Pythia servers that the operator allows. Thread-safe.
class PolicyEndpoints {
 public:
  virtual ~PolicyEndpoints() = default;

  virtual bool Allows(std::string_view endpoint) const = 0;

  // Where to wait for the endpoint's answers, so that nobody waits behind them but those who want more of them. Null:
  // it is not allowed.
  virtual ThreadPool* PoolOf(std::string_view endpoint) = 0;

  // Both are for an allowed endpoint, and block until the answer is there, the time is up or `cancelled`, which may be
  // null, says so. The answer is anything that fits into a message. Unavailable, FailedPrecondition (see above),
  // Cancelled.
  virtual absl::StatusOr<vizier::SuggestDecision> Suggest(const std::string& endpoint,
                                                          const vizier::SuggestRequest& request,
                                                          const std::function<bool()>& cancelled) = 0;
  virtual absl::StatusOr<vizier::EarlyStopDecisions> EarlyStop(const std::string& endpoint,
                                                               const vizier::EarlyStopRequest& request,
                                                               const std::function<bool()>& cancelled) = 0;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_POLICY_ENDPOINTS_H_
