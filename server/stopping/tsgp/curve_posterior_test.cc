#include "server/stopping/tsgp/curve_posterior.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "common/base/random.h"

namespace photinus {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

const DecayParameters kParameters{
    .asymptote = 0.3, .amplitude = -2, .spread = 0.8, .alpha = 1.2, .beta = 0.3, .coupling = 0.6};
constexpr double kNoise = 0.04;

CurveData SomeCurve(int points, uint64_t seed) {
  Random random(seed);
  CurveData data{ArrayXd::LinSpaced(points, 0.05, 0.05 * points), ArrayXd(points), ArrayXd::Ones(points)};
  for (double& value : data.values) value = 1 - 2 * random.Uniform();
  data.counts[points - 1] = 3;
  return data;
}

// log N(values; 0, covariance).
double LogDensity(const VectorXd& values, const MatrixXd& covariance) {
  const Eigen::LLT<MatrixXd> factor(covariance);
  return -0.5 * values.dot(factor.solve(values)) - factor.matrixLLT().diagonal().array().log().sum() -
         0.5 * static_cast<double>(values.size()) * std::log(2 * M_PI);
}

// All curves as one Gaussian: values less their means, and their covariance, when ends have covariance `prior`.
struct Joint {
  VectorXd values;
  MatrixXd covariance;
};

// cov(y(t), y(t')) where f ~ N(m, kAsymptoteVariance).
MatrixXd CovarianceOf(const ArrayXd& times) {
  const VectorXd loading = Loading(times, kParameters);
  return DecayCovariance(times, kParameters) + CurvePosterior::kAsymptoteVariance * loading * loading.transpose();
}

// What a curve's values have of its end: cov(y(t), g) / var(g).
VectorXd ShareOfEnd(const ArrayXd& times) {
  ArrayXd extended(times.size() + 1);
  extended << times, 1;
  const MatrixXd covariance = CovarianceOf(extended);
  return covariance.col(times.size()).head(times.size()) / covariance(times.size(), times.size());
}

double VarianceOfEnd() { return CovarianceOf(ArrayXd::Ones(1))(0, 0); }

Joint JointOf(const std::vector<CurveData>& curves, const MatrixXd& prior) {
  Index points = 0;
  for (const CurveData& curve : curves) points += curve.size();
  Joint joint{VectorXd(points), MatrixXd(points, points)};
  Index row = 0;
  for (size_t i = 0; i < curves.size(); ++i) {
    const CurveData& curve = curves[i];
    joint.values.segment(row, curve.size()) =
        curve.values - kParameters.asymptote -
        kParameters.amplitude * Kappa(curve.times, kParameters.alpha, kParameters.beta);
    const VectorXd share = ShareOfEnd(curve.times);
    Index column = 0;
    for (size_t j = 0; j < curves.size(); ++j) {
      auto block = joint.covariance.block(row, column, curve.size(), curves[j].size());
      block = prior(static_cast<Index>(i), static_cast<Index>(j)) * share * ShareOfEnd(curves[j].times).transpose();
      if (i == j) {
        block += CovarianceOf(curve.times) - VarianceOfEnd() * share * share.transpose();
        block.diagonal().array() += kNoise / curve.counts;
      }
      column += curves[j].size();
    }
    row += curve.size();
  }
  return joint;
}

class JointTest : public ::testing::Test {
 protected:
  JointTest() {
    for (const int points : {3, 1, 7, 4}) curves_.push_back(SomeCurve(points, static_cast<uint64_t>(points)));
    const MatrixXd root = MatrixXd::Random(4, 4);
    prior_ = root * root.transpose() + 0.1 * MatrixXd::Identity(4, 4);
  }

