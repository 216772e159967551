// A study's trials one after the other, however many and large they are.
#ifndef PHOTINUS_SERVER_STUDY_TRIAL_SCAN_H_
#define PHOTINUS_SERVER_STUDY_TRIAL_SCAN_H_

#include <cstdint>
#include <limits>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/pb.h"
#include "server/storage/storage.h"
#include "server/study/study_problem.h"
#include "server/study/trial_batch.h"

namespace photinus {

// Reads by ascending id, as ViewTrials shows them. Not thread-safe; borrows everything.
class TrialScan {
 public:
  struct Item {
    int64_t id = 0;
    pb::Trial trial;
    int64_t bytes = 0;  // on the wire
  };

  // The trials after id `after` and up to id `limit`.
  TrialScan(Snapshot& snapshot, const StudyRow& study, const StudyProblem& problem, int64_t after, int64_t limit)
      : snapshot_(snapshot), study_(study), problem_(problem), batches_(study.uid, after, limit) {}

  // The next ones: at most `wanted` and as many as may be held in memory together; none at the end.
  absl::StatusOr<std::vector<Item>> Next(int64_t wanted = std::numeric_limits<int64_t>::max());

 private:
  Snapshot& snapshot_;
  const StudyRow& study_;
  const StudyProblem& problem_;
  TrialBatches batches_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_TRIAL_SCAN_H_
