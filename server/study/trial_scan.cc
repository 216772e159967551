#include "server/study/trial_scan.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "server/study/trial_view.h"

namespace photinus {
namespace {

constexpr int64_t kMaxCount = 1000;
constexpr int64_t kAimedBytes = int64_t{4} << 20;  // of what is read at once

}  // namespace

absl::StatusOr<std::vector<TrialScan::Item>> TrialScan::Next(int64_t wanted) {
  TrialQuery query;
  query.after_id = after_;
  query.limit = std::min(count_, wanted);
  ASSIGN_OR_RETURN(std::vector<TrialRow> rows, snapshot_.ListTrials(study_.uid, query));
  while (!rows.empty() && rows.back().id > limit_) rows.pop_back();
  std::vector<Item> items;
  items.reserve(rows.size());
  for (const TrialRow& row : rows) items.push_back({.id = row.id});
  ASSIGN_OR_RETURN(std::vector<pb::Trial> trials, ViewTrials(snapshot_, study_, problem_, std::move(rows)));
  int64_t bytes = 0;
  for (size_t i = 0; i < trials.size(); ++i) {
    items[i].bytes = static_cast<int64_t>(trials[i].ByteSizeLong());
    items[i].trial = std::move(trials[i]);
    bytes += items[i].bytes;
    after_ = items[i].id;
  }
  // Trials of one study are about equally large.
  if (!items.empty()) {
    const int64_t mean = 1 + bytes / static_cast<int64_t>(items.size());
    count_ = std::clamp<int64_t>(kAimedBytes / mean, 1, std::min(kMaxCount, 8 * count_));
  }
  return items;
}

}  // namespace photinus
