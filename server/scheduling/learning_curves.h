// The learning curves of finished trials, kept between questions.
#ifndef PHOTINUS_SERVER_SCHEDULING_LEARNING_CURVES_H_
#define PHOTINUS_SERVER_SCHEDULING_LEARNING_CURVES_H_

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "server/scheduling/curve_maker.h"
#include "server/storage/storage.h"
#include "server/study/lru_map.h"
#include "server/study/study_cache.h"
#include "server/study/study_problem.h"

namespace photinus {

// Shared with those who ask. Thread-safe.
class LearningCurveCache {
 public:
  using Curves = std::vector<std::shared_ptr<const LearningCurve>>;

  static constexpr size_t kMaxCurves = 1000;

  // Of the SUCCEEDED trials of `history`, the kMaxCurves of the greatest ids, and the incumbents (as many at most),
  // ascending; so that what a decision costs does not grow with the study. `study` and `history` come from `snapshot`,
  // `maker` is of `problem`.
  absl::StatusOr<Curves> Finished(Snapshot& snapshot, const StudyRow& study,
                                  const std::shared_ptr<const StudyProblem>& problem, const CurveMaker& maker,
                                  const StudyHistory& history);

 private:
  struct Entry {
    std::shared_ptr<const StudyProblem> problem;  // kept alive so that its address stays its own
    std::unordered_map<int64_t, std::shared_ptr<const LearningCurve>> curves;  // by trial id
  };

  static constexpr size_t kMaxBytes = size_t{128} << 20;  // remembered at once, about

  // In place of what is remembered of the study.
  void Remember(const StudyRow& study, const std::shared_ptr<const StudyProblem>& problem, const Curves& curves);
  // What is remembered for this problem; what belongs to an older one is forgotten.
  Entry& EntryOf(const StudyRow& study, const std::shared_ptr<const StudyProblem>& problem)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Mutex mutex_;
  LruMap<Entry> entries_ ABSL_GUARDED_BY(mutex_){kMaxBytes};  // by study uid
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_LEARNING_CURVES_H_
