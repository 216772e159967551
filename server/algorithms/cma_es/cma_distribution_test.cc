#include "server/algorithms/cma_es/cma_distribution.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include "Eigen/Dense"
#include "common/base/random.h"
#include "gtest/gtest.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

VectorXd Normal(int n, Random& random) {
  VectorXd z(n);
  for (double& value : z) value = random.Normal();
  return z;
}

CmaDistribution ADistribution() {
  CmaDistribution d = CmaDistribution::Begin(VectorXd::LinSpaced(3, 1, 2), 0.5);
  d.covariance << 4, 1, 0, 1, 2, 0.5, 0, 0.5, 1;
  d.scale << 1, 3, 1;
  return d;
}

TEST(CmaFactor, DrawsWithTheCovariance) {
  const CmaDistribution d = ADistribution();
  const CmaFactor factor(d);
  Random random(1);
  MatrixXd sum = MatrixXd::Zero(3, 3);
  constexpr int kDraws = 40000;
  for (int i = 0; i < kDraws; ++i) {
    const VectorXd x = factor.Transform(Normal(3, random)) - d.mean;
    sum += x * x.transpose();
  }
  const MatrixXd expected = 0.25 * d.scale.asDiagonal() * d.covariance * d.scale.asDiagonal();
  EXPECT_LT((sum / kDraws - expected).cwiseAbs().maxCoeff(), 0.15);
  EXPECT_LT((d.Deviations() - expected.diagonal().cwiseSqrt()).cwiseAbs().maxCoeff(), 1e-12);
}

TEST(CmaFactor, TakesADrawApartAgain) {
  const CmaDistribution d = ADistribution();
  const CmaFactor factor(d);
  const VectorXd z = (VectorXd(3) << 0.3, -0.7, 1.1).finished();
  const VectorXd y = factor.Step(factor.Transform(z));
  // Whiten is the symmetric root, so only the length comes back, and C y' y = |z|^2.
  EXPECT_NEAR(factor.Whiten(y).norm(), z.norm(), 1e-12);
  EXPECT_NEAR(y.dot(d.covariance.ldlt().solve(y)), z.squaredNorm(), 1e-12);
  EXPECT_NEAR((factor.Whiten(factor.Whiten(y)) - d.covariance.ldlt().solve(y)).norm(), 0, 1e-12);
}

TEST(CmaFactor, ShortensStepsThatAreTooLongToBeDrawn) {
  const CmaFactor factor(ADistribution());
  const VectorXd far = VectorXd::Constant(3, 1000);
  EXPECT_NEAR(factor.Whiten(factor.Step(far)).norm(), std::sqrt(3) + 6.0 / 5, 1e-9);
}

TEST(CmaFactor, KnowsTheCondition) {
  CmaDistribution d = CmaDistribution::Begin(VectorXd::Zero(2), 1);
  d.covariance(1, 1) = 1e-6;
  EXPECT_NEAR(CmaFactor(d).Condition(), 1e6, 1e-3);
}

// One generation in one dimension, worked out by hand.
TEST(Update, MatchesTheTutorialInOneDimension) {
  const CmaParameters p = CmaParameters::Default(1, 4);
  CmaDistribution d = CmaDistribution::Begin(VectorXd::Constant(1, 2), 0.5);
  d.path_sigma[0] = 0.2;
  d.path_c[0] = -0.1;
  d.generation = 3;
  const MatrixXd points = (MatrixXd(1, 4) << 2.25, 2.5, 1.75, 1.5).finished();  // steps 0.5, 1, -0.5, -1
  const double w = p.weights[0] * 0.5 + p.weights[1] * 1;
  const double path_sigma = (1 - p.c_sigma) * 0.2 + std::sqrt(p.c_sigma * (2 - p.c_sigma) * p.mu_eff) * w;
  const double path_c = (1 - p.c_c) * -0.1 + std::sqrt(p.c_c * (2 - p.c_c) * p.mu_eff) * w;
  // A negative weight is divided by the squared length of its step: each bad point counts by its direction only.
  const double rank_mu = p.weights[0] * 0.25 + p.weights[1] + p.weights[2] + p.weights[3];
  Update(p, points, d);
  EXPECT_EQ(d.generation, 4);
  EXPECT_NEAR(d.mean[0], 2 + 0.5 * w, 1e-12);
  EXPECT_NEAR(d.path_sigma[0], path_sigma, 1e-12);
  EXPECT_NEAR(d.path_c[0], path_c, 1e-12);
  EXPECT_NEAR(d.covariance(0, 0), 1 - p.c_1 - p.c_mu * p.weights.sum() + p.c_1 * path_c * path_c + p.c_mu * rank_mu,
              1e-12);
  EXPECT_NEAR(d.sigma, 0.5 * std::exp(p.c_sigma / p.d_sigma * (std::abs(path_sigma) / p.chi_n - 1)), 1e-12);
}

// Evaluations until f < target, drawing without bounds.
int Evaluations(int n, double target, const std::function<double(const VectorXd&)>& f) {
  const CmaParameters p = CmaParameters::Default(n, CmaParameters::DefaultLambda(n));
  CmaDistribution d = CmaDistribution::Begin(VectorXd::Constant(n, 0.8), 0.3);
  Random random(7);
  for (int evaluations = 0; evaluations < 20000;) {
    const CmaFactor factor(d);
    std::vector<std::pair<double, VectorXd>> generation;
    for (int i = 0; i < p.lambda; ++i) {
      const VectorXd x = factor.Transform(Normal(n, random));
      generation.emplace_back(f(x), x);
      ++evaluations;
      if (generation.back().first < target) return evaluations;
    }
    std::sort(generation.begin(), generation.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    MatrixXd points(n, p.lambda);
    for (int i = 0; i < p.lambda; ++i) points.col(i) = generation[i].second;
    Update(p, points, d);
  }
  return 20000;
}

TEST(Update, SolvesTheSphereInAFewThousandEvaluations) {
  EXPECT_LT(Evaluations(10, 1e-12, [](const VectorXd& x) { return x.squaredNorm(); }), 2200);
}

TEST(Update, LearnsARotatedEllipsoid) {
  const int n = 8;
  Random random(3);
  MatrixXd noise(n, n);
  for (Index i = 0; i < n; ++i) noise.col(i) = Normal(n, random);
  const MatrixXd rotation = noise.householderQr().householderQ();
  const auto ellipsoid = [&](const VectorXd& x) {
    const VectorXd z = rotation * x;
    double sum = 0;
    for (Index i = 0; i < n; ++i) sum += std::pow(1e6, static_cast<double>(i) / (n - 1)) * z[i] * z[i];
    return sum;
  };
  EXPECT_LT(Evaluations(n, 1e-8, ellipsoid), 8000);
}

}  // namespace
}  // namespace photinus
