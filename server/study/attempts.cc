#include "server/study/attempts.h"

#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "server/study/study_state.h"
#include "server/study/trial_lists.h"
#include "server/study/trial_state.h"

namespace photinus {
namespace {

constexpr size_t kMaxCauseBytes = 1024;

absl::Status EndAttempt(StudyEdit& edit, std::string_view outcome, std::string_view why, TrialRow& trial) {
  ASSIGN_OR_RETURN(const auto problem, edit.Problem());
  AttemptRow attempt = Requeue(outcome, edit.now(), problem->max_attempts(), trial);
  attempt.cause = Shortened(why, kMaxCauseBytes);
  RETURN_IF_ERROR(edit.transaction().PutAttempt(trial.study_uid, attempt));
  edit.MarkMaybeOver();
  return edit.PutTrial(trial);
}

// The first attempt of the trial after another.
absl::StatusOr<std::optional<AttemptView>> ViewAttemptAfter(Snapshot& snapshot, const TrialRow& trial, int32_t after) {
  ASSIGN_OR_RETURN(std::vector<AttemptRow> next, snapshot.ListAttempts(trial.study_uid, trial.id, after, 1));
  if (next.empty()) return std::optional<AttemptView>();
  AttemptView view{std::move(next[0]), {}};
  ASSIGN_OR_RETURN(auto rows, snapshot.ListAttemptMeasurements(trial.study_uid, trial.id, view.row.attempt));
  for (MeasurementRow& row : rows) view.measurements.push_back(std::move(row.body));
  return std::optional<AttemptView>(std::move(view));
}

// On the wire, about.
int64_t BytesOf(const AttemptView& view) {
  constexpr size_t kFixed = 64;
  size_t bytes = kFixed + view.row.client_id.size() + view.row.late_infeasible_reason.size();
  if (view.row.late_result.has_value()) bytes += view.row.late_result->ByteSizeLong();
  for (const pb::Measurement& measurement : view.measurements) bytes += measurement.ByteSizeLong();
  return static_cast<int64_t>(bytes);
}

}  // namespace

absl::StatusOr<bool> LoseTrial(StudyStore& store, const TrialName& name, const LeaseToken& token) {
  bool lost = false;
  RETURN_IF_ERROR(store.EditActive(name.study, [&](StudyEdit& edit) -> absl::Status {
    lost = false;
    auto trial = edit.GetTrial(name.id);
    if (absl::IsNotFound(trial.status())) return absl::OkStatus();
    RETURN_IF_ERROR(trial.status());
    if (!CheckLease(name, *trial, token).ok()) return absl::OkStatus();
    lost = true;
    return EndAttempt(edit, kAttemptLost, /*why=*/"", *trial);
  }));
  return lost;
}

absl::Status ReleaseTrial(StudyStore& store, const TrialName& name, const LeaseToken& token, ReleaseCause cause,
                          std::string_view why) {
  const std::string_view outcome = cause == ReleaseCause::kCrashed ? kAttemptCrashed : kAttemptReleased;
  return store.Edit(name.study, [&](StudyEdit& edit) -> absl::Status {
    ASSIGN_OR_RETURN(TrialRow trial, edit.GetTrial(name.id));
    ASSIGN_OR_RETURN(const auto before, FindAttempt(edit.transaction(), trial, token));
    if (before.has_value() && before->outcome == outcome) return absl::OkStatus();
    RETURN_IF_ERROR(CheckActive(name.study, edit.study()));
    RETURN_IF_ERROR(CheckLease(name, trial, token));
    return EndAttempt(edit, outcome, why, trial);
  });
}

absl::StatusOr<std::optional<AttemptRow>> FindAttempt(Snapshot& snapshot, const TrialRow& trial,
                                                      const LeaseToken& token) {
  // Epochs are equal in many trials.
  if (token.study_uid != trial.study_uid || token.trial_id != trial.id) return std::optional<AttemptRow>();
  return snapshot.FindAttempt(trial.study_uid, trial.id, token.epoch);
}

absl::StatusOr<AttemptPage> ListAttempts(StudyStore& store, const PageTokens& tokens, const TrialName& name,
                                         int page_size, std::string_view page_token, const ReadOptions& options) {
  ASSIGN_OR_RETURN(const int size, CheckPageSize(page_size));
  AttemptPage page;
  const auto read = [&](Snapshot& snapshot) -> absl::Status {
    page = {};
    ASSIGN_OR_RETURN(const StudyRow study, store.Find(snapshot, name.study));
    ASSIGN_OR_RETURN(const auto trial, snapshot.GetTrial(study.uid, name.id));
    if (!trial.has_value()) return NoSuchTrial(name);
    const std::string list = absl::StrCat("attempts of ", study.uid, "/", name.id);
    ASSIGN_OR_RETURN(PagePosition position, tokens.Parse(list, page_token));
    int64_t bytes = 0;
    while (true) {
      RETURN_IF_ERROR(options.Check());
      ASSIGN_OR_RETURN(auto next, ViewAttemptAfter(snapshot, *trial, static_cast<int32_t>(position.after)));
      if (!next.has_value()) return absl::OkStatus();
      const int64_t attempt_bytes = BytesOf(*next);
      if (size > 0 && PageIsFull(static_cast<int64_t>(page.attempts.size()), bytes, size, attempt_bytes)) {
        page.next_page_token = tokens.Make(list, position);
        return absl::OkStatus();
      }
      bytes += attempt_bytes;
      if (size == 0 && bytes > kMaxListBytes) return ListTooLarge(absl::StrCat("attempts of ", name.ToString()));
      position.after = next->row.attempt;
      page.attempts.push_back(*std::move(next));
    }
  };
  RETURN_IF_ERROR(size == 0 ? store.ReadLong(options, read) : store.storage().Read(read));
  return page;
}

}  // namespace photinus
