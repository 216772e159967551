#include "server/pythia/pythia_endpoints.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "tests/support/status_matchers.h"
#include "vizier/pythia_service.grpc.pb.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

// A Pythia server in this process.
class FakePythia final : public vizier::PythiaService::Service {
 public:
  explicit FakePythia(int port = 0) : port_(port) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(absl::StrCat("127.0.0.1:", port), grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~FakePythia() override { server_->Shutdown(std::chrono::system_clock::now()); }
  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }
  int port() const { return port_; }

  grpc::Status Suggest(grpc::ServerContext* context, const vizier::SuggestRequest* request,
                       vizier::SuggestDecision* decision) override {
    asked = true;
    while (slow && !context->IsCancelled()) std::this_thread::yield();
    for (int i = 0; i < request->count(); ++i) decision->add_suggestions();
    return status;
  }
  grpc::Status EarlyStop(grpc::ServerContext*, const vizier::EarlyStopRequest* request,
                         vizier::EarlyStopDecisions* decisions) override {
    for (const int id : request->trial_ids()) decisions->add_decisions()->set_id(id);
    return status;
  }

  std::atomic<bool> slow = false;  // until the call is cancelled
  std::atomic<bool> asked = false;
  grpc::Status status;

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

class PythiaEndpointsTest : public ::testing::Test {
 protected:
  ~PythiaEndpointsTest() override {
    endpoints_->CancelCalls();
    endpoints_->Stop();
  }
  void Allow(const std::string& address, absl::Duration timeout = absl::Minutes(5),
             absl::Duration connect_timeout = absl::Seconds(30)) {
    auto endpoints = PythiaEndpoints::Make({{address}, connect_timeout, timeout});
    ASSERT_OK(endpoints);
    endpoints_ = *std::move(endpoints);
  }
  absl::StatusOr<vizier::SuggestDecision> Suggest(const std::function<bool()>& cancelled = nullptr) {
    vizier::SuggestRequest request;
    request.set_count(3);
    return endpoints_->Suggest(pythia_->address(), request, cancelled);
  }

  std::unique_ptr<FakePythia> pythia_ = std::make_unique<FakePythia>();
  std::unique_ptr<PythiaEndpoints> endpoints_;
};

TEST_F(PythiaEndpointsTest, AllowsWhatIsListedAndNothingElse) {
  Allow("policies:1");
  EXPECT_TRUE(endpoints_->Allows("policies:1"));
  EXPECT_NE(endpoints_->PoolOf("policies:1"), nullptr);
  EXPECT_FALSE(endpoints_->Allows("policies:12"));
  EXPECT_FALSE(endpoints_->Allows(""));
  EXPECT_EQ(endpoints_->PoolOf("policies:12"), nullptr);
  EXPECT_EQ(ErrorField(PythiaEndpoints::Make({{"no address"}}).status()), "pythia-endpoints");
}

TEST_F(PythiaEndpointsTest, CallsReachThePolicy) {
  Allow(pythia_->address());
  const auto decision = Suggest();
  ASSERT_OK(decision);
  EXPECT_EQ(decision->suggestions_size(), 3);
  vizier::EarlyStopRequest request;
  request.add_trial_ids(7);
  const auto decisions = endpoints_->EarlyStop(pythia_->address(), request, nullptr);
  ASSERT_OK(decisions);
  EXPECT_EQ(decisions->decisions(0).id(), 7);
}

TEST_F(PythiaEndpointsTest, AServerThatIsDownIsUnavailableByName) {
  Allow(pythia_->address(), absl::Minutes(5), absl::Milliseconds(50));
  const std::string address = pythia_->address();
  vizier::SuggestRequest request;
  pythia_ = nullptr;
  const auto decision = endpoints_->Suggest(address, request, nullptr);
  EXPECT_THAT(decision, Fails(absl::StatusCode::kUnavailable, kPythiaUnavailable));
  EXPECT_THAT(std::string(decision.status().message()), HasSubstr(address));
}

TEST_F(PythiaEndpointsTest, AServerThatIsRestartingIsWaitedFor) {
  Allow(pythia_->address());
  ASSERT_OK(Suggest());
  const int port = pythia_->port();
  pythia_ = nullptr;
  pythia_ = std::make_unique<FakePythia>(port);
  EXPECT_OK(Suggest());
}

TEST_F(PythiaEndpointsTest, APolicyThatTakesTooLongIsUnavailable) {
  Allow(pythia_->address(), absl::Milliseconds(20));
  pythia_->slow = true;
  const auto decision = Suggest();
  EXPECT_THAT(decision, Fails(absl::StatusCode::kUnavailable, kPythiaUnavailable));
  EXPECT_THAT(std::string(decision.status().message()), HasSubstr("--pythia-timeout"));
}

TEST_F(PythiaEndpointsTest, APolicysOwnErrorIsToldAsItsOwn) {
  Allow(pythia_->address());
  for (const grpc::StatusCode code : {grpc::StatusCode::UNKNOWN, grpc::StatusCode::CANCELLED}) {
    pythia_->status = grpc::Status(code, "Exception calling application: no luck");
    const auto decision = Suggest([] { return false; });
    EXPECT_THAT(decision, Fails(absl::StatusCode::kFailedPrecondition, kPythiaFailed));
    EXPECT_THAT(std::string(decision.status().message()), HasSubstr("no luck"));
  }
}

TEST_F(PythiaEndpointsTest, ACallCanBeCancelled) {
  Allow(pythia_->address());
  pythia_->slow = true;
  EXPECT_TRUE(absl::IsCancelled(Suggest([this] { return pythia_->asked.load(); }).status()));
}

TEST_F(PythiaEndpointsTest, AServerThatStopsWaitsForNoPolicy) {
  Allow(pythia_->address());
  pythia_->slow = true;
  std::promise<absl::Status> ended;
  endpoints_->PoolOf(pythia_->address())->Submit([&] { ended.set_value(Suggest().status()); });
  while (!pythia_->asked) std::this_thread::yield();
  endpoints_->CancelCalls();
  EXPECT_TRUE(absl::IsUnavailable(ended.get_future().get()));
  EXPECT_TRUE(absl::IsUnavailable(Suggest().status()));
}

}  // namespace
}  // namespace photinus
