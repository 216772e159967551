// What is kept of a stopping rule's decision.
#ifndef PHOTINUS_SERVER_SCHEDULING_STOP_RECORD_H_
#define PHOTINUS_SERVER_SCHEDULING_STOP_RECORD_H_

#include <vector>

#include "photinus/v1/stop_decision.pb.h"
#include "server/stopping/stopping_rule.h"
#include "server/study/study_problem.h"

namespace photinus {

// `curve`: of the trial that was decided on. `goal`: what the rule's predictions are about, in whose own units they are
// kept; null: the study has no objective.
v1::StopDecision RecordOf(const StoppingDecision& decision, v1::StopDecision::Outcome outcome,
                          const LearningCurve& curve, double horizon, const ObjectiveMetric* goal);

// What algorithms are told of the objectives of a trial that its stopping rule ended: `values`, but for the objective
// that the rule predicted the predicted final value, though nothing better than what the trial had to beat. Such a
// trial is neither as bad as it looked halfway nor ever the best.
std::vector<double> ToldObjectives(const StudyProblem& problem, const v1::StopDecision& decision,
                                   std::vector<double> values);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_STOP_RECORD_H_
