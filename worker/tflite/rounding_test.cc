#include "worker/tflite/rounding.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

#include "worker/tflite/requantizer.h"

namespace photinus::tflite {
namespace {

constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();
constexpr std::int32_t kMin = std::numeric_limits<std::int32_t>::min();

struct FixedCase {
  const char* name;
  double real;
  std::int32_t q31;
  int exponent;
};

class ToFixedTest : public ::testing::TestWithParam<FixedCase> {};

TEST_P(ToFixedTest, HoldsTheNearestMultiplier) {
  const FixedMultiplier fixed = ToFixed(GetParam().real);
  EXPECT_EQ(fixed.q31, GetParam().q31);
  EXPECT_EQ(fixed.exponent, GetParam().exponent);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ToFixedTest,
    ::testing::Values(FixedCase{"Half", 0.5, 1 << 30, 0}, FixedCase{"One", 1, 1 << 30, 1},
                      FixedCase{"Quarter", 0.25, 1 << 30, -1}, FixedCase{"ThreeQuarters", 0.75, 3 << 29, 0},
                      FixedCase{"Large", 96, 3 << 29, 7}, FixedCase{"RoundsUpToTheNextPower", 1 - 1e-12, 1 << 30, 1},
                      FixedCase{"Smallest", 0x1p-32, 1 << 30, -31}, FixedCase{"TooSmall", 0x1p-33, 0, 0},
                      FixedCase{"Zero", 0, 0, 0}, FixedCase{"Negative", -1, 0, 0}),
    [](const auto& info) { return info.param.name; });

struct RoundingCase {
  std::int32_t value;
  double multiplier;
  std::int32_t half_up, half_away, once;
};

// Multipliers of exactly 2^-k: every tie tells the rules apart.
constexpr RoundingCase kRoundings[] = {
    {0, 0.25, 0, 0, 0},
    // Without a right shift all rules round half up: gemmlowp's first rounding does.
    {1, 0.5, 1, 1, 1},
    {-1, 0.5, 0, 0, 0},
    {3, 0.5, 2, 2, 2},
    {-3, 0.5, -1, -1, -1},
    // -5/4: first to -2 (half up of -2.5), then half of that.
    {5, 0.25, 2, 2, 1},
    {-5, 0.25, -1, -1, -1},
    {6, 0.25, 2, 2, 2},
    {-6, 0.25, -1, -2, -1},
    {2, 0.25, 1, 1, 1},
    {-2, 0.25, 0, -1, 0},
    {-7, 0.25, -1, -2, -2},
    {100, 0.75, 75, 75, 75},
    {-100, 0.0075, -1, -1, -1},
    {3, 2, 6, 6, 6},
    {-3, 2, -6, -6, -6},
    {3, 1, 3, 3, 3},
    {1 << 30, 4, 1 << 30, 1 << 30, kMax},  // 2^30 * 2^3 saturates before it is halved
    {kMin, 4, -(1 << 30), -(1 << 30), kMin},
    {kMin, 0.5, -(1 << 30), -(1 << 30), -(1 << 30)},
    {kMax, 0x1p-32, 1, 1, 0},
    {kMin, 0x1p-32, 0, -1, 0},
};

TEST(Multiply, RoundsByEachRule) {
  for (const RoundingCase& c : kRoundings) {
    const FixedMultiplier multiplier = ToFixed(c.multiplier);
    EXPECT_EQ(MultiplyTwoRoundings(c.value, multiplier, Half::kUp), c.half_up) << c.value << " * " << c.multiplier;
    EXPECT_EQ(MultiplyTwoRoundings(c.value, multiplier, Half::kAwayFromZero), c.half_away)
        << c.value << " * " << c.multiplier;
    EXPECT_EQ(MultiplyOneRounding(c.value, multiplier), c.once) << c.value << " * " << c.multiplier;
  }
}

TEST(DivideHalfAway, RoundsTiesAwayFromZero) {
  EXPECT_EQ(DivideHalfAway(5, 2), 3);
  EXPECT_EQ(DivideHalfAway(-5, 2), -3);
  EXPECT_EQ(DivideHalfAway(4, 3), 1);
  EXPECT_EQ(DivideHalfAway(-4, 3), -1);
  EXPECT_EQ(DivideHalfAway(-5, 3), -2);
  EXPECT_EQ(DivideHalfAway(0, 7), 0);
  EXPECT_EQ(DivideHalfAway(-128 * 35, 35), -128);
}

graph::Op ConvOp(int filters, graph::OpType type, graph::Activation activation) {
  graph::Op op;
  op.type = type;
  op.filters = filters;
  op.activation = activation;
  return op;
}

std::vector<int> Requantized(const graph::Op& op, const std::vector<std::int32_t>& sums, float multiplier,
                             int zero_point, Rounding rounding) {
  const Requantizer requantizer(op, {multiplier, 0}, {1.0f}, {1.0f, zero_point}, rounding);
  std::vector<std::int8_t> out(sums.size());
  requantizer.Run(sums.data(), out.data());
  return {out.begin(), out.end()};
}

TEST(Requantizer, RoundsTiesToEvenInModeXnn) {
  const graph::Op op = ConvOp(8, graph::OpType::kConv2D, graph::Activation::kNone);
  const std::vector<std::int32_t> sums = {1, 3, 5, -1, -3, -5, 4, -4};
  EXPECT_EQ(Requantized(op, sums, 0.5f, 0, Rounding::kXnn), (std::vector<int>{0, 2, 2, 0, -2, -2, 2, -2}));
  EXPECT_EQ(Requantized(op, sums, 0.5f, 10, Rounding::kXnn), (std::vector<int>{10, 12, 12, 10, 8, 8, 12, 8}));
}

TEST(Requantizer, RoundsLeftOverDepthwiseChannelsAwayFromZeroInModeBuiltin) {
  const std::vector<std::int32_t> sums(10, -6);  // * 1/4: -1.5
  const graph::Op conv = ConvOp(10, graph::OpType::kConv2D, graph::Activation::kNone);
  EXPECT_EQ(Requantized(conv, sums, 0.25f, 0, Rounding::kBuiltin), std::vector<int>(10, -1));
  const graph::Op depthwise = ConvOp(10, graph::OpType::kDepthwiseConv2D, graph::Activation::kNone);
  EXPECT_EQ(Requantized(depthwise, sums, 0.25f, 0, Rounding::kBuiltin),
            (std::vector<int>{-1, -1, -1, -1, -1, -1, -1, -1, -2, -2}));
}

TEST(Requantizer, ClampsToTheActivationsLimits) {
  const std::vector<std::int32_t> sums = {kMin, -50, 0, 3, 50, kMax};
  for (const Rounding rounding : {Rounding::kXnn, Rounding::kBuiltin}) {
    const auto run = [&](graph::Activation activation) {
      return Requantized(ConvOp(6, graph::OpType::kConv2D, activation), sums, 1, -100, rounding);
    };
    EXPECT_EQ(run(graph::Activation::kNone), (std::vector<int>{-128, -128, -100, -97, -50, 127}));
    EXPECT_EQ(run(graph::Activation::kRelu), (std::vector<int>{-100, -100, -100, -97, -50, 127}));
    EXPECT_EQ(run(graph::Activation::kRelu6), (std::vector<int>{-100, -100, -100, -97, -94, -94}));
  }
}

}  // namespace
}  // namespace photinus::tflite
