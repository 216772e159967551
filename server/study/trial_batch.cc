#include "server/study/trial_batch.h"

#include <unordered_map>
#include <vector>

#include "common/base/status_macros.h"

namespace photinus {

absl::StatusOr<size_t> CountThatFit(Snapshot& snapshot, absl::Span<const TrialRow> rows) {
  if (rows.size() <= 1) return rows.size();
  ASSIGN_OR_RETURN(const std::vector<TrialBytes> lists,
                   snapshot.ListTrialBytes(rows.front().study_uid, rows.front().id, rows.back().id));
  std::unordered_map<int64_t, int64_t> bytes;
  for (const TrialBytes& list : lists) bytes[list.trial_id] += list.bytes;
  int64_t total = 0;
  size_t count = 0;
  for (const TrialRow& row : rows) {
    if (const auto found = bytes.find(row.id); found != bytes.end()) total += found->second;
    if (count > 0 && total > kMaxBatchBytes) break;
    ++count;
  }
  return count;
}

}  // namespace photinus
