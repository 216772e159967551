#include "server/stopping/tsgp/tsgp_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "Eigen/Cholesky"
#include "Eigen/LU"
#include "common/base/random.h"
#include "server/stopping/tsgp/student_t.h"
#include "tests/support/learning_curves.h"

namespace photinus {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kHorizon = 20;

// Trials drawn from the model itself: asymptotes rise by 3 along the first of two parameters, and curves become slower.
class Trials {
 public:
  // amplitude: how far below their asymptotes curves begin.
  explicit Trials(uint64_t seed, double amplitude = -4) : amplitude_(amplitude), random_(seed) {}

  LearningCurve Draw(int64_t id) {
    const double x = random_.Uniform(), y = random_.Uniform();
    const DecayParameters p{
        .amplitude = amplitude_, .spread = 0.5, .alpha = 4, .beta = std::exp(-0.2 + 0.5 * (x - 0.5))};
    const ArrayXd times = ArrayXd::LinSpaced(kHorizon, 1.0 / kHorizon, 1);
    // Nearly singular, as samples are analytic.
    const MatrixXd covariance = DecayCovariance(times, p) + 1e-8 * MatrixXd::Identity(kHorizon, kHorizon);
    const VectorXd decay =
        covariance.llt().matrixL() * Normals() + (p.amplitude * Kappa(times, p.alpha, p.beta)).matrix();
    const double asymptote = 3 * (x - 0.5) + 0.3 * random_.Normal();
    const VectorXd noise = 0.1 * Normals();
    LearningCurve curve{.trial_id = id, .finished = true, .features = {x, y}};
    for (Index i = 0; i < kHorizon; ++i) {
      curve.points.push_back({static_cast<double>(i + 1), asymptote + decay[i] + noise[i]});
    }
    curve.goal = curve.points.back().value;
    return curve;
  }

  std::vector<LearningCurve> Draw(int64_t first_id, int count) {
    std::vector<LearningCurve> curves;
    for (int i = 0; i < count; ++i) curves.push_back(Draw(first_id + i));
    return curves;
  }

 private:
  VectorXd Normals() {
    VectorXd normals(kHorizon);
    for (double& normal : normals) normal = random_.Normal();
    return normals;
  }

