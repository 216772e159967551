#include "server/study/study_batch.h"

#include <algorithm>

#include "common/base/status_macros.h"
#include "server/study/trial_batch.h"

namespace photinus {

absl::StatusOr<std::vector<StudyRow>> StudyBatches::Next(int64_t wanted) {
  ASSIGN_OR_RETURN(const std::vector<StudyBytes> studies,
                   snapshot_.ListStudyBytes(owner_, after_, std::min(wanted, kMaxBatchStudies)));
  const size_t fitting = CountThatFit(studies);
  if (fitting == 0) return std::vector<StudyRow>();
  ASSIGN_OR_RETURN(std::vector<StudyRow> rows, snapshot_.ListStudies(owner_, after_, static_cast<int64_t>(fitting)));
  after_ = rows.back().uid;
  return rows;
}

}  // namespace photinus
