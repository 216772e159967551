#include "server/scheduling/stopping_models.h"

#include <utility>

namespace photinus {
namespace {

constexpr size_t kEntryBytes = 1024;  // of a study about which nothing was learnt

}  // namespace

StoppingModels::Entry* StoppingModels::EntryOf(const StudyRow& study) {
  Entry& entry = entries_.At(study.uid);
  if (entry.problem_version > study.problem_version) return nullptr;
  const bool known = entry.problem_version == study.problem_version;
  return known ? &entry : &Reset(study.uid, {.problem_version = study.problem_version});
}

StoppingModels::Entry& StoppingModels::Reset(int64_t study_uid, Entry unlearnt) {
  entries_.SetWeight(study_uid, kEntryBytes);
  return entries_.At(study_uid) = std::move(unlearnt);
}

std::shared_ptr<const StoppingModel> StoppingModels::Find(const StudyRow& study) {
  const MutexLock lock(mutex_);
  const Entry* entry = EntryOf(study);
  return entry == nullptr ? nullptr : entry->model;
}

bool StoppingModels::IsDue(const StudyRow& study, const StoppingRule& rule, int64_t finished_trials) {
  const MutexLock lock(mutex_);
  const Entry* entry = EntryOf(study);
  return entry != nullptr && IsDue(*entry, rule, finished_trials);
}

void StoppingModels::Learn(const StudyRow& study, Lesson lesson) {
  const MutexLock lock(mutex_);
  Entry* entry = EntryOf(study);
  if (entry == nullptr || !IsDue(*entry, *lesson.rule, lesson.finished_trials)) return;
  entry->learning =
      learning_.Submit([this, uid = study.uid, version = study.problem_version,
                        shared = std::make_shared<const Lesson>(std::move(lesson))] { Run(uid, version, *shared); });
}

void StoppingModels::Run(int64_t study_uid, int64_t problem_version, const Lesson& lesson) {
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
  if (entry.problem_version != problem_version) return;  // it changed meanwhile
  entry.learning = false;
  entry.tried_at = lesson.finished_trials;
  if (model == nullptr) {  // learnt from as many trials as before, so it is due once more have finished
    const bool deleted = lesson.finished_trials < entry.learnt_from;  // what is left teaches nothing
    if (deleted && !stopping_)
      Reset(study_uid, {.problem_version = problem_version, .tried_at = lesson.finished_trials});
    return;
  }
  entry.learnt_from = lesson.finished_trials;
  entry.model = std::move(model);
  entries_.SetWeight(study_uid, kEntryBytes + entry.model->bytes());
}

}  // namespace photinus
