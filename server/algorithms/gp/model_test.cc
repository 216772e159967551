#include "server/algorithms/gp/model.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "common/base/random.h"
#include "gmock/gmock.h"
#include "server/algorithms/gp/fit.h"
#include "server/algorithms/gp/likelihood.h"
#include "server/algorithms/gp/posterior.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

MatrixXd RandomFeatures(Index n, Index columns, uint64_t seed) {
  Random random(seed);
  MatrixXd features(n, columns);
  for (Index i = 0; i < n; ++i) {
    for (Index k = 0; k < columns; ++k) features(i, k) = random.Uniform();
  }
  return features;
}

FeatureGroups OneGroupPerColumn(int columns) {
  FeatureGroups groups;
  for (int k = 0; k < columns; ++k) groups.push_back({.first = k});
  return groups;
}

// Mean 0, variance 1.
VectorXd Standardised(const VectorXd& values) { return FitWarp(WarpKind::kStandardise, values).Apply(values); }

TEST(FitGp, FindsOutWhichParametersMatter) {
  const MatrixXd features = RandomFeatures(60, 3, 1);
  const FeatureGroups groups = OneGroupPerColumn(3);
  const VectorXd values = Standardised((8 * features.col(1)).array().sin());
  const auto fit = FitGp(features, groups, values, TrendKind::kNone, {}, nullptr);
  ASSERT_TRUE(fit.has_value());
  const VectorXd& lengthscales = fit->parameters.lengthscales;
  EXPECT_GT(lengthscales[0], 5 * lengthscales[1]);
  EXPECT_GT(lengthscales[2], 5 * lengthscales[1]);
  EXPECT_LT(fit->parameters.noise_variance, 1e-3);
}

TEST(FitGp, TellsNoiseFromSignal) {
  const MatrixXd features = RandomFeatures(200, 2, 2);
  Random random(3);
  VectorXd values = (4 * features.col(0)).array().sin();
  for (double& v : values) v += 0.5 * random.Normal();
  const auto fit = FitGp(features, OneGroupPerColumn(2), Standardised(values), TrendKind::kNone, {}, nullptr);
  ASSERT_TRUE(fit.has_value());
  const double variance = (values.array() - values.mean()).square().mean();
  EXPECT_NEAR(std::sqrt(fit->parameters.noise_variance * variance), 0.5, 0.1);
}

TEST(FitGp, IsNoWorseThanItsStart) {
  const MatrixXd features = RandomFeatures(50, 4, 4);
  const FeatureGroups groups = OneGroupPerColumn(4);
  const VectorXd values = Standardised(features.rowwise().squaredNorm());
  const KernelParameters start{.lengthscales = VectorXd::Constant(4, 0.5), .noise_variance = 1e-3};
  MarginalLikelihood likelihood(features, groups, values, TrendKind::kNone);
  const double before = likelihood.Evaluate(ToLogParameters(start))->log_likelihood;
  const auto fit = FitGp(features, groups, values, TrendKind::kNone,
                         {.starts = {start}, .fixed_starts = false, .evaluations = 10}, nullptr);
  EXPECT_GT(likelihood.Evaluate(ToLogParameters(fit->parameters))->log_likelihood, before + 10);
}

TEST(FitGp, StopsWhenCancelled) {
  const MatrixXd features = RandomFeatures(20, 2, 5);
  EXPECT_FALSE(
      FitGp(features, OneGroupPerColumn(2), features.col(0), TrendKind::kNone, {}, [] { return true; }).has_value());
}

TEST(ChooseGpModel, TakesTheTrendForAParabola) {
  const MatrixXd features = RandomFeatures(60, 4, 6);
  VectorXd values(60);
  for (Index i = 0; i < 60; ++i) {
    const VectorXd z = features.row(i).transpose().array() - 0.4;
    values[i] = -z[0] * z[0] - 100 * std::pow(z[1] + z[2], 2) - 1000 * z[3] * z[3];
  }
  const FeatureGroups groups = OneGroupPerColumn(4);
  const auto models = ChooseGpModel(features, groups, values, {}, nullptr);
  ASSERT_TRUE(models.has_value());
  const GpModel& model = models->front();
  EXPECT_THAT(model.Name(), ::testing::HasSubstr("quadratic trend"));
  const auto factor = Factor::Make(features, groups, model.parameters);
  const VectorXd warped = model.warp.Apply(values);
  const Posterior posterior(*factor, warped, model.mean);
  const double mean = posterior.Mean(MatrixXd::Constant(1, 4, 0.4))[0];
  const double unit = (values.maxCoeff() - values.minCoeff()) / (warped.maxCoeff() - warped.minCoeff());
  EXPECT_NEAR(values.maxCoeff() + unit * (mean - warped.maxCoeff()), 0, 0.05);
}

