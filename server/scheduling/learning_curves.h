// Learning curves out of measurements, for the stopping rules.
#ifndef PHOTINUS_SERVER_SCHEDULING_LEARNING_CURVES_H_
#define PHOTINUS_SERVER_SCHEDULING_LEARNING_CURVES_H_

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "server/stopping/stopping_rule.h"
#include "server/storage/storage.h"
#include "server/study/lru_map.h"
#include "server/study/study_cache.h"
#include "server/study/study_problem.h"

namespace photinus {

// The metric whose curve the study's rule looks at, and whether more is better: the document's `curve`, else the first
// objective, with the objective's own goal, else the document's `goal`. InvalidArgument, a FieldError in
// `early_stopping`: there is no metric, or no goal, or the document's is not the objective's.
absl::StatusOr<ObjectiveMetric> CurveMetric(const StudyProblem& problem);

// `trial` with its derived metrics. Ordered by step, or by elapsed seconds where all steps are 0; measurements without
// the metric are left out.
LearningCurve MakeCurve(const ObjectiveMetric& metric, const pb::Trial& trial);

// The curves of finished trials, kept between questions and shared with those who ask. Thread-safe.
class LearningCurveCache {
 public:
  using Curves = std::vector<std::shared_ptr<const LearningCurve>>;

  static constexpr size_t kMaxCurves = 1000;

  // Of the SUCCEEDED trials of `history`, the kMaxCurves of the greatest ids, ascending; so that what a decision costs
  // does not grow with the study. `study` and `history` come from `snapshot`.
  absl::StatusOr<Curves> Finished(Snapshot& snapshot, const StudyRow& study,
                                  const std::shared_ptr<const StudyProblem>& problem, const ObjectiveMetric& metric,
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
