// What algorithms are told of a finished trial.
#ifndef PHOTINUS_SERVER_STUDY_TOLD_OBJECTIVES_H_
#define PHOTINUS_SERVER_STUDY_TOLD_OBJECTIVES_H_

#include <vector>

#include "photinus/v1/stop_decision.pb.h"
#include "server/study/study_history.h"
#include "server/study/study_problem.h"

namespace photinus {

// Of a trial that its stopping rule ended: `values`, but for the objective that the rule predicted the predicted final
// value, though nothing better than what the trial had to beat; unless it measured something better than that, after
// all. Such a trial is neither as bad as it looked halfway nor, by a prediction, ever the best.
std::vector<double> ToldObjectives(const StudyProblem& problem, const v1::StopDecision& decision,
                                   std::vector<double> values);

// Of any finished trial: what it measured, unless its stopping rule ended it.
std::vector<double> ToldObjectives(const StudyProblem& problem, const HistoryTrial& trial);
std::vector<double> ToldObjectives(const StudyProblem& problem, const HistoryRow& trial);

// Whether a finished trial is told as infeasible. One that its stopping rule ended before it had measured an objective
// is not, if that was predicted, and so is told: it says nothing against its point that it was stopped. (Where there
// are constraints it fails all the same, as nobody knows whether it satisfies them.) told: ToldObjectives, of no values
// of its own if it is INFEASIBLE.
bool IsToldInfeasible(pb::Trial::State state, bool stopped_early, const std::vector<double>& told);

// Whether a trial that is no part of the search keeps its point from it: every attempt was lost, or a repetition of the
// point failed. Algorithms are told of it as of a pending one: nothing is known of the point, and it is taken.
bool HoldsItsPoint(const HistoryTrial& trial);

// Whether the figures of a decision are about a metric that the study still computes as it did then.
bool IsOfPresentFormula(const StudyProblem& problem, const v1::StopDecision& decision);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STUDY_TOLD_OBJECTIVES_H_
