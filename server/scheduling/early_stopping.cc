#include "server/scheduling/early_stopping.h"

#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "server/scheduling/remote_policy.h"
#include "server/scheduling/stop_record.h"
#include "server/study/study_state.h"
#include "server/study/trial_state.h"
#include "server/study/trial_view.h"
#include "server/study/trials.h"

namespace photinus {
namespace {

constexpr size_t kKnownAtMost = 10'000;  // decisions

// Whether a policy elsewhere is asked, because the study names no rule.
bool PolicyDecides(const StudyProblem& problem) {
  return !problem.pythia_endpoint.empty() && !problem.document.early_stopping.has_value();
}

absl::StatusOr<pb::EarlyStopRequest> Question(Snapshot& snapshot, const StudyRow& study, int64_t trial_id) {
  pb::EarlyStopRequest question;
  question.set_algorithm(study.spec.algorithm());
  ASSIGN_OR_RETURN(*question.mutable_study_descriptor(), DescribeStudy(snapshot, study));
  question.add_trial_ids(static_cast<int32_t>(trial_id));
  return question;
}

// Stops what still runs of the trials; whether `name`, in the attempt that was `seen`, is among them.
absl::StatusOr<bool> StopTrials(StudyEdit& edit, const TrialName& name, const TrialRow& seen,
                                const std::vector<PolicyDecisions::Stop>& stops) {
  bool stopped = false;
  for (const PolicyDecisions::Stop& stop : stops) {
    ASSIGN_OR_RETURN(auto trial, edit.transaction().GetTrial(edit.study().uid, stop.trial_id));
    if (!trial.has_value() || !IsRunning(trial->state)) continue;
    const bool asked = stop.trial_id == name.id;
    if (asked && trial->lease_epoch != seen.lease_epoch) continue;
    stopped = stopped || asked;
    ASSIGN_OR_RETURN(const bool changed, RequestStop(edit.TrialNameOf(stop.trial_id), stop.reason, *trial));
    if (changed) RETURN_IF_ERROR(edit.PutTrial(*trial));
  }
  return stopped;
}

}  // namespace

absl::StatusOr<ThreadPool*> EarlyStopping::PoolFor(const StudyName& name) {
  ThreadPool* pool = nullptr;
  if (endpoints_ == nullptr) return pool;
  RETURN_IF_ERROR(store_.storage().Read([&](Snapshot& snapshot) -> absl::Status {
    ASSIGN_OR_RETURN(const StudyRow study, store_.Find(snapshot, name));
    ASSIGN_OR_RETURN(const auto problem, store_.cache().Problem(snapshot, study));
    pool = PolicyDecides(*problem) ? endpoints_->PoolOf(problem->pythia_endpoint) : nullptr;
    return absl::OkStatus();
  }));
  return pool;
}

absl::StatusOr<StoppingDecision> EarlyStopping::Check(const TrialName& name, const std::optional<LeaseToken>& token,
                                                      const ReadOptions& options) {
  Decided decided;
  TrialRow seen;
  std::shared_ptr<const StudyProblem> problem;
  std::optional<pb::EarlyStopRequest> question;  // for the study's policy
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
    question.reset();
    if (trial->state == pb::Trial::STOPPING) {
      decided = {{.stop = true, .reason = trial->stop_reason}, {}};
      return absl::OkStatus();
    }
    if (!trial->role.empty()) {
      decided = {{.stop = false, .reason = absl::StrCat("a trial with the role '", trial->role, "' runs to its end")},
                 {}};
      return absl::OkStatus();
    }
    seen = *trial;
    ASSIGN_OR_RETURN(problem, store_.cache().Problem(snapshot, study));
    if (PolicyDecides(*problem)) {
      ASSIGN_OR_RETURN(question, Question(snapshot, study, trial->id));
    } else {
      ASSIGN_OR_RETURN(decided, Decide(snapshot, name.study, study, *problem, *trial, read));
    }
    return absl::OkStatus();
  }));
  if (question.has_value()) return AskPolicy(name, token, seen, *problem, *question, options);
  if (!decided.to_keep.has_value()) return std::move(decided.decision);
  ASSIGN_OR_RETURN(const bool kept, KeepDecision(store_, name, seen, token, *decided.to_keep));
  if (!kept) return StoppingDecision{.stop = false, .reason = "the trial went to another client meanwhile"};
  return std::move(decided.decision);
}

