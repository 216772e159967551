#include "server/algorithms/gp_rows.h"

#include "common/base/random.h"
#include "gtest/gtest.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

class GpFactorTest : public ::testing::Test {
 protected:
  // Rows 0..base-1 are the base; the trials are known by their numbers.
  static GpRows Rows(size_t base, const std::vector<int64_t>& ids) {
    GpRows rows{ids, MatrixXd(static_cast<Index>(ids.size()), 2), base};
    for (size_t i = 0; i < ids.size(); ++i) {
      Random random(static_cast<uint64_t>(ids[i]));
      rows.features.row(static_cast<Index>(i)) << random.Uniform(), random.Uniform();
    }
    return rows;
  }
  VectorXd Solution(const Factor& factor) const { return factor.Solve(VectorXd::LinSpaced(factor.size(), 0, 1)); }
  // Rows made to bring `kept_` to these; the answer must be that of a new one.
  int64_t RowsMade(const GpRows& rows) {
    GpFactor anew;
    const int64_t before = kept_.rows_made();
    const VectorXd solution = Solution(*kept_.At(rows, groups_, parameters_));
    EXPECT_EQ(solution, Solution(*anew.At(rows, groups_, parameters_))) << "bit for bit";
    return kept_.rows_made() - before;
  }

  const FeatureGroups groups_ = {{.first = 0, .size = 1}, {.first = 1, .size = 1}};
  KernelParameters parameters_ = {.lengthscales = VectorXd{{0.3, 0.6}}, .noise_variance = 1e-4};
  GpFactor kept_;
};

TEST_F(GpFactorTest, CostsWhatChanged) {
  EXPECT_EQ(RowsMade(Rows(4, {1, 2, 3, 4})), 4);
  EXPECT_EQ(RowsMade(Rows(4, {1, 2, 3, 4, 5, 6})), 2);
  EXPECT_EQ(RowsMade(Rows(4, {1, 2, 3, 4, 5, 6})), 0);
  EXPECT_EQ(RowsMade(Rows(4, {1, 2, 3, 4, 6, 7})), 2) << "5 is gone";
  EXPECT_EQ(RowsMade(Rows(4, {1, 2, 3, 4})), 0);
}

TEST_F(GpFactorTest, BeginsAnewWithAnotherBaseOrOtherParameters) {
  RowsMade(Rows(4, {1, 2, 3, 4, 5}));
  EXPECT_EQ(RowsMade(Rows(3, {1, 2, 4, 5})), 4);
  EXPECT_EQ(RowsMade(Rows(4, {1, 2, 4, 5})), 4);
  parameters_.signal_variance = 2;
  EXPECT_EQ(RowsMade(Rows(4, {1, 2, 4, 5})), 4);
}

TEST_F(GpFactorTest, KeepsRowsThatWereAppendedIfTheyCameTrue) {
  RowsMade(Rows(4, {1, 2, 3, 4}));
  kept_.Append(5, Rows(0, {5}).features.row(0));
  kept_.Append(6, Rows(0, {9}).features.row(0));  // trial 6 will be elsewhere
  EXPECT_EQ(RowsMade(Rows(4, {1, 2, 3, 4, 5})), 0);
  kept_.Append(6, Rows(0, {9}).features.row(0));
  EXPECT_EQ(RowsMade(Rows(4, {1, 2, 3, 4, 5, 6})), 1);
}

TEST_F(GpFactorTest, DoesWithoutABase) { EXPECT_EQ(RowsMade(Rows(0, {1, 2, 3})), 3); }

}  // namespace
}  // namespace photinus
