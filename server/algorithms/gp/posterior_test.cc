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

struct PosteriorCase {
  const char* situation;
  double noise, trend;
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
                   .trend_variance = GetParam().trend};
    posterior_ = Posterior::Make(features_, groups_, values_, parameters_, 0.2);
  }

  FeatureGroups groups_;
  MatrixXd features_, queries_;
  VectorXd values_;
  KernelParameters parameters_;
  std::optional<Posterior> posterior_;
};

TEST_P(PosteriorTest, MatchesTheTextbookFormula) {
  const VectorXd inverse = InverseLengthscales(groups_, parameters_.lengthscales);
  const auto kernel = [&](const MatrixXd& a, const MatrixXd& b) -> MatrixXd {
    return parameters_.signal_variance * Matern(a * inverse.asDiagonal(), b * inverse.asDiagonal(), nullptr) +
           parameters_.trend_variance * QuadraticKernel(a, b);
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
    const Posterior::Gradient gradient = posterior_->PredictWithGradient(x);
    const Posterior::Prediction here = posterior_->Predict(x.transpose());
    EXPECT_NEAR(gradient.mean, here.mean[0], 1e-9);
    EXPECT_NEAR(gradient.variance, here.variance[0], 1e-9);
    for (int f = 0; f < x.size(); ++f) {
      VectorXd up = x, down = x;
      up[f] += h;
      down[f] -= h;
      const auto above = posterior_->Predict(up.transpose()), below = posterior_->Predict(down.transpose());
      EXPECT_NEAR(gradient.mean_gradient[f], (above.mean[0] - below.mean[0]) / (2 * h), 1e-5);
      EXPECT_NEAR(gradient.variance_gradient[f], (above.variance[0] - below.variance[0]) / (2 * h), 1e-5);
    }
  }
}

TEST_P(PosteriorTest, KnowsItsDataAsWellAsTheNoiseAllows) {
  const Posterior::Prediction prediction = posterior_->Predict(features_);
  EXPECT_LT((prediction.mean - values_).cwiseAbs().maxCoeff(), 3 * std::sqrt(GetParam().noise));
  EXPECT_LT(prediction.variance.maxCoeff(), GetParam().noise * 1.01 + 1e-12);
  EXPECT_GT(prediction.variance.minCoeff(), 0);
}

INSTANTIATE_TEST_SUITE_P(Table, PosteriorTest,
                         ::testing::Values(PosteriorCase{"Noisy", 1e-2, 0}, PosteriorCase{"NoiseFree", 1e-8, 0},
                                           PosteriorCase{"WithTrend", 1e-6, 2.0}),
                         [](const auto& info) { return info.param.situation; });

TEST(Posterior, RaisesTheNoiseUntilDuplicatesCanBeFactored) {
  const FeatureGroups groups = {{.first = 0, .size = 1}};
  const KernelParameters parameters{.lengthscales = VectorXd::Ones(1), .noise_variance = 1e-17};
  const auto posterior = Posterior::Make(MatrixXd::Constant(50, 1, 0.5), groups, VectorXd::Ones(50), parameters, 0);
  ASSERT_TRUE(posterior.has_value());
  EXPECT_GT(posterior->parameters().noise_variance, parameters.noise_variance);
  EXPECT_NEAR(posterior->Mean(MatrixXd::Constant(1, 1, 0.5))[0], 1, 1e-3);
}

TEST(Posterior, SaysSoIfTheCovarianceCannotBeFactored) {
  const FeatureGroups groups = {{.first = 0, .size = 1}};
  const KernelParameters parameters{.lengthscales = VectorXd::Ones(1), .noise_variance = 1e-6};
  const MatrixXd features = MatrixXd::Constant(3, 1, std::nan(""));
  EXPECT_FALSE(Posterior::Make(features, groups, VectorXd::Ones(3), parameters, 0).has_value());
}

}  // namespace
}  // namespace photinus
