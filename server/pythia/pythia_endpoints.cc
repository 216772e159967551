#include "server/pythia/pythia_endpoints.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/rpc/channel.h"

namespace photinus {
namespace {

// So many studies wait for one endpoint at once; policies of Vizier's own kind compute one answer after the other.
constexpr int kThreads = 16;
constexpr size_t kQueue = 1024;
constexpr size_t kMaxShownChars = 600;  // of what a policy says went wrong

absl::Status Unavailable(const std::string& endpoint, const std::string& what) {
  return Error(absl::StatusCode::kUnavailable, kPythiaUnavailable,
               absl::StrCat("the Pythia endpoint ", endpoint, " ", what));
}

}  // namespace

PythiaEndpoints::Endpoint::Endpoint(const Channel& channel) : client(channel), pool(kThreads, kQueue) {}

absl::StatusOr<std::unique_ptr<PythiaEndpoints>> PythiaEndpoints::Make(const PythiaOptions& options) {
  std::unique_ptr<PythiaEndpoints> endpoints(new PythiaEndpoints(options));
  for (const std::string& address : options.allowed) {
    auto channel = Channel::Open(address);
    if (!channel.ok()) return FieldError("pythia-endpoints", std::string(channel.status().message()));
    endpoints->endpoints_[address] = std::make_unique<Endpoint>(*channel);
  }
  return endpoints;
}

ThreadPool* PythiaEndpoints::PoolOf(std::string_view endpoint) {
  const auto found = endpoints_.find(endpoint);
  return found == endpoints_.end() ? nullptr : &found->second->pool;
}

PolicyCallOptions PythiaEndpoints::OptionsWith(const std::function<bool()>& cancelled) const {
  return {.connect_timeout = options_.connect_timeout, .timeout = options_.timeout, .cancelled = [this, &cancelled] {
            return stopping_ || (cancelled != nullptr && cancelled());
          }};
}

absl::Status PythiaEndpoints::Explained(const std::string& endpoint, const absl::Status& status,
                                        const std::function<bool()>& cancelled) const {
  if (absl::IsCancelled(status)) {  // by us; else it is the policy's own error
    if (stopping_) return absl::UnavailableError("the server is shutting down; try again");
    if (cancelled != nullptr && cancelled()) return status;
  }
  if (absl::IsUnavailable(status)) {
    return Unavailable(endpoint, absl::StrCat("cannot be reached, or went away before it answered; start its policy ",
                                              "server again, then ask again"));
  }
  if (absl::IsDeadlineExceeded(status)) {
    return Unavailable(endpoint, absl::StrCat("gave no answer within ", absl::FormatDuration(options_.timeout),
                                              "; ask again, or start photinus-server with a longer --pythia-timeout"));
  }
  return Error(absl::StatusCode::kFailedPrecondition, kPythiaFailed,
               absl::StrCat("the policy at ", endpoint, " failed: ", absl::StatusCodeToString(status.code()), ": ",
                            Shortened(std::string(status.message()), kMaxShownChars), "; its own log may tell more"));
}

absl::StatusOr<vizier::SuggestDecision> PythiaEndpoints::Suggest(const std::string& endpoint,
                                                                 const vizier::SuggestRequest& request,
                                                                 const std::function<bool()>& cancelled) {
  auto decision = endpoints_.at(endpoint)->client.Suggest(request, OptionsWith(cancelled));
  if (!decision.ok()) return Explained(endpoint, decision.status(), cancelled);
  return decision;
}

absl::StatusOr<vizier::EarlyStopDecisions> PythiaEndpoints::EarlyStop(const std::string& endpoint,
                                                                      const vizier::EarlyStopRequest& request,
                                                                      const std::function<bool()>& cancelled) {
  auto decisions = endpoints_.at(endpoint)->client.EarlyStop(request, OptionsWith(cancelled));
  if (!decisions.ok()) return Explained(endpoint, decisions.status(), cancelled);
  return decisions;
}

void PythiaEndpoints::Stop() {
  for (const auto& [address, endpoint] : endpoints_) endpoint->pool.Stop();
}

}  // namespace photinus
