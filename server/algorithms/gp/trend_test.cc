#include "server/algorithms/gp/trend.h"

#include <cmath>

#include "common/base/random.h"
#include "gtest/gtest.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Two scalars around a category of three levels.
const std::vector<Flatten::FeatureGroup> kGroups = {
    {.first = 0, .size = 1}, {.first = 1, .size = 3, .categorical = true}, {.first = 4, .size = 1}};

MatrixXd RandomFeatures(Index rows, uint64_t seed) {
  Random random(seed);
  MatrixXd features = MatrixXd::Zero(rows, 5);
  for (Index i = 0; i < rows; ++i) {
    features(i, 0) = random.Uniform();
    features(i, 1 + static_cast<Index>(random.Below(3))) = std::sqrt(0.5);
    features(i, 4) = random.Uniform();
  }
  return features;
}

const VectorXd kLengthscales{{0.5, 1, 2}};

// z of the textbook formula, by the kernels of the two scalars and of the category.
double WeightedSum(TrendKind kind, const VectorXd& lengthscales, const VectorXd& a, const VectorXd& b) {
  const auto of_scalar = [&](Index k) {
    const double u = 2 * a[k] - 1, v = 2 * b[k] - 1;
    if (kind == TrendKind::kQuadratic) return 3 * u * v;
    return (u * v + 1.5 * (u * u - 1.0 / 3) * (v * v - 1.0 / 3)) / (7.0 / 15);
  };
  const double same = a.segment(1, 3) == b.segment(1, 3) ? 1 : 0;
  const VectorXd kernels{{of_scalar(0), (same - 1.0 / 3) / (1 - 1.0 / 3), of_scalar(4)}};
  const VectorXd relevance = lengthscales.array().square().inverse();
  return relevance.dot(kernels) / relevance.sum();
}

class TrendTest : public ::testing::TestWithParam<TrendKind> {
 protected:
  double Plain(const VectorXd& a, const VectorXd& b) const {
    const double c = 1;  // of three groups for both kinds
    return std::pow((1 + c * WeightedSum(GetParam(), kLengthscales, a, b)) / (1 + c), 2);
  }

  const Trend trend_{GetParam(), kGroups, kLengthscales};
  const MatrixXd features_ = RandomFeatures(6, 1), others_ = RandomFeatures(4, 2);
};

TEST_P(TrendTest, MatchesTheTextbookFormula) {
  const MatrixXd basis = trend_.Basis(features_), other = trend_.Basis(others_);
  ASSERT_EQ(basis.cols(), trend_.size());
  const MatrixXd covariance = trend_.Covariance(basis, other, nullptr);
  const VectorXd variance = trend_.Variance(basis);
  for (Index i = 0; i < features_.rows(); ++i) {
    EXPECT_NEAR(variance[i], Plain(features_.row(i), features_.row(i)), 1e-12);
    for (Index j = 0; j < others_.rows(); ++j) {
      EXPECT_NEAR(covariance(i, j), Plain(features_.row(i), others_.row(j)), 1e-12);
    }
  }
}

TEST_P(TrendTest, DerivativesByScalarsMatchFiniteDifferences) {
  const MatrixXd basis = trend_.Basis(features_), other = trend_.Basis(others_);
  MatrixXd slope;
  trend_.Covariance(basis, other, &slope);
  const MatrixXd variance_gradient = trend_.ByFeatures(features_, trend_.VarianceByBasis(basis));
  const double h = 1e-5;
  for (Index j = 0; j < others_.rows(); ++j) {
    const MatrixXd gradient = trend_.ByFeatures(features_, slope.col(j) * other.row(j));
    for (Index i = 0; i < features_.rows(); ++i) {
      for (const Index k : {0, 4}) {
        const VectorXd step = h * VectorXd::Unit(5, k), at = features_.row(i), to = others_.row(j);
        EXPECT_NEAR(gradient(i, k), (Plain(at + step, to) - Plain(at - step, to)) / (2 * h), 1e-7);
        EXPECT_NEAR(variance_gradient(i, k), (Plain(at + step, at + step) - Plain(at - step, at - step)) / (2 * h),
                    1e-7);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, TrendTest, ::testing::Values(TrendKind::kQuadratic, TrendKind::kEffects),
                         [](const auto& info) {
                           return info.param == TrendKind::kQuadratic ? "Quadratic" : "Effects";
                         });

TEST(Trend, NoneHasNoBasis) {
  EXPECT_EQ(Trend(TrendKind::kNone, kGroups, kLengthscales).Basis(RandomFeatures(3, 1)).cols(), 0);
}

}  // namespace
}  // namespace photinus
