#include "tests/benchmarks/search/own_searcher.h"

#include <utility>

#include "common/base/status_macros.h"
#include "tests/support/thread_seconds.h"

namespace photinus {
OwnSearcher::OwnSearcher(std::unique_ptr<SuggestionAlgorithm> algorithm, const Problem& problem, uint64_t seed,
                         Lessons lessons)
    : algorithm_(std::move(algorithm)),
      problem_(problem),
      seed_(seed),
      lessons_(lessons),
      trials_(problem.space, problem.objectives, problem.constraints.size()) {}

SuggestRequest OwnSearcher::Request(int64_t first_trial, int count) {
  const bool encoded = algorithm_->UsesEncodedTrials(state_, first_trial);
  const WantedTrials wanted = algorithm_->NewTo(state_);
  const bool all = wanted.and_from <= 1;
  news_ = encoded || all ? std::vector<EvaluatedPoint>() : News(wanted);
  return {.space = problem_.space,
          .objectives = problem_.objectives,
          .completed = encoded || !all ? news_ : completed_,
          .pending = no_pending_,
          .constraints = problem_.constraints,
          .noisy = problem_.spec.observation_noise() == pb::StudySpec::HIGH,
          .count = count,
          .seed = seed_,
          .first_trial_id = first_trial,
          .state = state_,
          .trials = encoded ? &trials_ : nullptr,
          .cache = &cache_};
}

std::vector<EvaluatedPoint> OwnSearcher::News(const WantedTrials& wanted) const {
  std::vector<EvaluatedPoint> news;
  for (const int64_t id : wanted.ids) news.push_back(completed_[static_cast<size_t>(id - 1)]);
  news.insert(news.end(), completed_.begin() + (wanted.and_from - 1), completed_.end());
  return news;
}

absl::StatusOr<std::vector<Point>> OwnSearcher::Ask(int64_t first_trial, int count) {
  const double begin = ThreadSeconds();
  ASSIGN_OR_RETURN(SuggestResult result, algorithm_->Suggest(Request(first_trial, count)));
  cpu_seconds_ += ThreadSeconds() - begin;
  state_ = std::move(result.state);
  std::vector<Point> points;
  for (Suggestion& suggestion : result.suggestions) points.push_back(std::move(suggestion.point));
  return points;
}

absl::Status OwnSearcher::Tell(const std::vector<EvaluatedPoint>& trials) {
  RETURN_IF_ERROR(FinishLesson());
  const double begin = ThreadSeconds();
  for (const EvaluatedPoint& trial : trials) {
    completed_.push_back(trial);
    trials_.Add(trial.trial_id, trial.point);
    trials_.SetFinished(trial.trial_id, trial.objectives, trial.infeasible, trial.slacks);
  }
  SuggestionAlgorithm::Lesson lesson = algorithm_->Learn(Request(completed_.back().trial_id + 1, 1));
  cpu_seconds_ += ThreadSeconds() - begin;
  if (lesson == nullptr) return absl::OkStatus();
  learning_from_ = state_;
  learning_ = std::async(lessons_ == Lessons::kBeside ? std::launch::async : std::launch::deferred,
                         [lesson = std::move(lesson)] {
                           const double begin = ThreadSeconds();
                           auto state = lesson(nullptr);
                           return Learnt{.state = std::move(state), .cpu_seconds = ThreadSeconds() - begin};
                         });
  return lessons_ == Lessons::kBeside ? absl::OkStatus() : FinishLesson();
}

absl::Status OwnSearcher::FinishLesson() {
  if (!learning_.valid()) return absl::OkStatus();
  Learnt learnt = learning_.get();
  cpu_seconds_ += learnt.cpu_seconds;
  RETURN_IF_ERROR(learnt.state.status());
  if (state_ == learning_from_) state_ = *std::move(learnt.state);
  return absl::OkStatus();
}

}  // namespace photinus
