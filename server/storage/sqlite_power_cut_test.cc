// Simulated power cuts: what was acknowledged is there afterwards, whole transactions only, in a sound file.
// Usage: sqlite_power_cut_test [--cuts=N]
#include <algorithm>
#include <atomic>
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

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "common/base/temporary_folder.h"
#include "gtest/gtest.h"
#include "server/storage/sqlite_storage.h"
#include "tests/support/power_cut_disk.h"

namespace photinus {
namespace {

int cuts_to_make = 200;

constexpr int kCutsPerFile = 25;
constexpr int kMaxChangesBeforeCut = 600;  // several times what a new file and its schema need
constexpr int kMaxClients = 4;
constexpr int64_t kCheckpointPages[] = {4, 30, 200};

using Faults = std::vector<std::string>;

// What a client was promised about its study: trials, with the text that each was given everywhere.
class Journal {
 public:
  explicit Journal(int client) : name_(absl::StrCat("study ", client)) {}

  // Before anything else.
  absl::Status EnsureStudy(Storage& storage);
  // Adds a trial, with parts in several tables and, by chance, an artifact over many pages; or replaces the texts of
  // one; or deletes one. One in five is refused after it has done so, and must leave nothing. True if it was
  // acknowledged, or refused as it should.
  bool Write(Storage& storage, Random& random);
  // Every acknowledged trial is there, and every trial is whole. What the cut interrupted counts from here on as it is.
  absl::Status Check(Storage& storage, Faults& faults);

 private:
  absl::Status PutWhole(Transaction& t, int64_t id, const std::string& text) const;
  absl::Status CheckWhole(Snapshot& s, const TrialRow& trial, Faults& faults) const;

