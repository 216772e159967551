// The learning curves of finished trials, kept between questions.
#ifndef PHOTINUS_SERVER_SCHEDULING_LEARNING_CURVES_H_
#define PHOTINUS_SERVER_SCHEDULING_LEARNING_CURVES_H_

#include <cstdint>
#include <memory>
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
  using Shared = std::shared_ptr<const Curves>;

  static constexpr size_t kMaxCurves = 1000;
  // Twice as many as rules learn from before they stop any: of the others that ran to their ends most are good.
  static constexpr size_t kFirstCurves = 40;

  // Of the SUCCEEDED trials of `history`, the kFirstCurves of the least ids, the kMaxCurves of the greatest, and the
  // incumbents (as many at most), ascending; so that what a decision costs does not grow with the study. The same list
  // until another trial finishes; none is read that `snapshot`, which has `study`, sees unfinished. `maker` is of
  // `problem`.
  absl::StatusOr<Shared> Finished(Snapshot& snapshot, const StudyRow& study, const StudyProblem& problem,
                                  const CurveMaker& maker, const StudyHistory& history);

 private:
  struct Entry {
    int64_t problem_version = 0;
    std::vector<int64_t> ids;                    // of the trials, ascending
    Shared curves = std::make_shared<Curves>();  // in the same order
  };

  static constexpr size_t kMaxBytes = size_t{128} << 20;  // remembered at once, about

  // What is remembered for this version of the study's problem.
  Entry EntryOf(const StudyRow& study);
  // In place of what is remembered of the study, unless that is of a newer problem.
  void Remember(const StudyRow& study, Entry entry);

  Mutex mutex_;
  LruMap<Entry> entries_ ABSL_GUARDED_BY(mutex_){kMaxBytes};  // by study uid
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_LEARNING_CURVES_H_
