// StudyClient over gRPC.
#ifndef PHOTINUS_CLIENT_CLI_RPC_STUDY_CLIENT_H_
#define PHOTINUS_CLIENT_CLI_RPC_STUDY_CLIENT_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/study_client.h"
#include "common/rpc/admin_client.h"
#include "common/rpc/call_options.h"
#include "common/rpc/cancellation.h"
#include "common/rpc/channel.h"
#include "common/rpc/query_client.h"
#include "common/rpc/vizier_client.h"
#include "common/rpc/worker_client.h"

namespace photinus {

class RpcStudyClient final : public StudyClient {
 public:
  // InvalidArgument: a malformed address. The first call connects; it gives Unavailable if nothing answers within a few
  // seconds. `cancellation` is borrowed and ends every call. `timeout`: of calls that are no streams.
  static absl::StatusOr<std::unique_ptr<StudyClient>> Open(const std::string& server, Cancellation& cancellation,
                                                           absl::Duration timeout = CallOptions().timeout);

  absl::StatusOr<pb::Study> CreateStudy(const StudyName& name, const pb::StudySpec& spec, IfExists if_exists) override;
  absl::StatusOr<std::vector<v1::StudyStatus>> ListStudies(const std::string& owner) override;
  absl::StatusOr<v1::StudyStatus> GetStudyStatus(const StudyName& name) override;
  absl::Status WatchStudy(const StudyName& name, const WatchPosition& since,
                          absl::FunctionRef<bool(const v1::WatchStudyResponse&)> on_message) override;
  absl::Status Reconnect() override;
  absl::StatusOr<v1::StudyStatus> DrainStudy(const StudyName& name, v1::DrainStudyRequest::Mode mode) override;
  absl::StatusOr<pb::Study> SetStudyState(const StudyName& name, pb::Study::State state) override;
  absl::Status SetStudyDocument(const StudyName& name, const std::string& json) override;
  absl::Status DeleteStudy(const StudyName& name) override;
  absl::StatusOr<std::vector<pb::Trial>> QueryTrials(const StudyName& name, const TrialQuery& query) override;
  absl::Status ReadTrials(const StudyName& name, absl::FunctionRef<absl::Status(const pb::Trial&)> on_trial) override;
  absl::StatusOr<pb::Trial> GetTrial(const TrialName& name) override;
  absl::StatusOr<pb::Trial> CreateTrial(const StudyName& name, const pb::Trial& trial) override;
  absl::StatusOr<std::vector<pb::Trial>> ListOptimalTrials(const StudyName& name) override;
  absl::StatusOr<std::vector<v1::Attempt>> ListAttempts(const TrialName& name) override;
  absl::StatusOr<std::vector<v1::ListArtifactsResponse::Artifact>> ListArtifacts(const TrialName& name) override;
  absl::StatusOr<v1::ExplainTrialResponse> ExplainTrial(const TrialName& name) override;
  absl::StatusOr<v1::GetStudyStopsResponse> GetStudyStops(const StudyName& name) override;
  absl::StatusOr<v1::GetParameterImportanceResponse> GetParameterImportance(const StudyName& name,
                                                                            const std::string& objective) override;
  absl::Status FetchArtifact(const TrialName& name, const std::string& artifact, const std::string& path) override;
  absl::Status ExportStudy(const StudyName& name, bool artifacts,
                           absl::FunctionRef<absl::Status(const v1::ExportStudyResponse&)> on_part) override;
  absl::StatusOr<v1::ImportStudyResponse> ImportStudy(const std::string& owner, const std::string& display_name,
                                                      absl::FunctionRef<absl::StatusOr<std::string>()> next) override;
  absl::StatusOr<std::vector<v1::ListWorkersResponse::Worker>> ListWorkers() override;
  absl::Status Backup(const std::string& path,
                      absl::FunctionRef<void(int64_t done, int64_t total)> on_progress) override;

 private:
  RpcStudyClient(Channel channel, Cancellation& cancellation, absl::Duration timeout);

  // An error that gRPC made up, in words for people; others pass unchanged. change: what may have been done all the
  // same, such as "the study was deleted"; empty for a call that only reads.
  absl::Status Explained(const absl::Status& status, std::string_view change = "") const;
  template <typename T>
  absl::StatusOr<T> Explained(absl::StatusOr<T> result, std::string_view change = "") const {
    if (result.ok()) return result;
    return Explained(result.status(), change);
  }

  // Waits until the server can be reached. Unavailable: not within `timeout`. Cancelled.
  absl::Status AwaitServer(absl::Duration timeout) const;
  // AwaitServer before the first call.
  absl::Status Ready();
  // For streams, which take as long as they take.
  CallOptions Patient() const;

  Channel channel_;
  Cancellation& cancellation_;
  const CallOptions options_;
  VizierClient vizier_;
  QueryClient query_;
  WorkerClient worker_;
  AdminClient admin_;
  bool was_ready_ = false;
};

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_RPC_STUDY_CLIENT_H_
