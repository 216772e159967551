// A study's trials in batches that may be held in memory together.
#ifndef PHOTINUS_SERVER_STUDY_TRIAL_BATCH_H_
#define PHOTINUS_SERVER_STUDY_TRIAL_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "absl/status/statusor.h"
#include "server/storage/storage.h"

namespace photinus {

inline constexpr int64_t kMaxBatchTrials = 1000;
inline constexpr int64_t kMaxBatchBytes = int64_t{4} << 20;  // stored, with measurements and metadata

// How many of these, which have `bytes`, take at most kMaxBatchBytes, counted from the front; the first always counts.
template <typename Item>
size_t CountThatFit(const std::vector<Item>& items) {
  int64_t total = 0;
  size_t count = 0;
  for (const Item& item : items) {
    total += item.bytes;
    if (count > 0 && total > kMaxBatchBytes) break;
    ++count;
  }
  return count;
}

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
