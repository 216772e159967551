// A photinus-server that does as it is told, for tests of the agent.
#ifndef PHOTINUS_TESTS_SUPPORT_FAKE_SERVER_H_
#define PHOTINUS_TESTS_SUPPORT_FAKE_SERVER_H_

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "common/base/errors.h"
#include "common/base/mutex.h"
#include "common/rpc/grpc_status.h"
#include "common/spaces/named_spaces.h"
#include "common/study_document/named_space.h"
#include "photinus/v1/worker_service.grpc.pb.h"
#include "vizier/vizier_service.grpc.pb.h"

namespace photinus {

inline constexpr absl::Duration kDeadline = absl::Seconds(30);  // for things that happen in milliseconds

// Hands out the trials that it is given, once each, and remembers what comes back.
class FakeServer final : public v1::WorkerService::Service, public pb::VizierService::Service {
 public:
  FakeServer() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(static_cast<v1::WorkerService::Service*>(this));
    builder.RegisterService(static_cast<pb::VizierService::Service*>(this));
    server_ = builder.BuildAndStart();
  }
  ~FakeServer() override { server_->Shutdown(); }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  int port() const { return port_; }

  // A trial whose program is `sh -c script`.
  void Give(int id, const std::string& script, int attempt = 1) { GiveArgv(id, {"sh", "-c", script}, attempt); }
  void GiveArgv(int id, const std::vector<std::string>& argv, int attempt = 1) {
    GiveTrial(id, {{"version", 1}, {"trial", {{"executor", "command"}, {"argv", argv}}}}, attempt);
  }
  void GiveNetwork(int id) {
    pb::StudySpec spec;
    AppendSpace(*spaces::FindSpace("keywords-small"), spec);
    const nlohmann::json trial = {{"executor", "network"}, {"task", "keywords"}, {"epochs", 1}};
    GiveTrial(id, {{"version", 1}, {"space", "keywords-small"}, {"trial", trial}}, 1, spec);
  }
  void GiveTrial(int id, const nlohmann::json& document, int attempt, const pb::StudySpec& spec = {}) {
    v1::PullTrialResponse response;
    response.mutable_trial()->set_name(Name(id));
    response.set_lease_token("token" + std::to_string(id));
    response.set_attempt(attempt);
    *response.mutable_lease_ttl() = ttl;
    *response.mutable_study_spec() = spec;
    pb::KeyValue& entry = *response.mutable_study_spec()->add_metadata();
    entry.set_ns("photinus");
    entry.set_key("study");
    entry.set_value(document.dump());
    const MutexLock lock(mutex);
    for (const std::string& objective : objectives) {
      auto& metric = *response.mutable_study_spec()->add_metrics();
      metric.set_metric_id(objective);
      metric.set_goal(pb::StudySpec::MetricSpec::MAXIMIZE);
    }
    trials.push_back(response);
  }
  static std::string Name(int id) { return "owners/a/studies/s/trials/" + std::to_string(id); }

  void Set(const std::function<void()>& change) {
    const MutexLock lock(mutex);
    change();
  }
  // Waits for something that a call changes.
  template <typename Condition>
  bool Await(Condition condition) {
    const absl::Time deadline = absl::Now() + kDeadline;
    while (absl::Now() < deadline) {
      {
        const MutexLock lock(mutex);
        if (condition()) return true;
      }
      std::this_thread::yield();
    }
    return false;
  }

