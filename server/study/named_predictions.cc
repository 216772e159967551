#include "server/study/named_predictions.h"

#include <cstddef>
#include <set>
#include <string>

namespace photinus {
namespace {

// What has this slack; at a strict bound, the bound.
double ValueAt(const OutcomeConstraint& constraint, double slack) {
  return constraint.at_most ? constraint.bound - slack : constraint.bound + slack;
}

void MakeValues(const OutcomeConstraint& constraint, v1::Explanation::Prediction& prediction) {
  const double least = prediction.lower(), most = prediction.upper();
  if (!prediction.has_median()) return;
  prediction.set_median(ValueAt(constraint, prediction.median()));
  prediction.set_lower(ValueAt(constraint, constraint.at_most ? most : least));
  prediction.set_upper(ValueAt(constraint, constraint.at_most ? least : most));
}

}  // namespace

void NamePredictions(const StudyProblem& problem, v1::Explanation& explanation) {
  const size_t objectives = problem.objectives.size(), metrics = objectives + problem.constraints.size();
  v1::Explanation named;
  std::set<std::string> names;
  for (size_t i = 0; i < static_cast<size_t>(explanation.predictions_size()); ++i) {
    v1::Explanation::Prediction prediction = explanation.predictions(static_cast<int>(i));
    if (i < objectives) {
      prediction.set_metric(problem.objectives[i].metric);
    } else if (i < metrics) {
      const OutcomeConstraint& constraint = problem.constraints[i - objectives].outcome;
      prediction.set_metric(constraint.metric);
      MakeValues(constraint, prediction);
    }
    const bool is_new = prediction.metric().empty() || names.insert(prediction.metric()).second;
    if (is_new) *named.add_predictions() = prediction;
  }
  explanation.mutable_predictions()->Swap(named.mutable_predictions());
}

}  // namespace photinus
