// What becomes of suggestions: trials that can say where they come from.
#ifndef PHOTINUS_SERVER_SCHEDULING_NEW_TRIALS_H_
#define PHOTINUS_SERVER_SCHEDULING_NEW_TRIALS_H_

#include <cstddef>
#include <vector>

#include "server/scheduling/suggest_points.h"
#include "server/study/assignment.h"

namespace photinus {

// Those of `points` from number `first` on, at most `count`. Explanations take about 300 bytes at most: long texts are
// cut, and of many objectives the first few are told.
std::vector<NewTrial> NewTrials(const SuggestedPoints& points, size_t first, size_t count);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_NEW_TRIALS_H_
