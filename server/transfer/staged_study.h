// A study that nobody sees until it is complete.
#ifndef PHOTINUS_SERVER_TRANSFER_STAGED_STUDY_H_
#define PHOTINUS_SERVER_TRANSFER_STAGED_STUDY_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/storage/storage.h"
#include "server/study/study_store.h"

namespace photinus {

// Stands in storage under kStagingOwner, INACTIVE, and is filled by many short transactions, so that others are not
// held up. Removed at destruction unless published. Not thread-safe; borrows the store.
class StagedStudy {
 public:
  explicit StagedStudy(StudyStore& store) : store_(store) {}
  ~StagedStudy();
  StagedStudy(const StagedStudy&) = delete;
  StagedStudy& operator=(const StagedStudy&) = delete;

  absl::Status Begin();
  // After Begin.
  int64_t uid() const { return uid_; }

  // Part of a transaction that comes now or later; may run more than once. bytes: about what it stores.
  using Change = std::function<absl::Status(Transaction&)>;
  absl::Status Add(Change change, int64_t bytes);

  // Makes it the study that `study` says (its uid is set here). AlreadyExists: the owner has one of this name.
  absl::Status Publish(StudyRow study);

 private:
  absl::Status Flush();
  // Notes in the row when RemoveAbandonedStudies last heard of it, in the place of its creation.
  absl::Status SignLife(Snapshot& snapshot);

  StudyStore& store_;
  int64_t uid_ = 0;  // 0: not in storage, or published
  StudyRow row_;
  std::vector<Change> changes_;
  int64_t bytes_ = 0;  // of changes_
};

// STUDY_EXISTS: says what to do.
absl::Status NameIsTaken(const StudyName& name);

// Removes what was staged, and not added to for `age`: by a server that ended in the midst of it.
absl::Status RemoveAbandonedStudies(StudyStore& store, absl::Duration age);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_TRANSFER_STAGED_STUDY_H_