  grpc::Status PullTrial(grpc::ServerContext*, const v1::PullTrialRequest* request,
                         v1::PullTrialResponse* response) override {
    const MutexLock lock(mutex);
    last_pull = *request;
    pulls.push_back(absl::Now());
    completed_before_pulls.push_back(completed.size());
    if (superseded) return ToGrpcStatus(Superseded());
    if (!trials.empty()) {
      *response = trials.front();
      trials.pop_front();
    }
    response->set_all_idle(!response->has_trial());
    return grpc::Status::OK;
  }
  grpc::Status Heartbeat(grpc::ServerContext*, const v1::HeartbeatRequest* request,
                         v1::HeartbeatResponse* response) override {
    const MutexLock lock(mutex);
    ++beats;
    if (request->leaving()) farewells.push_back(request->worker() + " " + request->incarnation());
    if (superseded) return ToGrpcStatus(Superseded());
    if (beats_fail) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "away");
    for (const auto& lease : request->leases()) {
      auto& answer = *response->add_answers();
      answer.set_trial(lease.trial());
      answer.set_verdict(verdict);
    }
    return grpc::Status::OK;
  }
  grpc::Status Release(grpc::ServerContext*, const v1::ReleaseRequest* request, v1::ReleaseResponse*) override {
    const MutexLock lock(mutex);
    released.push_back(request->trial() + " " + request->lease_token() + (request->crashed() ? " crashed" : ""));
    causes.push_back(request->cause());
    return grpc::Status::OK;
  }
  grpc::Status PutArtifact(grpc::ServerContext*, grpc::ServerReader<v1::PutArtifactRequest>* reader,
                           v1::PutArtifactResponse*) override {
    v1::PutArtifactRequest part;
    std::string name, content;
    while (reader->Read(&part)) {
      if (part.has_header()) name = part.header().name();
      content += part.chunk();
    }
    const MutexLock lock(mutex);
    artifacts[name] = content;
    return grpc::Status::OK;
  }
  grpc::Status AddTrialMeasurement(grpc::ServerContext* context, const pb::AddTrialMeasurementRequest* request,
                                   pb::Trial*) override {
    const MutexLock lock(mutex);
    if (results_fail) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "away");
    if (!measurement_error.ok()) return ToGrpcStatus(measurement_error);
    RememberToken(*context);
    measurements.push_back(request->measurement());
    return grpc::Status::OK;
  }
  grpc::Status CheckTrialEarlyStoppingState(grpc::ServerContext*, const pb::CheckTrialEarlyStoppingStateRequest*,
                                            pb::CheckTrialEarlyStoppingStateResponse* response) override {
    const MutexLock lock(mutex);
    response->set_should_stop(should_stop);
    return grpc::Status::OK;
  }
  grpc::Status CompleteTrial(grpc::ServerContext* context, const pb::CompleteTrialRequest* request,
                             pb::Trial*) override {
    const MutexLock lock(mutex);
    if (results_fail || failing_completions-- > 0) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "away");
    if (!completion_error.ok()) return ToGrpcStatus(completion_error);
    RememberToken(*context);
    completed.push_back(*request);
    return grpc::Status::OK;
  }

  Mutex mutex;  // guards all below
  std::deque<v1::PullTrialResponse> trials;
  google::protobuf::Duration ttl = [] {
    google::protobuf::Duration minute;
    minute.set_seconds(60);
    return minute;
  }();
  v1::HeartbeatResponse::Verdict verdict = v1::HeartbeatResponse::OK;
  bool beats_fail = false;
  bool results_fail = false;
  bool should_stop = false;
  bool superseded = false;
  int failing_completions = 0;
  absl::Status measurement_error;
  absl::Status completion_error;
  std::vector<std::string> objectives;  // of the trials that are given from now on
  std::vector<absl::Time> pulls;
  std::vector<size_t> completed_before_pulls;
  v1::PullTrialRequest last_pull;
  int beats = 0;
  std::vector<std::string> farewells;  // beats that said so
  std::vector<std::string> released;
  std::vector<std::string> causes;  // of releases
  std::vector<pb::Measurement> measurements;
  std::vector<pb::CompleteTrialRequest> completed;
  std::map<std::string, std::string> artifacts;
  std::set<std::string> tokens;

 private:
  static absl::Status Superseded() {
    return Error(absl::StatusCode::kFailedPrecondition, "WORKER_SUPERSEDED", "a newer process has this name");
  }
  void RememberToken(const grpc::ServerContext& context) {
    const auto token = context.client_metadata().find("x-lease-token");
    if (token != context.client_metadata().end()) tokens.emplace(token->second.data(), token->second.size());
  }

  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_SUPPORT_FAKE_SERVER_H_
