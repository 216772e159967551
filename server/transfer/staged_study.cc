#include "server/transfer/staged_study.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/random.h"
#include "common/base/status_macros.h"
#include "server/study/moment.h"

namespace photinus {
namespace {

// Of one transaction: a few milliseconds of the writer's time.
constexpr size_t kChangesAtOnce = 256;
constexpr int64_t kBytesAtOnce = int64_t{1} << 20;

}  // namespace

StagedStudy::~StagedStudy() {
  if (uid_ == 0) return;
  // What belongs to it is erased with that of other deleted studies. Should this fail, RemoveAbandonedStudies comes
  // later.
  store_.storage().Transact([&](Transaction& transaction) { return transaction.DeleteStudy(uid_); }).IgnoreError();
}

absl::Status StagedStudy::Begin() {
  row_.owner = kStagingOwner;
  row_.display_name = SecureHex(16);
  row_.state = pb::Study::INACTIVE;
  row_.inactive_reason = "it is being imported";
  row_.version = 0;  // before any that a study can have, so that other servers notice its publication
  return store_.storage().Transact([&](Transaction& transaction) -> absl::Status {
    RETURN_IF_ERROR(SignLife(transaction));
    RETURN_IF_ERROR(transaction.EnsureOwner(row_.owner));
    ASSIGN_OR_RETURN(uid_, transaction.InsertStudy(row_));
    row_.uid = uid_;
    return absl::OkStatus();
  });
}

absl::Status StagedStudy::Add(Change change, int64_t bytes) {
  changes_.push_back(std::move(change));
  bytes_ += bytes;
  return changes_.size() >= kChangesAtOnce || bytes_ >= kBytesAtOnce ? Flush() : absl::OkStatus();
}

absl::Status StagedStudy::SignLife(Snapshot& snapshot) {
  ASSIGN_OR_RETURN(const Moment moment, CurrentMoment(snapshot, store_.clock()));
  row_.created = moment.now;
  return absl::OkStatus();
}

absl::Status StagedStudy::Flush() {
  const absl::Status status = store_.storage().Transact([&](Transaction& transaction) -> absl::Status {
    RETURN_IF_ERROR(SignLife(transaction));
    RETURN_IF_ERROR(transaction.UpdateStudy(row_));
    for (const Change& change : changes_) RETURN_IF_ERROR(change(transaction));
    return absl::OkStatus();
  });
  changes_.clear();
  bytes_ = 0;
  if (!absl::IsNotFound(status)) return status;
  return absl::AbortedError("the import stood still for too long and was given up; import again");
}

absl::Status StagedStudy::Publish(StudyRow study) {
  RETURN_IF_ERROR(Flush());
  study.uid = uid_;
  RETURN_IF_ERROR(store_.storage().Transact([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const auto other, transaction.FindStudy(study.owner, study.display_name));
    if (other.has_value()) return NameIsTaken({study.owner, study.display_name});
    RETURN_IF_ERROR(transaction.EnsureOwner(study.owner));
    RETURN_IF_ERROR(transaction.PublishStudy(study.uid, study.owner, study.display_name));
    return transaction.UpdateStudy(study);
  }));
  uid_ = 0;
  store_.changes().Publish({study.uid, study.version, /*deleted=*/false, /*work=*/true});
  return absl::OkStatus();
}

absl::Status NameIsTaken(const StudyName& name) {
  return Error(
      absl::StatusCode::kAlreadyExists, "STUDY_EXISTS",
      absl::StrCat(name.ToString(), " exists already; import under another name (--name), or delete it first"));
}

absl::Status RemoveAbandonedStudies(StudyStore& store, absl::Duration age) {
  std::vector<StudyRow> staged;
  RETURN_IF_ERROR(store.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    ASSIGN_OR_RETURN(staged, snapshot.ListStudies(kStagingOwner, 0, -1));
    return absl::OkStatus();
  }));
  for (const StudyRow& seen : staged) {
    RETURN_IF_ERROR(store.storage().Transact([&](Transaction& transaction) -> absl::Status {
      // It may have gone on, and even been published, since it was seen.
      ASSIGN_OR_RETURN(const auto study, transaction.GetStudy(seen.uid));
      if (!study.has_value() || study->owner != kStagingOwner) return absl::OkStatus();
      ASSIGN_OR_RETURN(const Moment moment, CurrentMoment(transaction, store.clock()));
      // A sign of life from far in the future is of before a reboot, or before the database's clock was set back.
      if (absl::AbsDuration(moment.now - study->created) < age) return absl::OkStatus();
      return transaction.DeleteStudy(seen.uid);
    }));
  }
  return absl::OkStatus();
}

}  // namespace photinus
