// A study as a search algorithm sees it, for tests.
#ifndef PHOTINUS_TESTS_SUPPORT_SEARCHED_STUDY_H_
#define PHOTINUS_TESTS_SUPPORT_SEARCHED_STUDY_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "server/algorithms/suggestion_algorithm.h"

namespace photinus {

struct SearchedStudy {
  // Both borrow from this study.
  SuggestRequest Request(int count = 1) const { return RequestWith(completed, pending, count); }
  SuggestRequest RequestWith(const std::vector<EvaluatedPoint>& told, const std::vector<PendingPoint>& running,
                             int count) const {
    return {.space = space,
            .objectives = objectives,
            .completed = told,
            .pending = running,
            .noisy = noisy,
            .count = count,
            .seed = seed,
            .first_trial_id = NextTrialId(),
            .state = state};
  }

  // Of trials that are numbered without gaps.
  int64_t NextTrialId() const { return static_cast<int64_t>(completed.size() + pending.size()) + 1; }

  // The next trial, finished.
  void Complete(const Point& point, std::vector<double> values, bool infeasible = false) {
    completed.push_back(
        {.trial_id = NextTrialId(), .point = point, .objectives = std::move(values), .infeasible = infeasible});
  }

  SearchSpace space;
  std::vector<Objective> objectives = {{.metric = "goal"}};
  std::vector<EvaluatedPoint> completed;
  std::vector<PendingPoint> pending;
  bool noisy = false;
  uint64_t seed = 1;
  std::string state;
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_SUPPORT_SEARCHED_STUDY_H_
