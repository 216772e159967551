#include "server/analysis/model_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "gmock/gmock.h"

namespace photinus {
namespace {

using Eigen::Index;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

TEST(ModelRows, TakeAllOfAFewByTheirDistances) {
  const Eigen::MatrixXd features{{0.5}, {0.6}, {0.0}, {1.0}, {0.5}};
  const ModelRows rows = ChooseModelRows(features, 5);
  EXPECT_THAT(rows.spread, ElementsAre(0, 2, 3, 1, 4)) << "the repeat last";
  EXPECT_EQ(rows.all, rows.spread);
}

TEST(ModelRows, OfManyFillTheSpaceAndFollowTheSearch) {
  Eigen::MatrixXd features = Eigen::MatrixXd::Constant(1000, 1, 0.9);
  for (Index i = 0; i < 10; ++i) features(100 * i, 0) = 0.1 * static_cast<double>(i);
  const ModelRows rows = ChooseModelRows(features, 20);
  EXPECT_THAT(rows.spread, UnorderedElementsAre(0, 100, 200, 300, 400, 500, 600, 700, 800, ::testing::_));
  ASSERT_EQ(rows.all.size(), 20u);
  EXPECT_EQ(std::set<Index>(rows.all.begin(), rows.all.end()).size(), 20u) << "none twice";
  for (size_t i = 0; i < 10; ++i) EXPECT_EQ(rows.all[2 * i], rows.spread[i]);
  EXPECT_GT(*std::max_element(rows.all.begin(), rows.all.end()), 900) << "of the whole search";
}

TEST(ModelRows, MayBeFewerThanTheLimit) {
  EXPECT_EQ(ChooseModelRows(Eigen::MatrixXd::Zero(3, 2), 4).all.size(), 3u);
  EXPECT_EQ(ChooseModelRows(Eigen::MatrixXd::Zero(5, 2), 4).all.size(), 4u);
  EXPECT_TRUE(ChooseModelRows(Eigen::MatrixXd::Zero(0, 2), 4).all.empty());
}

}  // namespace
}  // namespace photinus
