#include "server/scheduling/learning_curves.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "server/study/trial_view.h"

namespace photinus {
namespace {

// A trial that is deleted meanwhile has an empty curve.
absl::StatusOr<std::shared_ptr<const LearningCurve>> ReadCurve(Snapshot& snapshot, const StudyRow& study,
                                                               const StudyProblem& problem, const CurveMaker& maker,
                                                               const HistoryTrial& trial) {
  auto curve = std::make_shared<LearningCurve>();
  ASSIGN_OR_RETURN(const auto row, snapshot.GetTrial(study.uid, trial.id()));
  if (row.has_value()) {
    ASSIGN_OR_RETURN(const pb::Trial view, ViewTrial(snapshot, study, problem, *row));
    *curve = maker.Make(view, trial.stopped_early());
  }
  curve->trial_id = trial.id();
  return curve;
}

// Ascending.
std::vector<HistoryTrial> Wanted(const StudyHistory& history) {
  const std::vector<HistoryTrial> latest = history.Latest(pb::Trial::SUCCEEDED, LearningCurveCache::kMaxCurves);
  std::vector<HistoryTrial> wanted;
  const std::vector<int64_t>& optimal = history.optimal();
  for (size_t i = 0; i < std::min(optimal.size(), LearningCurveCache::kMaxCurves); ++i) {
    if (latest.empty() || optimal[i] >= latest.front().id()) break;
    wanted.push_back(*history.Find(optimal[i]));
  }
  wanted.insert(wanted.end(), latest.begin(), latest.end());
  return wanted;
}

size_t BytesOf(const LearningCurve& curve) {
  return sizeof curve + curve.points.capacity() * sizeof(CurvePoint) +
         (curve.features.capacity() + curve.other_goals.capacity()) * sizeof(double);
}

}  // namespace

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
    bytes += BytesOf(*curve);
  }
  entries_.SetWeight(study.uid, bytes);
}

absl::StatusOr<LearningCurveCache::Curves> LearningCurveCache::Finished(
    Snapshot& snapshot, const StudyRow& study, const std::shared_ptr<const StudyProblem>& problem,
    const CurveMaker& maker, const StudyHistory& history) {
  const std::vector<HistoryTrial> trials = Wanted(history);
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
    ASSIGN_OR_RETURN(finished[i], ReadCurve(snapshot, study, *problem, maker, trials[i]));
    any_fresh = true;
  }
  if (any_fresh) Remember(study, problem, finished);
  return finished;
}

}  // namespace photinus
