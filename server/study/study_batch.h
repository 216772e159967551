// Studies in batches that may be held in memory together.
#ifndef PHOTINUS_SERVER_STUDY_STUDY_BATCH_H_
#define PHOTINUS_SERVER_STUDY_STUDY_BATCH_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/storage/storage.h"

namespace photinus {

inline constexpr int64_t kMaxBatchStudies = 64;

// Of an owner, by ascending uid, however large their specs are. Not thread-safe; borrows the snapshot.
class StudyBatches {
 public:
  // Those after uid `after`.
  StudyBatches(Snapshot& snapshot, std::string owner, int64_t after)
      : snapshot_(snapshot), owner_(std::move(owner)), after_(after) {}

  // The next ones: at most `wanted`, and where there are several they have at most kMaxBatchBytes (trial_batch.h); none
  // at the end.
  absl::StatusOr<std::vector<StudyRow>> Next(int64_t wanted = kMaxBatchStudies);

 private:
  Snapshot& snapshot_;
  const std::string owner_;
  int64_t after_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_STUDY_BATCH_H_
