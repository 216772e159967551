// The handlers on a store in memory: a few calls of any kind. No call ends in a fault of ours, and none that fails
// changes anything.
#include <cstddef>
#include <cstdint>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "server/api/query_handlers.h"
#include "server/api/study_handlers.h"
#include "server/api/suggest_handlers.h"
#include "server/api/trial_handlers.h"
#include "server/api/worker_handlers.h"
#include "server/scheduling/problem_check.h"
#include "server/storage/sqlite_storage.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/fuzz/message_from_bytes.h"
#include "tests/support/fake_clock.h"
#include "tests/support/study_builder.h"

namespace photinus {
namespace {

constexpr int kMaxCalls = 12;
constexpr size_t kMaxInput = 4096;

const std::vector<std::string>& Words() {
  static const auto& words = *new std::vector<std::string>{"owners/ada",
                                                           "owners/ada/studies/kws",
                                                           "owners/ada/studies/kws/trials/1",
                                                           "owners/ada/studies/kws/trials/2",
                                                           "owners/ada/studies/kws/trials/3",
                                                           "owners/ada/operations/suggestion/kws/c/1",
                                                           "kws",
                                                           "c",
                                                           "w",
                                                           "w.0",
                                                           "i",
                                                           "command",
                                                           "x",
                                                           "y",
                                                           "1",
                                                           "2",
                                                           "1-1-1",
                                                           "1-2-1",
                                                           "photinus",
                                                           "study",
                                                           "{\"budget\": {\"trials\": 3}}",
                                                           "y > 0",
                                                           "-y",
                                                           "id",
                                                           "RANDOM_SEARCH",
                                                           "QUASI_RANDOM_SEARCH",
                                                           ""};
  return words;
}

// All that stands behind the services, with time standing still.
class Backend {
 public:
  Backend() {
    Call([&] { return CreateStudy(); });
    vizier::SuggestTrialsRequest suggest;
    suggest.set_parent("owners/ada/studies/kws");
    suggest.set_client_id("c");
    suggest.set_suggestion_count(2);
    Call([&] { return Suggest(suggest); });
  }
  ~Backend() {
    suggester_.Stop();
    puller_.Stop();
    pool_.Stop();
    compute_.Stop();
    ahead_.Stop();
  }

  // One call of the method that a byte chooses.
  void CallAny(ByteSource& bytes) {
    const uint8_t method = bytes.Byte();
    context_ = {};
    if (bytes.Byte() % 4 == 0) context_.lease_token = Words()[bytes.Byte() % Words().size()];
    const uint8_t header = bytes.Byte();
    if (header % 4 == 0) context_.request_id = Words()[header % Words().size()];
    context_.strict_create = header % 3 == 0;
    clock_.Advance(absl::Seconds(bytes.Byte() % 64));
    switch (method % 24) {
      case 0:
        return Run<vizier::CreateStudyRequest>(
            bytes, [&](const auto& r) { return HandleCreateStudy(store_, r, context_).status(); });
      case 1:
        return Run<vizier::GetStudyRequest>(bytes, [&](const auto& r) { return HandleGetStudy(store_, r).status(); });
      case 2:
        return Run<vizier::ListStudiesRequest>(
            bytes, [&](const auto& r) { return HandleListStudies(store_, tokens_, r, context_).status(); });
      case 3:
        return Run<vizier::DeleteStudyRequest>(
            bytes, [&](const auto& r) { return HandleDeleteStudy(store_, r, context_).status(); });
      case 4:
        return Run<vizier::SetStudyStateRequest>(
            bytes, [&](const auto& r) { return HandleSetStudyState(store_, r, context_).status(); });
      case 5:
        return Run<vizier::UpdateMetadataRequest>(
            bytes, [&](const auto& r) { return HandleUpdateMetadata(store_, r, context_).status(); });
      case 6:
        return Run<vizier::SuggestTrialsRequest>(bytes, [&](const auto& r) { return Suggest(r); });
      case 7:
        return Run<google::longrunning::GetOperationRequest>(
            bytes, [&](const auto& r) { return HandleGetOperation(store_, suggester_, r).status(); });
      case 8:
        return Run<vizier::CreateTrialRequest>(
            bytes, [&](const auto& r) { return HandleCreateTrial(store_, r, context_).status(); });
      case 9:
        return Run<vizier::GetTrialRequest>(bytes, [&](const auto& r) { return HandleGetTrial(store_, r).status(); });
      case 10:
        return Run<vizier::ListTrialsRequest>(
            bytes, [&](const auto& r) { return HandleListTrials(store_, tokens_, r, context_).status(); });
      case 11:
        return Run<vizier::AddTrialMeasurementRequest>(
            bytes, [&](const auto& r) { return HandleAddTrialMeasurement(store_, r, context_).status(); });
      case 12:
        return Run<vizier::CompleteTrialRequest>(
            bytes, [&](const auto& r) { return HandleCompleteTrial(store_, r, context_).status(); });
      case 13:
        return Run<vizier::DeleteTrialRequest>(
            bytes, [&](const auto& r) { return HandleDeleteTrial(store_, r, context_).status(); });
      case 14:
        return Run<vizier::CheckTrialEarlyStoppingStateRequest>(bytes, [&](const auto& r) {
          return HandleCheckTrialEarlyStoppingState(early_stopping_, r, context_).status();
        });
      case 15:
        return Run<vizier::StopTrialRequest>(bytes, [&](const auto& r) { return HandleStopTrial(store_, r).status(); });
      case 16:
        return Run<vizier::ListOptimalTrialsRequest>(
            bytes, [&](const auto& r) { return HandleListOptimalTrials(store_, tokens_, r, context_).status(); });
      case 17:
        return Run<v1::PullTrialRequest>(bytes, [&](const auto& r) { return Pull(r); });
      case 18:
        return Run<v1::HeartbeatRequest>(bytes,
                                         [&](const auto& r) { return HandleHeartbeat(leases_, workers_, r).status(); });
      case 19:
        return Run<v1::ReleaseRequest>(bytes, [&](const auto& r) { return HandleRelease(store_, r).status(); });
      case 20:
        return Run<v1::QueryTrialsRequest>(
            bytes, [&](const auto& r) { return HandleQueryTrials(store_, tokens_, r, context_).status(); });
      case 21:
        return Run<v1::GetStudyStatusRequest>(
            bytes, [&](const auto& r) { return HandleGetStudyStatus(store_, r, context_).status(); });
      case 22:
        return Run<v1::DrainStudyRequest>(
            bytes, [&](const auto& r) { return HandleDrainStudy(store_, r, context_).status(); });
      default:
        return Run<v1::ListAttemptsRequest>(
            bytes, [&](const auto& r) { return HandleListAttempts(store_, tokens_, r, context_).status(); });
    }
  }

