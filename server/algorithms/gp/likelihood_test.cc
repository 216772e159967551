#include "server/algorithms/gp/likelihood.h"

#include <cmath>

#include "Eigen/Dense"
#include "common/base/random.h"
#include "gtest/gtest.h"

namespace photinus {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

struct LikelihoodCase {
  const char* situation;
  int n;
  std::vector<int> group_sizes;
  TrendKind trend = TrendKind::kNone;
  bool warps_inputs = false;
};

void PrintTo(const LikelihoodCase& c, std::ostream* out) { *out << c.situation; }

class LikelihoodTest : public ::testing::TestWithParam<LikelihoodCase> {
 protected:
  LikelihoodTest() {
    const LikelihoodCase& c = GetParam();
    int columns = 0;
    for (const int size : c.group_sizes) {
      groups_.push_back({.first = columns, .size = size, .categorical = size > 1 && c.warps_inputs});
      columns += size;
    }
    Random random(c.n);
    features_.resize(c.n, columns);
    for (int i = 0; i < c.n; ++i) {
      for (int k = 0; k < columns; ++k) features_(i, k) = random.Uniform();
    }
    values_.resize(c.n);
    for (int i = 0; i < c.n; ++i) values_[i] = std::sin(5 * features_(i, 0)) + 0.3 * random.Normal() + 2;
    const int per_group = c.warps_inputs ? 3 : 1;
    log_parameters_.resize(per_group * static_cast<int>(groups_.size()) + 2 + (c.trend != TrendKind::kNone ? 1 : 0));
    for (auto& p : log_parameters_) p = random.Normal() * 0.5 - 1;
  }

  // The textbook formula, by dense algebra and scalar loops.
  double PlainLogLikelihood(const VectorXd& log_parameters) const {
    const KernelParameters p = Parameters(log_parameters);
    const MatrixXd warped =
        p.input_warp.Apply(groups_, features_);  // InputWarp's own test compares it with its formula
    const int n = static_cast<int>(values_.size());
    const MatrixXd trend = TrendCovariance(p);
    MatrixXd k(n, n);
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < n; ++j) {
        double r2 = 0;
        for (size_t g = 0; g < groups_.size(); ++g) {
          for (int c = groups_[g].first; c < groups_[g].first + groups_[g].size; ++c) {
            r2 += std::pow((warped(i, c) - warped(j, c)) / p.lengthscales[static_cast<int>(g)], 2);
          }
        }
        const double r = std::sqrt(5 * r2);
        k(i, j) = p.signal_variance * (1 + r + r * r / 3) * std::exp(-r) + (i == j ? p.noise_variance : 0) +
                  p.trend_variance * trend(i, j);
      }
    }
    const MatrixXd inverse = k.inverse();
    const VectorXd ones = VectorXd::Ones(n);
    const double mean = ones.dot(inverse * values_) / ones.dot(inverse * ones);
    const VectorXd residual = values_ - mean * ones;
    return -0.5 * (residual.dot(inverse * residual) + std::log(k.determinant()) + n * std::log(2 * M_PI));
  }

  // Trend's own test compares it with its formulas.
  MatrixXd TrendCovariance(const KernelParameters& p) const {
    if (GetParam().trend == TrendKind::kNone) return MatrixXd::Zero(values_.size(), values_.size());
    const Trend trend(GetParam().trend, groups_, p.lengthscales);
    const MatrixXd basis = trend.Basis(p.input_warp.Apply(groups_, features_));
    return trend.Covariance(basis, basis, nullptr);
  }

  KernelParameters Parameters(const VectorXd& log_parameters) const {
    return FromLogParameters(log_parameters, static_cast<int>(groups_.size()), GetParam().trend,
                             GetParam().warps_inputs);
  }

  FeatureGroups groups_;
  MatrixXd features_;
  VectorXd values_, log_parameters_;
};

TEST_P(LikelihoodTest, MatchesTheTextbookFormula) {
  MarginalLikelihood likelihood(features_, groups_, values_, GetParam().trend, GetParam().warps_inputs);
  EXPECT_NEAR(likelihood.Evaluate(log_parameters_)->log_likelihood, PlainLogLikelihood(log_parameters_), 1e-8);
}

