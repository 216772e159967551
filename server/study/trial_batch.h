// How many trials may be held in memory together.
#ifndef PHOTINUS_SERVER_STUDY_TRIAL_BATCH_H_
#define PHOTINUS_SERVER_STUDY_TRIAL_BATCH_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "server/storage/storage.h"

namespace photinus {

inline constexpr int64_t kMaxBatchTrials = 1000;
inline constexpr int64_t kMaxBatchBytes = int64_t{4} << 20;  // of measurements and metadata

// How many of `rows`, which are trials of one study by ascending id, have measurements and metadata of at most
// kMaxBatchBytes, counted from the front; the first one always counts.
absl::StatusOr<size_t> CountThatFit(Snapshot& snapshot, absl::Span<const TrialRow> rows);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_TRIAL_BATCH_H_
