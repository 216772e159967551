#include "server/api/analysis_handlers.h"

#include <cmath>
#include <utility>

#include "common/base/errors.h"
#include "common/base/names.h"
#include "common/base/status_macros.h"
#include "server/analysis/explain_trial.h"
#include "server/analysis/study_importance.h"
#include "server/analysis/study_stops.h"

namespace photinus {
namespace {

void AddNeighbour(const TrialName& name, const StudyHistory& history, const NearTrial& near,
                  v1::ExplainTrialResponse& response) {
  const auto trial = history.Find(near.id);
  if (!trial.has_value()) return;
  v1::ExplainTrialResponse::Neighbour& neighbour = *response.add_nearest();
  neighbour.set_trial(TrialName{name.study, near.id}.ToString());
  neighbour.set_distance(near.distance);
  neighbour.set_state(trial->state());
  for (size_t i = 0; i < history.problem().objectives.size(); ++i) {
    const double value = trial->objective(i);
    if (std::isnan(value)) continue;
    pb::Measurement::Metric& metric = *neighbour.add_objectives();
    metric.set_metric_id(history.problem().objectives[i].metric);
    metric.set_value(value);
  }
}

}  // namespace

absl::StatusOr<v1::ExplainTrialResponse> HandleExplainTrial(StudyStore& store, const v1::ExplainTrialRequest& request,
                                                            const CallContext& context) {
  ASSIGN_OR_RETURN(const TrialName name, ParseField<TrialName>("trial", request.trial()));
  ASSIGN_OR_RETURN(TrialExplanation explained, ExplainTrial(store, name, context.read_options()));
  v1::ExplainTrialResponse response;
  response.set_algorithm(explained.history->problem().algorithm);
  response.set_stop_reason(explained.stop_reason);
  if (explained.explanation.has_value()) *response.mutable_explanation() = *std::move(explained.explanation);
  for (const NearTrial& near : explained.nearest) AddNeighbour(name, *explained.history, near, response);
  return response;
}

absl::StatusOr<v1::GetStudyStopsResponse> HandleGetStudyStops(StudyStore& store, const PageTokens& tokens,
                                                              const v1::GetStudyStopsRequest& request,
                                                              const CallContext& context) {
  ASSIGN_OR_RETURN(const StudyName study, ParseField<StudyName>("parent", request.parent()));
  return ListStudyStops(store, tokens, study, request.page_size(), request.page_token(), context.read_options());
}

absl::StatusOr<v1::GetParameterImportanceResponse> HandleGetParameterImportance(
    StudyStore& store, const v1::GetParameterImportanceRequest& request, const CallContext& context) {
  ASSIGN_OR_RETURN(const StudyName study, ParseField<StudyName>("parent", request.parent()));
  ASSIGN_OR_RETURN(const StudyImportance measured,
                   MeasureStudyImportance(store, study, request.objective(), context.read_options()));
  v1::GetParameterImportanceResponse response;
  for (const ObjectiveImportance& objective : measured.objectives) {
    auto& added = *response.add_objectives();
    added.set_metric(objective.metric);
    added.set_trials(objective.trials);
    added.set_explained(objective.importance.explained);
    for (const ParameterEffect& effect : objective.importance.effects) {
      auto& parameter = *added.add_parameters();
      parameter.set_parameter(measured.problem->space.parameters()[static_cast<size_t>(effect.parameter)].id);
      parameter.set_main_effect(effect.main);
      parameter.set_total_effect(effect.total);
    }
  }
  return response;
}

}  // namespace photinus
