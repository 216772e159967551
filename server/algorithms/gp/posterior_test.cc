#include "server/algorithms/gp/posterior.h"

#include <cmath>

#include "Eigen/Dense"
#include "common/base/random.h"
#include "gtest/gtest.h"

namespace photinus {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

MatrixXd RandomMatrix(int rows, int columns, Random& random) {
  MatrixXd m(rows, columns);
  for (int i = 0; i < rows; ++i) {
    for (int k = 0; k < columns; ++k) m(i, k) = random.Uniform();
  }
  return m;
}

const InputWarp kWarp = {.a = VectorXd{{1.5, 1}}, .b = VectorXd{{0.8, 1}}};

struct PosteriorCase {
  const char* situation;
  double noise;
  TrendKind trend = TrendKind::kNone;
  InputWarp input_warp = {};
};

void PrintTo(const PosteriorCase& c, std::ostream* out) { *out << c.situation; }

class PosteriorTest : public ::testing::TestWithParam<PosteriorCase> {
 protected:
  PosteriorTest() : groups_{{.first = 0, .size = 1}, {.first = 1, .size = 2}} {
    Random random(5);
    features_ = RandomMatrix(25, 3, random);
    queries_ = RandomMatrix(10, 3, random);
    values_ = (4 * features_.col(0)).array().sin() + features_.col(1).array() * features_.col(2).array();
    parameters_ = {.lengthscales = VectorXd{{0.4, 0.9}},
                   .signal_variance = 1.3,
                   .noise_variance = GetParam().noise,
                   .trend_variance = GetParam().trend == TrendKind::kNone ? 0.0 : 2.0,
                   .trend = GetParam().trend,
                   .input_warp = GetParam().input_warp};
    factor_ = Factor::Make(features_, groups_, parameters_);
    posterior_.emplace(*factor_, values_, 0.2);
  }

