#include "tests/conformance/contract/contract_fixture.h"

#include <stdexcept>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/names.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(60);  // for what happens in milliseconds, on a busy machine

constexpr absl::Duration kPollStep = absl::Milliseconds(100);

std::unique_ptr<PostgresServer>& SharedServer() {
  static std::unique_ptr<PostgresServer> server;
  return server;
}

// Until `condition` holds, with `wait` in between.
bool Poll(const std::function<bool()>& condition, const std::function<void()>& wait) {
  const absl::Time deadline = absl::Now() + kPatience;
  while (!condition()) {
    if (absl::Now() > deadline) return false;
    wait();
  }
  return true;
}

std::unique_ptr<StoragePlace> MakePostgresPlace() {
  std::unique_ptr<PostgresServer>& server = SharedServer();
  if (server == nullptr) server = std::make_unique<PostgresServer>();
  return std::make_unique<PostgresPlace>(*server);
}

template <typename T>
T OrThrow(absl::StatusOr<T> result) {
  if (!result.ok()) throw std::runtime_error(result.status().ToString());
  return *std::move(result);
}

}  // namespace

std::vector<StorageBackend> ContractBackends() {
  std::vector<StorageBackend> backends = {
      {"SqliteInMemory", false, [] { return std::make_unique<SqliteMemoryPlace>(); }},
      {"SqliteOnDisk", true, [] { return std::make_unique<SqliteFilePlace>(); }},
  };
  if (PostgresServer::IsInstalled()) backends.push_back({"Postgres", true, &MakePostgresPlace});
  return backends;
}

void StopContractBackends() { SharedServer().reset(); }

Served::Served(Storage& the_storage, const Clock& clock) : storage(the_storage), timer(clock) {
  replica = OrThrow(Replica::Start(storage, clock, timer, {.lease_ttl = kLeaseTtl}));
  client = std::make_unique<ServiceClient>(replica->address());
}

ContractTest::ContractTest() : place_(GetParam().make_place()) {
  const auto* database = dynamic_cast<const PostgresPlace*>(place_.get());
  if (database != nullptr) database_clock_ = std::make_unique<PostgresClock>(database->url());
  storages_.push_back(OrThrow(place_->Open()));
  served_.push_back(std::make_unique<Served>(*storages_.front(), clock_));
}

ContractTest::~ContractTest() { EndReplicas(); }

void ContractTest::EndReplicas() {
  for (const auto& served : served_) served->storage.CutOff();
  Pass(absl::Seconds(5));  // what waits for time to pass ends, too
  served_.clear();
}

ServiceClient& ContractTest::AddReplica() {
  if (IsShared()) storages_.push_back(OrThrow(place_->Open()));
  served_.push_back(std::make_unique<Served>(*storages_.back(), clock_));
  return *served_.back()->client;
}

void ContractTest::Restart(absl::Duration downtime) {
  EndReplicas();
  AdvanceClocks(downtime);
  if (GetParam().durable) {
    storages_.clear();
    storages_.push_back(OrThrow(place_->Open()));
  }
  served_.push_back(std::make_unique<Served>(*storages_.front(), clock_));
}

void ContractTest::Pass(absl::Duration duration) {
  constexpr absl::Duration kStep = absl::Seconds(1);
  for (absl::Duration left = duration; left > absl::ZeroDuration(); left -= kStep) {
    AdvanceClocks(std::min(left, kStep));
    for (const auto& served : served_) served->timer.CallDue();
  }
}

void ContractTest::AdvanceClocks(absl::Duration duration) {
  clock_.Advance(duration);
  if (database_clock_ != nullptr) database_clock_->Advance(duration);
}

bool ContractTest::Eventually(const std::function<bool()>& condition) {
  return Poll(condition, [this] { Pass(kPollStep); });
}

bool ContractTest::Soon(const std::function<bool()>& condition) {
  return Poll(condition, [] { std::this_thread::yield(); });
}

