#include "server/scheduling/prior_studies.h"

#include <utility>

namespace photinus {

std::vector<PriorStudy> PriorStudiesOf(const StudyProblem& problem) {
  std::vector<PriorStudy> studies;
  for (const v1::PriorStudy& copied : problem.prior.studies()) {
    PriorStudy& study = studies.emplace_back(PriorStudy{.name = copied.name(), .trials = {}});
    for (const v1::PriorTrial& trial : copied.trials()) {
      pb::Trial as_trial;
      *as_trial.mutable_parameters() = trial.parameters();
      auto point = PointFromTrial(as_trial);
      if (!point.ok() || !problem.space.Validate(*point).ok()) continue;
      study.trials.push_back({.trial_id = trial.id(),
                              .point = *std::move(point),
                              .objectives = {trial.objectives().begin(), trial.objectives().end()},
                              .infeasible = trial.infeasible()});
    }
  }
  return studies;
}

}  // namespace photinus