  const std::string name_;
  int64_t uid_ = 0;
  int64_t next_text_ = 1;
  std::map<int64_t, std::string> acknowledged_;                 // id -> text; empty: deleted
  std::optional<std::pair<int64_t, std::string>> interrupted_;  // by the cut, and may have happened
};

absl::Status Journal::EnsureStudy(Storage& storage) {
  int64_t uid = 0;
  if (uid_ != 0) return absl::OkStatus();
  RETURN_IF_ERROR(storage.Transact([&](Transaction& t) -> absl::Status {
    RETURN_IF_ERROR(t.EnsureOwner("ada"));
    ASSIGN_OR_RETURN(const auto found, t.FindStudy("ada", name_));
    if (found.has_value()) {
      uid = found->uid;
      return absl::OkStatus();
    }
    StudyRow study;
    study.owner = "ada";
    study.display_name = name_;
    ASSIGN_OR_RETURN(uid, t.InsertStudy(study));
    return absl::OkStatus();
  }));
  uid_ = uid;
  return absl::OkStatus();
}

absl::Status Journal::PutWhole(Transaction& t, int64_t id, const std::string& text) const {
  TrialRow trial;
  trial.study_uid = uid_;
  trial.id = id;
  trial.client_id = text;
  RETURN_IF_ERROR(t.PutTrial(trial));
  pb::KeyValue entry;
  entry.set_key("text");
  entry.set_value(text);
  RETURN_IF_ERROR(t.PutMetadata(uid_, id, entry));
  // A text ends with its length in KiB.
  const size_t size = static_cast<size_t>(text.back() - '0') << 10;
  return t.PutArtifact(uid_, ArtifactRow{id, "a", text, static_cast<int64_t>(size)}, std::string(size, text[0]));
}

bool Journal::Write(Storage& storage, Random& random) {
  const bool add = acknowledged_.empty() || random.Below(3) > 0;
  const bool remove = !add && random.Below(3) == 0;
  const std::string text = remove ? "" : absl::StrCat("text ", next_text_++, " of KiB ", random.Below(10));
  const bool refuse = random.Below(5) == 0;
  int64_t id =
      add ? 0 : std::next(acknowledged_.begin(), static_cast<int64_t>(random.Below(acknowledged_.size())))->first;
  const absl::Status status = storage.Transact([&](Transaction& t) -> absl::Status {
    ASSIGN_OR_RETURN(auto study, t.GetStudy(uid_));
    if (add) id = study->next_trial_id++;
    ++study->version;
    RETURN_IF_ERROR(t.UpdateStudy(*study));
    RETURN_IF_ERROR(remove ? t.DeleteTrial(uid_, id, study->version) : PutWhole(t, id, text));
    return refuse ? absl::AbortedError("refused") : absl::OkStatus();
  });
  if (refuse) return absl::IsAborted(status);
  if (status.ok()) {
    acknowledged_[id] = text;
  } else if (id != 0) {
    interrupted_ = {id, text};
  }
  return status.ok();
}

absl::Status Journal::CheckWhole(Snapshot& s, const TrialRow& trial, Faults& faults) const {
  ASSIGN_OR_RETURN(const auto metadata, s.ListMetadata(uid_, trial.id, trial.id));
  ASSIGN_OR_RETURN(const auto artifacts, s.ListArtifacts(uid_, trial.id));
  const bool whole = metadata.size() == 1 && metadata[0].entry.value() == trial.client_id && artifacts.size() == 1 &&
                     artifacts[0].sha256 == trial.client_id;
  if (!whole) {
    faults.push_back(absl::StrCat("trial ", trial.id, " is half there"));
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const std::string bytes, s.ReadArtifact(uid_, trial.id, "a", 0, artifacts[0].size));
  if (bytes != std::string(static_cast<size_t>(artifacts[0].size), trial.client_id[0])) {
    faults.push_back(absl::StrCat("the artifact of trial ", trial.id, " changed"));
  }
  return absl::OkStatus();
}

absl::Status Journal::Check(Storage& storage, Faults& faults) {
  return storage.Read([&](Snapshot& s) -> absl::Status {
    ASSIGN_OR_RETURN(const auto study, s.FindStudy("ada", name_));
    if (!study.has_value()) {
      if (uid_ != 0) faults.push_back("the study is lost");
      return absl::OkStatus();
    }
    std::map<int64_t, std::string> stored;
    ASSIGN_OR_RETURN(const auto trials, s.ListTrials(study->uid, {}));
    for (const TrialRow& trial : trials) {
      stored[trial.id] = trial.client_id;
      if (trial.id >= study->next_trial_id) faults.push_back(absl::StrCat("id ", trial.id, " would be given again"));
      RETURN_IF_ERROR(CheckWhole(s, trial, faults));
    }
    if (interrupted_.has_value() && stored[interrupted_->first] == interrupted_->second) {
      acknowledged_[interrupted_->first] = interrupted_->second;
    }
    interrupted_.reset();
    for (const auto& [id, text] : acknowledged_) {
      if (stored[id] == text) continue;
      faults.push_back(absl::StrCat("trial ", id, " was acknowledged with '", text, "' and is '", stored[id], "'"));
    }
    return absl::OkStatus();
  });
}

Faults SoundnessFaults(const std::string& path, const std::string& vfs) {
  auto connection = SqliteConnection::Open(path, SqliteConnection::Mode::kReader, vfs);
  if (!connection.ok()) return {std::string(connection.status().message())};
  SqliteStatement check(**connection, "PRAGMA integrity_check");
  if (!check.Step().value_or(false)) return {"integrity_check fails"};
  if (const std::string answer = check.Text(); answer != "ok") return {answer};
  SqliteStatement references(**connection, "PRAGMA foreign_key_check");
  if (references.Step().value_or(true)) return {"foreign keys are broken"};
  return {};
}

// One file and its disk, through some cuts.
class CutFile {
 public:
  CutFile(uint64_t seed, PowerCutDisk::Skips skips) : random_(seed), disk_(seed, skips) {
    options_.limits.batch_time = std::chrono::hours(1);  // so that the clients alone decide what shares a commit
    for (int client = 0; client < 1 + static_cast<int>(seed % kMaxClients); ++client) journals_.emplace_back(client);
  }

  // Works until the power goes, at a random moment, then looks at what is left.
  Faults CutOnce() {
    options_.limits.checkpoint_pages = kCheckpointPages[random_.Below(std::size(kCheckpointPages))];
    options_.limits.restart_pages = 4 * options_.limits.checkpoint_pages;
    disk_.CutPowerAfter(1 + static_cast<int64_t>(random_.Below(kMaxChangesBeforeCut)));
    if (auto storage = SqliteStorage::Open(path_, options_); storage.ok()) {
      bool powered = true;
      for (Journal& journal : journals_) powered = powered && journal.EnsureStudy(**storage).ok();
      while (powered) powered = WriteTogether(**storage);
    } else if (!disk_.IsCut()) {
      return {storage.status().ToString()};
    }
    disk_.RestorePower();
    return Check();
  }

  int64_t acknowledgements() const { return acknowledgements_; }

