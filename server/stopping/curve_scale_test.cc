#include "server/stopping/curve_scale.h"

#include <gtest/gtest.h>

#include <cmath>

namespace photinus {
namespace {

const std::vector<double> kFinals = {0.60, 0.62, 0.64, 0.66, 0.68};

CurveScale ScaleOf(const std::vector<double>& finals, bool maximize, std::optional<ScaleKind> kind = std::nullopt) {
  return MakeCurveScale(finals, finals, maximize, kind);
}

TEST(CurveScale, MeasuresFromTheMedianInRobustDeviations) {
  const CurveScale scale = ScaleOf(kFinals, true);
  EXPECT_EQ(scale.kind, ScaleKind::kLinear);
  EXPECT_DOUBLE_EQ(scale.Apply(0.64), 0);
  EXPECT_NEAR(scale.Apply(0.64 + 0.04 / 1.349), 1, 1e-12);
  EXPECT_DOUBLE_EQ(scale.Invert(scale.Apply(0.3)), 0.3);
}

TEST(CurveScale, TurnsRoundWhatIsMinimised) {
  const CurveScale scale = ScaleOf(kFinals, false);
  EXPECT_GT(scale.Apply(0.60), scale.Apply(0.61));
  EXPECT_DOUBLE_EQ(scale.Invert(scale.Apply(0.61)), 0.61);
}

TEST(CurveScale, ChoosesLogarithmsForLossesOfManyMagnitudes) {
  EXPECT_EQ(ScaleOf({1, 2, 11}, false).kind, ScaleKind::kLog);
  EXPECT_EQ(ScaleOf({1, 2, 9}, false).kind, ScaleKind::kLinear);
  EXPECT_EQ(ScaleOf({-1, 2, 11}, false).kind, ScaleKind::kLinear);
  EXPECT_EQ(ScaleOf({1, 2, 11}, true).kind, ScaleKind::kLinear);
}

TEST(CurveScale, ChoosesLogitsForAccuraciesNearTheEnd) {
  EXPECT_EQ(ScaleOf({0.5, 0.97, 0.985}, true).kind, ScaleKind::kLogit);
  EXPECT_EQ(ScaleOf({0.5, 0.97, 0.975}, true).kind, ScaleKind::kLinear);
  EXPECT_EQ(ScaleOf({0.015, 0.02, 0.1}, false).kind, ScaleKind::kLogit);
  EXPECT_EQ(ScaleOf({0.5, 0.985, 1.1}, true).kind, ScaleKind::kLinear);
}

TEST(CurveScale, TakesNoLogitsOnceAnyValueIsOutside) {
  const std::vector<double> finals = {0.5, 0.97, 0.985};
  const auto kind_with = [&](double value, bool maximize = true) {
    std::vector<double> values = finals;
    values.push_back(value);
    return MakeCurveScale(finals, values, maximize, std::nullopt).kind;
  };
  EXPECT_EQ(kind_with(1), ScaleKind::kLogit);
  EXPECT_EQ(kind_with((1 + 0.3) - 0.3 + 1e-15), ScaleKind::kLogit) << "rounded";
  EXPECT_EQ(kind_with(1.01), ScaleKind::kLinear);
  EXPECT_EQ(kind_with(-0.01), ScaleKind::kLinear);
}

TEST(CurveScale, IsFiniteAtTheEndsOfItsRange) {
  const CurveScale logit = ScaleOf({0.5, 0.9, 1}, true);
  EXPECT_LT(logit.Apply(0.999), logit.Apply(1));
  EXPECT_EQ(logit.Apply(1), logit.Apply(2));
  const CurveScale log = ScaleOf({1, 10, 100}, false, ScaleKind::kLog);
  EXPECT_EQ(log.Apply(0), log.Apply(0.1)) << "a tenth of the least";
  EXPECT_EQ(log.Apply(-1), log.Apply(0.1));
  EXPECT_GT(log.Apply(0.1), log.Apply(0.11));
  EXPECT_EQ(ScaleOf({0, -10}, false, ScaleKind::kLog).Apply(-3), 0) << "no value is positive";
}

TEST(CurveScale, TakesNoLogarithmsWhereAnyValueIsNotPositive) {
  EXPECT_EQ(MakeCurveScale({1, 2, 11}, {1, 2, 11, 0.1}, false, std::nullopt).kind, ScaleKind::kLog);
  EXPECT_EQ(MakeCurveScale({1, 2, 11}, {1, 2, 11, 0}, false, std::nullopt).kind, ScaleKind::kLinear);
  const CurveScale asked = MakeCurveScale({1, 2, 11}, {1, 2, 11, 0}, false, ScaleKind::kLog);
  EXPECT_EQ(asked.Apply(0), asked.Apply(0.1)) << "0 has no logarithm";
}

TEST(CurveScale, MeasuresInStandardDeviationsWhereMostFinalsAreTheSame) {
  std::vector<double> finals(19, 1.0 / 12);
  finals.push_back(0.8);
  const CurveScale scale = MakeCurveScale(finals, finals, true, ScaleKind::kLinear);
  EXPECT_NEAR(scale.spread, (0.8 - 1.0 / 12) * std::sqrt(19.0) / 20, 1e-12);
}

TEST(CurveScale, CopesWithEqualFinals) {
  const CurveScale scale = ScaleOf({0, 0, 0}, true);
  EXPECT_EQ(scale.Apply(0), 0);
  EXPECT_DOUBLE_EQ(ScaleOf({5, 5}, true).Invert(0), 5);
}

}  // namespace
}  // namespace photinus
