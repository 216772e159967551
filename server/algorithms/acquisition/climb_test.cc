#include "server/algorithms/acquisition/climb.h"

#include <cmath>

#include "gtest/gtest.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// A badly scaled, rotated bowl, upside down, with its top at `top`.
BatchFunction Bowl(const VectorXd& top) {
  return [top](const MatrixXd& x, MatrixXd& gradients) {
    VectorXd values(x.rows());
    gradients.resize(x.rows(), x.cols());
    for (Index i = 0; i < x.rows(); ++i) {
      const VectorXd z = x.row(i).transpose() - top;
      const double sum = z.sum();
      values[i] = -z.squaredNorm() - 100 * sum * sum;
      gradients.row(i) = -2 * z.transpose() - 200 * sum * VectorXd::Ones(z.size()).transpose();
    }
    return values;
  };
}

constexpr ClimbLimits kLimits = {.evaluations = 60, .tolerance = 1e-12};

TEST(Climb, ReachesTheTopFromEveryStart) {
  const MatrixXd starts{{0.9, 0.1, 0.5}, {0, 0, 1}, {0.3, 0.6, 0.2}};
  const MatrixXd low = MatrixXd::Zero(3, 3), high = MatrixXd::Ones(3, 3);
  const VectorXd top{{0.3, 0.6, 0.2}};
  const Climbed climbed = Climb(Bowl(top), starts, low, high, kLimits);
  for (Index i = 0; i < 3; ++i) {
    EXPECT_LT((climbed.points.row(i).transpose() - top).norm(), 1e-3) << i;
    EXPECT_NEAR(climbed.values[i], 0, 1e-6);
  }
}

TEST(Climb, StopsAtBoundsAndHoldsWhatMayNotMove) {
  const MatrixXd low{{0, 0.5, 0}}, high{{1, 0.5, 1}};
  const BatchFunction slope = [](const MatrixXd& x, MatrixXd& gradients) -> VectorXd {
    gradients = MatrixXd::Ones(x.rows(), 1) * Eigen::RowVector3d(1, 5, -2);
    return gradients.cwiseProduct(x).rowwise().sum();
  };
  const Climbed climbed = Climb(slope, MatrixXd{{0.2, 0.5, 0.7}}, low, high, kLimits);
  EXPECT_EQ(climbed.points, (MatrixXd{{1, 0.5, 0}}));
}

TEST(Climb, ClimbsEachStartAsIfItWereAlone) {
  const MatrixXd starts{{0.9, 0.1}, {0.2, 0.8}}, low = MatrixXd::Zero(2, 2), high = MatrixXd::Ones(2, 2);
  const BatchFunction bowl = Bowl(VectorXd{{0.4, 0.5}});
  const Climbed both = Climb(bowl, starts, low, high, {.evaluations = 7});
  for (Index i = 0; i < 2; ++i) {
    const Climbed one = Climb(bowl, starts.row(i), low.row(i), high.row(i), {.evaluations = 7});
    EXPECT_EQ(one.points.row(0), both.points.row(i));
  }
}

TEST(Climb, IsNeverWorseThanItsStartEvenWhereTheFunctionBreaksDown) {
  const BatchFunction cliff = [](const MatrixXd& x, MatrixXd& gradients) -> VectorXd {
    gradients = MatrixXd::Ones(x.rows(), x.cols());
    return (x.col(0).array() > 0.5).select(VectorXd::Constant(x.rows(), std::nan("")), x.col(0));
  };
  const MatrixXd start{{0.48}};
  const Climbed climbed = Climb(cliff, start, MatrixXd::Zero(1, 1), MatrixXd::Ones(1, 1), kLimits);
  EXPECT_GE(climbed.values[0], 0.48);
  EXPECT_LE(climbed.points(0, 0), 0.5);
}

TEST(Climb, EvaluatesNoMoreOftenThanAllowed) {
  int evaluations = 0;
  const BatchFunction bowl = Bowl(VectorXd{{0.4, 0.5}});
  const BatchFunction counted = [&](const MatrixXd& x, MatrixXd& gradients) {
    ++evaluations;
    return bowl(x, gradients);
  };
  Climb(counted, MatrixXd{{0.0, 1.0}}, MatrixXd::Zero(1, 2), MatrixXd::Ones(1, 2), {.evaluations = 5, .tolerance = 0});
  EXPECT_EQ(evaluations, 5);
}

}  // namespace
}  // namespace photinus
