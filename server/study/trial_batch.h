// A study's trials in batches that may be held in memory together.
#ifndef PHOTINUS_SERVER_STUDY_TRIAL_BATCH_H_
#define PHOTINUS_SERVER_STUDY_TRIAL_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "server/storage/storage.h"

namespace photinus {

inline constexpr int64_t kMaxBatchTrials = 1000;
inline constexpr int64_t kMaxBatchBytes = int64_t{4} << 20;  // stored, with measurements and metadata

// How many of these take at most kMaxBatchBytes, counted from the front; the first one always counts.
size_t CountThatFit(absl::Span<const TrialBytes> trials);

// By ascending id, however many and large they are. Not thread-safe.
class TrialBatches {
 public:
  // The trials after id `after` and up to id `last`.
  TrialBatches(int64_t study_uid, int64_t after, int64_t last);

  // The next ones, at most `wanted`; none at the end. Each batch may be of a view of its own.
  absl::StatusOr<std::vector<TrialRow>> Next(Snapshot& snapshot, int64_t wanted = std::numeric_limits<int64_t>::max());

 private:
  const int64_t study_uid_;
  const int64_t last_;
  int64_t after_;
  int64_t count_;  // how many to look at next
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_TRIAL_BATCH_H_
