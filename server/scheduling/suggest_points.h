// Asks a study's algorithm for points.
#ifndef PHOTINUS_SERVER_SCHEDULING_SUGGEST_POINTS_H_
#define PHOTINUS_SERVER_SCHEDULING_SUGGEST_POINTS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/algorithms/encoded_trials.h"
#include "server/algorithms/suggestion_algorithm.h"
#include "server/study/read_options.h"
#include "server/study/study_cache.h"
#include "server/study/study_problem.h"

namespace photinus {

struct SuggestInputs {
  int64_t study_uid = 0;
  int64_t version = 0;  // of the study
  std::shared_ptr<const StudyProblem> problem;
  std::shared_ptr<const StudyHistory> history;  // null if the algorithm does not use it
  std::string state;
  uint64_t seed = 0;
  int64_t first_trial_id = 1;
  int count = 1;
};

// All but the count, as the snapshot, which is not a transaction, sees the study. What StudyCache::History says.
absl::StatusOr<SuggestInputs> ReadInputs(StudyCache& cache, Snapshot& snapshot, const StudyRow& study,
                                         const StudyName& name, const SuggestionAlgorithm& algorithm,
                                         const ReadOptions& read = {});

// What is remembered between questions, and may change by them. Each may be null.
struct SuggestMemory {
  const EncodedTrials* trials = nullptr;  // at the inputs' history
  std::unique_ptr<AlgorithmCache>* cache = nullptr;
  const std::vector<PriorStudy>* prior = nullptr;  // those of the inputs' problem
};

// An answer, and what it took.
struct SuggestedPoints : SuggestResult {
  absl::Duration spent;  // by one thread, on all
  bool ahead = false;    // computed before somebody asked
};

// The points of trials whose every attempt was lost count as pending. As SuggestionAlgorithm::Suggest.
absl::StatusOr<SuggestedPoints> SuggestPoints(const SuggestionAlgorithm& algorithm, const SuggestInputs& inputs,
                                              const SuggestMemory& memory, std::function<bool()> cancelled);

// As SuggestionAlgorithm::Learn.
SuggestionAlgorithm::Lesson LearnPoints(const SuggestionAlgorithm& algorithm, const SuggestInputs& inputs,
                                        const SuggestMemory& memory);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_SUGGEST_POINTS_H_
