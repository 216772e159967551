#include "server/study/study_store.h"

#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "server/study/budget.h"
#include "server/study/exact_history.h"
#include "server/study/study_state.h"

namespace photinus {
namespace {

constexpr int kMaxReads = 5;

// Again, on a new snapshot, where somebody had gone on in the study before `body` asked for its history.
absl::Status ReadUpToDate(Storage& storage, absl::FunctionRef<absl::Status(Snapshot&)> body) {
  absl::Status status;
  for (int i = 0; i < kMaxReads; ++i) {
    status = storage.Read(body);
    if (!IsSnapshotTooOld(status)) break;
  }
  return status;
}

}  // namespace

StudyEdit::StudyEdit(Transaction& transaction, StudyCache& cache, StudyRow study, absl::Time now)
    : transaction_(transaction),
      cache_(cache),
      study_(std::move(study)),
      name_{study_.owner, study_.display_name},
      now_(now) {}

absl::StatusOr<TrialRow> StudyEdit::GetTrial(int64_t id) {
  ASSIGN_OR_RETURN(std::optional<TrialRow> trial, transaction_.GetTrial(study_.uid, id));
  if (!trial.has_value()) return NoSuchTrial(TrialNameOf(id));
  return *std::move(trial);
}

absl::Status StudyEdit::PutTrial(TrialRow& trial) {
  changed_ = true;
  trial.mod_version = study_.version + 1;
  return transaction_.PutTrial(trial);
}

absl::Status StudyEdit::DeleteTrial(int64_t id) {
  MarkMaybeOver();
  return transaction_.DeleteTrial(study_.uid, id, study_.version + 1);
}

void StudyEdit::MarkNewProblem() {
  MarkMaybeUsedUp();
  study_.problem_version = study_.version + 1;
}

absl::StatusOr<StudyChange> StudyEdit::Finish() {
  if (!changed_) return StudyChange{};
  if (maybe_over_ || (maybe_used_up_ && !study_.draining)) {
    ASSIGN_OR_RETURN(const auto problem, Problem());
    ASSIGN_OR_RETURN(const bool over, IsOver(transaction_, study_, *problem));
    if (over) RETURN_IF_ERROR(SetState(pb::Study::COMPLETED, study_));
  }
  ++study_.version;
  RETURN_IF_ERROR(transaction_.UpdateStudy(study_));
  return StudyChange{study_.uid, study_.version, false, work_, started_};
}

StudyStore::StudyStore(Storage& storage, const Clock& clock, ProblemCheck check, size_t cache_bytes)
    : storage_(storage), clock_(clock), check_(std::move(check)), cache_(cache_bytes) {}

absl::Status StudyStore::ReadLong(const ReadOptions& options, absl::FunctionRef<absl::Status(Snapshot&)> body) {
  if (!options.may_be_long) return LongReadNeeded();
  long_reads_.acquire();
  const absl::Cleanup release = [this] { long_reads_.release(); };
  RETURN_IF_ERROR(options.Check());
  return ReadUpToDate(storage_, body);
}

absl::Status StudyStore::Read(const ReadOptions& options,
                              absl::FunctionRef<absl::Status(Snapshot&, const ReadOptions&)> body) {
  const ReadOptions now{.may_be_long = false, .cancelled = options.cancelled};
  const absl::Status status = ReadUpToDate(storage_, [&](Snapshot& snapshot) { return body(snapshot, now); });
  if (!IsLongReadNeeded(status)) return status;
  return ReadLong(options, [&](Snapshot& snapshot) { return body(snapshot, options); });
}

absl::StatusOr<StudyProblem> StudyStore::CheckProblem(const pb::StudySpec& spec) const {
  ASSIGN_OR_RETURN(StudyProblem problem, ParseStudyProblem(spec));
  RETURN_IF_ERROR(check_(problem));
  return problem;
}

absl::StatusOr<StudyRow> StudyStore::Find(Snapshot& snapshot, const StudyName& name) {
  ASSIGN_OR_RETURN(std::optional<StudyRow> study, snapshot.FindStudy(name.owner, name.study));
  if (!study.has_value()) return NoSuchStudy(name);
  return *std::move(study);
}

absl::Status StudyStore::Edit(const StudyName& name, absl::FunctionRef<absl::Status(StudyEdit&)> body) {
  StudyChange change;
  RETURN_IF_ERROR(storage_.Transact([&](Transaction& transaction) -> absl::Status {
    change = {};
    ASSIGN_OR_RETURN(StudyRow study, Find(transaction, name));
    StudyEdit edit(transaction, cache_, std::move(study), clock_.Now());
    RETURN_IF_ERROR(body(edit));
    ASSIGN_OR_RETURN(change, edit.Finish());
    return absl::OkStatus();
  }));
  if (change.version > 0) changes_.Publish(change);
  return absl::OkStatus();
}

absl::Status StudyStore::EditActive(const StudyName& name, absl::FunctionRef<absl::Status(StudyEdit&)> body) {
  return Edit(name, [&](StudyEdit& edit) -> absl::Status {
    RETURN_IF_ERROR(CheckActive(name, edit.study()));
    return body(edit);
  });
}

absl::StatusOr<StudyStore::Served> StudyStore::EditOnce(const StudyName& name, const RequestId& request,
                                                        absl::FunctionRef<absl::StatusOr<int64_t>(StudyEdit&)> body) {
  Served served;
  RETURN_IF_ERROR(Edit(name, [&](StudyEdit& edit) -> absl::Status {
    const int64_t uid = edit.study().uid;
    ASSIGN_OR_RETURN(const auto before, FindServed(edit.transaction(), uid, request));
    served = {before.value_or(0), before.has_value()};
    if (served.before) return absl::OkStatus();
    ASSIGN_OR_RETURN(served.result, body(edit));
    return NoteServed(edit.transaction(), uid, request, served.result, edit.now());
  }));
  return served;
}

absl::Status StudyStore::Delete(const StudyName& name, const RequestId& request) {
  std::optional<StudyRow> study;
  RETURN_IF_ERROR(storage_.Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(study, transaction.FindStudy(name.owner, name.study));
    // Whatever has this name now, it is not what the request was about if it was served before.
    ASSIGN_OR_RETURN(const auto served, FindServed(transaction, kServerRequests, request));
    if (served.has_value()) {
      study.reset();
      return absl::OkStatus();
    }
    if (!study.has_value()) return NoSuchStudy(name);
    RETURN_IF_ERROR(transaction.DeleteStudy(study->uid));
    return NoteServed(transaction, kServerRequests, request, study->uid, clock_.Now());
  }));
  if (!study.has_value()) return absl::OkStatus();
  cache_.Forget(study->uid);
  changes_.Publish({study->uid, study->version + 1, true, true});
  return absl::OkStatus();
}

absl::Status NoSuchOwner(const OwnerName& name) {
  return Error(absl::StatusCode::kNotFound, "OWNER_NOT_FOUND", absl::StrCat(name.ToString(), " has no studies"));
}

absl::Status NoSuchStudy(const StudyName& name) {
  return Error(absl::StatusCode::kNotFound, "STUDY_NOT_FOUND", absl::StrCat(name.ToString(), " does not exist"));
}

absl::Status NoSuchTrial(const TrialName& name) {
  return Error(absl::StatusCode::kNotFound, "TRIAL_NOT_FOUND", absl::StrCat(name.ToString(), " does not exist"));
}

}  // namespace photinus
