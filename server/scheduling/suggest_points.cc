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
    const auto add = [&](int64_t id) {
      const auto trial = inputs.history->Find(id);
      if (!trial.has_value() || trial->lost()) return;
      if (IsFinished(trial->state())) {
        completed.push_back({id, trial->point(), trial->objectives(), trial->state() == pb::Trial::INFEASIBLE});
      } else {
        pending.push_back({id, trial->point()});
      }
    };
    const TrialSet wanted = algorithm.NewTo(inputs.state);
    for (const int64_t id : wanted.ids) add(id);
    for (int64_t id = wanted.and_from; id < inputs.first_trial_id; ++id) add(id);
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
                               .switch_at = inputs.problem->document.algorithm.switch_at.value_or(kDefaultSwitchAt),
                               .cancelled = std::move(cancelled)};
  return algorithm.Suggest(request);
}

}  // namespace photinus