TEST(ChooseGpModel, TakesThePowerTransformForAnExponentialScale) {
  const MatrixXd features = RandomFeatures(60, 3, 7);
  const VectorXd values = -(8 * (3 * features.col(0) + features.col(1)).array().sin()).exp();
  const auto models = ChooseGpModel(features, OneGroupPerColumn(3), values, {}, nullptr);
  ASSERT_TRUE(models.has_value());
  EXPECT_THAT(models->front().Name(), ::testing::HasSubstr("power"));
}

// Twelve categories, each with an effect of its own: far fewer trials than points.
TEST(ChooseGpModel, LearnsManyCategoriesFromFewTrials) {
  constexpr Index kCategories = 12, kLevels = 4, kTrials = 80;
  Random random(9);
  FeatureGroups groups;
  MatrixXd features = MatrixXd::Zero(kTrials, kCategories * kLevels), effects(kCategories, kLevels);
  for (double& effect : effects.reshaped()) effect = random.Normal();
  VectorXd values = VectorXd::Zero(kTrials);
  for (Index c = 0; c < kCategories; ++c) {
    groups.push_back({.first = static_cast<int>(c * kLevels), .size = kLevels, .categorical = true});
    for (Index i = 0; i < kTrials; ++i) {
      const Index level = static_cast<Index>(random.Below(kLevels));
      features(i, c * kLevels + level) = std::sqrt(0.5);
      values[i] += effects(c, level);
    }
  }
  const auto models = ChooseGpModel(features, groups, values, {}, nullptr);
  ASSERT_TRUE(models.has_value());
  const double unexplained = -0.5 * std::log(2 * M_PI * kCategories) - 0.5;  // nats, of a normal of such a variance
  EXPECT_GT(models->front().score, unexplained + 2);
}

// A parabola of logarithms, on a scale that nobody said is logarithmic.
VectorXd ParabolaOfLogarithms(const MatrixXd& features) {
  const MatrixXd logs = (1 + 999 * features.array()).log() / std::log(1000);
  return -(logs.array() - 0.3).square().rowwise().sum();
}

TEST(ChooseGpModel, LearnsTheScaleOfParameters) {
  const MatrixXd features = RandomFeatures(60, 3, 10), others = RandomFeatures(50, 3, 11);
  const FeatureGroups groups = OneGroupPerColumn(3);
  const VectorXd values = ParabolaOfLogarithms(features), truth = ParabolaOfLogarithms(others);
  const auto models = ChooseGpModel(features, groups, values, {.warp_inputs = true}, nullptr);
  ASSERT_TRUE(models.has_value());
  const GpModel& model = models->front();
  EXPECT_THAT(model.Name(), ::testing::HasSubstr("warped parameters"));
  EXPECT_LT(model.parameters.input_warp.a.maxCoeff(), 0.8) << "steeper near 0";
  const auto error = [&](const GpModel& model) {
    const auto factor = Factor::Make(features, groups, model.parameters);
    const VectorXd mean = Posterior(*factor, model.warp.Apply(values), model.mean).Mean(others);
    return (mean - model.warp.Apply(truth)).norm();
  };
  const auto unwarped = std::find_if(models->begin(), models->end(), [&](const GpModel& other) {
    return other.warp.kind == model.warp.kind && other.parameters.trend == model.parameters.trend &&
           other.parameters.input_warp.is_identity();
  });
  ASSERT_NE(unwarped, models->end());
  EXPECT_LT(error(model), 0.85 * error(*unwarped));
}

