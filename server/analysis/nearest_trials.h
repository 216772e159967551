// Which trials of a study are near one of them.
#ifndef PHOTINUS_SERVER_ANALYSIS_NEAREST_TRIALS_H_
#define PHOTINUS_SERVER_ANALYSIS_NEAREST_TRIALS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "server/study/read_options.h"
#include "server/study/study_history.h"

namespace photinus {

struct NearTrial {
  int64_t id = 0;
  double distance = 0;  // Euclidean, between Flatten's features
};

// Of the trials of the search with smaller ids than `id`, the `count` nearest to it, the nearest first and of equally
// near ones the earlier. Empty where the trial is not in the history. Takes time in proportion to the history;
// Cancelled.
absl::StatusOr<std::vector<NearTrial>> NearestEarlierTrials(const StudyHistory& history, int64_t id, size_t count,
                                                            const ReadOptions& options);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_ANALYSIS_NEAREST_TRIALS_H_
