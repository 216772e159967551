#include "server/scheduling/learning_curves.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "server/study/derived_metrics.h"
#include "server/study/trial_view.h"

namespace photinus {
namespace {

constexpr size_t kMaxStudies = 256;  // remembered at once

double ElapsedSeconds(const pb::Measurement& measurement) {
  return static_cast<double>(measurement.elapsed_duration().seconds()) + measurement.elapsed_duration().nanos() * 1e-9;
}

}  // namespace

ObjectiveMetric CurveMetric(const StudyProblem& problem) {
  const std::string name = problem.document.early_stopping.has_value() ? problem.document.early_stopping->curve : "";
  for (const ObjectiveMetric& objective : problem.objectives) {
    if (name.empty() || objective.metric == name) return objective;
  }
  return {name, problem.objectives.empty() || problem.objectives[0].maximize};
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

absl::StatusOr<std::vector<LearningCurve>> LearningCurveCache::Finished(
    Snapshot& snapshot, const StudyRow& study, const std::shared_ptr<const StudyProblem>& problem,
    const StudyHistory& history) {
  Entry entry;
  {
    const MutexLock lock(mutex_);
    const auto known = entries_.find(study.uid);
    if (known != entries_.end() && known->second.problem == problem) entry = known->second;
  }
  entry.problem = problem;
  const ObjectiveMetric metric = CurveMetric(*problem);
  std::vector<LearningCurve> finished;
  bool added = false;
  for (const auto& trial : history.trials) {
    if (trial->state != pb::Trial::SUCCEEDED) continue;
    auto known = entry.curves.find(trial->id);
    if (known == entry.curves.end()) {
      ASSIGN_OR_RETURN(const auto row, snapshot.GetTrial(study.uid, trial->id));
      if (!row.has_value()) continue;
      ASSIGN_OR_RETURN(const pb::Trial view, ViewTrial(snapshot, study, *problem, *row));
      LearningCurve curve = MakeCurve(metric, view);
      curve.trial_id = trial->id;
      curve.finished = true;
      curve.stopped_early = trial->stopped_early;
      known = entry.curves.emplace(trial->id, std::move(curve)).first;
      added = true;
    }
    finished.push_back(known->second);
  }
  if (added) {
    const MutexLock lock(mutex_);
    if (entries_.size() >= kMaxStudies && entries_.count(study.uid) == 0) entries_.erase(entries_.begin());
    entries_[study.uid] = std::move(entry);
  }
  return finished;
}

}  // namespace photinus