  const double amplitude_;
  Random random_;
};

std::shared_ptr<const TsgpModel> Learn(const std::vector<LearningCurve>& finished, const TsgpOptions& options = {},
                                       bool maximize = true) {
  return TsgpModel::Learn({.finished = Shared(finished), .maximize = maximize, .horizon = kHorizon}, options, nullptr);
}

// y -> scale * y + shift, of values and goals.
std::vector<LearningCurve> Mapped(std::vector<LearningCurve> curves, double scale, double shift,
                                  bool minimise = false) {
  for (LearningCurve& curve : curves) {
    for (CurvePoint& point : curve.points) point.value = scale * point.value + shift;
    if (curve.goal.has_value()) curve.goal = (minimise ? -1 : 1) * (scale * *curve.goal + shift);
  }
  return curves;
}

class TsgpModelTest : public ::testing::Test {
 protected:
  Trials trials_{1};
  const std::vector<LearningCurve> finished_ = trials_.Draw(1, 60);
  const LearningCurve trial_ = trials_.Draw(1000);
};

TEST_F(TsgpModelTest, KnowsHowWellItPredictsTrialsOfTheModel) {
  const auto model = Learn(trials_.Draw(1, 300));
  ASSERT_NE(model, nullptr);
  const Calibration calibration = model->calibration();
  EXPECT_LT(calibration.right.variance_factor, 1.5);
  EXPECT_DOUBLE_EQ(calibration.doubt, 1 + 10.0 / 300);
  for (const Discrepancy& discrepancy : calibration.right.discrepancies.by_share) {
    EXPECT_NEAR(discrepancy.bias, 0, 0.25);
    EXPECT_LE(discrepancy.variance, 0.03);
  }
  constexpr int kTrials = 700;
  double squares = 0;
  for (int i = 0; i < kTrials; ++i) {
    const LearningCurve trial = trials_.Draw(1000 + i);
    for (const size_t points : {2, 4, 10}) {
      const FinalPrediction final = model->Predict(trial, points, 0);
      // As it would be without the calibration, which is learnt from few trials.
      const double score = (*trial.goal - final.mean) / final.stddev * std::sqrt(calibration.right.variance_factor);
      squares += score * score / (3 * kTrials);
    }
  }
  EXPECT_NEAR(std::sqrt(squares), 1, 0.1);
}

TEST_F(TsgpModelTest, WaitsForTwentyFullTrials) {
  std::vector<LearningCurve> finished(finished_.begin(), finished_.begin() + 20);
  EXPECT_NE(Learn(finished), nullptr);
  finished[3].stopped_early = true;
  EXPECT_EQ(Learn(finished), nullptr);
}

TEST_F(TsgpModelTest, LearnsOfFewerTrialsIfItIsTold) {
  const std::vector<LearningCurve> ten(finished_.begin(), finished_.begin() + 10);
  EXPECT_EQ(Learn(ten, {.warm_up = 11}), nullptr);
  const auto model = Learn(ten, {.warm_up = 10});
  ASSERT_NE(model, nullptr);
  EXPECT_DOUBLE_EQ(model->calibration().doubt, 2);
  EXPECT_NEAR(model->Predict(trial_, 15, 0).mean, *trial_.goal, 1);
}

// Steps as seconds: trials take 60 to 120, and one of them ten times as long. Of the longest nearly all fall short.
TEST_F(TsgpModelTest, LearnsFromTrialsOfDifferentLengthsWithoutAHorizon) {
  std::vector<LearningCurve> finished(finished_.begin(), finished_.begin() + 40);
  Random random(7);
  for (LearningCurve& curve : finished) {
    const double second = (60 + 60 * random.Uniform()) / kHorizon;
    for (CurvePoint& point : curve.points) point.step *= curve.trial_id == 9 ? 10 * second : second;
  }
  LearningCurve trial = trial_;
  for (CurvePoint& point : trial.points) point.step *= 90.0 / kHorizon;
  const auto model = TsgpModel::Learn({.finished = Shared(finished)}, {}, nullptr);
  ASSERT_NE(model, nullptr);
  const FinalPrediction late = model->Predict(trial, 15, 0);
  EXPECT_NEAR(late.mean, *trial_.goal, 0.5);
  EXPECT_LT(late.stddev, 1);
}

TEST_F(TsgpModelTest, ParametersTellBeforeTheFirstValue) {
  const auto model = Learn(finished_);
  const LearningCurve good{.trial_id = 99, .features = {1, 0.5}}, bad{.trial_id = 99, .features = {0, 0.5}};
  EXPECT_NEAR(model->Predict(good, 0, 0).mean - model->Predict(bad, 0, 0).mean, 3, 0.8);
}

TEST_F(TsgpModelTest, IsSureOfHopelessAndLeadingCurves) {
  const auto model = Learn(finished_);
  EXPECT_LT(model->Predict(trial_, 15, *trial_.goal + 3).chance, 1e-3);
  EXPECT_GT(model->Predict(trial_, 15, *trial_.goal - 3).chance, 1 - 1e-3);
}

TEST_F(TsgpModelTest, DoesNotDependOnUnitsNorOnTheOrderOfTrials) {
  const auto model = Learn(finished_);
  std::vector<LearningCurve> turned = Mapped(finished_, 50, -7);
  std::reverse(turned.begin(), turned.end());
  const auto other = Learn(turned);
  const LearningCurve trial = Mapped({trial_}, 50, -7)[0];
  for (const size_t points : {0, 3, 12}) {
    const FinalPrediction a = model->Predict(trial_, points, 0.5), b = other->Predict(trial, points, 50 * 0.5 - 7);
    EXPECT_NEAR(b.mean, 50 * a.mean - 7, 1e-4);
    EXPECT_NEAR(b.stddev, 50 * a.stddev, 1e-4);
    EXPECT_NEAR(b.chance, a.chance, 1e-6);
    EXPECT_NEAR(*b.gain, *a.gain, 1e-6) << "in spreads";
  }
}

TEST_F(TsgpModelTest, PredictsTheSameOfNegatedCurvesToMinimise) {
  const auto model = Learn(finished_);
  const auto other = Learn(Mapped(finished_, -1, 0, /*minimise=*/true), {}, /*maximize=*/false);
  const FinalPrediction a = model->Predict(trial_, 8, 0.5), b = other->Predict(Mapped({trial_}, -1, 0)[0], 8, 0.5);
  EXPECT_NEAR(a.mean, b.mean, 1e-9);
  EXPECT_NEAR(a.stddev, b.stddev, 1e-9);
  EXPECT_NEAR(a.chance, b.chance, 1e-9);
}

// What a predictor works out once for all checks of a decision, against a prediction from nothing but the first points;
// tolerance: in deviations.
void ExpectCheckedAsAlone(const TsgpModel& model, const LearningCurve& trial, double tolerance) {
  const FinalModel::Predictor predict = model.PredictorOf(trial, 0.5);
  for (size_t points = trial.points.size(); points + 6 > trial.points.size(); --points) {
    LearningCurve begin = trial;
    begin.points.resize(points);
    const FinalPrediction check = predict(points), alone = model.Predict(begin, points, 0.5);
    EXPECT_NEAR(check.mean, alone.mean, tolerance * alone.stddev) << points;
    EXPECT_NEAR(check.stddev, alone.stddev, tolerance * alone.stddev) << points;
    EXPECT_NEAR(check.chance, alone.chance, tolerance) << points;
  }
}

TEST_F(TsgpModelTest, ChecksOfADecisionShareNothingThatChangesThem) {
  const auto model = Learn(finished_);
  LearningCurve trial = trial_;
  trial.points.resize(12);
  ExpectCheckedAsAlone(*model, trial, 1e-6);
  LearningCurve missing = trial;
  missing.points[10].value = std::numeric_limits<double>::quiet_NaN();
  ExpectCheckedAsAlone(*model, missing, 1e-6);
  LearningCurve twice = trial;
  twice.points[10].step = twice.points[9].step;
  ExpectCheckedAsAlone(*model, twice, 1e-6);
  LearningCurve dense = trial;  // of more points than buckets, whose bounds move
  dense.points.clear();
  for (int i = 4; i < 48; ++i) {
    dense.points.push_back({0.25 * (i + 1), trial_.points[static_cast<size_t>(i / 4)].value + 0.05 * std::sin(5 * i)});
  }
  ExpectCheckedAsAlone(*model, dense, 0.1);
}

TEST_F(TsgpModelTest, TellsTheValueOfALogitOrLogarithmOfIt) {
  const auto squashed = [](std::vector<LearningCurve> curves) {
    for (LearningCurve& curve : curves) {
      for (CurvePoint& point : curve.points) point.value = 1 / (1 + std::exp(-point.value));
      curve.goal = curve.points.back().value;
    }
    return curves;
  };
  const auto model = Learn(finished_), logit = Learn(squashed(finished_), {.scale = ScaleKind::kLogit});
  const FinalPrediction a = model->Predict(trial_, 8, 0.5);
  const FinalPrediction b = logit->Predict(squashed({trial_})[0], 8, 1 / (1 + std::exp(-0.5)));
  EXPECT_NEAR(b.mean, 1 / (1 + std::exp(-a.mean)), 1e-3);
  EXPECT_NEAR(b.chance, a.chance, 1e-3);
}

// One later value that is not positive would be worlds away from all others on a scale of logarithms.
TEST_F(TsgpModelTest, TakesNoLogarithmsOnceAValueIsNotPositive) {
  std::vector<LearningCurve> losses = Mapped(finished_, -1, 0, /*minimise=*/true);
  for (LearningCurve& curve : losses) {
    for (CurvePoint& point : curve.points) point.value = std::exp(point.value);
    curve.goal = -curve.points.back().value;
  }
  LearningCurve trial = trial_;
  for (CurvePoint& point : trial.points) point.value = std::exp(-point.value);
  const auto same = [&](const std::optional<ScaleKind> kind) {
    const FinalPrediction chosen = Learn(losses, {}, /*maximize=*/false)->Predict(trial, 8, -1);
    return chosen.mean == Learn(losses, {.scale = kind}, /*maximize=*/false)->Predict(trial, 8, -1).mean;
  };
  EXPECT_TRUE(same(ScaleKind::kLog));
  losses[50].points[10].value = 0;
  EXPECT_TRUE(same(ScaleKind::kLinear));
}

// The first 20 finals look like accuracies; a later one of 3 would count as hardly more than 1.
TEST_F(TsgpModelTest, TakesNoLogitsOnceAValueIsNoShare) {
  const auto squashed = [](LearningCurve curve) {
    for (CurvePoint& point : curve.points) point.value = 1 / (1 + std::exp(-2 - 2 * point.value));
    curve.goal = curve.points.back().value;
    return curve;
  };
  std::vector<LearningCurve> finished;
  for (const LearningCurve& curve : finished_) finished.push_back(squashed(curve));
  const LearningCurve trial = squashed(trial_);
  const auto same = [&](ScaleKind kind) {
    return Learn(finished)->Predict(trial, 8, 0.5).mean ==
           Learn(finished, {.scale = kind})->Predict(trial, 8, 0.5).mean;
  };
  EXPECT_TRUE(same(ScaleKind::kLogit));
  finished[50].points.back().value = 3;
  finished[50].goal = 3;
  EXPECT_TRUE(same(ScaleKind::kLinear));
}

// With so many features of no account the kernel knows by heart what it was fitted to.
TEST_F(TsgpModelTest, TrustsBeginsLessWhereTheKernelHasNotSeenTheirEnds) {
  Random random(3);
  std::vector<LearningCurve> finished = trials_.Draw(1, 30);
  for (LearningCurve& curve : finished) {
    for (int i = 0; i < 12; ++i) curve.features.push_back(random.Uniform());
  }
  const Calibration calibration = Learn(finished)->calibration();
  EXPECT_GT(calibration.right.discrepancies.At(0.1).variance, calibration.bold.discrepancies.At(0.1).variance);
}

TEST_F(TsgpModelTest, LinksACurveToAnotherObjective) {
  std::vector<LearningCurve> finished = finished_;
  for (LearningCurve& curve : finished) {
    curve.offset = -0.1 * curve.features[1];
    curve.goal = 100 - 5 * *curve.goal + curve.offset;
  }
  const auto linked =
      TsgpModel::Learn({.finished = Shared(finished), .horizon = kHorizon, .curve_is_objective = false}, {}, nullptr);
  const FinalPrediction curve = Learn(finished_)->Predict(trial_, 12, 0), goal = linked->Predict(trial_, 12, 0);
  EXPECT_NEAR(goal.mean, 100 - 5 * curve.mean, 1e-6);
  EXPECT_NEAR(goal.stddev, 5 * curve.stddev, 1e-6);
  const FinalPrediction sure = Learn(finished_)->Predict(trial_, 12, curve.mean - 100);
  EXPECT_NEAR(*linked->Predict(trial_, 12, goal.mean - 500).gain, *sure.gain, 0.01 * *sure.gain) << "in spreads, too";
}

TEST_F(TsgpModelTest, ExpectsToGainWhatACurveBringsAboveTheReference) {
  const auto model = Learn(finished_);
  const FinalPrediction low = model->Predict(trial_, 12, -30), high = model->Predict(trial_, 12, -29);
  const double spread = 1 / (*low.gain - *high.gain);  // both are exceeded for sure
  std::vector<double> finals;                          // of which the spread is the middle half's
  for (int i = 0; i < 20; ++i) finals.push_back(*finished_[static_cast<size_t>(i)].goal);
  EXPECT_NEAR(spread, MakeCurveScale(finals, finals, true, ScaleKind::kLinear).spread, 0.01 * spread);
  EXPECT_NEAR(*low.gain, (low.mean + 30) / spread, 0.1) << "what decides is not quite what is predicted";
  EXPECT_LT(*model->Predict(trial_, 12, *trial_.goal + 3).gain, 1e-3);
}

// With all points there, what is left is noise (0.1 here), which may well lift a value above a reference half of it
// higher.
TEST_F(TsgpModelTest, TakesHalfOfTheNoiseForNoGain) {
  const auto model = Learn(finished_);
  const FinalPrediction final = model->Predict(trial_, trial_.points.size(), 0);
  const FinalPrediction near = model->Predict(trial_, trial_.points.size(), final.mean + 0.05);
  EXPECT_GT(near.chance, 0.2);
  const double spread = 1 / (*model->Predict(trial_, 12, -30).gain - *model->Predict(trial_, 12, -29).gain);
  const Calibration& calibration = model->calibration();
  const double factor = calibration.doubt * calibration.bold.variance_factor / calibration.right.variance_factor;
  const auto gain = [&](double noise) {
    const double stddev = std::sqrt(noise * factor) * near.stddev;
    return stddev * StudentGainAbove(0.05 / stddev);
  };
  EXPECT_NEAR(*near.gain * spread, gain(0.5), 0.5 * (gain(1) - gain(0.5)));
}

// Of trials whose goals beyond the first `goals` nobody knows, as those trials violate constraints.
std::shared_ptr<const TsgpModel> LearnLinked(std::vector<LearningCurve> finished, size_t goals) {
  for (size_t i = goals; i < finished.size(); ++i) finished[i].goal.reset();
  return TsgpModel::Learn({.finished = Shared(finished), .horizon = kHorizon, .curve_is_objective = false}, {},
                          nullptr);
}

TEST_F(TsgpModelTest, TellsNothingOfAnObjectiveThatFewTrialsHave) {
  for (const size_t goals : {0, 1, 2, 9}) {
    const FinalPrediction goal = LearnLinked(finished_, goals)->Predict(trial_, 12, 100);
    EXPECT_TRUE(std::isinf(goal.stddev)) << goals;
    EXPECT_NEAR(goal.chance, 0.5, 0.01) << goals << ", but for the little that it may fall";
  }
  EXPECT_LT(LearnLinked(finished_, 10)->Predict(trial_, 12, 100).chance, 1e-3);
}

// The error of a prediction by least squares, of a value that is itself uncertain.
TEST_F(TsgpModelTest, IsAsUnsureOfAnotherObjectiveAsItsPairsLeaveIt) {
  constexpr size_t kPairs = 12;
  std::vector<LearningCurve> finished = finished_;
  Random random(3);
  for (LearningCurve& curve : finished) curve.goal = 2 * *curve.goal + random.Normal();
  const FinalPrediction curve = Learn(finished_)->Predict(trial_, 12, 0);
  const FinalPrediction goal = LearnLinked(finished, kPairs)->Predict(trial_, 12, 0);
  MatrixXd x(kPairs, 2);
  VectorXd y(kPairs);
  for (size_t i = 0; i < kPairs; ++i) {
    x.row(static_cast<Index>(i)) << 1, finished[i].points.back().value;
    y[static_cast<Index>(i)] = *finished[i].goal;
  }
  const MatrixXd inverse = (x.transpose() * x).inverse();
  const VectorXd xy = x.transpose() * y, line = inverse * xy;
  const double residual_variance = (y - x * line).squaredNorm() / (kPairs - 2);
  const Eigen::Vector2d at(1, curve.mean);
  const double of_line = residual_variance * (at.dot(inverse * at) + inverse(1, 1) * std::pow(curve.stddev, 2));
  EXPECT_NEAR(goal.mean, line.dot(at), 1e-6);
  EXPECT_NEAR(goal.stddev, std::sqrt(residual_variance + of_line + std::pow(line[1] * curve.stddev, 2)), 1e-4)
      << "but for the little that it may fall";
}

TEST_F(TsgpModelTest, IsNotMisledByCurvesThatCollapsed) {
  std::vector<LearningCurve> finished = finished_;
  const auto clean = Learn(finished);
  for (int64_t id = 100; id < 106; ++id) {
    LearningCurve collapsed = trials_.Draw(id);
    for (size_t i = 8; i < collapsed.points.size(); ++i) collapsed.points[i].value = -40;
    finished.push_back(collapsed);
  }
  const FinalPrediction a = clean->Predict(trial_, 8, 0), b = Learn(finished)->Predict(trial_, 8, 0);
  EXPECT_NEAR(a.mean, b.mean, 0.5 * a.stddev);
  EXPECT_NEAR(a.chance, b.chance, 0.2) << "though it may fall, too";
}

TEST_F(TsgpModelTest, IsNotMisledByValuesThatStandForAFailure) {
  const auto clean = Learn(finished_);
  const FinalPrediction expected = clean->Predict(trial_, 8, 0);
  for (const double value : {-std::numeric_limits<double>::max(), -1e9}) {
    std::vector<LearningCurve> finished = finished_;
    finished.push_back(trials_.Draw(100));
    for (CurvePoint& point : finished.back().points) point.value = value;
    finished.back().goal = value;
    for (const bool spatial : {true, false}) {
      const auto model = Learn(finished, {.spatial = spatial});
      ASSERT_NE(model, nullptr) << value;
      if (spatial) {
        EXPECT_NEAR(model->Predict(trial_, 8, 0).mean, expected.mean, 1e-3) << value;
      }
    }
    EXPECT_LT(clean->Predict(finished.back(), 8, 0).chance, 0.5) << value;
  }
}

// As networks that learn nothing: what they end at is the unit, and the others are far from it.
TEST_F(TsgpModelTest, ValuesAGoodTrialThoughMostStayWhereTheyBegin) {
  Random random(5);
  const auto curve = [&](int64_t id, double end) {
    LearningCurve rising{.trial_id = id, .finished = true, .features = {random.Uniform(), random.Uniform()}};
    for (int step = 1; step <= kHorizon; ++step) {
      const double way = 1 - std::exp(-0.4 * step);
      rising.points.push_back({static_cast<double>(step), 0.1 + (end - 0.1) * way + 0.001 * random.Normal()});
    }
    rising.goal = rising.points.back().value;
    return rising;
  };
  std::vector<LearningCurve> finished;
  for (int64_t id = 1; id <= 30; ++id) finished.push_back(curve(id, id % 5 == 0 ? 0.7 + 0.005 * id : 0.1));
  const auto model = Learn(finished);
  ASSERT_NE(model, nullptr);
  EXPECT_GT(model->Predict(curve(99, 0.95), 12, 0.85).chance, 0.3);
}

TEST_F(TsgpModelTest, LearnsNothingOfCurvesOfWhichNoneRises) { EXPECT_EQ(Learn(Mapped(finished_, -1, 0)), nullptr); }

// Of trials of the model that start 12 below their asymptotes, 15 % fall there, at a uniform time between rising
// and the last values.
class FallingTrials {
 public:
  explicit FallingTrials(uint64_t seed) : trials_(seed, -12), random_(seed) {}

