// A whole replica on every kind of storage, for tests of the contract: docs/contract.md has its clauses.
#ifndef PHOTINUS_TESTS_CONFORMANCE_CONTRACT_CONTRACT_FIXTURE_H_
#define PHOTINUS_TESTS_CONFORMANCE_CONTRACT_CONTRACT_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/replica/replica.h"
#include "tests/support/fake_clock.h"
#include "tests/support/governed_storage.h"
#include "tests/support/postgres_clock.h"
#include "tests/support/service_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/storage_places.h"
#include "tests/support/study_builder.h"

namespace photinus {

inline constexpr absl::Duration kLeaseTtl = absl::Seconds(60);

// The storages that the suite runs on; of PostgreSQL only where it is installed.
std::vector<StorageBackend> ContractBackends();
// Ends PostgreSQL's server; before the thread that ran the tests does.
void StopContractBackends();

// A replica and a client of it. Time passes as ContractTest says.
struct Served {
  Served(Storage& storage, const Clock& clock);

  GovernedStorage storage;
  FakeTimer timer;
  std::unique_ptr<Replica> replica;
  std::unique_ptr<ServiceClient> client;
};

class ContractTest : public testing::TestWithParam<StorageBackend> {
 protected:
  ContractTest();
  ~ContractTest() override;

  ServiceClient& client() { return *served_.front()->client; }
  GovernedStorage& storage() { return served_.front()->storage; }
  // Whether several servers may use the storage.
  static bool IsShared() { return GetParam().name == "Postgres"; }
  // One more replica of the same studies; on PostgreSQL with connections of its own. Ends with the test.
  ServiceClient& AddReplica();
  // The replica ends without another change, as by kill -9, and a new one takes its place after `downtime`; durable
  // storage is opened anew.
  void Restart(absl::Duration downtime = absl::ZeroDuration());

  // Time goes by for all replicas, and their database, second by second.
  void Pass(absl::Duration duration);
  // Polls until `condition` holds, for work that a replica does in the background; between polls a tenth of a second
  // goes by for the replicas.
  bool Eventually(const std::function<bool()>& condition);

  // As Eventually, but time stands still.
  static bool Soon(const std::function<bool()>& condition);

  // Creates it for owner ada; from then on `study_` is its name.
  void Create(const AStudy& study);
  std::string TrialOf(int64_t id) const { return study_ + "/trials/" + std::to_string(id); }
  std::vector<int64_t> SuggestIds(const std::string& client_id, int count = 1);
  // A new ACTIVE trial; its name.
  std::string Start(const std::string& client_id = "c");
  pb::Trial Get(const std::string& trial);
  // The row of the study, or of the one of that name that is there now.
  StudyRow Row();
  // All that clients can see of the study.
  std::string State();

  static v1::PullTrialRequest APull(const std::string& client_id = "w.0", const std::string& incarnation = "i");
  v1::PullTrialResponse Pull(const std::string& client_id = "w.0", const std::string& incarnation = "i");
  v1::HeartbeatResponse::Verdict Beat(const v1::PullTrialResponse& pulled);

  FakeClock clock_;
  const std::unique_ptr<StoragePlace> place_;
  std::unique_ptr<PostgresClock> database_clock_;  // where the database has a time of its own
  std::vector<std::unique_ptr<Storage>> storages_;
  std::vector<std::unique_ptr<Served>> served_;
  std::string study_;

 private:
  // As by kill -9.
  void EndReplicas();
  void AdvanceClocks(absl::Duration duration);
};

// A study over x in [0, 1] that maximises y.
inline AStudy Kws() { return AStudy("kws").WithFloat("x").WithObjective("y"); }
// The same with an algorithm that looks at the history, so that its operations are on disk before they are done.
inline AStudy CostlyKws() { return Kws().WithAlgorithm("GAUSSIAN_PROCESS_BANDIT"); }
// The same for workers; `rest` is more of the study document, beginning with a comma.
inline AStudy PullableKws(const std::string& rest = "") {
  return Kws().WithDocument(R"({"trial": {"executor": "command", "argv": ["true"]})" + rest + "}");
}

// Ids of trials, in their order.
std::vector<int64_t> IdsOf(const std::vector<pb::Trial>& trials);

// Sets one metadata entry; without a trial id, the study's own.
void AddEntry(vizier::UpdateMetadataRequest& request, const std::string& trial_id, const std::string& key,
              const std::string& value);

inline std::string BackendName(const testing::TestParamInfo<StorageBackend>& info) { return info.param.name; }

}  // namespace photinus

#endif  // PHOTINUS_TESTS_CONFORMANCE_CONTRACT_CONTRACT_FIXTURE_H_