 private:
  template <typename Request, typename Handler>
  void Run(ByteSource& bytes, Handler handler) {
    Request request;
    FillFromBytes(bytes, Words(), request);
    Call([&] { return handler(request); });
  }

  template <typename Handler>
  void Call(Handler handler) {
    const std::string before = Fingerprint();
    const absl::Status status = handler();
    FuzzCheck(!absl::IsInternal(status) && !absl::IsUnknown(status) && !absl::IsDataLoss(status), status.ToString());
    const bool may_change = status.ok() || ErrorReason(status) == "LEASE_LOST";
    FuzzCheck(may_change || Fingerprint() == before, absl::StrCat("nothing is changed by ", status.ToString()));
  }

  // Changes with every change of a study or trial.
  std::string Fingerprint() {
    std::string print;
    const absl::Status read = storage_->Read([&](Snapshot& snapshot) -> absl::Status {
      ASSIGN_OR_RETURN(const auto studies, snapshot.ListStudies("", 0, -1));
      for (const StudyRow& study : studies)
        absl::StrAppend(&print, study.uid, ":", study.version, ":", study.next_trial_id, " ");
      return absl::OkStatus();
    });
    FuzzCheck(read.ok(), read.ToString());
    return print;
  }

  absl::Status CreateStudy() {
    vizier::CreateStudyRequest request;
    request.set_parent("owners/ada");
    *request.mutable_study() = AStudy("kws")
                                   .WithFloat("x")
                                   .WithObjective("y")
                                   .WithDocument(R"({"trial": {"executor": "command", "argv": ["true"]}})")
                                   .Study();
    return HandleCreateStudy(store_, request, context_).status();
  }

  absl::Status Suggest(const vizier::SuggestTrialsRequest& request) {
    std::promise<absl::Status> done;
    HandleSuggestTrials(suggester_, request, context_, [&](auto operation) { done.set_value(operation.status()); });
    return done.get_future().get();
  }

  absl::Status Pull(v1::PullTrialRequest request) {
    if (request.wait_seconds() > 0) request.set_wait_seconds(0);  // time stands still
    std::promise<absl::Status> done;
    HandlePullTrial(puller_, leases_, workers_, request, context_,
                    [&](auto pulled) { done.set_value(pulled.status()); });
    return done.get_future().get();
  }

  FakeClock clock_;
  FakeTimer timer_{clock_};
  std::unique_ptr<SqliteStorage> storage_ = *SqliteStorage::OpenInMemory();
  PageTokens tokens_{"a secret of the fuzzer's"};
  ThreadPool compute_{1, 100};
  ThreadPool ahead_{1, 100};
  ThreadPool pool_{1, 100};
  StudyStore store_{*storage_, clock_, &CheckAlgorithmAndRule};
  Suggester suggester_{store_, compute_, {ahead_, ahead_}, timer_};
  EarlyStopping early_stopping_{store_, ahead_};
  LeaseTable leases_{store_, absl::Seconds(60)};
  WorkerTable workers_{*storage_, clock_, absl::Seconds(60)};
  ActiveStudies active_{store_};
  Puller puller_{store_, active_, suggester_, leases_, pool_, timer_, nullptr};
  CallContext context_;
};

}  // namespace
}  // namespace photinus

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace photinus;
  if (size > kMaxInput) return 0;
  ByteSource bytes(data, size);
  Backend backend;
  for (int i = 0; i < kMaxCalls && !bytes.empty(); ++i) backend.CallAny(bytes);
  return 0;
}
