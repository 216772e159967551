// What is kept of a stopping rule's decision.
#ifndef PHOTINUS_SERVER_SCHEDULING_STOP_RECORD_H_
#define PHOTINUS_SERVER_SCHEDULING_STOP_RECORD_H_

#include "photinus/v1/stop_decision.pb.h"
#include "server/stopping/stopping_rule.h"
#include "server/study/study_problem.h"

namespace photinus {

// `curve`: of the trial that was decided on. `goal`: what of the problem the decision is about, in whose own units
// predictions are kept, if the rule makes any; null: the study has no objective.
v1::StopDecision RecordOf(const StoppingDecision& decision, v1::StopDecision::Outcome outcome,
                          const LearningCurve& curve, double horizon, const StudyProblem& problem,
                          const ObjectiveMetric* goal);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_STOP_RECORD_H_
