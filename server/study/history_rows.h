// Stored trials as histories take them.
#ifndef PHOTINUS_SERVER_STUDY_HISTORY_ROWS_H_
#define PHOTINUS_SERVER_STUDY_HISTORY_ROWS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "server/storage/storage.h"
#include "server/study/study_history.h"
#include "server/study/study_problem.h"

namespace photinus {

// `rows` are trials of `study` by ascending id, which may be held in memory together. Objectives and derived metrics
// are those of `problem`, which need not be the study's own; points are as they are stored.
absl::StatusOr<std::vector<HistoryRow>> HistoryRowsOf(Snapshot& snapshot, const StudyRow& study,
                                                      const StudyProblem& problem, const std::vector<TrialRow>& rows);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_HISTORY_ROWS_H_
