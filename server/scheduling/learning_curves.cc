#include "server/scheduling/learning_curves.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "server/study/trial_view.h"

namespace photinus {
namespace {

// Null: the trial had not finished yet when `snapshot` began, to which the history may be ahead.
absl::StatusOr<std::shared_ptr<const LearningCurve>> ReadCurve(Snapshot& snapshot, const StudyRow& study,
                                                               const StudyProblem& problem, const CurveMaker& maker,
                                                               const HistoryTrial& trial) {
  ASSIGN_OR_RETURN(const auto row, snapshot.GetTrial(study.uid, trial.id()));
  if (!row.has_value() || row->state != pb::Trial::SUCCEEDED) return nullptr;
  ASSIGN_OR_RETURN(const pb::Trial view, ViewTrial(snapshot, study, problem, *row));
  auto curve = std::make_shared<LearningCurve>(maker.Make(view, trial.stopped_early()));
  curve->trial_id = trial.id();
  return curve;
}

// Of the search, those of the least ids, ascending.
std::vector<HistoryTrial> FirstSucceeded(const StudyHistory& history, size_t limit) {
  std::vector<HistoryTrial> first;
  for (const HistoryTrial trial : history) {
    if (first.size() == limit) break;
    if (trial.state() == pb::Trial::SUCCEEDED && !trial.apart()) first.push_back(trial);
  }
  return first;
}

// Ascending, each once.
std::vector<HistoryTrial> Wanted(const StudyHistory& history) {
  std::vector<HistoryTrial> wanted = FirstSucceeded(history, LearningCurveCache::kFirstCurves);
  const auto add_later = [&](const HistoryTrial& trial) {
    if (wanted.empty() || trial.id() > wanted.back().id()) wanted.push_back(trial);
  };
  const std::vector<HistoryTrial> latest = history.Latest(pb::Trial::SUCCEEDED, LearningCurveCache::kMaxCurves);
  const std::vector<int64_t>& optimal = history.optimal();
  for (size_t i = 0; i < std::min(optimal.size(), LearningCurveCache::kMaxCurves); ++i) {
    if (latest.empty() || optimal[i] >= latest.front().id()) break;
    add_later(*history.Find(optimal[i]));
  }
  for (const HistoryTrial& trial : latest) add_later(trial);
  return wanted;
}

size_t BytesOf(const LearningCurve& curve) {
  return sizeof curve + curve.points.capacity() * sizeof(CurvePoint) +
         (curve.features.capacity() + curve.other_goals.capacity()) * sizeof(double) +
         curve.revised.capacity() * sizeof(std::string);
}

}  // namespace

LearningCurveCache::Entry LearningCurveCache::EntryOf(const StudyRow& study) {
  const MutexLock lock(mutex_);
  const Entry* known = entries_.Contains(study.uid) ? &entries_.At(study.uid) : nullptr;
  const bool is_of_problem = known != nullptr && known->problem_version == study.problem_version;
  return is_of_problem ? *known : Entry{.problem_version = study.problem_version};
}

void LearningCurveCache::Remember(const StudyRow& study, Entry entry) {
  size_t bytes = sizeof entry + entry.ids.capacity() * sizeof(int64_t);
  for (const auto& curve : *entry.curves) bytes += BytesOf(*curve);
  const MutexLock lock(mutex_);
  Entry& known = entries_.At(study.uid);
  if (known.problem_version > entry.problem_version) return;
  known = std::move(entry);
  entries_.SetWeight(study.uid, bytes);
}

absl::StatusOr<LearningCurveCache::Shared> LearningCurveCache::Finished(Snapshot& snapshot, const StudyRow& study,
                                                                        const StudyProblem& problem,
                                                                        const CurveMaker& maker,
                                                                        const StudyHistory& history) {
  const std::vector<HistoryTrial> trials = Wanted(history);
  const Entry known = EntryOf(study);
  const bool same = std::equal(trials.begin(), trials.end(), known.ids.begin(), known.ids.end(),
                               [](const HistoryTrial& trial, int64_t id) { return trial.id() == id; });
  if (same) return known.curves;
  Entry entry{.problem_version = study.problem_version};
  auto finished = std::make_shared<Curves>();
  auto id = known.ids.begin();
  for (const HistoryTrial& trial : trials) {
    id = std::lower_bound(id, known.ids.end(), trial.id());
    const bool is_known = id != known.ids.end() && *id == trial.id();
    std::shared_ptr<const LearningCurve> curve;
    if (is_known) {
      curve = (*known.curves)[static_cast<size_t>(id - known.ids.begin())];
    } else {
      ASSIGN_OR_RETURN(curve, ReadCurve(snapshot, study, problem, maker, trial));
    }
    if (curve == nullptr) continue;
    finished->push_back(std::move(curve));
    entry.ids.push_back(trial.id());
  }
  entry.curves = std::move(finished);
  Shared curves = entry.curves;
  Remember(study, std::move(entry));
  return curves;
}

}  // namespace photinus