absl::StatusOr<EarlyStopping::Decided> EarlyStopping::Decide(Snapshot& snapshot, const StudyName& name,
                                                             const StudyRow& study, const StudyProblem& problem,
                                                             const TrialRow& row, const ReadOptions& options) {
  const auto go_on = [](std::string reason) { return Decided{{.stop = false, .reason = std::move(reason)}, {}}; };
  if (!problem.document.early_stopping.has_value()) return go_on("the study has no stopping rule");
  ASSIGN_OR_RETURN(const auto history, store_.cache().History(snapshot, study, options));
  const auto model = models_.Find(study);
  const Occasion occasion{row.mod_version, study.problem_version, absl::HashOf(history->optimal()), model};
  if (auto known = Recall(row, occasion); known.has_value()) return Decided{*std::move(known), {}};
  const EarlyStoppingSettings& settings = *problem.document.early_stopping;
  ASSIGN_OR_RETURN(std::shared_ptr<const StoppingRule> rule, MakeStoppingRule(settings));
  const auto maker = CurveMaker::Of(problem);
  if (!maker.ok()) return go_on(std::string(maker.status().message()));
  ASSIGN_OR_RETURN(const pb::Trial trial, ViewTrial(snapshot, study, problem, row));
  ASSIGN_OR_RETURN(const auto finished, curves_.Finished(snapshot, study, problem, *maker, *history));
  LearningCurve curve = maker->Make(trial, /*stopped_early=*/false, RevisedMetrics(*finished));
  curve.trial_id = row.id;
  const StudyCurves curves{.finished = *finished,
                           .maximize = maker->metric().maximize,
                           .horizon = settings.horizon,
                           .maximize_goal = maker->goal() == nullptr || maker->goal()->maximize,
                           .seed = StudySeed(problem, name)};
  ASSIGN_OR_RETURN(StoppingDecision decision, rule->Decide({.trial = curve, .study = curves, .model = model.get()}));
  if (rule->LearnsAnew(0, std::numeric_limits<int64_t>::max())) {
    ASSIGN_OR_RETURN(const TrialCounts counts, snapshot.CountTrials(study.uid));
    if (models_.IsDue(study, *rule, counts.succeeded)) {
      models_.Learn(study, {.rule = std::move(rule),
                            .finished = finished,
                            .finished_trials = counts.succeeded,
                            .maximize = curves.maximize,
                            .horizon = curves.horizon,
                            .seed = curves.seed});
    }
  }
  if (!decision.stop) Remember(row, occasion, decision);
  std::optional<v1::StopDecision> to_keep =
      RecordToKeep(decision, row.stop, curve, EndOf(curve, curves), problem, maker->goal());
  return Decided{std::move(decision), std::move(to_keep)};
}

absl::StatusOr<StoppingDecision> EarlyStopping::AskPolicy(const TrialName& name, const std::optional<LeaseToken>& token,
                                                          const TrialRow& seen, const StudyProblem& problem,
                                                          const pb::EarlyStopRequest& question,
                                                          const ReadOptions& options) {
  ASSIGN_OR_RETURN(const PolicyDecisions answer, AskForDecisions(endpoints_, problem, question, options.cancelled));
  StoppingDecision decision{.stop = false, .reason = "the study's policy lets the trial go on"};
  if (answer.stops.empty() && answer.notes.empty()) return decision;
  RETURN_IF_ERROR(store_.EditActive(name.study, [&](StudyEdit& edit) -> absl::Status {
    if (edit.study().uid != seen.study_uid) return NoSuchTrial(name);
    ASSIGN_OR_RETURN(const TrialRow trial, edit.GetTrial(name.id));
    RETURN_IF_ERROR(CheckLease(name, trial, token));
    ASSIGN_OR_RETURN(decision.stop, StopTrials(edit, name, seen, answer.stops));
    return PutNotes(edit, answer.notes);
  }));
  if (decision.stop) decision.reason = "the study's policy stops the trial";
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
