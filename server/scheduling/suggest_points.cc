#include "server/scheduling/suggest_points.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "server/scheduling/problem_check.h"
#include "server/study/told_objectives.h"
#include "server/study/trial_state.h"

namespace photinus {
namespace {

// Owns what a request refers to.
class OwnedRequest {
 public:
  OwnedRequest(const SuggestionAlgorithm& algorithm, const SuggestInputs& inputs, const SuggestMemory& memory,
               std::function<bool()> cancelled)
      : problem_(*inputs.problem),
        objectives_(AlgorithmObjectives(problem_)),
        request_{.space = inputs.problem->space,
                 .objectives = objectives_,
                 .completed = completed_,
                 .pending = pending_,
                 .constraints = AlgorithmConstraints(*inputs.problem),
                 .noisy = inputs.problem->noisy,
                 .count = inputs.count,
                 .seed = inputs.seed,
                 .first_trial_id = inputs.first_trial_id,
                 .state = inputs.state,
                 .cancelled = std::move(cancelled),
                 .trials = memory.trials,
                 .cache = memory.cache,
                 .prior = memory.prior} {
    if (memory.trials != nullptr || inputs.history == nullptr) return;
    const WantedTrials wanted = algorithm.NewTo(inputs.state);
    for (const int64_t id : wanted.ids) Add(*inputs.history, id);
    for (int64_t id = wanted.and_from; id < inputs.first_trial_id; ++id) Add(*inputs.history, id);
  }
  OwnedRequest(const OwnedRequest&) = delete;
  OwnedRequest& operator=(const OwnedRequest&) = delete;

  const SuggestRequest& request() const { return request_; }

 private:
  void Add(const StudyHistory& history, int64_t id) {
    const auto trial = history.Find(id);
    if (!trial.has_value() || (trial->apart() && !HoldsItsPoint(*trial))) return;
    if (IsFinished(trial->state()) && !trial->apart()) {
      const std::vector<double> told = ToldObjectives(problem_, *trial);
      const bool infeasible = IsToldInfeasible(trial->state(), trial->stopped_early(), told);
      completed_.push_back({id, trial->point(), told, infeasible, trial->slacks()});
    } else {
      pending_.push_back({id, trial->point()});
    }
  }

  const StudyProblem& problem_;
  const std::vector<Objective> objectives_;
  std::vector<EvaluatedPoint> completed_;
  std::vector<PendingPoint> pending_;
  const SuggestRequest request_;
};

}  // namespace

absl::StatusOr<SuggestInputs> ReadInputs(StudyCache& cache, Snapshot& snapshot, const StudyRow& study,
                                         const StudyName& name, const SuggestionAlgorithm& algorithm,
                                         const ReadOptions& read) {
  SuggestInputs inputs{.study_uid = study.uid, .version = study.version};
  ASSIGN_OR_RETURN(inputs.problem, cache.Problem(snapshot, study));
  inputs.seed = StudySeed(*inputs.problem, name);
  inputs.first_trial_id = study.next_trial_id;
  ASSIGN_OR_RETURN(auto state, snapshot.GetAlgorithmState(study.uid, inputs.problem->algorithm));
  inputs.state = std::move(state).value_or("");
  if (algorithm.UsesHistory(inputs.problem->space, inputs.problem->noisy)) {
    ASSIGN_OR_RETURN(inputs.history, cache.History(snapshot, study, read));
  }
  return inputs;
}

absl::StatusOr<SuggestedPoints> SuggestPoints(const SuggestionAlgorithm& algorithm, const SuggestInputs& inputs,
                                              const SuggestMemory& memory, std::function<bool()> cancelled) {
  const SystemClock clock;
  const absl::Duration begin = clock.Monotonic();
  const OwnedRequest request(algorithm, inputs, memory, std::move(cancelled));
  ASSIGN_OR_RETURN(SuggestResult result, algorithm.Suggest(request.request()));
  return SuggestedPoints{{std::move(result)}, clock.Monotonic() - begin};
}

SuggestionAlgorithm::Lesson LearnPoints(const SuggestionAlgorithm& algorithm, const SuggestInputs& inputs,
                                        const SuggestMemory& memory) {
  return algorithm.Learn(OwnedRequest(algorithm, inputs, memory, nullptr).request());
}

}  // namespace photinus
