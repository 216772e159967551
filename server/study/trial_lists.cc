#include "server/study/trial_lists.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "server/study/optimal_trials.h"
#include "server/study/trial_view.h"

namespace photinus {
namespace {

// How many trials are read at once, so that a list that is too large is noticed early.
constexpr int64_t kReadChunk = 1000;

absl::Status CheckListSize(int64_t bytes, const StudyName& study) {
  if (bytes <= kMaxListBytes) return absl::OkStatus();
  return Error(absl::StatusCode::kResourceExhausted, "LIST_TOO_LARGE",
               absl::StrCat("the trials of ", study.ToString(), " take more than ", kMaxListBytes >> 20,
                            " MiB; read them by pages: set page_size to at most ", kMaxPageSize));
}

// Up to `count` trials after `after` and up to id `limit`, appended to `trials`.
absl::Status AppendTrials(Snapshot& snapshot, const StudyRow& study, const StudyProblem& problem, int64_t after,
                          int64_t limit, int64_t count, std::vector<pb::Trial>& trials) {
  const StudyName name{study.owner, study.display_name};
  int64_t bytes = 0;
  while (count > 0) {
    TrialQuery query;
    query.after_id = after;
    query.limit = std::min(count, kReadChunk);
    ASSIGN_OR_RETURN(std::vector<TrialRow> rows, snapshot.ListTrials(study.uid, query));
    const bool last = static_cast<int64_t>(rows.size()) < query.limit;
    while (!rows.empty() && rows.back().id > limit) rows.pop_back();
    ASSIGN_OR_RETURN(std::vector<pb::Trial> chunk, ViewTrials(snapshot, study, problem, rows));
    for (pb::Trial& trial : chunk) {
      bytes += static_cast<int64_t>(trial.ByteSizeLong());
      trials.push_back(std::move(trial));
    }
    RETURN_IF_ERROR(CheckListSize(bytes, name));
    if (last || rows.empty()) return absl::OkStatus();
    after = rows.back().id;
    count -= static_cast<int64_t>(rows.size());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TrialPage> ListTrials(StudyStore& store, const PageTokens& tokens, const StudyName& name, int page_size,
                                     std::string_view page_token) {
  ASSIGN_OR_RETURN(const int size, CheckPageSize(page_size));
  TrialPage page;
  RETURN_IF_ERROR(store.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    page = {};
    ASSIGN_OR_RETURN(const StudyRow study, store.Find(snapshot, name));
    ASSIGN_OR_RETURN(const auto problem, store.cache().Problem(snapshot, study));
    const std::string list = absl::StrCat("trials of ", study.uid);
    ASSIGN_OR_RETURN(PagePosition position, tokens.Parse(list, page_token));
    if (page_token.empty()) position.limit = study.next_trial_id - 1;
    const int64_t count = size == 0 ? std::numeric_limits<int64_t>::max() : size + 1;
    RETURN_IF_ERROR(AppendTrials(snapshot, study, *problem, position.after, position.limit, count, page.trials));
    if (size == 0 || static_cast<int>(page.trials.size()) <= size) return absl::OkStatus();
    page.trials.pop_back();
    ASSIGN_OR_RETURN(position.after, ParseTrialId(page.trials.back().id()));
    page.next_page_token = tokens.Make(list, position);
    return absl::OkStatus();
  }));
  return page;
}

absl::StatusOr<TrialPage> ListOptimalTrials(StudyStore& store, const PageTokens& tokens, const StudyName& name,
                                            int page_size, std::string_view page_token) {
  ASSIGN_OR_RETURN(const int size, CheckPageSize(page_size));
  TrialPage page;
  RETURN_IF_ERROR(store.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    page = {};
    ASSIGN_OR_RETURN(const StudyRow study, store.Find(snapshot, name));
    ASSIGN_OR_RETURN(const auto problem, store.cache().Problem(snapshot, study));
    const std::string list = absl::StrCat("optimal trials of ", study.uid);
    ASSIGN_OR_RETURN(const PagePosition position, tokens.Parse(list, page_token));
    ASSIGN_OR_RETURN(const auto history, store.cache().History(snapshot, study));
    std::vector<TrialRow> rows;
    for (const int64_t id : OptimalTrials(*problem, *history)) {
      if (id <= position.after) continue;
      if (size > 0 && static_cast<int>(rows.size()) == size) {
        page.next_page_token = tokens.Make(list, {rows.back().id, 0});
        break;
      }
      ASSIGN_OR_RETURN(auto row, snapshot.GetTrial(study.uid, id));
      if (row.has_value()) rows.push_back(*std::move(row));
    }
    ASSIGN_OR_RETURN(page.trials, ViewTrials(snapshot, study, *problem, rows));
    return absl::OkStatus();
  }));
  return page;
}

}  // namespace photinus
