#include "tests/conformance/history/faulty_proxy.h"

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "common/base/mutex.h"
#include "common/base/pb.h"
#include "photinus/v1/worker_service.grpc.pb.h"
#include "vizier/vizier_service.grpc.pb.h"

namespace photinus {
namespace {

using grpc::ServerContext;
using grpc::Status;

constexpr char kTokenHeader[] = "x-lease-token";
constexpr char kRequestIdHeader[] = "x-request-id";
constexpr size_t kDelay = 20;  // other late requests, that pass a late one
constexpr int kSeldom = 25;    // one call in so many
constexpr int kOften = 5;      // for a fault that shows only now and then

using Headers = std::map<std::string, std::string>;

// Those of our own.
Headers HeadersOf(const ServerContext& context) {
  Headers headers;
  for (const char* const name : {kTokenHeader, kRequestIdHeader}) {
    const auto header = context.client_metadata().find(name);
    if (header != context.client_metadata().end()) {
      headers.emplace(name, std::string(header->second.data(), header->second.size()));
    }
  }
  return headers;
}

Status Lost() { return {grpc::StatusCode::UNAVAILABLE, "lost on the way"}; }

}  // namespace

struct FaultyProxy::Parts final : public vizier::VizierService::Service, public v1::WorkerService::Service {
  using VizierStub = vizier::VizierService::Stub;
  using WorkerStub = v1::WorkerService::Stub;

  Parts(const std::string& replica, Fault fault)
      : fault(fault),
        channel(grpc::CreateChannel(replica, grpc::InsecureChannelCredentials())),
        vizier_stub(vizier::VizierService::NewStub(channel)),
        worker_stub(v1::WorkerService::NewStub(channel)) {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(static_cast<vizier::VizierService::Service*>(this));
    builder.RegisterService(static_cast<v1::WorkerService::Service*>(this));
    server = builder.BuildAndStart();
    if (server == nullptr) throw std::runtime_error("the proxy cannot listen");
    address = absl::StrCat("127.0.0.1:", port);
  }
  ~Parts() override { server->Shutdown(); }

  bool Now(Fault wanted, int rarity) { return fault == wanted && ++occasions % rarity == 0; }

  template <typename Stub, typename Request, typename Response>
  static Status Forward(const Headers& headers, Stub& stub,
                        Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*), const Request& request,
                        Response* response) {
    grpc::ClientContext onward;
    for (const auto& [name, value] : headers) onward.AddMetadata(name, value);
    return (stub.*method)(&onward, request, response);
  }

  // Keeps the call for later, and makes one that was kept long ago.
  template <typename Stub, typename Request, typename Response>
  void RepeatLater(Headers headers, Stub& stub, Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                   const Request& request) {
    if (fault == Fault::kForgottenIds) headers.erase(kRequestIdHeader);
    std::function<void()> due;
    {
      const MutexLock lock(mutex);
      late.push_back([headers = std::move(headers), &stub, method, request] {
        Response ignored;
        Forward(headers, stub, method, request, &ignored);
      });
      if (late.size() <= kDelay) return;
      due = std::move(late.front());
      late.pop_front();
    }
    due();
  }

  // Whether the answer, though OK, says that nothing was done.
  static bool Refuses(const vizier::UpdateMetadataResponse& response) { return !response.error_details().empty(); }
  template <typename Response>
  static bool Refuses(const Response&) {
    return false;
  }

