// Learning curves out of measurements, for the stopping rules.
#ifndef PHOTINUS_SERVER_SCHEDULING_LEARNING_CURVES_H_
#define PHOTINUS_SERVER_SCHEDULING_LEARNING_CURVES_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "server/stopping/stopping_rule.h"
#include "server/storage/storage.h"
#include "server/study/study_cache.h"
#include "server/study/study_problem.h"

namespace photinus {

// The metric whose curve the study's rule looks at, and whether more is better: its own goal where it is an objective,
// else that of the first objective.
ObjectiveMetric CurveMetric(const StudyProblem& problem);

// `trial` with its derived metrics. Ordered by step, or by elapsed seconds where all steps are 0; measurements without
// the metric are left out.
LearningCurve MakeCurve(const ObjectiveMetric& metric, const pb::Trial& trial);

// The curves of finished trials, kept between questions. Thread-safe.
class LearningCurveCache {
 public:
  // Of the SUCCEEDED trials of `history`, ascending by id; `study` and `history` come from `snapshot`.
  absl::StatusOr<std::vector<LearningCurve>> Finished(Snapshot& snapshot, const StudyRow& study,
                                                      const std::shared_ptr<const StudyProblem>& problem,
                                                      const StudyHistory& history);

 private:
  struct Entry {
    std::shared_ptr<const StudyProblem> problem;  // kept alive so that its address stays its own
    std::map<int64_t, LearningCurve> curves;
  };

  Mutex mutex_;
  std::map<int64_t, Entry> entries_ ABSL_GUARDED_BY(mutex_);  // by study uid
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_LEARNING_CURVES_H_
