#include "server/algorithms/acquisition/hypervolume.h"

#include <cmath>
#include <optional>

#include "gtest/gtest.h"

namespace photinus {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

class HypervolumeTest : public ::testing::Test {
 protected:
  // Of a circle's distances from two or three corners.
  void Model(int objectives) {
    Random random(8);
    MatrixXd features(20, 2), values(20, objectives);
    for (int i = 0; i < 20; ++i) {
      const double a = random.Uniform(), b = random.Uniform();
      features.row(i) << a, b;
      for (int k = 0; k < objectives; ++k) values(i, k) = -std::hypot(a - (k == 1), b - (k == 2));
    }
    const FeatureGroups groups = {{.first = 0, .size = 1}, {.first = 1, .size = 1}};
    const KernelParameters parameters{.lengthscales = VectorXd{{0.3, 0.6}}, .noise_variance = 1e-4};
    factor_ = Factor::Make(features, groups, parameters);
    posteriors_.clear();
    posteriors_.reserve(3);
    for (int k = 0; k < objectives; ++k) posteriors_.emplace_back(*factor_, values.col(k), 0);
    scalarisations_ = {ReferenceFor(values), DrawDirections(objectives, 24, random)};
    best_ = scalarisations_.Apply(values).colwise().maxCoeff();
  }
  HypervolumeAcquisition Acquisition() const {
    std::vector<const Posterior*> borrowed;
    for (const Posterior& posterior : posteriors_) borrowed.push_back(&posterior);
    return HypervolumeAcquisition(borrowed, scalarisations_, best_);
  }
  // By many draws of the objectives at one point.
  double LogGainByDraws(const MatrixXd& point) const {
    constexpr int kDraws = 20000;
    Random random(5);
    MatrixXd draws(kDraws, static_cast<Eigen::Index>(posteriors_.size()));
    for (size_t k = 0; k < posteriors_.size(); ++k) {
      const Posterior::Prediction p = posteriors_[k].Predict(point);
      for (int i = 0; i < kDraws; ++i) {
        draws(i, static_cast<Eigen::Index>(k)) = p.mean[0] + std::sqrt(p.variance[0]) * random.Normal();
      }
    }
    const double power = static_cast<double>(posteriors_.size());
    const MatrixXd scalarised = scalarisations_.Apply(draws).cwiseMax(0);
    const VectorXd best = best_.array().pow(power);
    const MatrixXd gains = (scalarised.array().pow(power).matrix().rowwise() - best.transpose()).cwiseMax(0);
    return std::log(gains.mean() / power);
  }

  std::optional<Factor> factor_;
  std::vector<Posterior> posteriors_;
  HypervolumeScalarisations scalarisations_;
  VectorXd best_;
};

TEST_F(HypervolumeTest, IsTheMeanOverDirectionsOfTheBestScalarisation) {
  const MatrixXd front{{0.2, 0.9}, {0.6, 0.5}, {0.7, 0.1}};
  const double volume = 0.2 * 0.9 + 0.4 * 0.5 + 0.1 * 0.1;
  Random random(1);
  const HypervolumeScalarisations scalarisations{VectorXd::Zero(2), DrawDirections(2, 100000, random)};
  const VectorXd best = scalarisations.Apply(front).colwise().maxCoeff();
  EXPECT_NEAR(best.array().square().mean() * M_PI / 4, volume, 2e-3);
}

TEST_F(HypervolumeTest, TheExpectedGainIsThatOfManyDraws) {
  for (const int objectives : {2, 3}) {
    Model(objectives);
    for (const MatrixXd& point : {MatrixXd{{0.5, 0.02}}, MatrixXd{{0.5, 1.4}}}) {
      EXPECT_NEAR(Acquisition().Score(point)[0], LogGainByDraws(point), 0.1) << objectives << ": " << point;
    }
  }
}

TEST_F(HypervolumeTest, ASureGainIsTheGainOfTheMeans) {
  Model(2);
  best_.setConstant(0.1);
  const MatrixXd point{{0.3, 0.3}};
  MatrixXd mean(1, 2);
  for (int k = 0; k < 2; ++k) mean(0, k) = posteriors_[static_cast<size_t>(k)].Mean(point)[0];
  const VectorXd reached = scalarisations_.Apply(mean).row(0);
  EXPECT_NEAR(Acquisition().Score(point)[0], std::log((reached.array().square() - 0.01).max(0).mean() / 2), 0.05);
}

TEST_F(HypervolumeTest, HasTheGradientOfItsScoreBelowItsBound) {
  for (const int objectives : {2, 3}) {
    Model(objectives);
    const HypervolumeAcquisition acquisition = Acquisition();
    for (double a = 0.05; a < 1; a += 0.15) {
      for (double b = 0.07; b < 1; b += 0.15) {
        const VectorXd x{{a, b}};
        MatrixXd gradient;
        const double score = acquisition.ScoreWithGradient(x.transpose(), gradient)[0];
        EXPECT_LE(score, acquisition.Bound(x.transpose())[0]);
        EXPECT_NEAR(score, acquisition.Score(x.transpose())[0], 1e-7 * std::abs(score) + 1e-9);
        for (int f = 0; f < 2; ++f) {
          VectorXd up = x, down = x;
          up[f] += 1e-5;
          down[f] -= 1e-5;
          const double difference =
              (acquisition.Score(up.transpose())[0] - acquisition.Score(down.transpose())[0]) / 2e-5;
          EXPECT_NEAR(gradient(0, f), difference, 0.01 * std::abs(difference) + 0.05) << x.transpose();
        }
      }
    }
  }
}

TEST_F(HypervolumeTest, IsFiniteWhereNothingCanBeGained) {
  Model(2);
  best_.setConstant(1e6);
  EXPECT_TRUE(std::isfinite(Acquisition().Score(MatrixXd{{0.5, 0.5}})[0]));
  EXPECT_LE(Acquisition().Score(MatrixXd{{0.5, 0.5}})[0], Acquisition().Bound(MatrixXd{{0.5, 0.5}})[0]);
}

TEST(Standing, IsZeroForTheBestOfADirectionAndLessForWhatLacksMore) {
  const MatrixXd values{{0.1, 1}, {1, 0.1}, {0.8, 0.8}, {0.7, 0.7}, {0, 0}};
  Random random(2);
  const VectorXd standing = Standing(values, {VectorXd::Zero(2), DrawDirections(2, 1000, random)});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(standing[i], 0) << i;
  EXPECT_LT(standing[3], 0);
  EXPECT_LT(standing[4], standing[3]);
}

TEST(ReferenceFor, LiesBeyondTheFrontAndLooksAtNothingElse) {
  const MatrixXd two{{0, 1}, {0.5, 0.5}, {1, 0}, {-9, -5}};
  EXPECT_EQ(ReferenceFor(two), (VectorXd{{-2, -2}}));
  const MatrixXd three{{0, 1, 1}, {1, 0, 1}, {1, 1, 0}, {-9, -5, -1}};
  EXPECT_TRUE(ReferenceFor(three).isApprox(VectorXd{{-0.1, -0.1, -0.1}}));
}

TEST(ReferenceFor, TakesNoNoiseForAnEndOfTheFront) {
  const MatrixXd values{{0, 1}, {1, 0}, {-9, 1 + 1e-9}};
  EXPECT_TRUE(ReferenceFor(values).isApprox(VectorXd{{-2, -2}}, 1e-6));
}

}  // namespace
}  // namespace photinus
