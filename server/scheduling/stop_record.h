// What is kept of a stopping rule's decision.
#ifndef PHOTINUS_SERVER_SCHEDULING_STOP_RECORD_H_
#define PHOTINUS_SERVER_SCHEDULING_STOP_RECORD_H_

#include <optional>

#include "photinus/v1/stop_decision.pb.h"
#include "server/stopping/stopping_rule.h"
#include "server/study/study_problem.h"

namespace photinus {

// What of a decision is worth a write: that the trial is stopped, the first time that it is exempt and, where neither
// was decided, the first prediction in the second half. `kept`: what is kept of the trial already. `curve`: of the
// trial that was decided on. `goal`: what of the problem the decision is about, in whose own units predictions are
// kept, if the rule makes any; null: the study has no objective. A trial that is stopped after it was exempt, as one
// that diverges, is marked so.
std::optional<v1::StopDecision> RecordToKeep(const StoppingDecision& decision, const v1::StopDecision& kept,
                                             const LearningCurve& curve, double horizon, const StudyProblem& problem,
                                             const ObjectiveMetric* goal);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_STOP_RECORD_H_
