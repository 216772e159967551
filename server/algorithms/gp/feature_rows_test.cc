#include "server/algorithms/gp/feature_rows.h"

#include "gtest/gtest.h"
#include "tests/support/search_space.h"

namespace photinus {
namespace {

TEST(FeatureRows, HasARowForEachPoint) {
  const Flatten flatten(Space(R"(
    parameters { parameter_id: "x" double_value_spec { max_value: 1 } }
    parameters { parameter_id: "c" categorical_value_spec { values: "a" values: "b" } })"));
  const std::vector<UnitPoint> units = {{0.2, 0.25}, {0.7, 0.75}, {1, 0.25}};
  const Eigen::MatrixXd rows = FeatureRows(flatten, units);
  ASSERT_EQ(rows.rows(), 3);
  ASSERT_EQ(rows.cols(), 3);
  for (size_t i = 0; i < units.size(); ++i) {
    EXPECT_EQ(Eigen::VectorXd(rows.row(static_cast<Eigen::Index>(i))), FeaturesOf(flatten, units[i])) << i;
  }
  EXPECT_EQ(rows(1, 0), 0.7);
  EXPECT_EQ(FeatureRows(flatten, {}).rows(), 0);
}

}  // namespace
}  // namespace photinus
