// The services as a client meets them, one line per call and nothing repeated, for tests.
#ifndef PHOTINUS_TESTS_SUPPORT_SERVICE_CLIENT_H_
#define PHOTINUS_TESTS_SUPPORT_SERVICE_CLIENT_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/pb.h"
#include "google/longrunning/operations.pb.h"
#include "photinus/v1/query_service.pb.h"
#include "photinus/v1/worker_service.pb.h"
#include "vizier/vizier_service.pb.h"

namespace photinus {

// What a call carries besides its request.
struct Call {
  std::map<std::string, std::string> headers;
  absl::Duration timeout = absl::Seconds(60);
  std::multimap<std::string, std::string>* trailing = nullptr;  // receives the trailing metadata
};

inline Call WithToken(const std::string& lease_token) { return {.headers = {{"x-lease-token", lease_token}}}; }

// With a connection of its own, for which a call waits if `wait_for_ready`, rather than fail. Names are full resource
// names. Thread-safe.
class ServiceClient {
 public:
  explicit ServiceClient(const std::string& address, bool wait_for_ready = false);
  ~ServiceClient();

  absl::StatusOr<pb::Study> CreateStudy(const std::string& owner, const pb::Study& study, const Call& call = {});
  absl::StatusOr<pb::Study> GetStudy(const std::string& name);
  absl::StatusOr<vizier::ListStudiesResponse> ListStudies(const std::string& owner, int page_size = 0,
                                                          const std::string& page_token = "");
  absl::Status DeleteStudy(const std::string& name, const Call& call = {});
  absl::StatusOr<pb::Study> SetStudyState(const std::string& name, pb::Study::State state);

  absl::StatusOr<google::longrunning::Operation> Suggest(const std::string& study, const std::string& client_id,
                                                         int count = 1, const Call& call = {});
  absl::StatusOr<google::longrunning::Operation> GetOperation(const std::string& name);

  absl::StatusOr<pb::Trial> CreateTrial(const std::string& study, const pb::Trial& trial, const Call& call = {});
  absl::StatusOr<pb::Trial> GetTrial(const std::string& name);
  absl::StatusOr<vizier::ListTrialsResponse> ListTrials(const std::string& study, int page_size = 0,
                                                        const std::string& page_token = "");
  absl::StatusOr<vizier::ListOptimalTrialsResponse> ListOptimalTrials(const std::string& study);
  absl::StatusOr<pb::Trial> AddMeasurement(const std::string& trial, const pb::Measurement& measurement,
                                           const Call& call = {});
  absl::StatusOr<pb::Trial> Complete(const vizier::CompleteTrialRequest& request, const Call& call = {});
  absl::StatusOr<pb::Trial> Complete(const std::string& trial, const pb::Measurement& final_measurement,
                                     const Call& call = {});
  absl::StatusOr<pb::Trial> CompleteInfeasible(const std::string& trial, const std::string& reason,
                                               const Call& call = {});
  absl::Status DeleteTrial(const std::string& name, const Call& call = {});
  absl::StatusOr<bool> ShouldStop(const std::string& trial, const Call& call = {});
  absl::StatusOr<pb::Trial> StopTrial(const std::string& name);
  absl::StatusOr<vizier::UpdateMetadataResponse> UpdateMetadata(const vizier::UpdateMetadataRequest& request,
                                                                const Call& call = {});

  absl::StatusOr<v1::PullTrialResponse> Pull(const v1::PullTrialRequest& request);
  absl::StatusOr<v1::HeartbeatResponse> Heartbeat(const v1::HeartbeatRequest& request);
  absl::Status Release(const std::string& trial, const std::string& lease_token);
  absl::Status PutArtifact(const std::string& trial, const std::string& name, const std::string& bytes,
                           const std::string& lease_token);

  absl::StatusOr<v1::StudyStatus> GetStudyStatus(const std::string& name);
  absl::StatusOr<v1::StudyStatus> DrainStudy(const std::string& name, v1::DrainStudyRequest::Mode mode);
  absl::StatusOr<v1::ListWorkersResponse> ListWorkers();
  absl::StatusOr<v1::ListAttemptsResponse> ListAttempts(const std::string& trial);

 private:
  struct Stubs;

  const std::unique_ptr<Stubs> stubs_;
};

// The trials of a done operation.
std::vector<pb::Trial> TrialsOf(const google::longrunning::Operation& operation);

}  // namespace photinus

#endif  // PHOTINUS_TESTS_SUPPORT_SERVICE_CLIENT_H_
