#include "server/algorithms/gp/input_warp.h"

#include "gtest/gtest.h"

namespace photinus {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

// A number, three categories, the activity of children, a number.
const std::vector<Flatten::FeatureGroup> kGroups = {
    {.first = 0}, {.first = 1, .size = 3, .categorical = true}, {.first = 4, .activity = true}, {.first = 5}};
const InputWarp kWarp = {.a = VectorXd{{0.5, 2, 2, 3}}, .b = VectorXd{{2, 3, 3, 0.7}}};

MatrixXd Features() {
  MatrixXd features(3, 6);
  features << 0.1, 0.7, 0, 0, 1, 0.9,  //
      0.5, 0, 0.7, 0, 0, 0.4,          //
      0.8, 0, 0, 0.7, 1, 0.2;
  return features;
}

TEST(InputWarp, IsKumaraswamysOfNumbersAndLeavesTheRest) {
  const MatrixXd x = Features(), w = kWarp.Apply(kGroups, x);
  for (int i = 0; i < 3; ++i) {
    EXPECT_NEAR(w(i, 0), 1 - std::pow(1 - std::pow(x(i, 0), 0.5), 2), 1e-14);
    EXPECT_NEAR(w(i, 5), 1 - std::pow(1 - std::pow(x(i, 5), 3), 0.7), 1e-14);
  }
  EXPECT_EQ(w.middleCols(1, 4), x.middleCols(1, 4));
}

TEST(InputWarp, OfNothingAndOfOnesIsTheIdentity) {
  const MatrixXd x = Features();
  EXPECT_EQ(InputWarp{}.Apply(kGroups, x), x);
  EXPECT_EQ(InputWarp::Ones(4).Apply(kGroups, x), x);
  EXPECT_EQ(InputWarp::Ones(4).Slope(kGroups, x), MatrixXd::Ones(3, 6));
}

TEST(InputWarp, KeepsTheEndsAndWhatLiesBeyond) {
  MatrixXd x = MatrixXd::Zero(4, 6);
  x.col(0) << 0, 1, -0.3, 1.2;
  EXPECT_EQ(kWarp.Apply(kGroups, x).col(0), x.col(0));
  EXPECT_TRUE(kWarp.Slope(kGroups, x).allFinite());
  EXPECT_TRUE(kWarp.ByLogParameters(kGroups, x, MatrixXd::Ones(4, 6)).allFinite());
}

TEST(InputWarp, SlopeMatchesFiniteDifferences) {
  const double h = 1e-6;
  const MatrixXd x = Features(), slope = kWarp.Slope(kGroups, x);
  const MatrixXd step = MatrixXd::Constant(3, 6, h);
  const MatrixXd difference = (kWarp.Apply(kGroups, x + step) - kWarp.Apply(kGroups, x - step)) / (2 * h);
  EXPECT_LT((slope - difference).cwiseAbs().maxCoeff(), 1e-7);
}

TEST(InputWarp, ByLogParametersMatchesFiniteDifferences) {
  const double h = 1e-6;
  const MatrixXd x = Features(), weights = Features().array().square() - 0.2;
  const VectorXd gradient = kWarp.ByLogParameters(kGroups, x, weights);
  for (int k = 0; k < 8; ++k) {
    const auto at = [&](double step) {
      InputWarp moved = kWarp;
      (k < 4 ? moved.a[k] : moved.b[k - 4]) *= std::exp(step);
      return moved.Apply(kGroups, x).cwiseProduct(weights).sum();
    };
    EXPECT_NEAR(gradient[k], (at(h) - at(-h)) / (2 * h), 1e-8) << k;
  }
}

}  // namespace
}  // namespace photinus
