// vizier.VizierService, called.
#ifndef PHOTINUS_COMMON_RPC_VIZIER_CLIENT_H_
#define PHOTINUS_COMMON_RPC_VIZIER_CLIENT_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/pb.h"
#include "common/rpc/call_options.h"
#include "common/rpc/channel.h"
#include "google/longrunning/operations.pb.h"
#include "vizier/vizier_service.pb.h"

namespace photinus {

// One method per RPC; it blocks. Errors are the server's, plus Unavailable (no connection), DeadlineExceeded and
// Cancelled. Calls are repeated while Unavailable (CallOptions). Thread-safe.
class VizierClient {
 public:
  explicit VizierClient(const Channel& channel);
  ~VizierClient();
  VizierClient(VizierClient&&) noexcept;
  VizierClient& operator=(VizierClient&&) noexcept;

  struct CreatedStudy {
    pb::Study study;
    bool spec_mismatch = false;  // the study existed, with another spec
  };
  absl::StatusOr<CreatedStudy> CreateStudy(const pb::CreateStudyRequest& request, const CallOptions& options = {});
  absl::StatusOr<pb::Study> GetStudy(const pb::GetStudyRequest& request, const CallOptions& options = {});
  absl::StatusOr<pb::ListStudiesResponse> ListStudies(const pb::ListStudiesRequest& request,
                                                      const CallOptions& options = {});
  absl::Status DeleteStudy(const pb::DeleteStudyRequest& request, const CallOptions& options = {});
  absl::StatusOr<pb::Study> SetStudyState(const pb::SetStudyStateRequest& request, const CallOptions& options = {});

  absl::StatusOr<google::longrunning::Operation> SuggestTrials(const pb::SuggestTrialsRequest& request,
                                                               const CallOptions& options = {});
  absl::StatusOr<google::longrunning::Operation> GetOperation(const google::longrunning::GetOperationRequest& request,
                                                              const CallOptions& options = {});
  // SuggestTrials, then GetOperation until it is done. Also the operation's own error.
  absl::StatusOr<pb::SuggestTrialsResponse> SuggestTrialsAndWait(const pb::SuggestTrialsRequest& request,
                                                                 const CallOptions& options = {});

  absl::StatusOr<pb::Trial> CreateTrial(const pb::CreateTrialRequest& request, const CallOptions& options = {});
  absl::StatusOr<pb::Trial> GetTrial(const pb::GetTrialRequest& request, const CallOptions& options = {});
  absl::StatusOr<pb::ListTrialsResponse> ListTrials(const pb::ListTrialsRequest& request,
                                                    const CallOptions& options = {});
  absl::StatusOr<pb::Trial> AddTrialMeasurement(const pb::AddTrialMeasurementRequest& request,
                                                const CallOptions& options = {});
  absl::StatusOr<pb::Trial> CompleteTrial(const pb::CompleteTrialRequest& request, const CallOptions& options = {});
  absl::Status DeleteTrial(const pb::DeleteTrialRequest& request, const CallOptions& options = {});
  absl::StatusOr<bool> CheckTrialEarlyStoppingState(const pb::CheckTrialEarlyStoppingStateRequest& request,
                                                    const CallOptions& options = {});
  absl::StatusOr<pb::Trial> StopTrial(const pb::StopTrialRequest& request, const CallOptions& options = {});
  absl::StatusOr<pb::ListOptimalTrialsResponse> ListOptimalTrials(const pb::ListOptimalTrialsRequest& request,
                                                                  const CallOptions& options = {});
  // A refusal that the server gives in the response's error_details is an InvalidArgument.
  absl::Status UpdateMetadata(const pb::UpdateMetadataRequest& request, const CallOptions& options = {});

 private:
  struct Stub;  // keeps gRPC out of this header
  std::unique_ptr<Stub> stub_;
};

}  // namespace photinus

#endif  // PHOTINUS_COMMON_RPC_VIZIER_CLIENT_H_
