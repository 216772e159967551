#include "server/algorithms/gp/triangular.h"

#include "Eigen/Dense"
#include "common/base/random.h"
#include "gtest/gtest.h"

namespace photinus {
namespace {

class TriangularOfSize : public ::testing::TestWithParam<int> {};

TEST_P(TriangularOfSize, AgreesWithTheDenseInverse) {
  const int n = GetParam();
  Random random(n);
  Eigen::MatrixXd lower = Eigen::MatrixXd::Constant(n, n, 1e9);  // above the diagonal: not to be read
  for (int j = 0; j < n; ++j) {
    for (int i = j; i < n; ++i) lower(i, j) = i == j ? 2 + random.Uniform() : random.Normal() / n;
  }
  const Eigen::MatrixXd dense = lower.triangularView<Eigen::Lower>();
  InvertLowerInPlace(lower);
  const Eigen::MatrixXd inverse = lower.triangularView<Eigen::Lower>();
  EXPECT_LT((inverse * dense - Eigen::MatrixXd::Identity(n, n)).cwiseAbs().maxCoeff(), 1e-12);
  GramOfLowerInPlace(lower);
  const Eigen::MatrixXd gram = lower.selfadjointView<Eigen::Lower>();
  EXPECT_LT((gram - inverse.transpose() * inverse).cwiseAbs().maxCoeff(), 1e-12);
}

INSTANTIATE_TEST_SUITE_P(Sizes, TriangularOfSize, ::testing::Values(1, 2, 23, 24, 25, 49, 100, 257));

}  // namespace
}  // namespace photinus
