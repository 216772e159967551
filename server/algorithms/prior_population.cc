#include "server/algorithms/prior_population.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/algorithms/evolution/pareto_selection.h"

namespace photinus {

std::vector<Evaluation> PriorPopulation(const Flatten& flatten, const SuggestRequest& request, size_t count) {
  std::vector<Evaluation> population;
  if (count == 0) return population;
  std::vector<std::vector<Evaluation>> studies = ReadPrior(flatten, request);
  for (std::vector<Evaluation>& study : studies) {
    std::erase_if(study, [](const Evaluation& evaluation) { return evaluation.failed; });
    GoalTable goals;
    for (const Evaluation& evaluation : study) goals.push_back(evaluation.goals);
    for (const size_t i : SelectBest(goals, count / studies.size())) {
      Evaluation& member = population.emplace_back(std::move(study[i]));
      member.trial_id = 0;
      flatten.Snap(member.unit);
    }
  }
  return population;
}

std::string ParentName(const Evaluation& parent) {
  return parent.trial_id == 0 ? "a trial of another study" : absl::StrCat("trial ", parent.trial_id);
}

}  // namespace photinus