  LearningCurve Draw(int64_t id) {
    LearningCurve curve = trials_.Draw(id);
    const double fate = random_.Uniform(), when = kHorizon * (0.3 + 0.55 * random_.Uniform());
    for (CurvePoint& point : curve.points) {
      if (fate < 0.15 && point.step > when) point.value = -10 + 0.1 * random_.Normal();
    }
    curve.goal = curve.points.back().value;
    return curve;
  }

 private:
  Trials trials_;
  Random random_;
};

TEST_F(TsgpModelTest, KnowsThatTrialsFall) {
  FallingTrials trials(5);
  std::vector<LearningCurve> finished;
  for (int64_t id = 1; id <= 150; ++id) finished.push_back(trials.Draw(id));
  const auto model = Learn(finished);
  constexpr int kTrials = 500;
  double squares = 0;
  for (int i = 0; i < kTrials; ++i) {
    const LearningCurve trial = trials.Draw(1000 + i);
    for (const size_t points : {2, 4, 10}) {
      const FinalPrediction final = model->Predict(trial, points, 0);
      squares += std::pow((*trial.goal - final.mean) / final.stddev, 2) / (3 * kTrials);
    }
  }
  EXPECT_NEAR(std::sqrt(squares), 1, 0.15);
}

// By what little is expected where none has fallen.
TEST_F(TsgpModelTest, ChangesHardlyAnythingWhereNoTrialFalls) {
  Trials trials(5, -12);
  const auto model = Learn(trials.Draw(1, 60));
  const LearningCurve trial = trials.Draw(1000);
  const FinalPrediction sure = model->Predict(trial, 10, -30);
  EXPECT_GT(sure.chance, 0.999);
  EXPECT_NEAR(sure.mean, *trial.goal, 1);
}

TEST_F(TsgpModelTest, ExpectsAFallenTrialToStayWhereItIs) {
  FallingTrials trials(5);
  std::vector<LearningCurve> finished;
  for (int64_t id = 1; id <= 60; ++id) finished.push_back(trials.Draw(id));
  Trials rising(6, -12);
  LearningCurve trial = rising.Draw(1000);
  const FinalPrediction before = Learn(finished)->Predict(trial, 10, -30);
  EXPECT_NEAR(before.mean, *trial.goal, 1) << "what it comes to if it does not fall";
  EXPECT_NEAR(before.chance, std::exp(-0.15 * 0.5), 0.1) << "not sure of anything: it may fall";
  for (size_t i = 10; i < 13; ++i) trial.points[i].value = -10;
  const FinalPrediction after = Learn(finished)->Predict(trial, 13, -30);
  EXPECT_NEAR(after.mean, -10, 1);
  EXPECT_EQ(after.chance, 0);
}

TEST_F(TsgpModelTest, FallsAsMuchWhereTheGoalIsLinked) {
  FallingTrials trials(5);
  std::vector<LearningCurve> finished;
  for (int64_t id = 1; id <= 60; ++id) finished.push_back(trials.Draw(id));
  std::vector<LearningCurve> linked = finished;
  for (LearningCurve& curve : linked) curve.goal = 100 + 5 * *curve.goal;
  const LearningCurve trial = Trials(6, -12).Draw(1000);
  const FinalPrediction plain = Learn(finished)->Predict(trial, 10, 1);
  const FinalPrediction goal = LearnLinked(linked, linked.size())->Predict(trial, 10, 105);
  EXPECT_NEAR(goal.mean, 100 + 5 * plain.mean, 1e-6);
  EXPECT_NEAR(goal.stddev, 5 * plain.stddev, 0.01 * goal.stddev);
  EXPECT_NEAR(goal.chance, plain.chance, 1e-6);
}

// Trials of the model, of which some rise by 2 at a time of their own.
class LateTrials {
 public:
  LateTrials(uint64_t seed, double chance) : trials_(seed), random_(seed), chance_(chance) {}

