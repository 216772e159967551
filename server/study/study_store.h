// The one door through which studies and their trials change.
#ifndef PHOTINUS_SERVER_STUDY_STUDY_STORE_H_
#define PHOTINUS_SERVER_STUDY_STUDY_STORE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <semaphore>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/names.h"
#include "server/storage/storage.h"
#include "server/study/change_feed.h"
#include "server/study/read_options.h"
#include "server/study/request_id.h"
#include "server/study/study_cache.h"
#include "server/study/study_problem.h"

namespace photinus {

// One study inside a transaction. What is put here belongs to the study's next version.
class StudyEdit {
 public:
  StudyEdit(Transaction& transaction, StudyCache& cache, StudyRow study, absl::Time now);

  Transaction& transaction() { return transaction_; }
  const StudyName& name() const { return name_; }
  absl::Time now() const { return now_; }
  StudyRow& study() { return study_; }  // call MarkChanged after changing it
  absl::StatusOr<std::shared_ptr<const StudyProblem>> Problem() { return cache_.ProblemInside(transaction_, study_); }

  TrialName TrialNameOf(int64_t id) const { return {name_, id}; }
  // NotFound.
  absl::StatusOr<TrialRow> GetTrial(int64_t id);
  absl::Status PutTrial(TrialRow& trial);  // sets trial.mod_version
  absl::Status DeleteTrial(int64_t id);

  void MarkChanged() { changed_ = true; }
  // A trial begins to run.
  void MarkStarted() { changed_ = started_ = true; }
  // There may be something new to pull, or no longer: created, requeued, state set by hand.
  void MarkWork() { changed_ = work_ = true; }
  // Besides, the study may be over: a trial finished, was deleted, lost; the study drains.
  void MarkMaybeOver() { changed_ = work_ = maybe_over_ = true; }
  // A trial was imported or the budget changes, so that the budget may be used up. A study that was reopened, and so
  // drains, takes more of that and does not complete yet.
  void MarkMaybeUsedUp() { changed_ = work_ = maybe_used_up_ = true; }
  // The study document or the Pythia endpoint changes.
  void MarkNewProblem();

  // Completes the study if it is over, writes its row, and tells what to publish; version 0 where nothing changed.
  absl::StatusOr<StudyChange> Finish();

 private:
  Transaction& transaction_;
  StudyCache& cache_;
  StudyRow study_;
  const StudyName name_;
  const absl::Time now_;
  bool changed_ = false;
  bool work_ = false;
  bool started_ = false;
  bool maybe_over_ = false;
  bool maybe_used_up_ = false;
};

// Fewer than any storage has connections that read.
inline constexpr int kMaxLongReads = 2;

// Thread-safe.
class StudyStore {
 public:
  // Whether what lies outside this room accepts a problem: the algorithm and the stopping rule exist and fit.
  using ProblemCheck = std::function<absl::Status(const StudyProblem&)>;

  StudyStore(Storage& storage, const Clock& clock, ProblemCheck check, size_t cache_bytes = kDefaultCacheBytes);

  Storage& storage() { return storage_; }
  const Clock& clock() const { return clock_; }
  ChangeFeed& changes() { return changes_; }
  StudyCache& cache() { return cache_; }

  // As storage().Read, for a body that may read a whole study. Few of them run at once, so that other reads go on; the
  // caller's thread waits for its turn. LongReadNeeded where `options` allow none; Cancelled.
  absl::Status ReadLong(const ReadOptions& options, absl::FunctionRef<absl::Status(Snapshot&)> body);
  // As storage().Read, for a body that may read a whole study: where it says LongReadNeeded with the short read's
  // options that it is given first, it runs again as a long read, if `options` allow. SnapshotTooOld: see ExactHistory.
  absl::Status Read(const ReadOptions& options, absl::FunctionRef<absl::Status(Snapshot&, const ReadOptions&)> body);

  // The problem of a spec, checked by both rooms. InvalidArgument.
  absl::StatusOr<StudyProblem> CheckProblem(const pb::StudySpec& spec) const;

  // NotFound.
  absl::StatusOr<StudyRow> Find(Snapshot& snapshot, const StudyName& name);

  // Changes one study: all or nothing, one version, published once it is on disk. `body` may run again (see Transact).
  // NotFound, and what body returns.
  absl::Status Edit(const StudyName& name, absl::FunctionRef<absl::Status(StudyEdit&)> body);
  // As Edit, only for a study that is ACTIVE. FailedPrecondition.
  absl::Status EditActive(const StudyName& name, absl::FunctionRef<absl::Status(StudyEdit&)> body);

  // As Edit, but once for each request: where it was served before, `body` has no part in it. InvalidArgument: the
  // request's id belongs to another call.
  struct Served {
    int64_t result = 0;   // what body gave then or now, an id or number of what it made
    bool before = false;  // not now
  };
  absl::StatusOr<Served> EditOnce(const StudyName& name, const RequestId& request,
                                  absl::FunctionRef<absl::StatusOr<int64_t>(StudyEdit&)> body);

  // From now on there is no such study; what belongs to it goes later (erasure.h). NotFound.
  absl::Status Delete(const StudyName& name, const RequestId& request = {});

 private:
  Storage& storage_;
  const Clock& clock_;
  const ProblemCheck check_;
  ChangeFeed changes_;
  StudyCache cache_;
  std::counting_semaphore<> long_reads_{kMaxLongReads};
};

// NotFound errors, worded the same everywhere.
absl::Status NoSuchOwner(const OwnerName& name);
absl::Status NoSuchStudy(const StudyName& name);
absl::Status NoSuchTrial(const TrialName& name);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_STUDY_STORE_H_
