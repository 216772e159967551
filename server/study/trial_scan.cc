#include "server/study/trial_scan.h"

#include <utility>

#include "common/base/status_macros.h"
#include "server/study/trial_view.h"

namespace photinus {

absl::StatusOr<std::vector<TrialScan::Item>> TrialScan::Next(int64_t wanted) {
  ASSIGN_OR_RETURN(std::vector<TrialRow> rows, batches_.Next(snapshot_, wanted));
  std::vector<Item> items;
  items.reserve(rows.size());
  for (const TrialRow& row : rows) items.push_back({.id = row.id});
  ASSIGN_OR_RETURN(std::vector<pb::Trial> trials, ViewTrials(snapshot_, study_, problem_, std::move(rows)));
  for (size_t i = 0; i < trials.size(); ++i) {
    items[i].bytes = static_cast<int64_t>(trials[i].ByteSizeLong());
    items[i].trial = std::move(trials[i]);
  }
  return items;
}

}  // namespace photinus
