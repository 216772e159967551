#include "server/scheduling/stopping_models.h"

#include <utility>

namespace photinus {
namespace {

constexpr size_t kEntryBytes = 1024;  // of a study about which nothing was learnt

}  // namespace

StoppingModels::Entry& StoppingModels::EntryOf(int64_t study_uid, const std::shared_ptr<const StudyProblem>& problem) {
  if (!entries_.Contains(study_uid)) entries_.SetWeight(study_uid, kEntryBytes);
  Entry& entry = entries_.At(study_uid);
  if (entry.problem != problem) entry = {.problem = problem};
  return entry;
}

std::shared_ptr<const StoppingModel> StoppingModels::Find(int64_t study_uid,
                                                          const std::shared_ptr<const StudyProblem>& problem) {
  const MutexLock lock(mutex_);
  return EntryOf(study_uid, problem).model;
}

bool StoppingModels::IsDue(int64_t study_uid, const std::shared_ptr<const StudyProblem>& problem,
                           const StoppingRule& rule, int64_t finished_trials) {
  const MutexLock lock(mutex_);
  return IsDue(EntryOf(study_uid, problem), rule, finished_trials);
}

void StoppingModels::Learn(int64_t study_uid, Lesson lesson) {
  const MutexLock lock(mutex_);
  Entry& entry = EntryOf(study_uid, lesson.problem);
  if (!IsDue(entry, *lesson.rule, lesson.finished_trials)) return;
  entry.learning = learning_.Submit(
      [this, study_uid, shared = std::make_shared<const Lesson>(std::move(lesson))] { Run(study_uid, *shared); });
}

void StoppingModels::Run(int64_t study_uid, const Lesson& lesson) {
  std::shared_ptr<const StoppingModel> model;
  if (!stopping_) {
    model = lesson.rule->Learn({.finished = *lesson.finished,
                                .maximize = lesson.maximize,
                                .horizon = lesson.horizon,
                                .curve_is_objective = CurveIsObjective(*lesson.finished, lesson.maximize),
                                .seed = lesson.seed},
                               [this] { return stopping_.load(); });
  }
  const MutexLock lock(mutex_);
  if (!entries_.Contains(study_uid)) return;
  Entry& entry = entries_.At(study_uid);
  if (entry.problem != lesson.problem) return;  // it changed meanwhile
  entry.learning = false;
  entry.tried_at = lesson.finished_trials;
  if (model == nullptr) {  // learnt from as many trials as before, so it is due once more have finished
    const bool deleted = lesson.finished_trials < entry.learnt_from;  // what is left teaches nothing
    if (deleted && !stopping_) entry = {.problem = lesson.problem, .tried_at = lesson.finished_trials};
    return;
  }
  entry.learnt_from = lesson.finished_trials;
  entry.model = std::move(model);
  entries_.SetWeight(study_uid, kEntryBytes + entry.model->bytes());
}

}  // namespace photinus
