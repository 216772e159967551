#include "server/algorithms/gp/factor.h"

#include <cmath>

#include "Eigen/Dense"
#include "common/base/random.h"
#include "gtest/gtest.h"
#include "server/algorithms/gp/posterior.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr Index kRows = 90;

class FactorTest : public ::testing::TestWithParam<TrendKind> {
 protected:
  FactorTest() {
    Random random(5);
    features_.resize(kRows, 3);
    for (double& x : features_.reshaped()) x = random.Uniform();
    values_ = (4 * features_.col(0)).array().sin() + features_.col(2).array();
  }

  Factor Fresh(Index rows) const { return *Factor::Make(features_.topRows(rows), groups_, parameters_); }
  Factor Grown(Index base, Index rows) const {
    Factor factor = Fresh(base);
    for (Index i = base; i < rows; ++i) factor.Append(features_.row(i));
    return factor;
  }
  // (K + noise)^-1, [n, n].
  static MatrixXd Precision(const Factor& factor) {
    return factor.WhitenTransposed(factor.Whiten(MatrixXd::Identity(factor.size(), factor.size())));
  }

  const FeatureGroups groups_ = {{.first = 0, .size = 1}, {.first = 1, .size = 2}};
  const KernelParameters parameters_ = {.lengthscales = VectorXd{{0.4, 0.9}},
                                        .signal_variance = 1.3,
                                        .noise_variance = 1e-3,
                                        .trend_variance = GetParam() == TrendKind::kNone ? 0.0 : 2.0,
                                        .trend = GetParam()};
  MatrixXd features_;
  VectorXd values_;
};

TEST_P(FactorTest, AppendsWhatAFreshOneHas) {
  const MatrixXd fresh = Precision(Fresh(kRows));
  EXPECT_LT((Precision(Grown(10, kRows)) - fresh).cwiseAbs().maxCoeff(), 1e-9 * fresh.cwiseAbs().maxCoeff());
}

TEST_P(FactorTest, GrowsAgainAfterTruncation) {
  Factor factor = Grown(10, kRows);
  factor.Truncate(40);
  const MatrixXd fresh = Precision(Fresh(40));
  EXPECT_LT((Precision(factor) - fresh).cwiseAbs().maxCoeff(), 1e-9 * fresh.cwiseAbs().maxCoeff());
  for (Index i = 40; i < kRows; ++i) factor.Append(features_.row(i));
  EXPECT_EQ(Precision(factor), Precision(Grown(10, kRows))) << "bit for bit";
}

TEST_P(FactorTest, CompletesValuesAsPredictionsWouldBe) {
  const Factor all = Fresh(kRows);
  Eigen::Array<bool, Eigen::Dynamic, 1> known = Eigen::Array<bool, Eigen::Dynamic, 1>::Constant(kRows, true);
  for (const Index row : {20, 21, 50, 88, 89}) known[row] = false;
  std::vector<Index> kept, unknown;
  for (Index i = 0; i < kRows; ++i) (known[i] ? kept : unknown).push_back(i);
  const auto reduced = Factor::Make(features_(kept, Eigen::all), groups_, parameters_);
  const VectorXd predicted = Posterior(*reduced, values_(kept), 0).Mean(features_(unknown, Eigen::all));
  const VectorXd completed = all.Complete(known.select(values_, std::nan("")), known);
  EXPECT_LT((completed(unknown) - predicted).cwiseAbs().maxCoeff(), 1e-9);
  EXPECT_EQ(VectorXd(completed(kept)), VectorXd(values_(kept)));
}

TEST_P(FactorTest, AResultThatArrivesIsAsIfItHadAlwaysBeenThere) {
  const Factor grown = Grown(10, kRows);  // while its last rows were pending
  const VectorXd query = VectorXd{{0.3, 0.6, 0.2}};
  const auto expected = Posterior(Fresh(kRows), values_, 0.1).Predict(query.transpose());
  const auto actual = Posterior(grown, values_, 0.1).Predict(query.transpose());
  EXPECT_NEAR(actual.mean[0], expected.mean[0], 1e-9);
  EXPECT_NEAR(actual.variance[0], expected.variance[0], 1e-9);
}

INSTANTIATE_TEST_SUITE_P(Table, FactorTest,
                         ::testing::Values(TrendKind::kNone, TrendKind::kQuadratic, TrendKind::kEffects),
                         [](const auto& info) {
                           return info.param == TrendKind::kNone        ? "Matern"
                                  : info.param == TrendKind::kQuadratic ? "WithQuadraticTrend"
                                                                        : "WithEffects";
                         });

TEST(Factor, RaisesTheNoiseUntilDuplicatesCanBeFactored) {
  const FeatureGroups groups = {{.first = 0, .size = 1}};
  const KernelParameters parameters{.lengthscales = VectorXd::Ones(1), .noise_variance = 1e-17};
  const auto factor = Factor::Make(MatrixXd::Constant(50, 1, 0.5), groups, parameters);
  ASSERT_TRUE(factor.has_value());
  EXPECT_GT(factor->parameters().noise_variance, parameters.noise_variance);
  EXPECT_NEAR(Posterior(*factor, VectorXd::Ones(50), 0).Mean(MatrixXd::Constant(1, 1, 0.5))[0], 1, 1e-3);
}

TEST(Factor, TakesDuplicatesOfItsRows) {
  const FeatureGroups groups = {{.first = 0, .size = 1}};
  const KernelParameters parameters{.lengthscales = VectorXd::Ones(1), .noise_variance = 1e-8};
  auto factor = Factor::Make(MatrixXd::Constant(1, 1, 0.5), groups, parameters);
  for (int i = 0; i < 50; ++i) factor->Append(VectorXd::Constant(1, 0.5));
  EXPECT_NEAR(Posterior(*factor, VectorXd::Ones(51), 0).Mean(MatrixXd::Constant(1, 1, 0.5))[0], 1, 1e-3);
}

TEST(Factor, SaysSoIfTheCovarianceCannotBeFactored) {
  const FeatureGroups groups = {{.first = 0, .size = 1}};
  const KernelParameters parameters{.lengthscales = VectorXd::Ones(1), .noise_variance = 1e-6};
  EXPECT_FALSE(Factor::Make(MatrixXd::Constant(3, 1, std::nan("")), groups, parameters).has_value());
}

}  // namespace
}  // namespace photinus
