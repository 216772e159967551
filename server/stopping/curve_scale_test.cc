#include "server/stopping/curve_scale.h"

#include <gtest/gtest.h>

namespace photinus {
namespace {

const std::vector<double> kFinals = {0.60, 0.62, 0.64, 0.66, 0.68};

TEST(CurveScale, MeasuresFromTheMedianInRobustDeviations) {
  const CurveScale scale = MakeCurveScale(kFinals, true, std::nullopt);
  EXPECT_EQ(scale.kind, ScaleKind::kLinear);
  EXPECT_DOUBLE_EQ(scale.Apply(0.64), 0);
  EXPECT_NEAR(scale.Apply(0.64 + 0.04 / 1.349), 1, 1e-12);
  EXPECT_DOUBLE_EQ(scale.Invert(scale.Apply(0.3)), 0.3);
}

TEST(CurveScale, TurnsRoundWhatIsMinimised) {
  const CurveScale scale = MakeCurveScale(kFinals, false, std::nullopt);
  EXPECT_GT(scale.Apply(0.60), scale.Apply(0.61));
  EXPECT_DOUBLE_EQ(scale.Invert(scale.Apply(0.61)), 0.61);
}

TEST(CurveScale, ChoosesLogarithmsForLossesOfManyMagnitudes) {
  EXPECT_EQ(MakeCurveScale({1, 2, 11}, false, std::nullopt).kind, ScaleKind::kLog);
  EXPECT_EQ(MakeCurveScale({1, 2, 9}, false, std::nullopt).kind, ScaleKind::kLinear);
  EXPECT_EQ(MakeCurveScale({-1, 2, 11}, false, std::nullopt).kind, ScaleKind::kLinear);
  EXPECT_EQ(MakeCurveScale({1, 2, 11}, true, std::nullopt).kind, ScaleKind::kLinear);
}

TEST(CurveScale, ChoosesLogitsForAccuraciesNearTheEnd) {
  EXPECT_EQ(MakeCurveScale({0.5, 0.97, 0.985}, true, std::nullopt).kind, ScaleKind::kLogit);
  EXPECT_EQ(MakeCurveScale({0.5, 0.97, 0.975}, true, std::nullopt).kind, ScaleKind::kLinear);
  EXPECT_EQ(MakeCurveScale({0.015, 0.02, 0.1}, false, std::nullopt).kind, ScaleKind::kLogit);
  EXPECT_EQ(MakeCurveScale({0.5, 0.985, 1.1}, true, std::nullopt).kind, ScaleKind::kLinear);
}

TEST(CurveScale, IsFiniteAtTheEndsOfItsRange) {
  const CurveScale logit = MakeCurveScale({0.5, 0.9, 1}, true, std::nullopt);
  EXPECT_LT(logit.Apply(0.999), logit.Apply(1));
  EXPECT_EQ(logit.Apply(1), logit.Apply(2));
  const CurveScale log = MakeCurveScale({1, 10, 100}, false, ScaleKind::kLog);
  EXPECT_GT(log.Apply(0), log.Apply(1e-200));
}

TEST(CurveScale, CopesWithEqualFinals) {
  const CurveScale scale = MakeCurveScale({0, 0, 0}, true, std::nullopt);
  EXPECT_EQ(scale.Apply(0), 0);
  EXPECT_DOUBLE_EQ(MakeCurveScale({5, 5}, true, std::nullopt).Invert(0), 5);
}

}  // namespace
}  // namespace photinus
