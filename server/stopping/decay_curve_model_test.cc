#include "server/stopping/decay_curve_model.h"

#include <gtest/gtest.h>

#include <cmath>

#include "common/base/random.h"
#include "tests/support/learning_curves.h"

namespace photinus {
namespace {

constexpr int kHorizon = 40;

// Rises to `end`, in `points` of 40 steps.
LearningCurve Rising(int64_t id, double end, int points = kHorizon) {
  Random random(static_cast<uint64_t>(id));
  Values values;
  for (int t = 1; t <= points; ++t) values.push_back(end * (1 - std::exp(-0.1 * t)) + 0.01 * random.Normal());
  return Curve(id, values, points == kHorizon);
}

// The same with values and goal in other units.
LearningCurve InUnits(LearningCurve curve, double unit) {
  for (CurvePoint& point : curve.points) point.value *= unit;
  if (curve.goal.has_value()) curve.goal = *curve.goal * unit;
  return curve;
}

// Full trials that end between 0 and 1 on the curve, and whose goal is twice that.
std::vector<LearningCurve> Finished(int count) {
  std::vector<LearningCurve> finished;
  for (int i = 0; i < count; ++i) {
    const double end = (i * 7 % count) / static_cast<double>(count);
    finished.push_back(Rising(i + 1, end));
    finished.back().goal = 2 * end;
  }
  return finished;
}

std::shared_ptr<const DecayCurveModel> Learn(const std::vector<LearningCurve>& finished) {
  return DecayCurveModel::Learn({.finished = Shared(finished), .horizon = kHorizon}, nullptr);
}

TEST(DecayCurveModel, PredictsTheGoalsOfTrialsWithSuchCurves) {
  const auto model = Learn(Finished(60));
  ASSERT_NE(model, nullptr);
  for (const double end : {0.2, 0.5, 0.8}) {
    const FinalPrediction early = model->Predict(Rising(99, end, 6), 6, 1);
    const FinalPrediction late = model->Predict(Rising(99, end, 30), 30, 1);
    EXPECT_NEAR(early.mean, 2 * end, 0.2);
    EXPECT_NEAR(late.mean, 2 * end, 0.05);
    EXPECT_LT(late.stddev, 0.1);
    EXPECT_GT(late.stddev, 0.01);
  }
}

TEST(DecayCurveModel, GivesTheChanceToExceedTheReference) {
  const auto model = Learn(Finished(60));
  const LearningCurve trial = Rising(99, 0.5, 30);
  EXPECT_LT(model->Predict(trial, 30, 1.5).chance, 1e-3);
  EXPECT_GT(model->Predict(trial, 30, 0.5).chance, 1 - 1e-3);
  EXPECT_NEAR(model->Predict(trial, 30, model->Predict(trial, 30, 0).mean).chance, 0.5, 1e-9);
}

TEST(DecayCurveModel, LooksAtTheFirstPointsAlone) {
  const auto model = Learn(Finished(60));
  LearningCurve other = Rising(99, 0.5, 30);
  for (size_t i = 10; i < other.points.size(); ++i) other.points[i].value = 7;
  EXPECT_EQ(model->Predict(other, 10, 1).mean, model->Predict(Rising(99, 0.5, 30), 10, 1).mean);
}

TEST(DecayCurveModel, ChecksOfADecisionShareNothingThatChangesThem) {
  const auto model = Learn(Finished(60));
  const LearningCurve trial = Rising(99, 0.5, 30);
  const FinalModel::Predictor predict = model->PredictorOf(trial, 0.9);
  for (size_t points = 30; points > 0; --points) {
    LearningCurve begin = trial;
    begin.points.resize(points);
    const FinalPrediction check = predict(points), alone = model->Predict(begin, points, 0.9);
    EXPECT_EQ(check.mean, alone.mean) << points;
    EXPECT_EQ(check.stddev, alone.stddev) << points;
    EXPECT_EQ(check.chance, alone.chance) << points;
  }
}

TEST(DecayCurveModel, KnowsNothingOfATrialWithoutValues) {
  const FinalPrediction prior = Learn(Finished(60))->Predict(Curve(99, {}, false), 0, 1);
  EXPECT_NEAR(prior.mean, 1, 0.1);
  EXPECT_EQ(prior.stddev, 0) << "nothing can be told";
  EXPECT_EQ(prior.chance, 1);
}

TEST(DecayCurveModel, LearnsFromTheOthersWhereOneBeginsLate) {
  std::vector<LearningCurve> finished = Finished(60);
  finished[7].points.erase(finished[7].points.begin(), finished[7].points.end() - 2);
  EXPECT_NEAR(Learn(finished)->Predict(Rising(99, 0.5, 30), 10, 1).mean, 1, 0.1);
}

TEST(DecayCurveModel, CopesWithMissingSteps) {
  LearningCurve sparse = Rising(99, 0.5, 30);
  std::vector<CurvePoint> kept;
  for (size_t i = 0; i < sparse.points.size(); i += 3) kept.push_back(sparse.points[i]);
  sparse.points = kept;
  EXPECT_NEAR(Learn(Finished(60))->Predict(sparse, sparse.points.size(), 1).mean, 1, 0.1);
}

TEST(DecayCurveModel, WantsTwentyFullTrials) {
  EXPECT_EQ(Learn(Finished(19)), nullptr);
  std::vector<LearningCurve> finished = Finished(20);
  EXPECT_NE(Learn(finished), nullptr);
  finished[3].stopped_early = true;
  EXPECT_EQ(Learn(finished), nullptr);
}

TEST(DecayCurveModel, LearnsBesideOneMuchLongerTrialWithoutAHorizon) {
  std::vector<LearningCurve> finished = Finished(60);
  for (CurvePoint& point : finished[5].points) point.step *= 10;
  const auto model = DecayCurveModel::Learn({.finished = Shared(finished)}, nullptr);
  ASSERT_NE(model, nullptr);
  EXPECT_NEAR(model->Predict(Rising(99, 0.5, 30), 30, 1).mean, 1, 0.1);
}

TEST(DecayCurveModel, SaysTheSameWhateverTheUnits) {
  const std::vector<LearningCurve> finished = Finished(60);
  const LearningCurve trial = Rising(99, 0.5, 30);
  const FinalPrediction plain = Learn(finished)->Predict(trial, 30, 1.01);
  for (const double unit : {1e-300, 1e-12, 1e12, 1e200, 1e300}) {
    std::vector<LearningCurve> scaled = finished;
    for (LearningCurve& curve : scaled) curve = InUnits(curve, unit);
    const FinalPrediction prediction = Learn(scaled)->Predict(InUnits(trial, unit), 30, 1.01 * unit);
    EXPECT_NEAR(prediction.mean / unit, plain.mean, 1e-6) << unit;
    EXPECT_NEAR(prediction.stddev / unit, plain.stddev, 1e-6) << unit;
    EXPECT_NEAR(prediction.chance, plain.chance, 1e-6) << unit;
  }
}

TEST(DecayCurveModel, TellsNothingApartWhereAllTrialsAreEqual) {
  for (const double value : {0.0, 0.5, -1e200}) {
    std::vector<LearningCurve> finished;
    for (int id = 1; id <= 30; ++id) {
      finished.push_back(Curve(id, Values(kHorizon, value)));
      finished.back().goal = value;
    }
    const FinalPrediction prediction = Learn(finished)->Predict(Curve(99, Values(10, value), false), 10, value);
    EXPECT_EQ(prediction.mean, value);
    EXPECT_TRUE(std::isfinite(prediction.stddev));
    EXPECT_NEAR(prediction.chance, 0.5, 1e-9);
  }
}

TEST(DecayCurveModel, TakesPenaltiesOffTheGoal) {
  std::vector<LearningCurve> finished = Finished(60);
  for (LearningCurve& curve : finished) {
    curve.offset = -0.01 * static_cast<double>(curve.trial_id);
    curve.goal = *curve.goal + curve.offset;
  }
  EXPECT_NEAR(Learn(finished)->Predict(Rising(99, 0.5, 30), 30, 1).mean, 1, 0.05);
}

}  // namespace
}  // namespace photinus
