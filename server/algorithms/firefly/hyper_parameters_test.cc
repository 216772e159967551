#include "server/algorithms/firefly/hyper_parameters.h"

#include <gtest/gtest.h>

namespace photinus::firefly {
namespace {

TEST(HyperParameters, TheCubeHasOneCoordinateForEach) {
  const HyperParameters hyper = HyperDefaults();
  const UnitPoint unit = ToCube(hyper);
  ASSERT_EQ(unit.size(), static_cast<size_t>(kOuterDimension));
  for (const double u : unit) {
    EXPECT_GT(u, 0);
    EXPECT_LT(u, 1);
  }
  const UnitPoint again = ToCube(FromCube(unit));
  for (size_t i = 0; i < unit.size(); ++i) EXPECT_NEAR(again[i], unit[i], 1e-12) << i;
  EXPECT_NEAR(FromCube(unit).visibility, 3, 1e-9);
  EXPECT_NEAR(FromCube(unit).age_limit, 100, 1e-9);
  EXPECT_EQ(FromCube(unit).recombination, hyper.recombination);
}

TEST(HyperParameters, OfThePlainFireflyAreThoseOfEagleStrategy) {
  const HyperParameters hyper;
  EXPECT_EQ(hyper.perturbation, 0.1);
  EXPECT_EQ(hyper.gravity, 1);
  EXPECT_EQ(hyper.inertia, 0);
  EXPECT_EQ(hyper.recombination, 0);
  EXPECT_EQ(hyper.attraction, 0);
}

TEST(HyperParameters, AFreshFlyIsNeverWornOut) {
  UnitPoint unit = ToCube(HyperDefaults());
  unit[0] = 0;  // the perturbation
  unit[1] = 1;  // the least perturbation
  EXPECT_LE(FromCube(unit).least_perturbation, FromCube(unit).perturbation / 2);
}

TEST(PoolCapacity, FollowsTheTable) {
  EXPECT_EQ(PoolCapacity(1, 1.2), 11u);
  EXPECT_EQ(PoolCapacity(10, 1.2), 23u);
  EXPECT_EQ(PoolCapacity(22, 1.2), 41u);
  EXPECT_EQ(PoolCapacity(1000, 2), 1000u);
}

}  // namespace
}  // namespace photinus::firefly