TEST_P(LikelihoodTest, GradientMatchesFiniteDifferences) {
  MarginalLikelihood likelihood(features_, groups_, values_, GetParam().trend, GetParam().warps_inputs);
  const VectorXd gradient = likelihood.Evaluate(log_parameters_)->gradient;
  ASSERT_EQ(gradient.size(), likelihood.parameters());
  for (int k = 0; k < gradient.size(); ++k) {
    const double h = 1e-4;
    const auto at = [&](double steps) {
      VectorXd moved = log_parameters_;
      moved[k] += steps * h;
      return likelihood.Evaluate(moved)->log_likelihood;
    };
    const double difference = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h);  // fourth order
    EXPECT_NEAR(gradient[k], difference, 1e-6 * std::max(1.0, std::abs(difference))) << k;
  }
}

TEST_P(LikelihoodTest, LeaveOneOutMatchesRefittingWithoutThePoint) {
  MarginalLikelihood likelihood(features_, groups_, values_, GetParam().trend, GetParam().warps_inputs);
  const auto value = likelihood.Evaluate(log_parameters_, true);
  const int n = static_cast<int>(values_.size());
  if (n < 3) GTEST_SKIP() << "nothing is left";
  // p(y_n | others) = p(y) / p(others), both with the mean held: shift the values and compare two likelihoods by hand.
  const KernelParameters p = Parameters(log_parameters_);
  const VectorXd inverse = InverseLengthscales(groups_, p.lengthscales);
  const MatrixXd scaled = p.input_warp.Apply(groups_, features_) * inverse.asDiagonal();
  MatrixXd k = p.signal_variance * Matern(scaled, scaled, nullptr);
  k += p.trend_variance * TrendCovariance(p);
  k.diagonal().array() += p.noise_variance;
  const MatrixXd others = k.topLeftCorner(n - 1, n - 1);
  const VectorXd cross = k.col(n - 1).head(n - 1);
  const VectorXd weights = others.ldlt().solve(cross);
  const VectorXd residual = values_.head(n - 1).array() - value->mean;
  EXPECT_NEAR(value->left_out_mean[n - 1], value->mean + weights.dot(residual), 1e-6);
  EXPECT_NEAR(value->left_out_variance[n - 1], k(n - 1, n - 1) - weights.dot(cross), 1e-6);
}

INSTANTIATE_TEST_SUITE_P(
    Table, LikelihoodTest,
    ::testing::Values(LikelihoodCase{"OnePoint", 1, {1, 1}}, LikelihoodCase{"Continuous", 30, {1, 1, 1, 1}},
                      LikelihoodCase{"WithCategories", 40, {1, 5, 1, 3}},
                      LikelihoodCase{"WithQuadraticTrend", 60, {1, 1, 1}, TrendKind::kQuadratic},
                      LikelihoodCase{"WithEffects", 60, {1, 1, 1}, TrendKind::kEffects},
                      LikelihoodCase{"WithWarpedInputs", 40, {1, 3, 1}, TrendKind::kNone, true},
                      LikelihoodCase{"WithAQuadraticTrendOfThem", 60, {1, 1, 1}, TrendKind::kQuadratic, true},
                      LikelihoodCase{"WithEffectsOfThem", 60, {1, 3, 1}, TrendKind::kEffects, true}),
    [](const auto& info) { return info.param.situation; });

TEST(MarginalLikelihood, RefusesACovarianceThatIsNotPositiveDefinite) {
  const FeatureGroups groups = {{.first = 0, .size = 1}};
  MarginalLikelihood likelihood(MatrixXd::Constant(3, 1, 0.5), groups, VectorXd::Ones(3), TrendKind::kNone);
  EXPECT_FALSE(likelihood.Evaluate(VectorXd{{0.0, 0.0, -800.0}}).has_value());
  EXPECT_FALSE(likelihood.Evaluate(VectorXd{{0.0, std::nan(""), 0.0}}).has_value());
}

}  // namespace
}  // namespace photinus
