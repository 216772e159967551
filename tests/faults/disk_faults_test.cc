// A server whose disk fails, is full or slow: what clients are told is true, then and after a restart.
#include <algorithm>
#include <chrono>
#include <future>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/temporary_folder.h"
#include "common/rpc/vizier_client.h"
#include "server/replica/replica.h"
#include "server/storage/sqlite_storage.h"
#include "tests/support/faulty_vfs.h"
#include "tests/support/status_matchers.h"
#include "tests/support/study_builder.h"

namespace photinus {
namespace {

constexpr char kStudy[] = "owners/ada/studies/kws";
constexpr int64_t kFewPages = 20;  // between checkpoints, so that faults meet them too
constexpr int64_t kManyPages = 4000;
constexpr int kMaxCalls = 2000;  // of the disk by one workload; a test ends long before

// A server on the file `db` of a folder, and a client that never repeats a call.
class ServerOnDisk {
 public:
  ServerOnDisk(const TemporaryFolder& folder, const VfsShim* disk, int64_t checkpoint_pages = kFewPages) {
    SqliteOptions options;
    options.limits.checkpoint_pages = checkpoint_pages;
    if (disk != nullptr) options.vfs = disk->name();
    auto storage = SqliteStorage::Open(folder.File("db"), options);
    if (!storage.ok()) throw std::runtime_error(storage.status().ToString());
    storage_ = *std::move(storage);
    ReplicaOptions replica;
    replica.lease_ttl = absl::Seconds(1);
    replica.on_dead_storage = [this] { dead_.store(true); };
    replica_ = *Replica::Start(*storage_, clock_, timer_, replica);
    client_ = std::make_unique<VizierClient>(*Channel::Open(replica_->address()));
  }
  ~ServerOnDisk() { replica_->Drain(); }

  VizierClient& client() { return *client_; }
  SqliteStorage& storage() { return *storage_; }
  void WaitUntilItIsKnownToBeDead() const {
    while (!dead_) std::this_thread::yield();
  }

 private:
  const SystemClock clock_;
  SystemTimer timer_{clock_};
  std::atomic<bool> dead_ = false;
  std::unique_ptr<SqliteStorage> storage_;
  std::unique_ptr<Replica> replica_;
  std::unique_ptr<VizierClient> client_;
};

CallOptions Once() {
  CallOptions options;
  options.max_attempts = 1;
  return options;
}

// What a client did and was told.
class Journal {
 public:
  // Some trials from suggestion to completion; stops at the first error.
  absl::Status Work(VizierClient& client, int trials);
  // One write, which another one may follow.
  absl::Status Note(VizierClient& client);
  // Every acknowledged change is there, and no trial twice.
  void Check(VizierClient& client) const;

 private:
  struct Told {
    bool measured = false;
    std::optional<double> result;
  };

