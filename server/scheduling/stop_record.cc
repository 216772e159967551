#include "server/scheduling/stop_record.h"

#include <string>

#include "server/study/derived_metrics.h"

namespace photinus {
namespace {

v1::StopDecision RecordOf(const StoppingDecision& decision, v1::StopDecision::Outcome outcome,
                          const LearningCurve& curve, double horizon, const StudyProblem& problem,
                          const ObjectiveMetric* goal) {
  v1::StopDecision record;
  record.set_outcome(outcome);
  record.set_reason(decision.reason);
  record.set_step(curve.points.empty() ? 0 : curve.points.back().step);
  record.set_horizon(horizon);
  record.set_exempt(decision.of_exempt_share);
  if (goal == nullptr) return record;
  const double sign = goal->maximize ? 1 : -1;
  record.set_metric(goal->metric);
  record.set_expression(std::string(ExpressionOf(problem, goal->metric)));
  if (decision.predicted_final.has_value()) record.set_predicted_final(sign * *decision.predicted_final);
  if (decision.predicted_stddev.has_value()) record.set_predicted_stddev(*decision.predicted_stddev);
  if (decision.reference.has_value()) record.set_reference(sign * *decision.reference);
  return record;
}

}  // namespace

std::optional<v1::StopDecision> RecordToKeep(const StoppingDecision& decision, const v1::StopDecision& kept,
                                             const LearningCurve& curve, double horizon, const StudyProblem& problem,
                                             const ObjectiveMetric* goal) {
  using Kept = v1::StopDecision;
  const auto record = [&](Kept::Outcome outcome) { return RecordOf(decision, outcome, curve, horizon, problem, goal); };
  if (decision.stop) {
    v1::StopDecision stopped = record(Kept::STOPPED);
    stopped.set_exempt(kept.outcome() == Kept::EXEMPT);
    return stopped;
  }
  if (decision.exempt) return kept.outcome() == Kept::EXEMPT ? std::nullopt : std::optional(record(Kept::EXEMPT));
  const bool halfway = !curve.points.empty() && curve.points.back().step >= horizon / 2;
  const bool is_first = kept.outcome() == Kept::OUTCOME_UNSPECIFIED;
  if (!is_first || !halfway || !decision.predicted_final.has_value()) return std::nullopt;
  return record(Kept::WENT_ON);
}

}  // namespace photinus
