// What a search predicted of a trial, by metric.
#ifndef PHOTINUS_SERVER_STUDY_NAMED_PREDICTIONS_H_
#define PHOTINUS_SERVER_STUDY_NAMED_PREDICTIONS_H_

#include "photinus/v1/explanation.pb.h"
#include "server/study/study_problem.h"

namespace photinus {

// Predictions are kept in the order of the study's objectives, then of its constraints, these as slacks. Gives each its
// metric, whose values it makes of slacks. A constraint on a metric that has a prediction already is left out.
void NamePredictions(const StudyProblem& problem, v1::Explanation& explanation);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_NAMED_PREDICTIONS_H_
