#include "server/scheduling/learning_curves.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "server/study/derived_metrics.h"
#include "server/study/trial_view.h"

namespace photinus {
namespace {

double ElapsedSeconds(const pb::Measurement& measurement) {
  return static_cast<double>(measurement.elapsed_duration().seconds()) + measurement.elapsed_duration().nanos() * 1e-9;
}

absl::StatusOr<std::shared_ptr<const LearningCurve>> ReadCurve(Snapshot& snapshot, const StudyRow& study,
                                                               const StudyProblem& problem,
                                                               const ObjectiveMetric& metric,
                                                               const HistoryTrial& trial) {
  auto curve = std::make_shared<LearningCurve>();
  ASSIGN_OR_RETURN(const auto row, snapshot.GetTrial(study.uid, trial.id()));
  if (row.has_value()) {
    ASSIGN_OR_RETURN(const pb::Trial view, ViewTrial(snapshot, study, problem, *row));
    *curve = MakeCurve(metric, view);
  }
  curve->trial_id = trial.id();
  curve->finished = true;
  curve->stopped_early = trial.stopped_early();
  return curve;
}

}  // namespace

absl::StatusOr<ObjectiveMetric> CurveMetric(const StudyProblem& problem) {
  const EarlyStoppingSettings settings = problem.document.early_stopping.value_or(EarlyStoppingSettings());
  for (const ObjectiveMetric& objective : problem.objectives) {
    if (!settings.curve.empty() && objective.metric != settings.curve) continue;
    if (settings.maximize.value_or(objective.maximize) == objective.maximize) return objective;
    return FieldError("early_stopping.goal", absl::StrCat("is not the goal that '", objective.metric,
                                                          "' has in the study's metrics; leave it out"));
  }
  if (settings.curve.empty()) {
    return FieldError("early_stopping.curve", "is missing, and there is no metric to take instead");
  }
  if (settings.maximize.has_value()) return ObjectiveMetric{settings.curve, *settings.maximize};
  return FieldError("early_stopping.goal",
                    absl::StrCat("is missing, and '", settings.curve,
                                 "' is no objective of the study; say `goal: maximize` or `goal: minimize`"));
}

LearningCurve MakeCurve(const ObjectiveMetric& metric, const pb::Trial& trial) {
  LearningCurve curve;
  const bool by_step = std::any_of(trial.measurements().begin(), trial.measurements().end(),
                                   [](const pb::Measurement& m) { return m.step_count() != 0; });
  for (const pb::Measurement& measurement : trial.measurements()) {
    const auto value = MetricOf(measurement, metric.metric);
    if (!value.has_value()) continue;
    curve.points.push_back(
        {by_step ? static_cast<double>(measurement.step_count()) : ElapsedSeconds(measurement), *value});
  }
  std::stable_sort(curve.points.begin(), curve.points.end(),
                   [](const CurvePoint& a, const CurvePoint& b) { return a.step < b.step; });
  return curve;
}

LearningCurveCache::Entry& LearningCurveCache::EntryOf(const StudyRow& study,
                                                       const std::shared_ptr<const StudyProblem>& problem) {
  Entry& entry = entries_.At(study.uid);
  if (entry.problem != problem) entry = {problem, {}};
  return entry;
}

void LearningCurveCache::Remember(const StudyRow& study, const std::shared_ptr<const StudyProblem>& problem,
                                  const Curves& curves) {
  size_t bytes = 0;
  const MutexLock lock(mutex_);
  Entry& entry = EntryOf(study, problem);
  entry.curves.clear();
  for (const auto& curve : curves) {
    entry.curves.emplace(curve->trial_id, curve);
    bytes += sizeof *curve + curve->points.capacity() * sizeof(CurvePoint);
  }
  entries_.SetWeight(study.uid, bytes);
}

absl::StatusOr<LearningCurveCache::Curves> LearningCurveCache::Finished(
    Snapshot& snapshot, const StudyRow& study, const std::shared_ptr<const StudyProblem>& problem,
    const ObjectiveMetric& metric, const StudyHistory& history) {
  const std::vector<HistoryTrial> trials = history.Latest(pb::Trial::SUCCEEDED, kMaxCurves);
  Curves finished;
  {
    const MutexLock lock(mutex_);
    const Entry& entry = EntryOf(study, problem);
    for (const HistoryTrial& trial : trials) {
      const auto known = entry.curves.find(trial.id());
      finished.push_back(known == entry.curves.end() ? nullptr : known->second);
    }
  }
  bool any_fresh = false;
  for (size_t i = 0; i < trials.size(); ++i) {
    if (finished[i] != nullptr) continue;
    ASSIGN_OR_RETURN(finished[i], ReadCurve(snapshot, study, *problem, metric, trials[i]));
    any_fresh = true;
  }
  if (any_fresh) Remember(study, problem, finished);
  return finished;
}

}  // namespace photinus
