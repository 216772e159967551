// Learning curves and decisions, for the tests of stopping rules.
#ifndef PHOTINUS_TESTS_SUPPORT_LEARNING_CURVES_H_
#define PHOTINUS_TESTS_SUPPORT_LEARNING_CURVES_H_

#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "server/stopping/stopping_rule.h"

namespace photinus {

using Values = std::vector<double>;

// Values at steps 1, 2, 3...
inline LearningCurve Curve(int64_t id, const Values& values, bool finished = true) {
  LearningCurve curve{.trial_id = id, .finished = finished};
  for (size_t i = 0; i < values.size(); ++i) curve.points.push_back({static_cast<double>(i + 1), values[i]});
  return curve;
}

// Finished trials 1, 2, 3...
inline std::vector<LearningCurve> Curves(const std::vector<Values>& values) {
  std::vector<LearningCurve> curves;
  for (size_t i = 0; i < values.size(); ++i) curves.push_back(Curve(static_cast<int64_t>(i + 1), values[i]));
  return curves;
}

inline std::vector<Values> Negated(std::vector<Values> curves) {
  for (Values& curve : curves) {
    for (double& value : curve) value = -value;
  }
  return curves;
}

inline std::vector<std::shared_ptr<const LearningCurve>> Shared(const std::vector<LearningCurve>& curves) {
  std::vector<std::shared_ptr<const LearningCurve>> shared;
  for (const LearningCurve& curve : curves) shared.push_back(std::make_shared<const LearningCurve>(curve));
  return shared;
}

// What the rule of `settings` says without a model.
inline StoppingDecision Decide(const EarlyStoppingSettings& settings, const LearningCurve& trial,
                               const std::vector<LearningCurve>& others, bool maximize = true) {
  const auto rule = MakeStoppingRule(settings);
  EXPECT_TRUE(rule.ok()) << rule.status();
  const auto shared = Shared(others);
  const auto decision = (*rule)->Decide(
      {.trial = trial, .study = {.finished = shared, .maximize = maximize, .horizon = settings.horizon}});
  EXPECT_TRUE(decision.ok()) << decision.status();
  EXPECT_FALSE(decision->reason.empty());
  return *decision;
}

}  // namespace photinus

#endif  // PHOTINUS_TESTS_SUPPORT_LEARNING_CURVES_H_
