#include "server/scheduling/early_stopping.h"

#include <memory>
#include <vector>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "server/study/study_state.h"
#include "server/study/trial_state.h"
#include "server/study/trial_view.h"
#include "server/study/trials.h"

namespace photinus {
namespace {

constexpr size_t kKnownAtMost = 10'000;  // decisions

}  // namespace

absl::StatusOr<StoppingDecision> EarlyStopping::Check(const TrialName& name, const std::optional<LeaseToken>& token,
                                                      const ReadOptions& options) {
  StoppingDecision decision;
  bool known = false;
  TrialRow seen;
  RETURN_IF_ERROR(store_.Read(options, [&](Snapshot& snapshot, const ReadOptions& read) -> absl::Status {
    ASSIGN_OR_RETURN(const StudyRow study, store_.Find(snapshot, name.study));
    RETURN_IF_ERROR(CheckActive(name.study, study));
    ASSIGN_OR_RETURN(const auto trial, snapshot.GetTrial(study.uid, name.id));
    if (!trial.has_value()) return NoSuchTrial(name);
    RETURN_IF_ERROR(CheckLease(name, *trial, token));
    if (!IsRunning(trial->state)) {
      return Error(absl::StatusCode::kFailedPrecondition, "WRONG_TRIAL_STATE",
                   absl::StrCat(name.ToString(), " is ", pb::Trial::State_Name(trial->state),
                                "; only a running trial can be stopped"));
    }
    known = trial->state == pb::Trial::STOPPING;
    if (known) {
      decision = {.stop = true, .reason = trial->stop_reason};
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const auto problem, store_.cache().Problem(snapshot, study));
    ASSIGN_OR_RETURN(decision, Decide(snapshot, study, problem, *trial, read));
    seen = *trial;
    return absl::OkStatus();
  }));
  if (!decision.stop || known) return decision;
  ASSIGN_OR_RETURN(const bool stopped, StopAttempt(store_, name, seen, token, decision.reason));
  if (!stopped) return StoppingDecision{.stop = false, .reason = "the trial went to another client meanwhile"};
  return decision;
}

absl::StatusOr<StoppingDecision> EarlyStopping::Decide(Snapshot& snapshot, const StudyRow& study,
                                                       const std::shared_ptr<const StudyProblem>& problem,
                                                       const TrialRow& row, const ReadOptions& options) {
  if (!problem->document.early_stopping.has_value()) {
    return StoppingDecision{.stop = false, .reason = "the study has no stopping rule"};
  }
  ASSIGN_OR_RETURN(const auto history, store_.cache().History(snapshot, study, options));
  const Occasion occasion{row.mod_version, study.problem_version, absl::HashOf(history->optimal())};
  if (auto known = Recall(row, occasion); known.has_value()) return *std::move(known);
  const EarlyStoppingSettings& settings = *problem->document.early_stopping;
  ASSIGN_OR_RETURN(const auto rule, MakeStoppingRule(settings.rule));
  ASSIGN_OR_RETURN(const pb::Trial trial, ViewTrial(snapshot, study, *problem, row));
  const auto metric = CurveMetric(*problem);
  if (!metric.ok()) return StoppingDecision{.stop = false, .reason = std::string(metric.status().message())};
  LearningCurve curve = MakeCurve(*metric, trial);
  curve.trial_id = row.id;
  ASSIGN_OR_RETURN(const auto others, curves_.Finished(snapshot, study, problem, *metric, *history));
  ASSIGN_OR_RETURN(
      const StoppingDecision decision,
      rule->Decide({.trial = curve, .others = others, .maximize = metric->maximize, .horizon = settings.horizon}));
  if (!decision.stop) Remember(row, occasion, decision);
  return decision;
}

std::optional<StoppingDecision> EarlyStopping::Recall(const TrialRow& trial, const Occasion& occasion) {
  const MutexLock lock(mutex_);
  const auto known = known_.find({trial.study_uid, trial.id});
  if (known == known_.end() || known->second.until < store_.clock().Monotonic()) return std::nullopt;
  if (!(known->second.occasion == occasion)) return std::nullopt;
  return known->second.decision;
}

void EarlyStopping::Remember(const TrialRow& trial, const Occasion& occasion, const StoppingDecision& decision) {
  const absl::Duration now = store_.clock().Monotonic();
  const MutexLock lock(mutex_);
  if (known_.size() >= kKnownAtMost) {
    std::erase_if(known_, [&](const auto& known) { return known.second.until < now; });
    if (known_.size() >= kKnownAtMost) known_.clear();
  }
  known_[{trial.study_uid, trial.id}] = {occasion, now + kDecisionLifetime, decision};
}

}  // namespace photinus