void ContractTest::Create(const AStudy& study) {
  const auto created = client().CreateStudy("owners/ada", study.Study());
  ASSERT_OK(created);
  study_ = created->name();
}

std::vector<int64_t> ContractTest::SuggestIds(const std::string& client_id, int count) {
  const auto operation = client().Suggest(study_, client_id, count);
  EXPECT_OK(operation);
  if (!operation.ok()) return {};
  EXPECT_TRUE(operation->done());
  return IdsOf(TrialsOf(*operation));
}

std::string ContractTest::Start(const std::string& client_id) {
  const std::vector<int64_t> ids = SuggestIds(client_id);
  EXPECT_EQ(ids.size(), 1u);
  return ids.empty() ? "" : TrialOf(ids.front());
}

pb::Trial ContractTest::Get(const std::string& trial) {
  auto result = client().GetTrial(trial);
  EXPECT_OK(result);
  return result.ok() ? *std::move(result) : pb::Trial();
}

StudyRow ContractTest::Row() {
  StudyRow row;
  EXPECT_OK(storage().Read([&](Snapshot& snapshot) -> absl::Status {
    ASSIGN_OR_RETURN(const StudyName name, StudyName::Parse(study_));
    ASSIGN_OR_RETURN(const auto found, snapshot.FindStudy(name.owner, name.study));
    if (found.has_value()) row = *found;
    return absl::OkStatus();
  }));
  return row;
}

std::string ContractTest::State() {
  const auto status = client().GetStudyStatus(study_);
  const auto trials = client().ListTrials(study_);
  EXPECT_OK(status);
  EXPECT_OK(trials);
  if (!status.ok() || !trials.ok()) return "";
  std::string state = absl::StrCat(status->DebugString(), trials->DebugString());
  for (const pb::Trial& trial : trials->trials()) {
    const auto attempts = client().ListAttempts(trial.name());
    EXPECT_OK(attempts);
    if (attempts.ok()) absl::StrAppend(&state, attempts->DebugString());
  }
  return state;
}

v1::PullTrialRequest ContractTest::APull(const std::string& client_id, const std::string& incarnation) {
  v1::PullTrialRequest request;
  request.set_worker(client_id.substr(0, client_id.find('.')));
  request.set_client_id(client_id);
  request.set_incarnation(incarnation);
  request.add_executors("command");
  return request;
}

v1::PullTrialResponse ContractTest::Pull(const std::string& client_id, const std::string& incarnation) {
  auto pulled = client().Pull(APull(client_id, incarnation));
  EXPECT_OK(pulled);
  return pulled.ok() ? *std::move(pulled) : v1::PullTrialResponse();
}

v1::HeartbeatResponse::Verdict ContractTest::Beat(const v1::PullTrialResponse& pulled) {
  v1::HeartbeatRequest request;
  const std::string client_id = pulled.trial().client_id();
  request.set_worker(client_id.substr(0, client_id.find('.')));
  auto& lease = *request.add_leases();
  lease.set_trial(pulled.trial().name());
  lease.set_lease_token(pulled.lease_token());
  const auto answer = client().Heartbeat(request);
  EXPECT_OK(answer);
  if (!answer.ok() || answer->answers_size() != 1) return v1::HeartbeatResponse::VERDICT_UNSPECIFIED;
  return answer->answers(0).verdict();
}

std::vector<int64_t> IdsOf(const std::vector<pb::Trial>& trials) {
  std::vector<int64_t> ids;
  ids.reserve(trials.size());
  for (const pb::Trial& trial : trials) ids.push_back(std::stoll(trial.id()));
  return ids;
}

void AddEntry(vizier::UpdateMetadataRequest& request, const std::string& trial_id, const std::string& key,
              const std::string& value) {
  auto& update = *request.add_delta();
  if (!trial_id.empty()) update.set_trial_id(trial_id);
  update.mutable_metadatum()->set_key(key);
  update.mutable_metadatum()->set_value(value);
}

}  // namespace photinus
