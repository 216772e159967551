// Learning curves out of trials, as stopping rules see them.
#ifndef PHOTINUS_SERVER_SCHEDULING_CURVE_MAKER_H_
#define PHOTINUS_SERVER_SCHEDULING_CURVE_MAKER_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/pb.h"
#include "common/space/flatten.h"
#include "server/stopping/learning_curve.h"
#include "server/study/study_problem.h"

namespace photinus {

// The metric whose curve the study's rule looks at, and whether more is better: the document's `curve`, else the first
// objective, with the objective's own goal, else the document's `goal`. InvalidArgument, a FieldError in
// `early_stopping`: there is no metric, or no goal, or the document's is not the objective's.
absl::StatusOr<ObjectiveMetric> CurveMetric(const StudyProblem& problem);

// `trial` with its derived metrics. Ordered by step, or by elapsed seconds where all steps are 0, of a running trial
// from its second value on; measurements without the metric are left out, and of equal steps the last reported
// value counts. Where neither steps nor seconds are reported all values stay, as they came.
LearningCurve MakeCurve(const ObjectiveMetric& metric, const pb::Trial& trial);

// The curves of one problem, which it borrows. Immutable, hence thread-safe.
class CurveMaker {
 public:
  // InvalidArgument: what CurveMetric says.
  static absl::StatusOr<CurveMaker> Of(const StudyProblem& problem);

  const ObjectiveMetric& metric() const { return metric_; }
  // The objective that the curve leads to: the curve's own metric, else the first one that is derived from it, else the
  // first. Null: the study has no objective.
  const ObjectiveMetric* goal() const { return goal_.has_value() ? &problem_->objectives[*goal_] : nullptr; }

  // Of a trial with its derived metrics. A finished one that violates a constraint has no goal, and so is no incumbent.
  // The offset of a derived objective is its value with what is known at the start and the parameters, but 0 for the
  // curve and whatever else is not known then; its factor what it grows by with the curve, or with the only metric that
  // is not known, if that is a straight line from 0 to 100: 1 if it is none. What step 0 reports first is known, but
  // for metrics that the trial reports otherwise later, and those `revised` by other trials. Where all steps are 0 a
  // measurement that has a value of the curve tells nothing of the start.
  LearningCurve Make(const pb::Trial& trial, bool stopped_early, const std::set<std::string>& revised = {}) const;

 private:
  CurveMaker(const StudyProblem& problem, ObjectiveMetric metric);
  double GoalValue(const ObjectiveMetric& objective, const pb::Measurement& measurement) const;
  // What the curve's value stands for in the formula.
  const std::string& NameOfCurve(const pb::Trial& trial, const pb::Measurement& known) const;
  // The offset and the factor of the trial's curve.
  void SetLine(const pb::Trial& trial, const pb::Measurement& known, LearningCurve& curve) const;

  const StudyProblem* problem_;
  ObjectiveMetric metric_;
  std::optional<size_t> goal_;           // place among the objectives
  const Expression* formula_ = nullptr;  // of the goal; null: it is reported, or the curve itself
  std::vector<std::string> at_start_;    // metrics that may be known at the start, and matter
  Flatten flatten_;
};

// What any of the trials revised.
std::set<std::string> RevisedMetrics(const std::vector<std::shared_ptr<const LearningCurve>>& finished);

// Whether the finished trials' goals are what the last values of their curves make them, as far as they tell.
bool CurveIsObjective(const std::vector<std::shared_ptr<const LearningCurve>>& finished, bool maximize);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_SCHEDULING_CURVE_MAKER_H_
