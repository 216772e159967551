// Asks a study's algorithm for points.
#ifndef PHOTINUS_SERVER_SCHEDULING_SUGGEST_POINTS_H_
#define PHOTINUS_SERVER_SCHEDULING_SUGGEST_POINTS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/algorithms/suggestion_algorithm.h"
#include "server/study/study_cache.h"
#include "server/study/study_problem.h"

namespace photinus {

struct SuggestInputs {
  std::shared_ptr<const StudyProblem> problem;
  std::shared_ptr<const StudyHistory> history;  // null if the algorithm does not use it
  std::string state;
  uint64_t seed = 0;
  int64_t first_trial_id = 1;
  int count = 1;
};

// Trials whose every attempt was lost are left out. As SuggestionAlgorithm::Suggest.
absl::StatusOr<SuggestResult> SuggestPoints(const SuggestionAlgorithm& algorithm, const SuggestInputs& inputs,
                                            std::function<bool()> cancelled);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_SUGGEST_POINTS_H_
