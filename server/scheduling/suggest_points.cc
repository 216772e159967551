#include "server/scheduling/suggest_points.h"

#include <utility>
#include <vector>

#include "server/scheduling/problem_check.h"
#include "server/study/trial_state.h"

namespace photinus {

absl::StatusOr<SuggestResult> SuggestPoints(const SuggestionAlgorithm& algorithm, const SuggestInputs& inputs,
                                            std::function<bool()> cancelled) {
  const std::vector<Objective> objectives = AlgorithmObjectives(*inputs.problem);
  std::vector<EvaluatedPoint> completed;
  std::vector<PendingPoint> pending;
  if (inputs.history != nullptr) {
    for (const HistoryTrial trial : *inputs.history) {
      if (trial.lost()) continue;
      if (IsFinished(trial.state())) {
        completed.push_back({trial.id(), trial.point(), trial.objectives(), trial.state() == pb::Trial::INFEASIBLE});
      } else {
        pending.push_back({trial.id(), trial.point()});
      }
    }
  }
  const SuggestRequest request{.space = inputs.problem->space,
                               .objectives = objectives,
                               .completed = completed,
                               .pending = pending,
                               .noisy = inputs.problem->noisy,
                               .count = inputs.count,
                               .seed = inputs.seed,
                               .first_trial_id = inputs.first_trial_id,
                               .state = inputs.state,
                               .cancelled = std::move(cancelled)};
  return algorithm.Suggest(request);
}

}  // namespace photinus
