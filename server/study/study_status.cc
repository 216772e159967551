#include "server/study/study_status.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "server/study/budget.h"
#include "server/study/exact_history.h"
#include "server/study/study_batch.h"
#include "server/study/trial_batch.h"
#include "server/study/trial_lists.h"
#include "server/study/trial_view.h"

namespace photinus {
namespace {

constexpr int64_t kMaxBest = 10;

absl::StatusOr<std::vector<pb::Trial>> ViewBest(StudyStore& store, Snapshot& snapshot, const StudyRow& study,
                                                const StudyProblem& problem, const ReadOptions& options) {
  ASSIGN_OR_RETURN(const auto history, ExactHistory(store.cache(), snapshot, study, options));
  std::vector<pb::Trial> best;
  int64_t bytes = 0;
  for (const int64_t id : history->optimal()) {
    ASSIGN_OR_RETURN(const auto row, snapshot.GetTrial(study.uid, id));
    if (!row.has_value()) continue;
    ASSIGN_OR_RETURN(pb::Trial trial, ViewTrial(snapshot, study, problem, *row));
    const auto size = static_cast<int64_t>(trial.ByteSizeLong());
    if (PageIsFull(static_cast<int64_t>(best.size()), bytes, kMaxBest, size)) break;
    bytes += size;
    best.push_back(std::move(trial));
  }
  return best;
}

// `problem`: null where the stored spec does not parse; then the view is without what needs it.
absl::StatusOr<StudyStatusView> ViewStatus(StudyStore& store, Snapshot& snapshot, const StudyRow& study,
                                           const StudyProblem* problem, const ReadOptions& options) {
  StudyStatusView view;
  view.uid = study.uid;
  view.version = study.version;
  ASSIGN_OR_RETURN(view.study, ViewStudy(snapshot, study));
  ASSIGN_OR_RETURN(view.counts, snapshot.CountTrials(study.uid));
  view.draining = study.draining;
  view.paused = study.paused;
  if (problem == nullptr) return view;
  ASSIGN_OR_RETURN(const Allowance allowance, AllowanceOf(snapshot, study, *problem));
  if (study.state == pb::Study::ACTIVE && allowance.create == 0) view.draining = true;
  view.trial_budget = problem->document.budget.trials;
  ASSIGN_OR_RETURN(view.best, ViewBest(store, snapshot, study, *problem, options));
  return view;
}

// One study that cannot be read hides no other.
absl::StatusOr<StudyStatusView> ViewInList(StudyStore& store, Snapshot& snapshot, const StudyRow& study,
                                           const ReadOptions& options) {
  const auto problem = store.cache().Problem(snapshot, study);
  absl::Status fault = problem.status();
  if (problem.ok()) {
    auto view = ViewStatus(store, snapshot, study, problem->get(), options);
    if (!absl::IsInternal(view.status())) return view;
    fault = view.status();
  }
  if (!absl::IsInternal(fault)) return fault;
  spdlog::warn("{}", std::string(fault.message()));
  return ViewStatus(store, snapshot, study, nullptr, options);
}

// On the wire, about.
int64_t BytesOf(const StudyStatusView& view) {
  size_t bytes = view.study.ByteSizeLong();
  for (const pb::Trial& trial : view.best) bytes += trial.ByteSizeLong();
  return static_cast<int64_t>(bytes);
}

// What is to be told after `update.next`: by ascending id those that changed, or all that run.
absl::Status FindChanges(Snapshot& snapshot, const StudyRow& study, StudyUpdate& update) {
  UpdatePosition& next = update.next;
  const bool continued = next.version.has_value() && *next.version <= study.version;
  if (continued) {
    const TrialQuery changed{.limit = kMaxChangedTrials + 1, .since_version = next.version};
    ASSIGN_OR_RETURN(next.left, snapshot.ListTrialBytes(study.uid, changed));
  }
  update.whole = !continued || static_cast<int64_t>(next.left.size()) > kMaxChangedTrials;
  if (update.whole) {
    ASSIGN_OR_RETURN(next.left,
                     snapshot.ListTrialBytes(study.uid, {.states = {pb::Trial::ACTIVE, pb::Trial::STOPPING}}));
  }
  std::sort(next.left.begin(), next.left.end(), [](const auto& a, const auto& b) { return a.trial_id < b.trial_id; });
  next.version = study.version;
  return absl::OkStatus();
}

// Moves the first of `update.next.left`, as many as fit, into the update. Those that were deleted meanwhile are left
// out.
absl::Status TakeTrials(Snapshot& snapshot, const StudyRow& study, const StudyProblem& problem, StudyUpdate& update) {
  std::vector<TrialBytes>& left = update.next.left;
  const auto end = left.begin() + std::min(static_cast<int64_t>(CountThatFit(left)), kMaxBatchTrials);
  std::vector<TrialRow> rows;
  for (auto trial = left.begin(); trial != end; ++trial) {
    ASSIGN_OR_RETURN(auto row, snapshot.GetTrial(study.uid, trial->trial_id));
    if (row.has_value()) rows.push_back(*std::move(row));
  }
  left.erase(left.begin(), end);
  update.attempts.clear();
  for (const TrialRow& row : rows) update.attempts.push_back(row.attempt);
  ASSIGN_OR_RETURN(update.changed, ViewTrials(snapshot, study, problem, std::move(rows)));
  for (pb::Trial& trial : update.changed) KeepLatest(trial);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<StudyStatusView> GetStudyStatus(StudyStore& store, const StudyName& name, const ReadOptions& options) {
  StudyStatusView view;
  RETURN_IF_ERROR(store.Read(options, [&](Snapshot& snapshot, const ReadOptions& read) -> absl::Status {
    ASSIGN_OR_RETURN(const StudyRow study, store.Find(snapshot, name));
    ASSIGN_OR_RETURN(const auto problem, store.cache().Problem(snapshot, study));
    ASSIGN_OR_RETURN(view, ViewStatus(store, snapshot, study, problem.get(), read));
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
        auto view = ViewInList(store, snapshot, study, read);
        if (IsSnapshotTooOld(view.status()) && !page.statuses.empty()) {  // the next page has a new one
          page.next_page_token = tokens.Make(list, position);
          return absl::OkStatus();
        }
        RETURN_IF_ERROR(view.status());
        const int64_t view_bytes = BytesOf(*view);
        if (PageIsFull(static_cast<int64_t>(page.statuses.size()), bytes, size, view_bytes)) {
          page.next_page_token = tokens.Make(list, position);
          return absl::OkStatus();
        }
        bytes += view_bytes;
        position.after = study.uid;
        page.statuses.push_back(*std::move(view));
      }
    }
  }));
  return page;
}

absl::StatusOr<StudyUpdate> GetStudyUpdate(StudyStore& store, const StudyName& name, const UpdatePosition& position,
                                           const ReadOptions& options) {
  StudyUpdate update;
  RETURN_IF_ERROR(store.Read(options, [&](Snapshot& snapshot, const ReadOptions& read) -> absl::Status {
    update.next = position;
    UpdatePosition& next = update.next;
    ASSIGN_OR_RETURN(const StudyRow study, store.Find(snapshot, name));
    if (next.uid != 0 && study.uid != next.uid) return NoSuchStudy(name);
    next.uid = study.uid;
    ASSIGN_OR_RETURN(const auto problem, store.cache().Problem(snapshot, study));
    ASSIGN_OR_RETURN(update.status, ViewStatus(store, snapshot, study, problem.get(), read));
    for (pb::Trial& best : update.status.best) KeepLatest(best);
    if (next.left.empty()) RETURN_IF_ERROR(FindChanges(snapshot, study, update));
    RETURN_IF_ERROR(TakeTrials(snapshot, study, *problem, update));
    if (next.left.empty()) next.told = *next.version;
    update.over = study.state == pb::Study::COMPLETED && next.left.empty() && next.version == study.version;
    return absl::OkStatus();
  }));
  return update;
}

}  // namespace photinus