  FeatureGroups groups_;
  MatrixXd features_, queries_;
  VectorXd values_;
  KernelParameters parameters_;
  std::optional<Factor> factor_;
  std::optional<Posterior> posterior_;
};

TEST_P(PosteriorTest, MatchesTheTextbookFormula) {
  const VectorXd inverse = InverseLengthscales(groups_, parameters_.lengthscales);
  const Trend trend(parameters_.trend, groups_, parameters_.lengthscales);
  const auto kernel = [&](const MatrixXd& unwarped_a, const MatrixXd& unwarped_b) -> MatrixXd {
    const MatrixXd a = parameters_.input_warp.Apply(groups_, unwarped_a);
    const MatrixXd b = parameters_.input_warp.Apply(groups_, unwarped_b);
    return parameters_.signal_variance * Matern(a * inverse.asDiagonal(), b * inverse.asDiagonal(), nullptr) +
           parameters_.trend_variance * trend.Covariance(trend.Basis(a), trend.Basis(b), nullptr);
  };
  MatrixXd k = kernel(features_, features_);
  k.diagonal().array() += parameters_.noise_variance;
  const MatrixXd cross = kernel(queries_, features_), weights = cross * k.inverse();
  const VectorXd mean = (weights * (values_.array() - 0.2).matrix()).array() + 0.2;
  const VectorXd variance = (kernel(queries_, queries_) - weights * cross.transpose()).diagonal();
  const Posterior::Prediction prediction = posterior_->Predict(queries_);
  EXPECT_LT((prediction.mean - mean).cwiseAbs().maxCoeff(), 1e-6);
  EXPECT_LT((prediction.variance - variance).cwiseAbs().maxCoeff(), 1e-6);
  EXPECT_LT((posterior_->Mean(queries_) - mean).cwiseAbs().maxCoeff(), 1e-6);
}

TEST_P(PosteriorTest, GradientsMatchFiniteDifferences) {
  const double h = 1e-5;
  for (int q = 0; q < queries_.rows(); ++q) {
    const VectorXd x = queries_.row(q);
    const Posterior::Gradient gradient = posterior_->PredictWithGradient(x.transpose());
    const Posterior::Prediction here = posterior_->Predict(x.transpose());
    EXPECT_NEAR(gradient.mean[0], here.mean[0], 1e-9);
    EXPECT_NEAR(gradient.variance[0], here.variance[0], 1e-9);
    for (int f = 0; f < x.size(); ++f) {
      VectorXd up = x, down = x;
      up[f] += h;
      down[f] -= h;
      const auto above = posterior_->Predict(up.transpose()), below = posterior_->Predict(down.transpose());
      const double mean_gradient = (above.mean[0] - below.mean[0]) / (2 * h);
      const double variance_gradient = (above.variance[0] - below.variance[0]) / (2 * h);
      EXPECT_NEAR(gradient.mean_gradient(0, f), mean_gradient, 1e-5 * std::max(1.0, std::abs(mean_gradient)));
      EXPECT_NEAR(gradient.variance_gradient(0, f), variance_gradient,
                  1e-5 * std::max(1.0, std::abs(variance_gradient)));
    }
  }
}

TEST_P(PosteriorTest, KnowsItsDataAsWellAsTheNoiseAllows) {
  const Posterior::Prediction prediction = posterior_->Predict(features_);
  EXPECT_LT((prediction.mean - values_).cwiseAbs().maxCoeff(), 3 * std::sqrt(GetParam().noise));
  EXPECT_LT(prediction.variance.maxCoeff(), GetParam().noise * 1.01 + 1e-12);
  EXPECT_GT(prediction.variance.minCoeff(), 0);
}

TEST_P(PosteriorTest, PredictsManyPointsAsItPredictsEach) {
  const Posterior::Gradient all = posterior_->PredictWithGradient(queries_);
  for (int q = 0; q < queries_.rows(); ++q) {
    const Posterior::Gradient one = posterior_->PredictWithGradient(queries_.row(q));
    EXPECT_NEAR(all.mean[q], one.mean[0], 1e-9);
    EXPECT_LT((all.mean_gradient.row(q) - one.mean_gradient).cwiseAbs().maxCoeff(), 1e-7);
    EXPECT_LT((all.variance_gradient.row(q) - one.variance_gradient).cwiseAbs().maxCoeff(), 1e-7);
  }
}

TEST_P(PosteriorTest, BoundsItsVariance) {
  const Posterior::Prediction exact = posterior_->Predict(queries_), bound = posterior_->Bound(queries_);
  EXPECT_LT((exact.mean - bound.mean).cwiseAbs().maxCoeff(), 1e-9);
  EXPECT_GE((bound.variance - exact.variance).minCoeff(), -1e-9);
  EXPECT_LT(posterior_->Bound(features_).variance.maxCoeff(), GetParam().noise * 1.01 + 1e-9)
      << "a row tells of itself";
}

TEST_P(PosteriorTest, PredictsItsOwnRows) {
  EXPECT_LT((posterior_->VarianceAtRows() - posterior_->Predict(features_).variance).cwiseAbs().maxCoeff(), 1e-9);
  EXPECT_LT((posterior_->MeanAtRows() - posterior_->Mean(features_)).cwiseAbs().maxCoeff(), 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Table, PosteriorTest,
                         ::testing::Values(PosteriorCase{"Noisy", 1e-2}, PosteriorCase{"NoiseFree", 1e-8},
                                           PosteriorCase{"WithQuadraticTrend", 1e-6, TrendKind::kQuadratic},
                                           PosteriorCase{"WithEffects", 1e-6, TrendKind::kEffects},
                                           PosteriorCase{"WarpedInputs", 1e-6, TrendKind::kNone, kWarp},
                                           PosteriorCase{"WithEffectsOfThem", 1e-6, TrendKind::kEffects, kWarp}),
                         [](const auto& info) { return info.param.situation; });

}  // namespace
}  // namespace photinus
