#include "server/scheduling/early_stopping.h"

#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "server/study/study_state.h"
#include "server/study/trial_state.h"
#include "server/study/trial_view.h"
#include "server/study/trials.h"

namespace photinus {

absl::StatusOr<StoppingDecision> EarlyStopping::Check(const TrialName& name, const std::optional<LeaseToken>& token) {
  StoppingDecision decision;
  bool known = false;
  TrialRow seen;
  RETURN_IF_ERROR(store_.storage().Read([&](Snapshot& snapshot) -> absl::Status {
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
    ASSIGN_OR_RETURN(decision, Decide(snapshot, study, problem, *trial));
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
                                                       const TrialRow& row) {
  if (!problem->document.early_stopping.has_value()) {
    return StoppingDecision{.stop = false, .reason = "the study has no stopping rule"};
  }
  const EarlyStoppingSettings& settings = *problem->document.early_stopping;
  ASSIGN_OR_RETURN(const auto rule, MakeStoppingRule(settings.rule));
  ASSIGN_OR_RETURN(const pb::Trial trial, ViewTrial(snapshot, study, *problem, row));
  const auto metric = CurveMetric(*problem);
  if (!metric.ok()) return StoppingDecision{.stop = false, .reason = std::string(metric.status().message())};
  LearningCurve curve = MakeCurve(*metric, trial);
  curve.trial_id = row.id;
  ASSIGN_OR_RETURN(const auto history, store_.cache().History(snapshot, study));
  ASSIGN_OR_RETURN(const auto others, curves_.Finished(snapshot, study, problem, *metric, *history));
  return rule->Decide({.trial = curve, .others = others, .maximize = metric->maximize, .horizon = settings.horizon});
}

}  // namespace photinus
