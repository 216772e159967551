#include "tests/conformance/history/workload.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/random.h"
#include "common/study_document/stop_entry.h"
#include "tests/support/service_client.h"
#include "tests/support/study_builder.h"

namespace photinus {
namespace {

constexpr int kCallers = 16;
constexpr int kSharedClients = 6;   // ids that all callers use
constexpr int64_t kHotTrials = 12;  // the newest, which most calls are about
constexpr int kResults = 3;         // different ones, so that completions are repeated
constexpr int kOperationsPerExpiry = 1000;
constexpr uint64_t kPullsPerProcess = 6;     // of a worker, on average
constexpr uint64_t kPullsPerOldProcess = 8;  // one in so many comes from a process that may be superseded

struct Choice {
  Action action;
  uint64_t weight;
};
constexpr Choice kChoices[] = {
    {Action::kGet, 240},
    {Action::kMeasure, 180},
    {Action::kSuggest, 140},
    {Action::kComplete, 130},
    {Action::kPull, 80},
    {Action::kSetMetadata, 80},
    {Action::kRelease, 50},
    {Action::kCreateTrial, 40},
    {Action::kStop, 30},
    {Action::kDelete, 20},
    {Action::kCompleteInfeasible, 20},
    {Action::kList, 2},
};

Action AnyAction(Random& random) {
  uint64_t total = 0;
  for (const Choice& choice : kChoices) total += choice.weight;
  uint64_t drawn = random.Below(total);
  for (const Choice& choice : kChoices) {
    if (drawn < choice.weight) return choice.action;
    drawn -= choice.weight;
  }
  return Action::kGet;
}

TrialView ViewOf(const pb::Trial& trial) {
  TrialView view;
  view.id = std::stoll(trial.id());
  view.state = trial.state();
  view.client = trial.client_id();
  if (trial.parameters_size() > 0) view.x = trial.parameters(0).value().number_value();
  if (trial.final_measurement().metrics_size() > 0) view.result = trial.final_measurement().metrics(0).value();
  for (const pb::Measurement& measurement : trial.measurements()) {
    view.readings.push_back({measurement.step_count(), measurement.metrics(0).value()});
  }
  for (const pb::KeyValue& entry : trial.metadata()) {
    if (entry.key() != kStopKey) view.metadata[entry.key()] = entry.value();  // which the server adds, and no caller
  }
  return view;
}

// What the callers know together.
class Knowledge {
 public:
  // The number of a client id's present form: once a client does not know what it was given, another takes its place.
  int Generation(const std::string& client) {
    const MutexLock lock(mutex_);
    return generations_[client];
  }
  void Retire(const std::string& client, int generation) {
    const MutexLock lock(mutex_);
    int& present = generations_[client];
    present = std::max(present, generation + 1);
  }
  void Learn(const Operation& o) {
    const MutexLock lock(mutex_);
    for (const TrialView& view : o.trials) {
      newest_ = std::max(newest_, view.id);
      if (o.action == Action::kPull) tokens_[view.id].push_back(o.token);
    }
  }
  int64_t HotTrial(Random& random) {
    const MutexLock lock(mutex_);
    const int64_t hot = std::min(newest_, kHotTrials);
    return hot == 0 ? 1 : newest_ - static_cast<int64_t>(random.Below(hot));
  }
  // A token of the trial's, perhaps an old one; "": there is none.
  std::string Token(int64_t trial, Random& random) {
    const MutexLock lock(mutex_);
    const auto tokens = tokens_.find(trial);
    return tokens == tokens_.end() ? "" : tokens->second[random.Below(tokens->second.size())];
  }

 private:
  Mutex mutex_;
  int64_t newest_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, int> generations_ ABSL_GUARDED_BY(mutex_);
  std::map<int64_t, std::vector<std::string>> tokens_ ABSL_GUARDED_BY(mutex_);
};

class Caller {
 public:
  Caller(const Workload& workload, int number, Knowledge& knowledge, History& history)
      : workload_(workload),
        number_(number),
        knowledge_(knowledge),
        history_(history),
        random_(MixSeed(workload.seed, number)) {
    for (const std::string& address : workload.addresses) {
      clients_.push_back(std::make_unique<ServiceClient>(address, workload.wait_for_ready));
    }
  }

