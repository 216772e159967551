#include "server/study/trial_batch.h"

#include <algorithm>

#include "common/base/status_macros.h"

namespace photinus {
namespace {

constexpr int64_t kFirstBatch = 16;  // for those who need no more

}  // namespace

TrialBatches::TrialBatches(int64_t study_uid, int64_t after, int64_t last)
    : study_uid_(study_uid), last_(last), after_(after), count_(kFirstBatch) {}

absl::StatusOr<std::vector<TrialRow>> TrialBatches::Next(Snapshot& snapshot, int64_t wanted) {
  TrialQuery query;
  query.after_id = after_;
  query.limit = std::min(count_, wanted);
  ASSIGN_OR_RETURN(std::vector<TrialBytes> trials, snapshot.ListTrialBytes(study_uid_, query));
  while (!trials.empty() && trials.back().trial_id > last_) trials.pop_back();
  const size_t fitting = CountThatFit(trials);
  if (fitting == 0) return std::vector<TrialRow>();
  // Where few fit, only a few more are looked at the next time.
  count_ = fitting == trials.size() ? std::min(kMaxBatchTrials, 8 * count_)
                                    : std::max(kFirstBatch, 2 * static_cast<int64_t>(fitting));
  query.limit = static_cast<int64_t>(fitting);
  ASSIGN_OR_RETURN(std::vector<TrialRow> rows, snapshot.ListTrials(study_uid_, query));
  after_ = rows.back().id;
  return rows;
}

}  // namespace photinus
