// How the rows of deleted studies and trials are erased, by every backend.
#ifndef PHOTINUS_SERVER_STORAGE_ERASURE_H_
#define PHOTINUS_SERVER_STORAGE_ERASURE_H_

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

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
    {"explanations", "study_uid, trial_id"},
    {"metadata", "rank"},
    {"metadata_sizes", "study_uid, trial_id"},
    {"operations", "study_uid, client_id, number"},
    {"requests", "study_uid, id"},
    {"deleted_trials", "study_uid, version, id"},
    {"trials", "study_uid, id"},
};

// The same for a trial whose metadata is gone.
inline constexpr ErasedTable kErasedTablesOfTrials[] = {kErasedTables[0], kErasedTables[1], kErasedTables[2]};

// Erases up to `rows` rows. The bytes of an artifact count, too: a row for every 16 KiB. Backend, copied:
//   Statement                                       its type of statement
//   connection()                                    a Statement's first argument
//   Change(sql, arguments...) -> StatusOr<int64_t>  runs a statement; how many rows it changed
//   DeleteSome(table, condition) -> std::string     the DELETE of those rows of an ErasedTable that a condition, which
//                                                   ends with a LIMIT, selects
// Parameters are $1, $2 and so on, by first appearance.
template <typename Backend>
class Erasure {
 public:
  Erasure(Backend backend, int64_t rows) : backend_(backend), rows_(rows) {}

  int64_t rows() const { return rows_; }

  // The row of the study is the last.
  absl::Status EraseStudy(int64_t uid) {
    RETURN_IF_ERROR(EraseArtifacts(uid, 0, std::numeric_limits<int64_t>::max()));
    for (const ErasedTable& table : kErasedTables) {
      RETURN_IF_ERROR(Erase(table, "study_uid = $1 LIMIT $2", uid, rows_));
    }
    if (rows_-- <= 0) return absl::OkStatus();
    return backend_.Change("DELETE FROM studies WHERE uid = $1", uid).status();
  }

  // The row of the trial is the last.
  absl::Status EraseTrial(int64_t uid, int64_t id) {
    RETURN_IF_ERROR(EraseArtifacts(uid, id, id));
    for (const ErasedTable& table : kErasedTablesOfTrials) {
      RETURN_IF_ERROR(Erase(table, "study_uid = $1 AND trial_id = $2 LIMIT $3", uid, id, rows_));
    }
    if (rows_-- <= 0) return absl::OkStatus();
    return backend_.Change("DELETE FROM trials WHERE study_uid = $1 AND id = $2", uid, id).status();
  }

 private:
  static constexpr int64_t kChunksAtOnce = 16;  // of 1 MiB
  static constexpr int64_t kMaxArtifactCost = 1000;

  // The last of the arguments is rows_.
  template <typename... Arguments>
  absl::Status Erase(const ErasedTable& table, std::string_view condition, const Arguments&... arguments) {
    if (rows_ <= 0) return absl::OkStatus();
    ASSIGN_OR_RETURN(const int64_t erased, backend_.Change(backend_.DeleteSome(table, condition), arguments...));
    rows_ -= erased;
    return absl::OkStatus();
  }

  // Those of the trials first..last.
  absl::Status EraseArtifacts(int64_t uid, int64_t first, int64_t last) {
    for (bool more = true; more && rows_ > 0;) {
      ASSIGN_OR_RETURN(more, EraseArtifact(uid, first, last));
    }
    return absl::OkStatus();
  }

  // One artifact, or some chunks of it. False where there is none.
  absl::StatusOr<bool> EraseArtifact(int64_t uid, int64_t first, int64_t last) {
    typename Backend::Statement next(
        backend_.connection(),
        "SELECT artifact, size FROM artifacts WHERE study_uid = $1 AND trial_id BETWEEN $2 AND $3 LIMIT 1", uid, first,
        last);
    ASSIGN_OR_RETURN(const bool found, next.Step());
    if (!found) return false;
    const int64_t artifact = next.Int();
    rows_ -= 1 + std::min(next.Int() >> 14, kMaxArtifactCost);
    const std::string some = backend_.DeleteSome({"artifact_chunks", "artifact, chunk"}, "artifact = $1 LIMIT $2");
    ASSIGN_OR_RETURN(const int64_t chunks, backend_.Change(some, artifact, kChunksAtOnce));
    if (chunks == kChunksAtOnce) return true;
    RETURN_IF_ERROR(backend_.Change("DELETE FROM artifacts WHERE artifact = $1", artifact).status());
    return true;
  }

  Backend backend_;
  int64_t rows_;  // that may still be erased; below 0: more were
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_ERASURE_H_