  Outcome Call(Action action) {
    Operation o;
    o.action = action;
    o.begin = history_.Tick();
    const absl::Status status = Perform(o);
    o.outcome = OutcomeOf(status);
    if (o.outcome != Outcome::kUnknown) o.end = history_.Tick();
    if (o.outcome == Outcome::kFault) o.fault = status.ToString();
    knowledge_.Learn(o);
    const Outcome outcome = o.outcome;
    history_.Add(std::move(o));
    return outcome;
  }
  void CallAny() { Call(AnyAction(random_)); }

 private:
  static Outcome OutcomeOf(const absl::Status& status) {
    switch (status.code()) {
      case absl::StatusCode::kOk:
        return Outcome::kOk;
      case absl::StatusCode::kNotFound:
        return Outcome::kNotFound;
      case absl::StatusCode::kFailedPrecondition:
        if (ErrorReason(status) == "LEASE_LOST") return Outcome::kLeaseLost;
        return ErrorReason(status) == "WORKER_SUPERSEDED" ? Outcome::kSuperseded : Outcome::kRefused;
      case absl::StatusCode::kUnavailable:
      case absl::StatusCode::kDeadlineExceeded:
      case absl::StatusCode::kAborted:
        return Outcome::kUnknown;
      default:
        return Outcome::kFault;
    }
  }

  absl::Status Perform(Operation& o) {
    switch (o.action) {
      case Action::kSuggest:
        return Suggest(o);
      case Action::kPull:
        return Pull(o);
      case Action::kCreateTrial:
        return CreateTrial(o);
      case Action::kList:
        return List(o);
      case Action::kExpireLeases:
        return absl::InternalError("nobody's call");
      default:
        o.trial = knowledge_.HotTrial(random_);
        return PerformOnTrial(o);
    }
  }

  absl::Status PerformOnTrial(Operation& o) {
    const std::string name = absl::StrCat(workload_.study, "/trials/", o.trial);
    switch (o.action) {
      case Action::kMeasure:
        MaybeUseToken(o);
        o.reading = {static_cast<int64_t>(++steps_ * kCallers + number_), static_cast<double>(random_.Below(kResults))};
        return Keep(o, Client().AddMeasurement(name, AMeasurement(o.reading.step, {{"y", o.reading.y}}), CallOf(o)));
      case Action::kComplete:
        MaybeUseToken(o);
        o.reading.y = static_cast<double>(random_.Below(kResults));
        return Keep(o, Client().Complete(name, AMeasurement(0, {{"y", o.reading.y}}), CallOf(o)));
      case Action::kCompleteInfeasible:
        MaybeUseToken(o);
        return Keep(o, Client().CompleteInfeasible(name, "", CallOf(o)));
      case Action::kStop:
        return Keep(o, Client().StopTrial(name));
      case Action::kDelete:
        return Client().DeleteTrial(name, CallOf(o));
      case Action::kSetMetadata:
        return SetMetadata(o);
      case Action::kRelease:
        o.token = knowledge_.Token(o.trial, random_);
        if (o.token.empty()) o.token = absl::StrCat("1-", o.trial, "-0");  // of nobody
        return Client().Release(name, o.token);
      default:
        return Keep(o, Client().GetTrial(name));
    }
  }

  absl::Status Suggest(Operation& o) {
    const std::string client = absl::StrCat("c", random_.Below(kSharedClients));
    const int generation = knowledge_.Generation(client);
    o.client = absl::StrCat(client, ".", generation);
    o.count = 1 + static_cast<int>(random_.Below(2));
    const auto operation = Client().Suggest(workload_.study, o.client, o.count, CallOf(o));
    if (OutcomeOf(operation.status()) == Outcome::kUnknown) knowledge_.Retire(client, generation);
    if (!operation.ok()) return operation.status();
    if (!operation->done() || operation->has_error()) return absl::InternalError(operation->ShortDebugString());
    for (const pb::Trial& trial : photinus::TrialsOf(*operation)) o.trials.push_back(ViewOf(trial));
    return absl::OkStatus();
  }