  LearningCurve Draw(int64_t id) {
    LearningCurve curve = trials_.Draw(id);
    const double fate = random_.Uniform(), when = kHorizon * (0.1 + 0.8 * random_.Uniform());
    for (CurvePoint& point : curve.points) {
      if (fate < chance_ && point.step > when) point.value += 2;
    }
    curve.goal = curve.points.back().value;
    return curve;
  }

 private:
  Trials trials_;
  Random random_;
  const double chance_;
};

std::vector<LearningCurve> SixtyLate(double chance) {
  LateTrials trials(5, chance);
  std::vector<LearningCurve> curves;
  for (int64_t id = 1; id <= 60; ++id) curves.push_back(trials.Draw(id));
  return curves;
}

TEST_F(TsgpModelTest, KnowsThatTrialsRiseLate) {
  const auto never = Learn(SixtyLate(0)), often = Learn(SixtyLate(0.25));
  const LearningCurve trial = Trials(6).Draw(1000);
  const double reference = *trial.goal + 1;
  EXPECT_LT(never->Predict(trial, 10, reference).chance, 0.02);
  EXPECT_NEAR(often->Predict(trial, 10, reference).chance, 0.25 * 0.5, 0.08) << "half of its horizon is left";
  EXPECT_GT(*often->Predict(trial, 10, reference).gain, 10 * *never->Predict(trial, 10, reference).gain);
  EXPECT_LT(often->Predict(trial, kHorizon, reference).chance, 0.05) << "none of it";
}

TEST_F(TsgpModelTest, ExpectsLateRisesToLowerAGoalThatFallsAsTheCurveRises) {
  std::vector<LearningCurve> finished = SixtyLate(0.25), linked = finished;
  for (LearningCurve& curve : linked) curve.goal = 100 - 5 * *curve.goal;
  const LearningCurve trial = Trials(6).Draw(1000);
  const auto model = LearnLinked(linked, linked.size());
  const FinalPrediction goal = model->Predict(trial, 10, 0);
  EXPECT_NEAR(goal.stddev, 5 * Learn(finished)->Predict(trial, 10, 0).stddev, 0.01 * goal.stddev);
  EXPECT_GT(model->Predict(trial, 10, goal.mean - 5).chance, 0.8) << "what does not rise stays above";
  EXPECT_LT(model->Predict(trial, 10, goal.mean - 5).chance, 0.97) << "what rises late falls below";
}

// A fall from 1e-4 to 1 is some units on a scale of logarithms, and ten thousand times the value on none.
TEST_F(TsgpModelTest, IsAsUnsureOfALogarithmAsOfTheValue) {
  Trials trials(5, -12);
  std::vector<LearningCurve> plain = trials.Draw(1, 60), logs = plain;
  const auto squashed = [](LearningCurve curve) {
    for (CurvePoint& point : curve.points) point.value = std::exp(-point.value);
    curve.goal = -curve.points.back().value;
    return curve;
  };
  for (LearningCurve& curve : logs) curve = squashed(curve);
  const LearningCurve trial = trials.Draw(1000);
  const FinalPrediction value = Learn(plain)->Predict(trial, 10, 0);
  const FinalPrediction log =
      Learn(logs, {.scale = ScaleKind::kLog}, /*maximize=*/false)->Predict(squashed(trial), 10, -1);
  EXPECT_NEAR(std::log(-log.mean), -value.mean, 0.02);
  EXPECT_NEAR(log.stddev, -log.mean * std::sinh(value.stddev), 0.05 * log.stddev);
}

TEST_F(TsgpModelTest, CopesWithTrialsWithoutParameters) {
  std::vector<LearningCurve> finished = finished_;
  for (LearningCurve& curve : finished) curve.features.clear();
  const auto model = Learn(finished);
  ASSERT_NE(model, nullptr);
  EXPECT_NEAR(model->Predict(trial_, 15, 0).mean, *trial_.goal, 1);
}

TEST_F(TsgpModelTest, WithoutItsSpatialPartIsLessSureOfWhatItHasNotSeen) {
  const auto plain = Learn(finished_, {.spatial = false});
  ASSERT_NE(plain, nullptr);
  EXPECT_GT(plain->Predict(trial_, 2, 0).stddev, 2 * Learn(finished_)->Predict(trial_, 2, 0).stddev);
  EXPECT_NEAR(plain->Predict(trial_, 15, 0).mean, *trial_.goal, 1);
}

TEST_F(TsgpModelTest, CanBeCancelled) {
  EXPECT_EQ(TsgpModel::Learn({.finished = Shared(finished_), .horizon = kHorizon}, {}, [] { return true; }), nullptr);
}

}  // namespace
}  // namespace photinus
