// The operator's allow-list of Pythia servers, and the calls to them.
#ifndef PHOTINUS_SERVER_PYTHIA_PYTHIA_ENDPOINTS_H_
#define PHOTINUS_SERVER_PYTHIA_PYTHIA_ENDPOINTS_H_

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/pythia_client.h"
#include "server/scheduling/policy_endpoints.h"
#include "server/scheduling/thread_pool.h"

namespace photinus {

struct PythiaOptions {
  std::vector<std::string> allowed;  // HOST:PORT or what else ServerAddress takes; a study writes it in the same way
  absl::Duration connect_timeout = PolicyCallOptions().connect_timeout;
  absl::Duration timeout = PolicyCallOptions().timeout;  // of one answer
};

// Thread-safe.
class PythiaEndpoints final : public PolicyEndpoints {
 public:
  // Connects to nobody yet. InvalidArgument: no address.
  static absl::StatusOr<std::unique_ptr<PythiaEndpoints>> Make(const PythiaOptions& options);

  bool Allows(std::string_view endpoint) const override { return endpoints_.count(endpoint) > 0; }
  ThreadPool* PoolOf(std::string_view endpoint) override;
  absl::StatusOr<vizier::SuggestDecision> Suggest(const std::string& endpoint, const vizier::SuggestRequest& request,
                                                  const std::function<bool()>& cancelled) override;
  absl::StatusOr<vizier::EarlyStopDecisions> EarlyStop(const std::string& endpoint,
                                                       const vizier::EarlyStopRequest& request,
                                                       const std::function<bool()>& cancelled) override;

  // Ends all calls, also later ones, with Unavailable.
  void CancelCalls() { stopping_ = true; }
  // After CancelCalls: ends the threads.
  void Stop();

 private:
  struct Endpoint {
    explicit Endpoint(const Channel& channel);
    PythiaClient client;
    ThreadPool pool;
  };

  explicit PythiaEndpoints(const PythiaOptions& options) : options_(options) {}
  PolicyCallOptions OptionsWith(const std::function<bool()>& cancelled) const;
  // An error of a call as the client of the study shall see it. cancelled: the call's, or null.
  absl::Status Explained(const std::string& endpoint, const absl::Status& status,
                         const std::function<bool()>& cancelled) const;

  const PythiaOptions options_;
  std::atomic<bool> stopping_ = false;
  std::map<std::string, std::unique_ptr<Endpoint>, std::less<>> endpoints_;  // filled by Make
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_PYTHIA_PYTHIA_ENDPOINTS_H_
