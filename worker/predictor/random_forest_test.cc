#include "worker/predictor/random_forest.h"

#include <cmath>

#include "common/spaces/split_mix.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/predictor/accuracy.h"
#include "worker/predictor/cross_validation.h"
#include "worker/predictor/linear_model.h"

namespace photinus::predictor {
namespace {

using ::testing::HasSubstr;

struct Problem {
  FeatureMatrix features;
  Eigen::VectorXd targets;
};

// y = 3 where x0 > 0.5 and x1 > 0.5, else 0, plus x2 / 2; x3 says nothing. No line can follow the step.
Problem Steps(int rows, std::uint64_t seed) {
  Problem problem{FeatureMatrix(rows, 4), Eigen::VectorXd(rows)};
  spaces::SplitMix64 random(seed);
  for (int i = 0; i < rows; ++i) {
    for (int column = 0; column < 4; ++column) problem.features(i, column) = static_cast<float>(random.Uniform());
    const bool high = problem.features(i, 0) > 0.5F && problem.features(i, 1) > 0.5F;
    problem.targets[i] = (high ? 3 : 0) + problem.features(i, 2) / 2;
  }
  return problem;
}

constexpr ForestOptions kSmall{.trees = 40, .max_depth = 8, .seed = 5};

TEST(RandomForest, LearnsWhatALineCannot) {
  const Problem train = Steps(1500, 1), test = Steps(500, 2);
  const auto forest = RandomForest::Train(train.features, train.targets, kSmall);
  ASSERT_TRUE(forest.ok()) << forest.error().message;
  const auto linear = LinearModel::Train(train.features, train.targets);
  const Accuracy by_forest = AccuracyOf(*forest->Predict(test.features), test.targets);
  const Accuracy by_line = AccuracyOf(*linear->Predict(test.features), test.targets);
  EXPECT_GT(by_forest.r2, 0.95);
  EXPECT_LT(by_line.r2, 0.8);
}

TEST(RandomForest, SaysWhichFeaturesMatter) {
  const Problem train = Steps(1500, 1);
  const auto importances = RandomForest::Train(train.features, train.targets, kSmall)->Importances();
  ASSERT_TRUE(importances.ok());
  EXPECT_NEAR((*importances)[0] + (*importances)[1] + (*importances)[2] + (*importances)[3], 1, 1e-6);
  EXPECT_GT((*importances)[0], 0.3);
  EXPECT_GT((*importances)[1], 0.3);
  EXPECT_LT((*importances)[3], 0.05);
}

TEST(RandomForest, IsAnAverageOfTrees) {
  FeatureMatrix features(4, 1);
  features << 0, 0, 1, 1;
  Eigen::VectorXd targets(4);
  targets << 1, 1, 5, 5;
  const auto forest = RandomForest::Train(features, targets, {.trees = 30, .row_share = 1, .min_leaf = 1});
  ASSERT_TRUE(forest.ok()) << forest.error().message;
  const Eigen::VectorXd predictions = *forest->Predict(features);
  EXPECT_NEAR(predictions[0], 1, 1e-5);
  EXPECT_NEAR(predictions[3], 5, 1e-5);
}

TEST(RandomForest, RepeatsWithItsSeed) {
  const Problem train = Steps(300, 1);
  const Eigen::VectorXd first = *RandomForest::Train(train.features, train.targets, kSmall)->Predict(train.features);
  EXPECT_EQ(*RandomForest::Train(train.features, train.targets, kSmall)->Predict(train.features), first);
  ForestOptions other = kSmall;
  other.seed = 6;
  EXPECT_NE(*RandomForest::Train(train.features, train.targets, other)->Predict(train.features), first);
}

TEST(RandomForest, SurvivesSerialization) {
  const Problem train = Steps(300, 1);
  const auto forest = RandomForest::Train(train.features, train.targets, kSmall);
  const auto bytes = forest->Serialize();
  ASSERT_TRUE(bytes.ok()) << bytes.error().message;
  const auto parsed = RandomForest::Parse(*bytes, 4);
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  EXPECT_EQ(*parsed->Predict(train.features), *forest->Predict(train.features));
  EXPECT_EQ(RandomForest::Parse(*bytes, 5).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(RandomForest::Parse("short", 4).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(RandomForest::Parse("long enough, but no forest", 4).error().code, ErrorCode::kInvalidArgument);
}

TEST(RandomForest, RefusesWhatItCannotUse) {
  const Problem train = Steps(10, 1);
  const auto code = [&](const ForestOptions& options) {
    return RandomForest::Train(train.features, train.targets, options).error().code;
  };
  EXPECT_EQ(code({.trees = 0}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({.max_depth = 0}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({.feature_share = 0}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({.row_share = 1.5}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(RandomForest::Train(train.features, Eigen::VectorXd(3), {}).error().code, ErrorCode::kInvalidArgument);
  const auto forest = RandomForest::Train(train.features, train.targets, kSmall);
  EXPECT_EQ(forest->Predict(FeatureMatrix(1, 3)).error().code, ErrorCode::kInvalidArgument);
}

TEST(LinearModel, RecoversALine) {
  Problem problem = Steps(50, 3);
  problem.features.col(3) = problem.features.col(0) + problem.features.col(1);  // says nothing new
  problem.targets = (2 * problem.features.col(0) - problem.features.col(2)).cast<double>().array() + 7;
  const auto line = LinearModel::Train(problem.features, problem.targets);
  ASSERT_TRUE(line.ok());
  EXPECT_LT((*line->Predict(problem.features) - problem.targets).norm(), 1e-4);
  EXPECT_EQ(line->Predict(FeatureMatrix(1, 3)).error().code, ErrorCode::kInvalidArgument);
}

TEST(AccuracyOf, MatchesItsFormulas) {
  const Eigen::Vector4d targets(1, 2, 3, 4), predictions(1, 2, 3, 2);
  const Accuracy accuracy = AccuracyOf(predictions, targets);
  EXPECT_DOUBLE_EQ(accuracy.rmse, 1);          // sqrt(4 / 4)
  EXPECT_DOUBLE_EQ(accuracy.r2, 1 - 4 / 5.0);  // deviations from 2.5: 2.25 + 0.25 + 0.25 + 2.25
  EXPECT_DOUBLE_EQ(Correlation(targets, -3 * targets), -1);
  EXPECT_DOUBLE_EQ(Correlation(targets, Eigen::Vector4d::Ones()), 0);
}

TEST(CrossValidate, PrefersTheForestThatGeneralisesWhateverTheThreads) {
  const Problem train = Steps(400, 1);
  TuningOptions options{.grid = {{.trees = 10, .max_depth = 1}, {.trees = 10, .max_depth = 8}}, .folds = 5};
  const auto tuned = CrossValidate(train.features, train.targets, options);
  ASSERT_TRUE(tuned.ok()) << tuned.error().message;
  ASSERT_EQ(tuned->size(), 2);
  EXPECT_LT((*tuned)[1].rmse, (*tuned)[0].rmse);
  options.threads = 4;
  int forests = 0;
  options.progress = [&](int, int total) { forests += total == 10 ? 1 : 0; };
  const auto threaded = CrossValidate(train.features, train.targets, options);
  EXPECT_EQ((*threaded)[0].rmse, (*tuned)[0].rmse);
  EXPECT_EQ((*threaded)[1].rmse, (*tuned)[1].rmse);
  EXPECT_EQ(forests, 10);
}

TEST(CrossValidate, RefusesFewerRowsThanFolds) {
  const Problem train = Steps(3, 1);
  EXPECT_EQ(CrossValidate(train.features, train.targets, {.grid = {{}}, .folds = 4}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(CrossValidate(train.features, train.targets, {.folds = 2}).error().code, ErrorCode::kInvalidArgument);
}

TEST(CrossValidate, TellsAFaultOfAForest) {
  const Problem train = Steps(30, 1);
  const auto tuned = CrossValidate(train.features, train.targets, {.grid = {{.trees = 0}}, .folds = 2, .threads = 2});
  ASSERT_FALSE(tuned.ok());
  EXPECT_THAT(tuned.error().message, HasSubstr("1 to 10000 trees"));
}

}  // namespace
}  // namespace photinus::predictor
