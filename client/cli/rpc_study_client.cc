#include "client/cli/rpc_study_client.h"

#include <algorithm>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/study_document/problem_entries.h"

namespace photinus {
namespace {

constexpr absl::Duration kConnectTimeout = absl::Seconds(4);
constexpr absl::Duration kReconnectPause = absl::Seconds(1);
constexpr absl::Duration kReconnectTimeout = absl::Minutes(1);
constexpr absl::Duration kWaitSlice = absl::Milliseconds(200);  // how soon Ctrl-C is noticed
constexpr int64_t kMaxPageSize = 1000;

template <typename Item>
std::vector<Item> ToVector(const google::protobuf::RepeatedPtrField<Item>& items) {
  return std::vector<Item>(items.begin(), items.end());
}

bool Says(const absl::Status& status, absl::string_view text) { return absl::StrContains(status.message(), text); }

// The server gives a reason with each of its errors.
bool IsMadeByGrpc(const absl::Status& status) {
  bool has_reason = false;
  status.ForEachPayload([&](absl::string_view, const absl::Cord&) { has_reason = true; });
  return !has_reason;
}

}  // namespace

absl::Status RpcStudyClient::Explained(const absl::Status& status, std::string_view change) const {
  if (status.ok() || !IsMadeByGrpc(status)) return status;
  const std::string& server = channel_.address().target;
  const std::string unknown = change.empty() ? ""
                                             : absl::StrCat("; whether ", std::string(change),
                                                            " is unknown; repeating the command is harmless");
  if (absl::IsUnimplemented(status) || Says(status, "http2 header with status")) {
    // Not Unavailable: trying again is no help.
    return absl::FailedPreconditionError(absl::StrCat(server, " is not a Photinus server, or one of another version"));
  }
  if (absl::IsDeadlineExceeded(status)) {
    return absl::DeadlineExceededError(
        absl::StrCat(server, " did not answer within ", absl::FormatDuration(options_.timeout), unknown));
  }
  if (!absl::IsUnavailable(status)) return status;
  if (Says(status, "Cancelling all calls")) {
    return absl::UnavailableError(absl::StrCat("the server at ", server, " is stopping; try again later", unknown));
  }
  return absl::UnavailableError(
      absl::StrCat("the connection to ", server, " was lost (", std::string(status.message()), ")", unknown));
}

RpcStudyClient::RpcStudyClient(Channel channel, Cancellation& cancellation, absl::Duration timeout)
    : channel_(std::move(channel)),
      cancellation_(cancellation),
      options_(CallOptions{.timeout = timeout, .cancellation = &cancellation}),
      vizier_(channel_),
      query_(channel_),
      worker_(channel_),
      admin_(channel_) {}

absl::StatusOr<std::unique_ptr<StudyClient>> RpcStudyClient::Open(const std::string& server, Cancellation& cancellation,
                                                                  absl::Duration timeout) {
  auto channel = Channel::Open(server);
  if (!channel.ok()) return FieldError("--server", std::string(channel.status().message()));
  return std::unique_ptr<StudyClient>(new RpcStudyClient(*std::move(channel), cancellation, timeout));
}

absl::Status RpcStudyClient::Ready() {
  if (was_ready_) return absl::OkStatus();
  RETURN_IF_ERROR(AwaitServer(kConnectTimeout));
  was_ready_ = true;
  return absl::OkStatus();
}

absl::Status RpcStudyClient::AwaitServer(absl::Duration timeout) const {
  const absl::Time deadline = absl::Now() + timeout;
  while (true) {
    const absl::Status status = channel_.WaitUntilConnected(kWaitSlice);
    if (status.ok() || absl::Now() >= deadline) return status;
    if (cancellation_.cancelled()) return absl::CancelledError("interrupted");
  }
}

absl::Status RpcStudyClient::Reconnect() {
  if (cancellation_.WaitFor(kReconnectPause)) return absl::CancelledError("interrupted");
  return AwaitServer(kReconnectTimeout);
}

absl::StatusOr<pb::Study> RpcStudyClient::CreateStudy(const StudyName& name, const pb::StudySpec& spec,
                                                      IfExists if_exists) {
  RETURN_IF_ERROR(Ready());
  pb::CreateStudyRequest request;
  request.set_parent(OwnerName{name.owner}.ToString());
  request.mutable_study()->set_display_name(name.study);
  *request.mutable_study()->mutable_study_spec() = spec;
  CallOptions options = options_;
  options.strict_create = if_exists == IfExists::kRefuse;
  ASSIGN_OR_RETURN(VizierClient::CreatedStudy created,
                   Explained(vizier_.CreateStudy(request, options), "the study was created"));
  if (!created.spec_mismatch) return std::move(created.study);
  return absl::AlreadyExistsError(
      absl::StrCat(created.study.name(), " exists with other content; give another --name, or delete it first"));
}

absl::StatusOr<std::vector<v1::StudyStatus>> RpcStudyClient::ListStudies(const std::string& owner) {
  RETURN_IF_ERROR(Ready());
  RETURN_IF_ERROR(ValidateId("owner", owner));
  v1::ListStudyStatusesRequest request;
  request.set_parent(OwnerName{owner}.ToString());
  std::vector<v1::StudyStatus> statuses;
  do {
    ASSIGN_OR_RETURN(const v1::ListStudyStatusesResponse response,
                     Explained(query_.ListStudyStatuses(request, options_)));
    statuses.insert(statuses.end(), response.statuses().begin(), response.statuses().end());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return statuses;
}

absl::StatusOr<v1::StudyStatus> RpcStudyClient::GetStudyStatus(const StudyName& name) {
  RETURN_IF_ERROR(Ready());
  v1::GetStudyStatusRequest request;
  request.set_name(name.ToString());
  return Explained(query_.GetStudyStatus(request, options_));
}

absl::Status RpcStudyClient::WatchStudy(const StudyName& name, const WatchPosition& since,
                                        absl::FunctionRef<bool(const v1::WatchStudyResponse&)> on_message) {
  RETURN_IF_ERROR(Ready());
  v1::WatchStudyRequest request;
  request.set_name(name.ToString());
  request.set_uid(since.uid);
  request.set_version(since.version);
  return Explained(query_.WatchStudy(request, on_message, Patient()));
}

CallOptions RpcStudyClient::Patient() const {
  CallOptions options = options_;
  options.timeout = absl::InfiniteDuration();
  return options;
}

absl::StatusOr<v1::StudyStatus> RpcStudyClient::DrainStudy(const StudyName& name, v1::DrainStudyRequest::Mode mode) {
  RETURN_IF_ERROR(Ready());
  v1::DrainStudyRequest request;
  request.set_name(name.ToString());
  request.set_mode(mode);
  return Explained(query_.DrainStudy(request, options_), "the study was changed");
}

absl::StatusOr<pb::Study> RpcStudyClient::SetStudyState(const StudyName& name, pb::Study::State state) {
  RETURN_IF_ERROR(Ready());
  pb::SetStudyStateRequest request;
  request.set_parent(name.ToString());
  request.set_state(state);
  return Explained(vizier_.SetStudyState(request, options_), "the study was changed");
}

absl::Status RpcStudyClient::SetStudyDocument(const StudyName& name, const std::string& json) {
  RETURN_IF_ERROR(Ready());
  pb::UpdateMetadataRequest request;
  request.set_name(name.ToString());
  pb::KeyValue& document = *request.add_delta()->mutable_metadatum();
  document.set_ns(kDocumentNamespace);
  document.set_key(kDocumentKey);
  document.set_value(json);
  return Explained(vizier_.UpdateMetadata(request, options_), "the study was changed");
}

absl::Status RpcStudyClient::DeleteStudy(const StudyName& name) {
  RETURN_IF_ERROR(Ready());
  pb::DeleteStudyRequest request;
  request.set_name(name.ToString());
  return Explained(vizier_.DeleteStudy(request, options_), "the study was deleted");
}

absl::StatusOr<std::vector<pb::Trial>> RpcStudyClient::QueryTrials(const StudyName& name, const TrialQuery& query) {
  RETURN_IF_ERROR(Ready());
  v1::QueryTrialsRequest request;
  request.set_parent(name.ToString());
  request.set_filter(query.filter);
  request.set_order_by(query.order_by);
  std::vector<pb::Trial> trials;
  do {
    const int64_t missing = query.limit == 0 ? kMaxPageSize : query.limit - static_cast<int64_t>(trials.size());
    request.set_page_size(static_cast<int32_t>(std::min(missing, kMaxPageSize)));
    ASSIGN_OR_RETURN(const v1::QueryTrialsResponse response, Explained(query_.QueryTrials(request, options_)));
    trials.insert(trials.end(), response.trials().begin(), response.trials().end());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty() && (query.limit == 0 || static_cast<int64_t>(trials.size()) < query.limit));
  return trials;
}

absl::Status RpcStudyClient::ReadTrials(const StudyName& name,
                                        absl::FunctionRef<absl::Status(const pb::Trial&)> on_trial) {
  RETURN_IF_ERROR(Ready());
  v1::QueryTrialsRequest request;
  request.set_parent(name.ToString());
  do {
    ASSIGN_OR_RETURN(const v1::QueryTrialsResponse response, Explained(query_.QueryTrials(request, options_)));
    for (const pb::Trial& trial : response.trials()) RETURN_IF_ERROR(on_trial(trial));
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::StatusOr<pb::Trial> RpcStudyClient::GetTrial(const TrialName& name) {
  RETURN_IF_ERROR(Ready());
  pb::GetTrialRequest request;
  request.set_name(name.ToString());
  return Explained(vizier_.GetTrial(request, options_));
}

absl::StatusOr<pb::Trial> RpcStudyClient::CreateTrial(const StudyName& name, const pb::Trial& trial) {
  RETURN_IF_ERROR(Ready());
  pb::CreateTrialRequest request;
  request.set_parent(name.ToString());
  *request.mutable_trial() = trial;
  return Explained(vizier_.CreateTrial(request, options_));
}

absl::StatusOr<std::vector<pb::Trial>> RpcStudyClient::ListOptimalTrials(const StudyName& name) {
  RETURN_IF_ERROR(Ready());
  pb::ListOptimalTrialsRequest request;
  request.set_parent(name.ToString());
  request.set_page_size(kMaxPageSize);
  std::vector<pb::Trial> trials;
  do {
    ASSIGN_OR_RETURN(const pb::ListOptimalTrialsResponse response,
                     Explained(vizier_.ListOptimalTrials(request, options_)));
    trials.insert(trials.end(), response.optimal_trials().begin(), response.optimal_trials().end());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return trials;
}

absl::StatusOr<std::vector<v1::Attempt>> RpcStudyClient::ListAttempts(const TrialName& name) {
  RETURN_IF_ERROR(Ready());
  v1::ListAttemptsRequest request;
  request.set_trial(name.ToString());
  request.set_page_size(kMaxPageSize);
  std::vector<v1::Attempt> attempts;
  do {
    ASSIGN_OR_RETURN(const v1::ListAttemptsResponse response, Explained(query_.ListAttempts(request, options_)));
    attempts.insert(attempts.end(), response.attempts().begin(), response.attempts().end());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return attempts;
}

absl::StatusOr<std::vector<v1::ListArtifactsResponse::Artifact>> RpcStudyClient::ListArtifacts(const TrialName& name) {
  RETURN_IF_ERROR(Ready());
  v1::ListArtifactsRequest request;
  request.set_trial(name.ToString());
  ASSIGN_OR_RETURN(const v1::ListArtifactsResponse response, Explained(query_.ListArtifacts(request, options_)));
  return ToVector(response.artifacts());
}

absl::StatusOr<v1::ExplainTrialResponse> RpcStudyClient::ExplainTrial(const TrialName& name) {
  RETURN_IF_ERROR(Ready());
  v1::ExplainTrialRequest request;
  request.set_trial(name.ToString());
  return Explained(query_.ExplainTrial(request, options_));
}

absl::StatusOr<v1::GetParameterImportanceResponse> RpcStudyClient::GetParameterImportance(
    const StudyName& name, const std::string& objective) {
  RETURN_IF_ERROR(Ready());
  v1::GetParameterImportanceRequest request;
  request.set_parent(name.ToString());
  request.set_objective(objective);
  return Explained(query_.GetParameterImportance(request, options_));
}

absl::StatusOr<v1::GetStudyStopsResponse> RpcStudyClient::GetStudyStops(const StudyName& name) {
  RETURN_IF_ERROR(Ready());
  v1::GetStudyStopsRequest request;
  request.set_parent(name.ToString());
  v1::GetStudyStopsResponse all;
  do {
    ASSIGN_OR_RETURN(const v1::GetStudyStopsResponse page, Explained(query_.GetStudyStops(request, options_)));
    all.mutable_stops()->MergeFrom(page.stops());
    *all.mutable_audit() = page.audit();
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return all;
}

absl::Status RpcStudyClient::FetchArtifact(const TrialName& name, const std::string& artifact,
                                           const std::string& path) {
  RETURN_IF_ERROR(Ready());
  return Explained(worker_.GetArtifact(name.ToString(), artifact, path, options_).status());
}

absl::StatusOr<std::vector<v1::ListWorkersResponse::Worker>> RpcStudyClient::ListWorkers() {
  RETURN_IF_ERROR(Ready());
  ASSIGN_OR_RETURN(const v1::ListWorkersResponse response,
                   Explained(query_.ListWorkers(v1::ListWorkersRequest(), options_)));
  return ToVector(response.workers());
}

absl::Status RpcStudyClient::ExportStudy(const StudyName& name, bool artifacts,
                                         absl::FunctionRef<absl::Status(const v1::ExportStudyResponse&)> on_part) {
  RETURN_IF_ERROR(Ready());
  v1::ExportStudyRequest request;
  request.set_name(name.ToString());
  request.set_artifacts(artifacts);
  return Explained(query_.ExportStudy(request, on_part, Patient()));
}

absl::StatusOr<v1::ImportStudyResponse> RpcStudyClient::ImportStudy(
    const std::string& owner, const std::string& display_name, absl::FunctionRef<absl::StatusOr<std::string>()> next) {
  RETURN_IF_ERROR(Ready());
  RETURN_IF_ERROR(ValidateId("owner", owner));
  v1::ImportStudyRequest::Header header;
  header.set_parent(OwnerName{owner}.ToString());
  header.set_display_name(display_name);
  return Explained(query_.ImportStudy(header, next, Patient()), "the study was imported");
}

absl::Status RpcStudyClient::Backup(const std::string& path,
                                    absl::FunctionRef<void(int64_t done, int64_t total)> on_progress) {
  RETURN_IF_ERROR(Ready());
  return Explained(admin_.Backup(path, on_progress, Patient()));
}

}  // namespace photinus