  std::vector<CurveData> curves_;
  MatrixXd prior_;  // of the ends
};

TEST_F(JointTest, PseudoObservationsHaveTheDensityOfAllCurves) {
  const Joint joint = JointOf(curves_, prior_);
  VectorXd ends(4);
  MatrixXd covariance = prior_;
  double constant = 0;
  for (Index i = 0; i < 4; ++i) {
    const auto posterior = CurvePosterior::Make(curves_[static_cast<size_t>(i)], kParameters, kNoise);
    ends[i] = posterior->end() - ExpectedEnd(kParameters);
    covariance(i, i) += 1 / posterior->precision();
    constant += posterior->log_density();
  }
  EXPECT_NEAR(LogDensity(joint.values, joint.covariance), constant + LogDensity(ends, covariance), 1e-8);
}

TEST_F(JointTest, PredictionsAreThoseOfAllCurvesAtOnce) {
  // The last curve's value at time 1 as one more measurement of it.
  std::vector<CurveData> extended = curves_;
  CurveData& last = extended.back();
  const Index n = last.size();
  last.times.conservativeResize(n + 1);
  last.values.conservativeResize(n + 1);
  last.counts.conservativeResize(n + 1);
  last.times[n] = last.counts[n] = 1;
  last.values[n] = 0;
  const Joint joint = JointOf(extended, prior_);
  const Index known = joint.values.size() - 1;
  const VectorXd weights =
      joint.covariance.topLeftCorner(known, known).llt().solve(joint.covariance.col(known).head(known));
  const double mean = kParameters.asymptote +
                      kParameters.amplitude * Kappa(ArrayXd::Ones(1), kParameters.alpha, kParameters.beta)[0] +
                      weights.dot(joint.values.head(known));
  const double variance = joint.covariance(known, known) - weights.dot(joint.covariance.col(known).head(known));

  // The cavity: the last end given the other curves.
  VectorXd others(3);
  MatrixXd covariance = prior_.topLeftCorner(3, 3);
  for (Index i = 0; i < 3; ++i) {
    const auto posterior = CurvePosterior::Make(curves_[static_cast<size_t>(i)], kParameters, kNoise);
    others[i] = posterior->end() - ExpectedEnd(kParameters);
    covariance(i, i) += 1 / posterior->precision();
  }
  const VectorXd k = prior_.col(3).head(3);
  const VectorXd solved = covariance.llt().solve(k);
  const Gaussian cavity{ExpectedEnd(kParameters) + solved.dot(others), prior_(3, 3) - solved.dot(k)};
  const Gaussian predicted = CurvePosterior::Make(curves_[3], kParameters, kNoise)->Predict(cavity);
  EXPECT_NEAR(predicted.mean, mean, 1e-8);
  EXPECT_NEAR(predicted.variance, variance, 1e-8);
}

TEST(CurvePosterior, WithoutPointsIsThePrior) {
  const auto posterior = CurvePosterior::Make({ArrayXd(0), ArrayXd(0), ArrayXd(0)}, kParameters, kNoise);
  EXPECT_EQ(posterior->precision(), 0);
  const Gaussian final = posterior->Predict({0.5, 2});
  EXPECT_NEAR(final.mean, 0.5, 1e-12);
  EXPECT_NEAR(final.variance, 2 + kNoise, 1e-12);
  EXPECT_NEAR(ExpectedEnd(kParameters), 0.3 - 2 * std::pow(0.3 / 1.3, 1.2), 1e-12);
}

TEST(CurvePosterior, GetsSurerWithEachPoint) {
  const CurveData data = SomeCurve(18, 1);
  double before =
      CurvePosterior::Make({ArrayXd(0), ArrayXd(0), ArrayXd(0)}, kParameters, kNoise)->Predict({0, 2}).variance;
  for (Index n = 1; n <= data.size(); ++n) {
    const CurveData part{data.times.head(n), data.values.head(n), data.counts.head(n)};
    const double now = CurvePosterior::Make(part, kParameters, kNoise)->Predict({0, 2}).variance;
    EXPECT_LE(now, before + 1e-9) << n;
    before = now;
  }
}

TEST(CurvePosterior, PredictsFromFirstPointsAsFromACurveOfThem) {
  const CurveData data = SomeCurve(6, 1);
  const auto all = CurvePosterior::Make(data, kParameters, kNoise)->PredictWithout({0.2, 2}, 9, {});
  ASSERT_EQ(all.size(), 7) << "as many as there are, and the prior";
  for (Index n = 0; n <= 6; ++n) {
    const CurveData part{data.times.head(n), data.values.head(n), data.counts.head(n)};
    const Gaussian alone = CurvePosterior::Make(part, kParameters, kNoise)->Predict({0.2, 2});
    EXPECT_NEAR(all[static_cast<size_t>(6 - n)].mean, alone.mean, 1e-9) << n;
    EXPECT_NEAR(all[static_cast<size_t>(6 - n)].variance, alone.variance, 1e-9) << n;
  }
}

TEST(CurvePosterior, DoesNotDependOnTheOrderOfPoints) {
  const CurveData data = SomeCurve(9, 1);
  CurveData turned = data;
  turned.times.reverseInPlace();
  turned.values.reverseInPlace();
  turned.counts.reverseInPlace();
  const auto a = CurvePosterior::Make(data, kParameters, kNoise), b = CurvePosterior::Make(turned, kParameters, kNoise);
  EXPECT_NEAR(a->end(), b->end(), 1e-9);
  EXPECT_NEAR(a->Predict({0, 1}).mean, b->Predict({0, 1}).mean, 1e-9);
  EXPECT_NEAR(a->Predict({0, 1}).variance, b->Predict({0, 1}).variance, 1e-9);
}

TEST(CurvePosterior, TurnsAndShiftsWithTheValues) {
  const CurveData data = SomeCurve(9, 1);
  CurveData turned = data;
  turned.values = 5 - data.values;
  DecayParameters parameters = kParameters;
  parameters.amplitude *= -1;
  parameters.asymptote = 5 - kParameters.asymptote;
  const Gaussian a = CurvePosterior::Make(data, kParameters, kNoise)->Predict({0.2, 1.5});
  const Gaussian b = CurvePosterior::Make(turned, parameters, kNoise)->Predict({5 - 0.2, 1.5});
  EXPECT_NEAR(b.mean, 5 - a.mean, 1e-8);
  EXPECT_NEAR(b.variance, a.variance, 1e-8);
}

TEST(CurvePosterior, IsTheLastValueOfACurveThatIsWhole) {
  for (const double spread : {0.8, std::exp(6.0)}) {
    for (const double last : {1.0, 1.0001, 1.5}) {
      for (const double noise : {kNoise, std::exp(-14.0)}) {
        DecayParameters parameters = kParameters;
        parameters.spread = spread;
        CurveData data{ArrayXd::LinSpaced(32, last / 32, last), ArrayXd(32), ArrayXd::Constant(32, 1000)};
        data.values = 0.7 - 2 * (-5 * data.times).exp();
        const auto posterior = CurvePosterior::Make(data, parameters, noise);
        ASSERT_TRUE(posterior.has_value()) << spread << " " << last << " " << noise;
        const Gaussian final = posterior->Predict({0, 2});
        EXPECT_NEAR(final.mean, 0.7 - 2 * std::exp(-5), 1e-2) << spread << " " << last << " " << noise;
        EXPECT_LT(final.variance, 1.1 * noise) << spread << " " << last << " " << noise;
      }
    }
  }
}

// y(t) = 0.7 - 2 exp(-t / tau), of which three time constants are seen. The mixture of rates keeps a slow tail, so that
// the end is not known exactly, but it is known how well.
TEST(CurvePosterior, PredictsAnExponentialWithinItsUncertainty) {
  for (const Index points : {9, 18, 36}) {
    const double constant = 0.2;
    CurveData data{ArrayXd::LinSpaced(points, 3 * constant / static_cast<double>(points), 3 * constant),
                   ArrayXd(points), ArrayXd::Ones(points)};
    data.values = 0.7 - 2 * (-data.times / constant).exp();
    const Gaussian final = CurvePosterior::Make(data, kParameters, 1e-4)->Predict({0, 1});
    EXPECT_LT(std::abs(final.mean - (0.7 - 2 * std::exp(-1 / constant))), 2.5 * std::sqrt(final.variance)) << points;
    EXPECT_LT(std::sqrt(final.variance), 0.3) << points;
  }
}

TEST(CurvePosterior, KnowsHowWellItPredictsCurvesOfTheModel) {
  constexpr Index kPoints = 20;
  constexpr int kCurves = 1000;
  const ArrayXd times = ArrayXd::LinSpaced(kPoints, 0.05, 1);
  MatrixXd covariance = CovarianceOf(times);
  covariance.diagonal().array() += kNoise;
  const MatrixXd root = covariance.llt().matrixL();
  Random random(4);
  double squares = 0;
  for (int i = 0; i < kCurves; ++i) {
    VectorXd normals(kPoints);
    for (double& normal : normals) normal = random.Normal();
    const ArrayXd values = (root * normals).array() + kParameters.asymptote +
                           kParameters.amplitude * Kappa(times, kParameters.alpha, kParameters.beta);
    for (const Index points : {2, 4, 10}) {
      const CurveData seen{times.head(points), values.head(points), ArrayXd::Ones(points)};
      const Gaussian final =
          CurvePosterior::Make(seen, kParameters, kNoise)->Predict({ExpectedEnd(kParameters), VarianceOfEnd()});
      squares += std::pow(values[kPoints - 1] - final.mean, 2) / final.variance / (3 * kCurves);
    }
  }
  EXPECT_NEAR(std::sqrt(squares), 1, 0.05);
}

TEST(CurvePosterior, PredictsFromBucketsWhatItPredictsFromAllPoints) {
  Random random(3);
  double shift = 0;
  constexpr int kCurves = 20;
  for (int i = 0; i < kCurves; ++i) {
    const Index points = 100;
    const ArrayXd times = ArrayXd::LinSpaced(points, 0.006, 0.6);
    const double rate = 2 + 10 * random.Uniform();
    ArrayXd values = 0.7 - 2 * (-rate * times).exp();
    for (double& value : values) value += std::sqrt(kNoise) * random.Normal();
    const Gaussian all =
        CurvePosterior::Make({times, values, ArrayXd::Ones(points)}, kParameters, kNoise)->Predict({0, 1});
    const Gaussian few = CurvePosterior::Make(IntoBuckets(times, values, 32), kParameters, kNoise)->Predict({0, 1});
    EXPECT_NEAR(few.mean, all.mean, 0.2 * std::sqrt(all.variance));
    shift += std::abs(few.mean - all.mean) / std::sqrt(all.variance) / kCurves;
  }
  EXPECT_LT(shift, 0.1);
}

}  // namespace
}  // namespace photinus