  absl::Status Pull(Operation& o) {
    const std::string worker = absl::StrCat("w", number_);
    const int generation = knowledge_.Generation(worker);
    o.client = absl::StrCat(worker, ".", generation);
    v1::PullTrialRequest request;
    o.worker = worker;
    if (random_.Below(kPullsPerProcess) == 0) ++processes_;
    const uint64_t before = random_.Below(kPullsPerOldProcess) == 0 ? random_.Below(3) : 0;
    // The server remembers those of the study before.
    o.incarnation = absl::StrCat(workload_.seed, ".", processes_ - std::min(processes_, before));
    request.set_worker(worker);
    request.set_client_id(o.client);
    request.set_incarnation(o.incarnation);
    request.add_executors("command");
    const auto pulled = Client().Pull(request);
    if (OutcomeOf(pulled.status()) == Outcome::kUnknown) knowledge_.Retire(worker, generation);
    if (!pulled.ok()) return pulled.status();
    if (!pulled->has_trial()) return absl::OkStatus();
    o.token = pulled->lease_token();
    o.trials.push_back(ViewOf(pulled->trial()));
    return absl::OkStatus();
  }

  absl::Status CreateTrial(Operation& o) {
    o.x = random_.Uniform();
    return Keep(o, Client().CreateTrial(workload_.study, ATrial({{"x", o.x}}), CallOf(o)));
  }

  absl::Status SetMetadata(Operation& o) {
    o.key = absl::StrCat("k", random_.Below(2));
    o.value = absl::StrCat(number_, ".", ++steps_);
    vizier::UpdateMetadataRequest request;
    request.set_name(workload_.study);
    auto& update = *request.add_delta();
    update.set_trial_id(absl::StrCat(o.trial));
    update.mutable_metadatum()->set_key(o.key);
    update.mutable_metadatum()->set_value(o.value);
    const auto response = Client().UpdateMetadata(request, CallOf(o));
    if (!response.ok()) return response.status();
    return response->error_details().empty() ? absl::OkStatus() : absl::NotFoundError(response->error_details());
  }

  absl::Status List(Operation& o) {
    const auto response = Client().ListTrials(workload_.study);
    if (!response.ok()) return response.status();
    for (const pb::Trial& trial : response->trials()) o.trials.push_back(ViewOf(trial));
    return absl::OkStatus();
  }

  static absl::Status Keep(Operation& o, const absl::StatusOr<pb::Trial>& trial) {
    if (trial.ok()) o.trials.push_back(ViewOf(*trial));
    return trial.status();
  }

  void MaybeUseToken(Operation& o) {
    if (random_.Below(2) == 0) o.token = knowledge_.Token(o.trial, random_);
  }
  // With an id of its own, as our clients send it.
  photinus::Call CallOf(const Operation& o) {
    photinus::Call call = o.token.empty() ? photinus::Call{} : WithToken(o.token);
    call.headers.emplace("x-request-id", absl::StrCat(number_, ".", ++requests_));
    return call;
  }

  ServiceClient& Client() { return *clients_[random_.Below(clients_.size())]; }

  const Workload& workload_;
  const int number_;
  Knowledge& knowledge_;
  History& history_;
  Random random_;
  std::vector<std::unique_ptr<ServiceClient>> clients_;
  int64_t steps_ = 0;
  int64_t requests_ = 0;
  uint64_t processes_ = 0;  // of its worker
};

void ExpireLeases(const Workload& workload, History& history) {
  Operation o;
  o.action = Action::kExpireLeases;
  o.begin = history.Tick();
  workload.expire_leases();
  o.end = history.Tick();
  history.Add(std::move(o));
}

}  // namespace

pb::Study WorkloadStudy(const std::string& display_name) {
  return AStudy(display_name)
      .WithFloat("x")
      .WithObjective("y")
      .WithDocument(R"({"trial": {"executor": "command", "argv": ["true"]}})")
      .Study();
}

std::vector<Operation> RunWorkload(const Workload& workload) {
  History history;
  Knowledge knowledge;
  std::atomic<int> begun = 0;
  std::vector<std::thread> callers;
  callers.reserve(kCallers);
  for (int number = 0; number < kCallers; ++number) {
    callers.emplace_back([&, number] {
      Caller caller(workload, number, knowledge, history);
      for (int i = begun++; i < workload.operations; i = begun++) {
        if (workload.expire_leases != nullptr && i % kOperationsPerExpiry == kOperationsPerExpiry - 1) {
          ExpireLeases(workload, history);
        }
        caller.CallAny();
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  Caller last(workload, kCallers, knowledge, history);
  while (last.Call(Action::kList) == Outcome::kUnknown) {
  }
  return history.Take();
}

}  // namespace photinus
