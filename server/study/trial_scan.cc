#include "server/study/trial_scan.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "server/study/trial_batch.h"
#include "server/study/trial_view.h"

namespace photinus {

absl::StatusOr<std::vector<TrialScan::Item>> TrialScan::Next(int64_t wanted) {
  TrialQuery query;
  query.after_id = after_;
  query.limit = std::min(count_, wanted);
  count_ = std::min(kMaxBatchTrials, 8 * count_);
  ASSIGN_OR_RETURN(std::vector<TrialRow> rows, snapshot_.ListTrials(study_.uid, query));
  while (!rows.empty() && rows.back().id > limit_) rows.pop_back();
  ASSIGN_OR_RETURN(const size_t fitting, CountThatFit(snapshot_, rows));
  rows.resize(fitting);
  std::vector<Item> items;
  items.reserve(rows.size());
  for (const TrialRow& row : rows) items.push_back({.id = row.id});
  ASSIGN_OR_RETURN(std::vector<pb::Trial> trials, ViewTrials(snapshot_, study_, problem_, std::move(rows)));
  for (size_t i = 0; i < trials.size(); ++i) {
    items[i].bytes = static_cast<int64_t>(trials[i].ByteSizeLong());
    items[i].trial = std::move(trials[i]);
    after_ = items[i].id;
  }
  return items;
}

}  // namespace photinus