 private:
  Faults Check() {
    auto storage = SqliteStorage::Open(path_, options_);
    if (!storage.ok()) return {storage.status().ToString()};
    Faults faults;
    for (Journal& journal : journals_) {
      if (const absl::Status read = journal.Check(**storage, faults); !read.ok()) faults.push_back(read.ToString());
    }
    const Faults unsound = SoundnessFaults(path_, options_.vfs);
    faults.insert(faults.end(), unsound.begin(), unsound.end());
    return faults;
  }

  // One batch, of a change by each client: always the same members in the same order. False if the power went.
  bool WriteTogether(SqliteStorage& storage);

  Random random_;
  TemporaryFolder folder_ = *TemporaryFolder::Make();
  const std::string path_ = folder_.File("db");
  PowerCutDisk disk_;
  SqliteOptions options_{.vfs = disk_.name()};
  std::vector<Journal> journals_;
  int64_t acknowledgements_ = 0;
};

bool CutFile::WriteTogether(SqliteStorage& storage) {
  std::promise<void> begin;
  const std::shared_future<void> begun = begin.get_future().share();
  std::atomic<bool> open = false;
  std::atomic<size_t> ended = 0;
  std::vector<char> told(journals_.size());
  std::vector<std::thread> threads;
  // The first member of the batch holds it open until the others have queued.
  threads.emplace_back([&] {
    const auto wait = [&](Transaction&) {
      open = true;
      begun.wait();
      return absl::OkStatus();
    };
    storage.Transact(wait).IgnoreError();
    ++ended;
  });
  while (!open && ended == 0) std::this_thread::yield();
  for (size_t i = 0; i < journals_.size(); ++i) {
    threads.emplace_back([&, i, seed = random_.Next()] {
      Random random(seed);
      told[i] = journals_[i].Write(storage, random) ? 1 : 0;
      ++ended;
    });
    while (storage.Queued() <= i && ended < threads.size()) std::this_thread::yield();
  }
  begin.set_value();
  for (std::thread& thread : threads) thread.join();
  const auto acknowledged = std::count(told.begin(), told.end(), 1);
  acknowledgements_ += acknowledged;
  return acknowledged == static_cast<int64_t>(told.size());
}

struct Outcome {
  int cuts = 0;
  int64_t acknowledgements = 0;
  std::string fault;  // the first, with all that is needed to see it again; empty: none
};

Outcome CutPower(int cuts, PowerCutDisk::Skips skips) {
  Outcome outcome;
  for (uint64_t seed = 1; outcome.cuts < cuts; ++seed) {
    CutFile file(seed, skips);
    for (int i = 0; i < kCutsPerFile && outcome.cuts < cuts; ++i) {
      ++outcome.cuts;
      const Faults faults = file.CutOnce();
      if (faults.empty()) continue;
      outcome.fault = absl::StrCat("seed ", seed, ", cut ", i, ": ", faults[0]);
      return outcome;
    }
    outcome.acknowledgements += file.acknowledgements();
  }
  return outcome;
}

TEST(PowerCut, LosesNothingThatWasAcknowledgedAndLeavesWholeTransactions) {
  const Outcome outcome = CutPower(cuts_to_make, PowerCutDisk::Skips::kNothing);
  EXPECT_EQ(outcome.fault, "");
  EXPECT_EQ(outcome.cuts, cuts_to_make);
  EXPECT_GE(outcome.acknowledgements, cuts_to_make) << "else nothing was at stake";
  std::cout << outcome.cuts << " cuts, " << outcome.acknowledgements << " acknowledgements kept\n";
}

// The check must be able to fail: the same with syncs that do nothing.
class SkippedSyncs : public testing::TestWithParam<std::pair<const char*, PowerCutDisk::Skips>> {};

TEST_P(SkippedSyncs, AreFoundOut) {
  const Outcome outcome = CutPower(cuts_to_make, GetParam().second);
  EXPECT_NE(outcome.fault, "") << outcome.cuts << " cuts without a fault";
  std::cout << "found out after " << outcome.cuts << " cuts: " << outcome.fault << '\n';
}

INSTANTIATE_TEST_SUITE_P(Mutants, SkippedSyncs,
                         testing::Values(std::pair("OfTheLog", PowerCutDisk::Skips::kLogSyncs),
                                         std::pair("OfTheDatabase", PowerCutDisk::Skips::kDatabaseSyncs),
                                         std::pair("All", PowerCutDisk::Skips::kAllSyncs)),
                         [](const auto& info) { return info.param.first; });

}  // namespace
}  // namespace photinus

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (!absl::ConsumePrefix(&argument, "--cuts=") || !absl::SimpleAtoi(argument, &photinus::cuts_to_make)) return 2;
  }
  return RUN_ALL_TESTS();
}