  // The way of every call. `repeatable`: that it arrives again after it succeeded must not matter, whatever others do
  // in between.
  template <typename Stub, typename Request, typename Response>
  Status Pass(const ServerContext& context, Stub& stub,
              Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*), const Request& request,
              Response* response, bool repeatable) {
    if (Now(Fault::kLostMessages, 2 * kSeldom)) return Lost();
    const Headers headers = HeadersOf(context);
    const Status status = Forward(headers, stub, method, request, response);
    const bool again = repeatable && status.ok() && !Refuses(*response);
    if (again && Now(Fault::kRepeatedMessages, kOften)) {
      Response ignored;
      Forward(headers, stub, method, request, &ignored);
    }
    if (again && (Now(Fault::kLateMessages, kOften) || Now(Fault::kForgottenIds, kOften))) {
      RepeatLater<Stub, Request, Response>(headers, stub, method, request);
    }
    return Now(Fault::kLostMessages, 2 * kSeldom) ? Lost() : status;
  }

  Status SuggestTrials(ServerContext* context, const vizier::SuggestTrialsRequest* request,
                       google::longrunning::Operation* response) override {
    if (Now(Fault::kDoubleAssignment, kSeldom) && AnswerOfAnother(*request, response)) return Status::OK;
    const Status status = Pass(*context, *vizier_stub, &VizierStub::SuggestTrials, *request, response, true);
    if (status.ok() && fault == Fault::kDoubleAssignment) {
      const MutexLock lock(mutex);
      last_client = request->client_id();
      response->response().UnpackTo(&last_suggestion);
    }
    return status;
  }
  bool AnswerOfAnother(const vizier::SuggestTrialsRequest& request, google::longrunning::Operation* response) {
    const MutexLock lock(mutex);
    if (last_client == request.client_id() || last_suggestion.trials_size() != request.suggestion_count()) return false;
    vizier::SuggestTrialsResponse answer = last_suggestion;
    for (pb::Trial& trial : *answer.mutable_trials()) trial.set_client_id(request.client_id());
    response->set_done(true);
    response->mutable_response()->PackFrom(answer);
    return true;
  }

  Status CreateTrial(ServerContext* context, const vizier::CreateTrialRequest* request, pb::Trial* response) override {
    const Status status = Pass(*context, *vizier_stub, &VizierStub::CreateTrial, *request, response, true);
    const MutexLock lock(mutex);
    if (status.ok() && !deleted.empty()) {
      response->set_name(deleted);
      response->set_id(deleted.substr(deleted.rfind('/') + 1));
      deleted.clear();
    }
    return status;
  }
  Status DeleteTrial(ServerContext* context, const vizier::DeleteTrialRequest* request,
                     google::protobuf::Empty* response) override {
    const Status status = Pass(*context, *vizier_stub, &VizierStub::DeleteTrial, *request, response, true);
    const MutexLock lock(mutex);
    if (status.ok() && fault == Fault::kIdReuse) deleted = request->name();
    return status;
  }

  Status GetTrial(ServerContext* context, const vizier::GetTrialRequest* request, pb::Trial* response) override {
    if (Now(Fault::kStaleRead, kOften)) {
      const MutexLock lock(mutex);
      const auto before = reads.find(request->name());
      if (before != reads.end()) {
        *response = before->second;
        return Status::OK;
      }
    }
    const Status status = Pass(*context, *vizier_stub, &VizierStub::GetTrial, *request, response, false);
    const MutexLock lock(mutex);
    if (status.ok() && fault == Fault::kStaleRead) reads.emplace(request->name(), *response);
    return status;
  }
  Status ListTrials(ServerContext* context, const vizier::ListTrialsRequest* request,
                    vizier::ListTrialsResponse* response) override {
    return Pass(*context, *vizier_stub, &VizierStub::ListTrials, *request, response, false);
  }

  Status AddTrialMeasurement(ServerContext* context, const vizier::AddTrialMeasurementRequest* request,
                             pb::Trial* response) override {
    if (Now(Fault::kLostUpdate, kSeldom)) {
      vizier::GetTrialRequest get;
      get.set_name(request->trial_name());
      const Status status = Forward({}, *vizier_stub, &VizierStub::GetTrial, get, response);
      *response->add_measurements() = request->measurement();
      if (!status.ok() || response->state() == pb::Trial::ACTIVE) return status;
    }
    const Status status = Pass(*context, *vizier_stub, &VizierStub::AddTrialMeasurement, *request, response, true);
    if (status.ok() && Now(Fault::kReplayAppliedTwice, kSeldom)) {
      vizier::AddTrialMeasurementRequest again = *request;
      again.mutable_measurement()->mutable_elapsed_duration()->set_nanos(1);  // hides that it is the same
      Headers headers = HeadersOf(*context);
      headers.erase(kRequestIdHeader);
      Forward(headers, *vizier_stub, &VizierStub::AddTrialMeasurement, again, response);
    }
    return status;
  }
  Status CompleteTrial(ServerContext* context, const vizier::CompleteTrialRequest* request,
                       pb::Trial* response) override {
    if (fault == Fault::kRequeuedCompletion) {
      return Forward({}, *vizier_stub, &VizierStub::CompleteTrial, *request, response);
    }
    return Pass(*context, *vizier_stub, &VizierStub::CompleteTrial, *request, response, true);
  }
  Status StopTrial(ServerContext* context, const vizier::StopTrialRequest* request, pb::Trial* response) override {
    return Pass(*context, *vizier_stub, &VizierStub::StopTrial, *request, response, true);
  }
  Status UpdateMetadata(ServerContext* context, const vizier::UpdateMetadataRequest* request,
                        vizier::UpdateMetadataResponse* response) override {
    return Pass(*context, *vizier_stub, &VizierStub::UpdateMetadata, *request, response, true);
  }

  Status PullTrial(ServerContext* context, const v1::PullTrialRequest* request,
                   v1::PullTrialResponse* response) override {
    return Pass(*context, *worker_stub, &WorkerStub::PullTrial, *request, response, false);
  }
  Status Release(ServerContext* context, const v1::ReleaseRequest* request, v1::ReleaseResponse* response) override {
    return Pass(*context, *worker_stub, &WorkerStub::Release, *request, response, true);
  }

  const Fault fault;
  const std::shared_ptr<grpc::Channel> channel;
  const std::unique_ptr<VizierStub> vizier_stub;
  const std::unique_ptr<WorkerStub> worker_stub;
  std::string address;
  std::atomic<int64_t> occasions = 0;

  Mutex mutex;
  std::string deleted ABSL_GUARDED_BY(mutex);                     // the name of a trial whose id is to be used again
  std::map<std::string, pb::Trial> reads ABSL_GUARDED_BY(mutex);  // by name: the first answer
  std::string last_client ABSL_GUARDED_BY(mutex);
  vizier::SuggestTrialsResponse last_suggestion ABSL_GUARDED_BY(mutex);
  std::deque<std::function<void()>> late ABSL_GUARDED_BY(mutex);  // calls to be made again, by age

  std::unique_ptr<grpc::Server> server;  // last: it uses all of the above
};

FaultyProxy::FaultyProxy(const std::string& replica, Fault fault) : parts_(std::make_unique<Parts>(replica, fault)) {}

FaultyProxy::~FaultyProxy() = default;

const std::string& FaultyProxy::address() const { return parts_->address; }

}  // namespace photinus
