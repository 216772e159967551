// Learning curves, as every stopping rule sees them.
#ifndef PHOTINUS_SERVER_STOPPING_LEARNING_CURVE_H_
#define PHOTINUS_SERVER_STOPPING_LEARNING_CURVE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace photinus {

struct CurvePoint {
  double step = 0;   // the measurement's step_count, or elapsed seconds where the study counts those
  double value = 0;  // the curve's metric; NaN where a measurement says so, and no point where it lacks it
};

// One trial's learning curve, ordered by step, and what else is known of the trial. "Goals" are objectives of which
// larger is better.
struct LearningCurve {
  int64_t trial_id = 0;
  std::vector<CurvePoint> points;
  bool finished = false;       // SUCCEEDED
  bool stopped_early = false;  // finished, but before its horizon
  // The parameters, as Flatten::ToFeatures gives them; empty: not known. The same length in all trials of a study.
  std::vector<double> features = {};
  // Of a finished trial that was not stopped early: the goal that the curve leads to. Unset: not known, or failed.
  std::optional<double> goal = {};
  // The goal is offset + factor * the curve's last value, that negated where less of it is better, as far as the start
  // of the trial tells: an offset of minus the penalties for energy and memory, say, a factor for latency. factor: > 0.
  double offset = 0, factor = 1;
  // The study's further goals, in one order; NaN where one is not known yet. Empty: the study has one goal.
  std::vector<double> other_goals = {};
  // Metrics of which the trial first said what it knew at its start, and then otherwise.
  std::vector<std::string> revised = {};

  double GoalAt(double value) const { return offset + factor * value; }
  double ValueFor(double goal_wanted) const { return (goal_wanted - offset) / factor; }
};

// What rules know of a study.
struct StudyCurves {
  // Finished trials of the study, infeasible ones left out, the incumbents among them; shared with those who keep them.
  // Not null.
  const std::vector<std::shared_ptr<const LearningCurve>>& finished;
  bool maximize = true;            // whether more of the curve is better
  double horizon = 0;              // steps of a full trial; 0: unknown
  bool maximize_goal = true;       // whether more of the objective is better: goals are negated where it is not
  bool curve_is_objective = true;  // a curve's last value makes the goal (GoalAt); else it only tells of it
  uint64_t seed = 0;               // the study's
};

// The steps of a full trial: those of the study, else the median of the last steps of finished trials that were not
// stopped early, if there are 5 with a curve; so that one long trial does not make all others short ones. 0: not known.
double HorizonOf(const StudyCurves& study);

// Where the trial would have ended if it is stopped now: the horizon; but 0, not known, if the study sets none and the
// trial has come further than the median.
double EndOf(const LearningCurve& trial, const StudyCurves& study);

// Whether the trial's curve ends where the horizon is, or within a tenth of it, and so tells how trials end.
bool IsFull(const LearningCurve& curve, double horizon);

// The finite values of the first `points` points, their steps strictly increasing: of equal steps the last counts.
std::vector<CurvePoint> CleanPoints(const LearningCurve& curve, size_t points);

// The first finite value at a step of at least `step`.
std::optional<double> FirstValueFrom(const LearningCurve& curve, double step);

// The last step that has a finite value; 0: there is none.
double LastStep(const LearningCurve& curve);

// Uniform in [0, 1), the same for a trial whenever it is asked: whether it is exempt, or what bracket it is in.
double ShareOfTrial(uint64_t seed, int64_t trial_id);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STOPPING_LEARNING_CURVE_H_
