// In which order the rows of deleted studies and trials are erased, by every backend.
#ifndef PHOTINUS_SERVER_STORAGE_ERASURE_H_
#define PHOTINUS_SERVER_STORAGE_ERASURE_H_

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>

namespace photinus {

struct ErasedTable {
  std::string_view name;
  std::string_view key;  // columns of the primary key
};

// After the artifacts: rows before those that they refer to. Small tables that are not named go with the study's own
// row, by the schema's foreign keys.
inline constexpr ErasedTable kErasedTables[] = {
    {"measurements", "study_uid, trial_id, attempt, seq"},
    {"attempts", "study_uid, trial_id, attempt"},
    {"metadata", "rank"},
    {"metadata_sizes", "study_uid, trial_id"},
    {"operations", "study_uid, client_id, number"},
    {"requests", "study_uid, id"},
    {"deleted_trials", "study_uid, version, id"},
    {"trials", "study_uid, id"},
};

// The same for a trial whose metadata is gone.
inline constexpr ErasedTable kErasedTablesOfTrials[] = {kErasedTables[0], kErasedTables[1]};

inline constexpr int64_t kLastTrial = std::numeric_limits<int64_t>::max();

// Artifacts go one at a time, up to so many chunks of 1 MiB at once.
inline constexpr int64_t kErasedChunks = 16;

// What erasing (a part of) an artifact costs, in rows: its bytes count too.
inline int64_t ErasureCost(int64_t artifact_size) { return 1 + std::min<int64_t>(artifact_size >> 14, 1000); }

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_ERASURE_H_
