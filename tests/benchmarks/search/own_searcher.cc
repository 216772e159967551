#include "tests/benchmarks/search/own_searcher.h"

#include <ctime>
#include <utility>

#include "common/base/status_macros.h"

namespace photinus {
namespace {

double ThreadSeconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);  // others' load does not count
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace

absl::StatusOr<std::vector<Point>> OwnSearcher::Ask(int64_t first_trial, int count) {
  const SuggestRequest request{.space = problem_.space,
                               .objectives = problem_.objectives,
                               .completed = completed_,
                               .pending = {},
                               .noisy = problem_.spec.observation_noise() == pb::StudySpec::HIGH,
                               .count = count,
                               .seed = seed_,
                               .first_trial_id = first_trial,
                               .state = state_};
  const double begin = ThreadSeconds();
  ASSIGN_OR_RETURN(SuggestResult result, algorithm_->Suggest(request));
  cpu_seconds_ += ThreadSeconds() - begin;
  state_ = std::move(result.state);
  std::vector<Point> points;
  for (Suggestion& suggestion : result.suggestions) points.push_back(std::move(suggestion.point));
  return points;
}

absl::Status OwnSearcher::Tell(const std::vector<EvaluatedPoint>& trials) {
  completed_.insert(completed_.end(), trials.begin(), trials.end());
  return absl::OkStatus();
}

}  // namespace photinus
