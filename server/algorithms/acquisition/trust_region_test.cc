#include "server/algorithms/acquisition/trust_region.h"

#include "gmock/gmock.h"
#include "tests/support/search_space.h"

namespace photinus {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;

class TrustRegionTest : public ::testing::Test {
 protected:
  const SearchSpace space_ = Space(R"(
    parameters { parameter_id: "x" double_value_spec { max_value: 1 } }
    parameters { parameter_id: "n" integer_value_spec { max_value: 9 } }
    parameters { parameter_id: "c" categorical_value_spec { values: "a" values: "b" } })");
  const Flatten flatten_ = Flatten(space_);
  const UnitPoint best_ = {0.5, 0.95, 0.25};
};

TEST_F(TrustRegionTest, ReachesFromTheBestPointToTheBoundsAndLeavesCategoriesFree) {
  const auto box = TrustRegion(flatten_, best_, 0);
  EXPECT_THAT(box->low, ElementsAre(DoubleEq(0.2), DoubleEq(0.65), 0));
  EXPECT_THAT(box->high, ElementsAre(DoubleEq(0.8), 1, 1));
}

TEST_F(TrustRegionTest, ReachesFromTheBoundWhereTheBestPointLiesOutside) {
  const auto box = TrustRegion(flatten_, {1.5, -0.5, 0.25}, 0);
  EXPECT_THAT(box->low, ElementsAre(DoubleEq(0.7), 0, 0));
  EXPECT_THAT(box->high, ElementsAre(1, DoubleEq(0.3), 1));
}

TEST_F(TrustRegionTest, ShrinksWithEveryRoundOfFailuresUntilNothingIsLeft) {
  EXPECT_DOUBLE_EQ(TrustRegion(flatten_, best_, 2)->low[0], 0.2);
  EXPECT_DOUBLE_EQ(TrustRegion(flatten_, best_, 3)->low[0], 0.35);
  EXPECT_DOUBLE_EQ(TrustRegion(flatten_, best_, 6)->low[0], 0.425);
  EXPECT_TRUE(TrustRegion(flatten_, best_, 15).has_value());
  EXPECT_FALSE(TrustRegion(flatten_, best_, 18).has_value());
}

}  // namespace
}  // namespace photinus
