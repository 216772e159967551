#include "server/study/trial_lists.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "server/study/exact_history.h"
#include "server/study/trial_scan.h"
#include "server/study/trial_view.h"

namespace photinus {
namespace {

// Appends trials from `position` on to the page and, if it is full before the end, sets its token. page_size 0: all of
// them, or ResourceExhausted.
absl::Status FillPage(TrialScan scan, const StudyName& study, int page_size, const PageTokens& tokens,
                      const std::string& list, PagePosition position, const ReadOptions& options, TrialPage& page) {
  int64_t bytes = 0;
  while (true) {
    RETURN_IF_ERROR(options.Check());
    // One more than the page takes tells whether there is a next page.
    const int64_t wanted = page_size + 1 - static_cast<int64_t>(page.trials.size());
    ASSIGN_OR_RETURN(std::vector<TrialScan::Item> items, page_size == 0 ? scan.Next() : scan.Next(wanted));
    if (items.empty()) return absl::OkStatus();
    for (TrialScan::Item& item : items) {
      if (page_size > 0 && PageIsFull(static_cast<int64_t>(page.trials.size()), bytes, page_size, item.bytes)) {
        page.next_page_token = tokens.Make(list, position);
        return absl::OkStatus();
      }
      bytes += item.bytes;
      if (page_size == 0 && bytes > kMaxListBytes) return ListTooLarge(absl::StrCat("trials of ", study.ToString()));
      position.after = item.id;
      page.trials.push_back(std::move(item.trial));
    }
  }
}

}  // namespace

absl::Status ListTooLarge(std::string_view what) {
  return Error(
      absl::StatusCode::kResourceExhausted, "LIST_TOO_LARGE",
      absl::StrCat("the ", absl::string_view(what.data(), what.size()), " take more than ", kMaxListBytes >> 20,
                   " MiB; read them by pages: set page_size to 1..", kMaxPageSize, " and follow next_page_token"));
}

absl::StatusOr<TrialPage> ListTrials(StudyStore& store, const PageTokens& tokens, const StudyName& name, int page_size,
                                     std::string_view page_token, const ReadOptions& options) {
  ASSIGN_OR_RETURN(const int size, CheckPageSize(page_size));
  TrialPage page;
  const auto read = [&](Snapshot& snapshot) -> absl::Status {
    page = {};
    ASSIGN_OR_RETURN(const StudyRow study, store.Find(snapshot, name));
    ASSIGN_OR_RETURN(const auto problem, store.cache().Problem(snapshot, study));
    const std::string list = absl::StrCat("trials of ", study.uid);
    ASSIGN_OR_RETURN(PagePosition position, tokens.Parse(list, page_token));
    if (page_token.empty()) position.limit = study.next_trial_id - 1;
    return FillPage(TrialScan(snapshot, study, *problem, position.after, position.limit), name, size, tokens, list,
                    position, options, page);
  };
  RETURN_IF_ERROR(size == 0 ? store.ReadLong(options, read) : store.storage().Read(read));
  return page;
}

absl::StatusOr<TrialPage> ListOptimalTrials(StudyStore& store, const PageTokens& tokens, const StudyName& name,
                                            int page_size, std::string_view page_token, const ReadOptions& options) {
  ASSIGN_OR_RETURN(const int size, CheckPageSize(page_size));
  TrialPage page;
  RETURN_IF_ERROR(store.Read(options, [&](Snapshot& snapshot, const ReadOptions& read) -> absl::Status {
    page = {};
    ASSIGN_OR_RETURN(const StudyRow study, store.Find(snapshot, name));
    ASSIGN_OR_RETURN(const auto problem, store.cache().Problem(snapshot, study));
    const std::string list = absl::StrCat("optimal trials of ", study.uid);
    ASSIGN_OR_RETURN(const PagePosition position, tokens.Parse(list, page_token));
    ASSIGN_OR_RETURN(const auto history, ExactHistory(store.cache(), snapshot, study, read));
    int64_t bytes = 0;
    int64_t last = position.after;
    for (const int64_t id : history->optimal()) {
      if (id <= position.after) continue;
      RETURN_IF_ERROR(read.Check());
      ASSIGN_OR_RETURN(const auto row, snapshot.GetTrial(study.uid, id));
      if (!row.has_value()) continue;
      ASSIGN_OR_RETURN(pb::Trial trial, ViewTrial(snapshot, study, *problem, *row));
      const auto trial_bytes = static_cast<int64_t>(trial.ByteSizeLong());
      if (size > 0 && PageIsFull(static_cast<int64_t>(page.trials.size()), bytes, size, trial_bytes)) {
        page.next_page_token = tokens.Make(list, {last, 0});
        break;
      }
      bytes += trial_bytes;
      if (size == 0 && bytes > kMaxListBytes) return ListTooLarge(absl::StrCat("trials of ", name.ToString()));
      last = id;
      page.trials.push_back(std::move(trial));
    }
    return absl::OkStatus();
  }));
  return page;
}

}  // namespace photinus