TEST(ChooseGpModel, WarpsNoInputsWhereThatExplainsNoMore) {
  const MatrixXd features = RandomFeatures(60, 4, 6);
  const VectorXd values = -(features.array() - 0.4).square().rowwise().sum();
  const auto models = ChooseGpModel(features, OneGroupPerColumn(4), values, {.warp_inputs = true}, nullptr);
  ASSERT_TRUE(models.has_value());
  EXPECT_TRUE(models->front().parameters.input_warp.is_identity());
}

TEST(ChooseGpModel, WarpsNoInputsUnaskedOrOfFewTrialsAndNoCategories) {
  const MatrixXd enough = RandomFeatures(60, 3, 10);
  const auto unasked = ChooseGpModel(enough, OneGroupPerColumn(3), ParabolaOfLogarithms(enough), {}, nullptr);
  for (const GpModel& model : *unasked) EXPECT_TRUE(model.parameters.input_warp.is_identity());
  const MatrixXd features = RandomFeatures(29, 3, 10);
  const auto few =
      ChooseGpModel(features, OneGroupPerColumn(3), ParabolaOfLogarithms(features), {.warp_inputs = true}, nullptr);
  for (const GpModel& model : *few) EXPECT_TRUE(model.parameters.input_warp.is_identity());
  MatrixXd choices = MatrixXd::Zero(40, 2);
  for (Index i = 0; i < 40; ++i) choices(i, i % 2) = std::sqrt(0.5);
  const FeatureGroups category = {{.first = 0, .size = 2, .categorical = true}};
  const auto models = ChooseGpModel(choices, category, choices.col(0), {.warp_inputs = true}, nullptr);
  for (const GpModel& model : *models) EXPECT_TRUE(model.parameters.input_warp.is_identity());
}

TEST(ChooseGpModel, RefinesOnMoreOfALargeHistory) {
  const MatrixXd features = RandomFeatures(400, 2, 8);
  const VectorXd values = (9 * features.col(0)).array().sin() + features.col(1).array();
  const auto models = ChooseGpModel(features, OneGroupPerColumn(2), values, {}, nullptr);
  ASSERT_TRUE(models.has_value());
  const GpModel& model = models->front();
  const TrendKind trend = model.parameters.trend;
  const std::vector<Index> few = RepresentativeRows(values, 128), more = RepresentativeRows(values, 320);
  const FeatureGroups groups = OneGroupPerColumn(2);
  const auto first = FitGp(features(few, Eigen::all), groups, model.warp.Apply(values(few)), trend, {}, nullptr);
  MarginalLikelihood likelihood(features(more, Eigen::all), groups, model.warp.Apply(values(more)), trend);
  EXPECT_GT(likelihood.Evaluate(ToLogParameters(model.parameters))->log_likelihood,
            likelihood.Evaluate(ToLogParameters(first->parameters))->log_likelihood);
}

TEST(ChooseGpModel, BeginsAtTheModelsOfBefore) {
  const MatrixXd features = RandomFeatures(60, 3, 9);
  const VectorXd values = (5 * features.col(0)).array().sin() + features.col(1).array();
  const auto before = ChooseGpModel(features, OneGroupPerColumn(3), values, {}, nullptr);
  const ModelEffort effort{.before = &*before, .fixed_starts = false};
  const auto after = ChooseGpModel(features, OneGroupPerColumn(3), values, effort, nullptr);
  ASSERT_EQ(after->size(), before->size());
  EXPECT_EQ(after->front().Name(), before->front().Name());
  EXPECT_NEAR(after->front().score, before->front().score, 0.05);
}

TEST(RepresentativeRows, KeepTheBestAndAnEvenShareOfTheRest) {
  VectorXd values(1000);
  for (Index i = 0; i < 1000; ++i) values[i] = i % 10 == 3 ? 1 : -static_cast<double>(i);  // 100 good ones
  const std::vector<Index> rows = RepresentativeRows(values, 200);
  EXPECT_EQ(rows.size(), 200);
  EXPECT_EQ(std::set<Index>(rows.begin(), rows.end()).size(), 200);
  EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end()));
  int good = 0, late = 0;
  for (const Index row : rows) {
    good += row % 10 == 3 ? 1 : 0;
    late += row >= 500 ? 1 : 0;
  }
  EXPECT_EQ(good, 100);
  EXPECT_NEAR(late, 100, 5);
  EXPECT_EQ(RepresentativeRows(values.head(5), 200).size(), 5);
}

}  // namespace
}  // namespace photinus
