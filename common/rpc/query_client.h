// photinus.v1.QueryService, called.
#ifndef PHOTINUS_COMMON_RPC_QUERY_CLIENT_H_
#define PHOTINUS_COMMON_RPC_QUERY_CLIENT_H_

#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rpc/call_options.h"
#include "common/rpc/channel.h"
#include "photinus/v1/query_service.pb.h"

namespace photinus {

// As VizierClient: methods block, repeat while Unavailable, and are thread-safe.
class QueryClient {
 public:
  explicit QueryClient(const Channel& channel);
  ~QueryClient();
  QueryClient(QueryClient&&) noexcept;
  QueryClient& operator=(QueryClient&&) noexcept;

  absl::StatusOr<v1::QueryTrialsResponse> QueryTrials(const v1::QueryTrialsRequest& request,
                                                      const CallOptions& options = {});
  absl::StatusOr<v1::StudyStatus> GetStudyStatus(const v1::GetStudyStatusRequest& request,
                                                 const CallOptions& options = {});
  absl::StatusOr<v1::ListStudyStatusesResponse> ListStudyStatuses(const v1::ListStudyStatusesRequest& request,
                                                                  const CallOptions& options = {});
  // Calls `on_message` for each message until it returns false or the server ends the stream (OK in both cases).
  // options.timeout is of the whole watch: absl::InfiniteDuration() is allowed. Never repeated: Unavailable in the
  // middle is the caller's to judge, the request of a new watch may say where it was.
  absl::Status WatchStudy(const v1::WatchStudyRequest& request,
                          absl::FunctionRef<bool(const v1::WatchStudyResponse&)> on_message,
                          const CallOptions& options = {});
  absl::StatusOr<v1::StudyStatus> DrainStudy(const v1::DrainStudyRequest& request, const CallOptions& options = {});
  absl::StatusOr<v1::ListAttemptsResponse> ListAttempts(const v1::ListAttemptsRequest& request,
                                                        const CallOptions& options = {});
  absl::StatusOr<v1::ListArtifactsResponse> ListArtifacts(const v1::ListArtifactsRequest& request,
                                                          const CallOptions& options = {});
  absl::StatusOr<v1::ExplainTrialResponse> ExplainTrial(const v1::ExplainTrialRequest& request,
                                                        const CallOptions& options = {});
  absl::StatusOr<v1::GetParameterImportanceResponse> GetParameterImportance(
      const v1::GetParameterImportanceRequest& request, const CallOptions& options = {});
  absl::StatusOr<v1::GetStudyStopsResponse> GetStudyStops(const v1::GetStudyStopsRequest& request,
                                                          const CallOptions& options = {});
  absl::StatusOr<v1::ListWorkersResponse> ListWorkers(const v1::ListWorkersRequest& request,
                                                      const CallOptions& options = {});
  // Streams are never repeated, and options.timeout is of the whole stream: absl::InfiniteDuration() is allowed.
  // Calls `on_part` for each part until it fails (then its error).
  absl::Status ExportStudy(const v1::ExportStudyRequest& request,
                           absl::FunctionRef<absl::Status(const v1::ExportStudyResponse&)> on_part,
                           const CallOptions& options = {});
  // `next` gives the next bytes of the text, none at its end; if it fails, so does the call, with its error.
  absl::StatusOr<v1::ImportStudyResponse> ImportStudy(const v1::ImportStudyRequest::Header& header,
                                                      absl::FunctionRef<absl::StatusOr<std::string>()> next,
                                                      const CallOptions& options = {});

 private:
  struct Stub;  // keeps gRPC out of this header
  std::unique_ptr<Stub> stub_;
};

}  // namespace photinus

#endif  // PHOTINUS_COMMON_RPC_QUERY_CLIENT_H_
