#include "server/study/study_status.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "server/study/budget.h"
#include "server/study/study_batch.h"
#include "server/study/trial_lists.h"
#include "server/study/trial_view.h"

namespace photinus {
namespace {

constexpr size_t kMaxBest = 10;

absl::StatusOr<std::vector<pb::Trial>> ViewBest(StudyStore& store, Snapshot& snapshot, const StudyRow& study,
                                                const StudyProblem& problem, const ReadOptions& options) {
  ASSIGN_OR_RETURN(const auto history, store.cache().History(snapshot, study, options));
  std::vector<int64_t> ids = history->optimal();
  ids.resize(std::min(ids.size(), kMaxBest));
  std::vector<TrialRow> rows;
  for (const int64_t id : ids) {
    ASSIGN_OR_RETURN(auto row, snapshot.GetTrial(study.uid, id));
    if (row.has_value()) rows.push_back(*std::move(row));
  }
  return ViewTrials(snapshot, study, problem, std::move(rows));
}

absl::StatusOr<StudyStatusView> ViewStatus(StudyStore& store, Snapshot& snapshot, const StudyRow& study,
                                           const StudyProblem& problem, const ReadOptions& options) {
  StudyStatusView view;
  view.uid = study.uid;
  view.version = study.version;
  ASSIGN_OR_RETURN(view.study, ViewStudy(snapshot, study));
  ASSIGN_OR_RETURN(view.counts, snapshot.CountTrials(study.uid));
  ASSIGN_OR_RETURN(const Allowance allowance, AllowanceOf(snapshot, study, problem));
  view.draining = study.draining || (study.state == pb::Study::ACTIVE && allowance.create == 0);
  view.paused = study.paused;
  view.trial_budget = problem.document.budget.trials;
  ASSIGN_OR_RETURN(view.best, ViewBest(store, snapshot, study, problem, options));
  return view;
}

// On the wire, about.
int64_t BytesOf(const StudyStatusView& view) {
  size_t bytes = view.study.ByteSizeLong();
  for (const pb::Trial& trial : view.best) bytes += trial.ByteSizeLong();
  return static_cast<int64_t>(bytes);
}

}  // namespace

absl::StatusOr<StudyStatusView> GetStudyStatus(StudyStore& store, const StudyName& name, const ReadOptions& options) {
  StudyStatusView view;
  RETURN_IF_ERROR(store.Read(options, [&](Snapshot& snapshot, const ReadOptions& read) -> absl::Status {
    ASSIGN_OR_RETURN(const StudyRow study, store.Find(snapshot, name));
    ASSIGN_OR_RETURN(const auto problem, store.cache().Problem(snapshot, study));
    ASSIGN_OR_RETURN(view, ViewStatus(store, snapshot, study, *problem, read));
    return absl::OkStatus();
  }));
  return view;
}

absl::StatusOr<StudyStatusPage> ListStudyStatuses(StudyStore& store, const PageTokens& tokens, const OwnerName& owner,
                                                  int page_size, std::string_view page_token,
                                                  const ReadOptions& options) {
  const std::string list = absl::StrCat("statuses of ", owner.owner);
  ASSIGN_OR_RETURN(int size, CheckPageSize(page_size));
  if (size == 0) size = kMaxPageSize;
  ASSIGN_OR_RETURN(const PagePosition begin, tokens.Parse(list, page_token));
  StudyStatusPage page;
  RETURN_IF_ERROR(store.Read(options, [&](Snapshot& snapshot, const ReadOptions& read) -> absl::Status {
    page = {};
    ASSIGN_OR_RETURN(const bool known, snapshot.OwnerExists(owner.owner));
    if (!known) return NoSuchOwner(owner);
    StudyBatches batches(snapshot, owner.owner, begin.after);
    PagePosition position = begin;
    int64_t bytes = 0;
    while (true) {
      const int64_t wanted = size + 1 - static_cast<int64_t>(page.statuses.size());
      ASSIGN_OR_RETURN(const std::vector<StudyRow> rows, batches.Next(wanted));
      if (rows.empty()) return absl::OkStatus();
      for (const StudyRow& study : rows) {
        RETURN_IF_ERROR(read.Check());
        ASSIGN_OR_RETURN(const auto problem, store.cache().Problem(snapshot, study));
        ASSIGN_OR_RETURN(StudyStatusView view, ViewStatus(store, snapshot, study, *problem, read));
        const int64_t view_bytes = BytesOf(view);
        if (PageIsFull(static_cast<int64_t>(page.statuses.size()), bytes, size, view_bytes)) {
          page.next_page_token = tokens.Make(list, position);
          return absl::OkStatus();
        }
        bytes += view_bytes;
        position.after = study.uid;
        page.statuses.push_back(std::move(view));
      }
    }
  }));
  return page;
}

absl::StatusOr<StudyUpdate> GetStudyUpdate(StudyStore& store, const StudyName& name, int64_t uid,
                                           std::optional<int64_t> since, const ReadOptions& options) {
  StudyUpdate update;
  RETURN_IF_ERROR(store.Read(options, [&](Snapshot& snapshot, const ReadOptions& read) -> absl::Status {
    ASSIGN_OR_RETURN(const StudyRow study, store.Find(snapshot, name));
    if (uid != 0 && study.uid != uid) return NoSuchStudy(name);
    ASSIGN_OR_RETURN(const auto problem, store.cache().Problem(snapshot, study));
    ASSIGN_OR_RETURN(update.status, ViewStatus(store, snapshot, study, *problem, read));
    TrialQuery query;
    query.since_version = since;
    if (!since.has_value()) query.states = {pb::Trial::ACTIVE, pb::Trial::STOPPING};
    ASSIGN_OR_RETURN(auto rows, snapshot.ListTrials(study.uid, query));
    std::sort(rows.begin(), rows.end(), [](const TrialRow& a, const TrialRow& b) { return a.id < b.id; });
    ASSIGN_OR_RETURN(update.changed, ViewTrials(snapshot, study, *problem, std::move(rows)));
    update.over = study.state == pb::Study::COMPLETED;
    return absl::OkStatus();
  }));
  return update;
}

}  // namespace photinus