  bool created_ = false;
  std::map<std::string, Told> trials_;
  int64_t notes_ = 0;  // acknowledged; the study's metadata counts them
};

absl::Status Journal::Work(VizierClient& client, int trials) {
  if (!created_) {
    pb::CreateStudyRequest create;
    create.set_parent("owners/ada");
    *create.mutable_study() = AStudy("kws").WithFloat("x").WithObjective("y").Study();
    RETURN_IF_ERROR(client.CreateStudy(create, Once()).status());
    created_ = true;
  }
  for (int i = 0; i < trials; ++i) {
    pb::SuggestTrialsRequest suggest;
    suggest.set_parent(kStudy);
    suggest.set_client_id("w");
    suggest.set_suggestion_count(1);
    ASSIGN_OR_RETURN(const auto suggested, client.SuggestTrialsAndWait(suggest, Once()));
    const std::string name = suggested.trials(0).name();
    Told& told = trials_[name];
    EXPECT_FALSE(told.result.has_value()) << name << " is complete and was suggested again";
    pb::AddTrialMeasurementRequest add;
    add.set_trial_name(name);
    *add.mutable_measurement() = AMeasurement(1, {{"y", 0.5}});
    RETURN_IF_ERROR(client.AddTrialMeasurement(add, Once()).status());
    told.measured = true;
    RETURN_IF_ERROR(Note(client));
    pb::CompleteTrialRequest complete;
    complete.set_name(name);
    const double result = static_cast<double>(trials_.size());
    *complete.mutable_final_measurement() = AMeasurement(2, {{"y", result}});
    RETURN_IF_ERROR(client.CompleteTrial(complete, Once()).status());
    told.result = result;
  }
  return absl::OkStatus();
}

absl::Status Journal::Note(VizierClient& client) {
  pb::UpdateMetadataRequest update;
  update.set_name(kStudy);
  auto& entry = *update.add_delta()->mutable_metadatum();
  entry.set_key("notes");
  entry.set_value(absl::StrCat(notes_ + 1));
  RETURN_IF_ERROR(client.UpdateMetadata(update, Once()));
  ++notes_;
  return absl::OkStatus();
}

void Journal::Check(VizierClient& client) const {
  pb::GetStudyRequest get;
  get.set_name(kStudy);
  const auto study = client.GetStudy(get);
  ASSERT_OK(study);
  const auto& metadata = study->study_spec().metadata();
  // The note after the last acknowledged one may have been stored too.
  const std::string noted = metadata.empty() ? "0" : metadata[0].value();
  EXPECT_TRUE(noted == absl::StrCat(notes_) || noted == absl::StrCat(notes_ + 1)) << noted << " of " << notes_;
  pb::ListTrialsRequest list;
  list.set_parent(kStudy);
  const auto stored = client.ListTrials(list);
  ASSERT_OK(stored);
  std::map<std::string, pb::Trial> by_name;
  for (const pb::Trial& trial : stored->trials()) by_name[trial.name()] = trial;
  EXPECT_LE(by_name.size(), trials_.size() + 1);
  for (const auto& [name, told] : trials_) {
    ASSERT_EQ(by_name.count(name), 1u) << name << " is lost";
    const pb::Trial& trial = by_name[name];
    EXPECT_TRUE(trial.measurements_size() == 1 || !told.measured) << name;
    if (!told.result.has_value()) continue;
    EXPECT_EQ(trial.state(), pb::Trial::SUCCEEDED) << name;
    EXPECT_EQ(trial.final_measurement().metrics(0).value(), *told.result) << name;
  }
}

struct FaultCase {
  const char* name;
  Fault FaultyVfs::*fault;
};

std::string NameOf(const testing::TestParamInfo<FaultCase>& info) { return info.param.name; }

// --- A disk that fails -----------------------------------------------------------------------------------------------

class FailingDisk : public testing::TestWithParam<FaultCase> {
 protected:
  // Runs the workload until the n-th call of the disk fails. False: there are fewer.
  bool FailAt(int n) {
    TemporaryFolder folder = *TemporaryFolder::Make();
    Journal journal;
    {
      FaultyVfs disk;
      Fault& fault = disk.*GetParam().fault;
      ServerOnDisk server(folder, &disk);
      EXPECT_OK(journal.Work(server.client(), 1));
      fault.BeginAt(n);
      absl::Status told = journal.Work(server.client(), 2);
      if (!fault.HasStruck()) return false;
      if (told.ok()) told = journal.Note(server.client());  // the fault struck after the last acknowledgement
      fault.End();
      EXPECT_THAT(told, Fails(absl::StatusCode::kUnavailable, "UNAVAILABLE"));
      if (!server.storage().Healthy()) {
        EXPECT_THAT(journal.Note(server.client()), FailsWith(absl::StatusCode::kUnavailable, "restart the server"));
        server.WaitUntilItIsKnownToBeDead();
      }
      journal.Check(server.client());  // reads go on
    }
    ServerOnDisk restarted(folder, nullptr);
    journal.Check(restarted.client());
    EXPECT_OK(journal.Work(restarted.client(), 1));
    return true;
  }
};

TEST_P(FailingDisk, IsNeverBelievedAtWhicheverCallItFails) {
  int n = 1;
  while (n < kMaxCalls && FailAt(n) && !HasFailure()) n += 1 + n / 4;  // the first ones each, then fewer
  EXPECT_GE(n, 4) << "the workload hardly used the disk";
  std::cout << "calls of the disk: fewer than " << n << '\n';
}

INSTANTIATE_TEST_SUITE_P(Faults, FailingDisk,
                         testing::Values(FaultCase{"Writes", &FaultyVfs::writes_fail},
                                         FaultCase{"ShortWrites", &FaultyVfs::writes_short},
                                         FaultCase{"Syncs", &FaultyVfs::syncs_fail}),
                         NameOf);

TEST(UnreadableDisk, IsToldAndNothingIsLost) {
  TemporaryFolder folder = *TemporaryFolder::Make();
  Journal journal;
  {
    ServerOnDisk server(folder, nullptr);
    ASSERT_OK(journal.Work(server.client(), 5));
  }
  FaultyVfs disk;
  ServerOnDisk server(folder, &disk);
  disk.reads_fail.Begin();
  pb::ListTrialsRequest list;
  list.set_parent(kStudy);
  EXPECT_THAT(server.client().ListTrials(list, Once()), FailsWith(absl::StatusCode::kUnavailable, "the disk failed"));
  disk.reads_fail.End();
  journal.Check(server.client());
}

// --- A disk that is full ---------------------------------------------------------------------------------------------

// Fills the disk at the n-th write of the workload. False: there are fewer.
bool FillAt(int n) {
  TemporaryFolder folder = *TemporaryFolder::Make();
  Journal journal;
  {
    FaultyVfs disk;
    ServerOnDisk server(folder, &disk);
    EXPECT_OK(journal.Work(server.client(), 1));
    disk.disk_is_full.BeginAt(n);
    const absl::Status told = journal.Work(server.client(), 2);
    if (!disk.disk_is_full.HasStruck()) return false;
    for (const absl::Status& refused :
         {told.ok() ? journal.Note(server.client()) : told, journal.Note(server.client())}) {
      EXPECT_THAT(refused, FailsWith(absl::StatusCode::kResourceExhausted, "free some space"));
    }
    journal.Check(server.client());  // reads go on
    disk.disk_is_full.End();
    EXPECT_OK(journal.Work(server.client(), 2)) << "space is back, so the server works on without a restart";
    journal.Check(server.client());
  }
  ServerOnDisk restarted(folder, nullptr);
  journal.Check(restarted.client());
  return true;
}

TEST(FullDisk, RefusesWritesAndPassesAtWhicheverWriteItFills) {
  int n = 1;
  while (n < kMaxCalls && FillAt(n) && !testing::Test::HasFailure()) n += 1 + n / 4;
  EXPECT_GE(n, 20) << "the workload hardly wrote";
}

// --- A disk that is slow ---------------------------------------------------------------------------------------------

TEST(SlowDisk, DelaysAWriteByTwoSyncs) {
  constexpr std::chrono::milliseconds kSync(100);
  constexpr int kClients = 16;
  constexpr int kWrites = 5;
  TemporaryFolder folder = *TemporaryFolder::Make();
  FaultyVfs disk;
  ServerOnDisk server(folder, &disk, kManyPages);
  Journal journal;
  ASSERT_OK(journal.Work(server.client(), 1));
  disk.sync_takes = kSync;
  disk.syncs = 0;
  const auto write = [&](int client) {
    std::vector<std::chrono::nanoseconds> times;
    for (int i = 0; i < kWrites; ++i) {
      pb::UpdateMetadataRequest update;
      update.set_name(kStudy);
      update.add_delta()->mutable_metadatum()->set_key(absl::StrCat(client, ".", i));
      const auto begin = std::chrono::steady_clock::now();
      EXPECT_OK(server.client().UpdateMetadata(update, Once()));
      times.push_back(std::chrono::steady_clock::now() - begin);
    }
    return times;
  };
  std::vector<std::future<std::vector<std::chrono::nanoseconds>>> clients;
  for (int i = 0; i < kClients; ++i) clients.push_back(std::async(std::launch::async, write, i));
  std::vector<std::chrono::nanoseconds> times;
  for (auto& client : clients) {
    for (const auto time : client.get()) times.push_back(time);
  }
  std::sort(times.begin(), times.end());
  EXPECT_LE(times[times.size() / 2], 3 * kSync) << "the sync under way and the next";
  EXPECT_LE(disk.syncs, 4 * kWrites) << "clients share syncs";
}

}  // namespace
}  // namespace photinus
