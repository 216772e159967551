#include "server/pythia/served_policies.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/names.h"
#include "common/base/status_macros.h"
#include "common/rpc/channel.h"
#include "common/study_document/problem_entries.h"
#include "common/study_document/stop_entry.h"
#include "common/study_document/trial_role.h"
#include "server/algorithms/registry.h"
#include "server/scheduling/learning_curves.h"
#include "server/scheduling/new_trials.h"
#include "server/scheduling/problem_check.h"
#include "server/scheduling/stop_record.h"
#include "server/stopping/stopping_rule.h"
#include "server/study/derived_metrics.h"
#include "server/study/named_predictions.h"
#include "server/study/optimal_trials.h"
#include "server/study/study_problem.h"
#include "server/study/told_objectives.h"
#include "server/study/trial_state.h"

namespace photinus {
namespace {

constexpr int kPageSize = 1000;
constexpr int kMaxCount = 1000;
constexpr absl::Duration kPageTimeout = absl::Seconds(10);
constexpr char kDefaultRule[] = "MEDIAN";
constexpr char kOwnNamespaceElsewhere[] = ":photinus";  // as stock Vizier spells it

// What the problem is made of. A descriptor says nothing of noise.
pb::StudySpec SpecOf(const std::string& algorithm, const pb::StudyDescriptor& study) {
  pb::StudySpec spec;
  spec.set_algorithm(algorithm);
  *spec.mutable_parameters() = study.config().search_space();
  *spec.mutable_metrics() = study.config().metric_information();
  for (const pb::KeyValue& entry : study.config().metadata()) {
    if (IsStudyDocument(entry)) *spec.add_metadata() = entry;
  }
  return spec;
}

absl::StatusOr<StudyProblem> ProblemOf(const std::string& algorithm, const pb::StudyDescriptor& study) {
  auto problem = ParseStudyProblem(SpecOf(algorithm, study));
  if (!problem.ok()) return InField("study_descriptor.config", problem.status());
  return problem;
}

// The algorithm's state, empty where there is none or it was spoilt.
std::string StateOf(const std::string& algorithm, const pb::StudyDescriptor& study) {
  std::string state;
  for (const pb::KeyValue& entry : study.config().metadata()) {
    if (entry.ns() != kStateNamespace || entry.key() != algorithm) continue;
    if (!absl::Base64Unescape(entry.value(), &state)) state.clear();
  }
  return state;
}

pb::UnitMetadataUpdate StateUpdate(const std::string& algorithm, const std::string& state) {
  pb::UnitMetadataUpdate update;
  update.mutable_metadatum()->set_ns(kStateNamespace);
  update.mutable_metadatum()->set_key(algorithm);
  update.mutable_metadatum()->set_value(absl::Base64Escape(state));
  return update;
}

// Whether the trial ended before its horizon because of the decision. Another server need not know our TOO_LATE.
bool IsStopped(const StudyProblem& problem, const v1::StopDecision& decision, const pb::Trial& trial) {
  if (decision.outcome() != v1::StopDecision::STOPPED) return false;
  const auto metric = CurveMetric(problem);
  return !metric.ok() || decision.horizon() == 0 || LastStep(MakeCurve(*metric, trial)) < decision.horizon();
}

// Whether the trial is no part of the search: it has a role of its own, or was lost with its workers.
bool IsApart(const pb::Trial& trial) {
  return !RoleOf(trial).empty() || (trial.state() == pb::Trial::INFEASIBLE && trial.infeasible_reason() == kLostReason);
}

// Trials as algorithms see them; what is none of the space is left out, and of the others that are apart all but the
// points of those that failed, which nothing is known of and which are taken: HoldsItsPoint.
struct History {
  std::vector<EvaluatedPoint> completed;
  std::vector<PendingPoint> pending;
};

History HistoryOf(const StudyProblem& problem, const std::vector<pb::Trial>& trials) {
  History history;
  for (pb::Trial trial : trials) {
    const bool is_apart = IsApart(trial);
    if (is_apart && trial.state() != pb::Trial::INFEASIBLE) continue;
    auto point = PointFromTrial(trial);
    int64_t id = 0;
    if (!point.ok() || !problem.space.ValidateHistory(*point).ok() || !absl::SimpleAtoi(trial.id(), &id)) continue;
    if (is_apart || !IsFinished(trial.state())) {
      history.pending.push_back({id, *std::move(point)});
      continue;
    }
    AddDerivedMetrics(problem, trial);
    if (trial.state() == pb::Trial::INFEASIBLE) trial.clear_final_measurement();  // it does not count
    std::vector<double> objectives = ObjectivesOf(problem, trial);
    const auto stop = StopDecisionOf(trial);
    const bool stopped = stop.has_value() && IsStopped(problem, *stop, trial);
    if (stopped) objectives = ToldObjectives(problem, *stop, std::move(objectives));
    const bool infeasible = IsToldInfeasible(trial.state(), stopped, objectives);
    history.completed.push_back({id, *std::move(point), std::move(objectives), infeasible, SlacksOf(problem, trial)});
  }
  return history;
}

// What the server learns in the background between two requests is learnt here within the request.
absl::StatusOr<SuggestResult> LearnAndSuggest(const SuggestionAlgorithm& algorithm, const StudyProblem& problem,
                                              const History& history, const pb::SuggestRequest& request,
                                              const std::function<bool()>& cancelled) {
  ASSIGN_OR_RETURN(const StudyName name, StudyName::Parse(request.study_descriptor().guid()));
  const std::vector<Objective> objectives = AlgorithmObjectives(problem);
  const auto ask = [&](std::string_view state) {
    return SuggestRequest{.space = problem.space,
                          .objectives = objectives,
                          .completed = history.completed,
                          .pending = history.pending,
                          .constraints = AlgorithmConstraints(problem),
                          .count = std::max(request.count(), 1),
                          .seed = StudySeed(problem, name),
                          .first_trial_id = int64_t{request.study_descriptor().max_trial_id()} + 1,
                          .state = state,
                          .cancelled = cancelled};
  };
  std::string state = StateOf(request.algorithm(), request.study_descriptor());
  if (const auto lesson = algorithm.Learn(ask(state)); lesson != nullptr) {
    ASSIGN_OR_RETURN(state, lesson(cancelled));
  }
  return algorithm.Suggest(ask(state));
}

// What our own server keeps with a trial goes into the metadata of the suggestion.
void Explain(const StudyProblem& problem, v1::Explanation explanation, pb::TrialSuggestion& suggestion) {
  NamePredictions(problem, explanation);
  const auto add = [&](std::string key, std::string value) {
    pb::KeyValue& entry = *suggestion.add_metadata();
    entry.set_ns(kExplanationNamespace);
    entry.set_key(std::move(key));
    entry.set_value(std::move(value));
  };
  add("arm", explanation.arm());
  add("text", explanation.text());
  for (v1::Explanation::Prediction& prediction : *explanation.mutable_predictions()) {
    if (!prediction.has_median()) continue;
    const std::string key = absl::StrCat("prediction.", prediction.metric());
    prediction.clear_metric();
    std::string json;
    if (google::protobuf::util::MessageToJsonString(prediction, &json).ok()) add(key, std::move(json));
  }
}

struct CurvesByState {
  std::map<int64_t, LearningCurve> unfinished;
  std::map<int64_t, std::string> roles;      // of those of them that have one
  std::map<int64_t, v1::StopDecision> kept;  // what their metadata say of decisions before
  LearningCurveCache::Curves finished;       // as LeaveThoseThatTell leaves them
  int64_t finished_trials = 0;               // all
};

// Trials that no other is better than.
std::set<int64_t> Incumbents(const LearningCurveCache::Curves& finished) {
  std::vector<TrialCosts> trials;
  for (const auto& curve : finished) {
    if (!curve->goal.has_value()) continue;
    TrialCosts trial{.id = curve->trial_id, .costs = {-*curve->goal}};
    for (const double goal : curve->other_goals) trial.costs.push_back(-goal);
    const bool finite = std::all_of(trial.costs.begin(), trial.costs.end(), [](double c) { return std::isfinite(c); });
    if (finite) trials.push_back(std::move(trial));
  }
  const std::vector<int64_t> optimal = OptimalTrials(std::move(trials));
  return {optimal.begin(), optimal.end()};
}

// Leaves those that our own server shows a rule (LearningCurveCache): the first and the latest ones and the incumbents.
void LeaveThoseThatTell(LearningCurveCache::Curves& finished) {
  constexpr size_t kFirst = LearningCurveCache::kFirstCurves, kLatest = LearningCurveCache::kMaxCurves;
  if (finished.size() <= kFirst + kLatest) return;
  const std::set<int64_t> incumbents = Incumbents(finished);
  finished.erase(std::remove_if(finished.begin() + kFirst, finished.end() - kLatest,
                                [&](const auto& curve) { return !incumbents.contains(curve->trial_id); }),
                 finished.end() - kLatest);
}

CurvesByState CurvesOf(const StudyProblem& problem, const CurveMaker& maker, std::vector<pb::Trial> trials) {
  CurvesByState curves;
  for (pb::Trial& trial : trials) {
    AddDerivedMetrics(problem, trial);
    if (trial.state() != pb::Trial::SUCCEEDED || IsApart(trial)) continue;
    const auto stop = StopDecisionOf(trial);
    LearningCurve curve = maker.Make(trial, stop.has_value() && IsStopped(problem, *stop, trial));
    if (!absl::SimpleAtoi(trial.id(), &curve.trial_id)) continue;
    curves.finished.push_back(std::make_shared<const LearningCurve>(std::move(curve)));
  }
  curves.finished_trials = std::ssize(curves.finished);
  LeaveThoseThatTell(curves.finished);
  const std::set<std::string> revised = RevisedMetrics(curves.finished);
  for (const pb::Trial& trial : trials) {
    int64_t id = 0;
    if (IsFinished(trial.state()) || !absl::SimpleAtoi(trial.id(), &id)) continue;
    if (std::string role = RoleOf(trial); !role.empty()) curves.roles[id] = std::move(role);
    if (auto kept = StopDecisionOf(trial); kept.has_value()) curves.kept[id] = *std::move(kept);
    LearningCurve& curve = curves.unfinished[id] = maker.Make(trial, /*stopped_early=*/false, revised);
    curve.trial_id = id;
  }
  return curves;
}

// Puts the decision into the answer; what our own server would keep of it, too, as an entry of the trial's metadata.
void Answer(const StoppingDecision& decided, const v1::StopDecision& kept, const LearningCurve& curve, double horizon,
            const ObjectiveMetric* goal, const StudyProblem& problem, pb::EarlyStopDecisions& answer) {
  pb::EarlyStopDecision& decision = *answer.add_decisions();
  decision.set_id(static_cast<int32_t>(curve.trial_id));
  decision.set_should_stop(decided.stop);
  decision.set_reason(decided.reason);
  const auto record = RecordToKeep(decided, kept, curve, horizon, problem, goal);
  if (!record.has_value()) return;
  auto entry = StopEntry(*record);
  if (!entry.has_value()) return;
  entry->set_ns(kOwnNamespaceElsewhere);
  pb::UnitMetadataUpdate& update = *answer.add_metadata();
  update.set_trial_id(absl::StrCat(curve.trial_id));
  *update.mutable_metadatum() = *std::move(entry);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServedPolicies>> ServedPolicies::Make(const std::string& vizier) {
  if (vizier.empty()) return std::unique_ptr<ServedPolicies>(new ServedPolicies(std::nullopt));
  auto channel = Channel::Open(vizier);
  if (!channel.ok()) return FieldError("pythia-vizier", std::string(channel.status().message()));
  return std::unique_ptr<ServedPolicies>(new ServedPolicies(VizierClient(*channel)));
}

absl::StatusOr<std::vector<pb::Trial>> ServedPolicies::FetchTrials(const pb::StudyDescriptor& study,
                                                                   const std::function<bool()>& cancelled) const {
  if (!vizier_.has_value()) {
    return absl::FailedPreconditionError(
        "a policy fetches the trials of a study itself, and this server was not told where from: start photinus-server "
        "with --pythia-vizier HOST:PORT, the address of the Vizier server that asks it");
  }
  std::map<int64_t, pb::Trial> by_id;
  pb::ListTrialsRequest request;
  request.set_parent(study.guid());
  request.set_page_size(kPageSize);
  do {
    if (cancelled != nullptr && cancelled()) return absl::CancelledError("nobody waits for the policy any more");
    ASSIGN_OR_RETURN(pb::ListTrialsResponse page, vizier_->ListTrials(request, {.timeout = kPageTimeout}));
    for (pb::Trial& trial : *page.mutable_trials()) {
      int64_t id = 0;
      if (absl::SimpleAtoi(trial.id(), &id) && id <= study.max_trial_id()) by_id[id] = std::move(trial);
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  std::vector<pb::Trial> trials;
  trials.reserve(by_id.size());
  for (auto& [id, trial] : by_id) trials.push_back(std::move(trial));
  return trials;
}

absl::StatusOr<pb::SuggestDecision> ServedPolicies::Suggest(const pb::SuggestRequest& request,
                                                            const std::function<bool()>& cancelled) const {
  if (request.count() < 0 || request.count() > kMaxCount) {
    return FieldError("count", absl::StrCat("is ", request.count(), "; must be 0 (meaning 1) to ", kMaxCount));
  }
  ASSIGN_OR_RETURN(const StudyProblem problem, ProblemOf(request.algorithm(), request.study_descriptor()));
  RETURN_IF_ERROR(CheckAlgorithm(problem.algorithm, problem.space, AlgorithmObjectives(problem)));
  RETURN_IF_ERROR(InField("study_descriptor.config",
                          CheckPriors(problem.algorithm, problem.space, problem.document.algorithm.priors)));
  if (!problem.document.algorithm.warm_start.empty()) {
    return FieldError("study_descriptor.config.warm_start",
                      "the trials of other studies are not known here; remove it");
  }
  ASSIGN_OR_RETURN(const auto algorithm, MakeAlgorithm(problem.algorithm, problem.document.algorithm));
  History history;
  if (algorithm->UsesHistory(problem.space, problem.noisy)) {
    ASSIGN_OR_RETURN(const auto trials, FetchTrials(request.study_descriptor(), cancelled));
    history = HistoryOf(problem, trials);
  }
  ASSIGN_OR_RETURN(const SuggestResult result, LearnAndSuggest(*algorithm, problem, history, request, cancelled));
  pb::SuggestDecision decision;
  for (const NewTrial& suggested : NewTrials({result}, 0, result.suggestions.size())) {
    pb::Trial trial;
    PointToTrial(suggested.point, trial);
    pb::TrialSuggestion& suggestion = *decision.add_suggestions();
    suggestion.mutable_parameters()->Swap(trial.mutable_parameters());
    Explain(problem, suggested.explanation, suggestion);
  }
  if (result.state != StateOf(request.algorithm(), request.study_descriptor())) {
    *decision.add_metadata() = StateUpdate(request.algorithm(), result.state);
  }
  return decision;
}

std::shared_ptr<const StoppingModel> ServedPolicies::ModelOf(const pb::StudyDescriptor& study, const StoppingRule& rule,
                                                             const StudyCurves& curves, int64_t finished_trials,
                                                             const std::function<bool()>& cancelled) const {
  const std::string problem = SpecOf("", study).SerializeAsString();
  const auto key = static_cast<int64_t>(absl::HashOf(study.guid(), problem));
  Learnt known;
  {
    const MutexLock lock(mutex_);
    if (models_.Contains(key)) known = models_.At(key);
  }
  if (known.guid != study.guid() || known.problem != problem || known.from > finished_trials) known = Learnt();
  if (!rule.LearnsAnew(known.from, finished_trials)) return known.model;
  auto model = rule.Learn(curves, cancelled);
  if (model == nullptr) return known.model;
  const MutexLock lock(mutex_);
  models_.At(key) = {study.guid(), problem, finished_trials, model};
  models_.SetWeight(key, model->bytes() + problem.size());
  return model;
}

absl::StatusOr<pb::EarlyStopDecisions> ServedPolicies::EarlyStop(const pb::EarlyStopRequest& request,
                                                                 const std::function<bool()>& cancelled) const {
  ASSIGN_OR_RETURN(StudyProblem problem, ProblemOf(request.algorithm(), request.study_descriptor()));
  if (!problem.document.early_stopping.has_value()) {
    problem.document.early_stopping = EarlyStoppingSettings();
    problem.document.early_stopping->rule = kDefaultRule;
  }
  const EarlyStoppingSettings& settings = *problem.document.early_stopping;
  ASSIGN_OR_RETURN(const auto rule, MakeStoppingRule(settings));
  ASSIGN_OR_RETURN(const CurveMaker maker, CurveMaker::Of(problem));
  ASSIGN_OR_RETURN(std::vector<pb::Trial> trials, FetchTrials(request.study_descriptor(), cancelled));
  ASSIGN_OR_RETURN(const StudyName name, StudyName::Parse(request.study_descriptor().guid()));
  CurvesByState curves = CurvesOf(problem, maker, std::move(trials));
  const StudyCurves study{.finished = curves.finished,
                          .maximize = maker.metric().maximize,
                          .horizon = settings.horizon,
                          .maximize_goal = maker.goal() == nullptr || maker.goal()->maximize,
                          .curve_is_objective = CurveIsObjective(curves.finished, maker.metric().maximize),
                          .seed = StudySeed(problem, name)};
  const auto model = ModelOf(request.study_descriptor(), *rule, study, curves.finished_trials, cancelled);
  pb::EarlyStopDecisions decisions;
  for (const int id : request.trial_ids()) {
    const auto curve = curves.unfinished.find(id);
    if (curve == curves.unfinished.end()) {
      return absl::NotFoundError(absl::StrCat(request.study_descriptor().guid(), "/trials/", id, " does not run"));
    }
    if (const auto role = curves.roles.find(id); role != curves.roles.end()) {
      const StoppingDecision goes_on = {
          .stop = false, .reason = absl::StrCat("a trial with the role '", role->second, "' runs to its end")};
      Answer(goes_on, curves.kept[id], curve->second, EndOf(curve->second, study), maker.goal(), problem, decisions);
      continue;
    }
    ASSIGN_OR_RETURN(const StoppingDecision decided,
                     rule->Decide({.trial = curve->second, .study = study, .model = model.get()}));
    Answer(decided, curves.kept[id], curve->second, EndOf(curve->second, study), maker.goal(), problem, decisions);
  }
  return decisions;
}

}  // namespace photinus
