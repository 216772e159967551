#include "server/analysis/sobol_indices.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace photinus {
namespace {

CubeFunction PointWise(double (*f)(const UnitPoint&)) {
  return [f](const std::vector<UnitPoint>& points) {
    Eigen::VectorXd values(static_cast<Eigen::Index>(points.size()));
    for (size_t i = 0; i < points.size(); ++i) values[static_cast<Eigen::Index>(i)] = f(points[i]);
    return values;
  };
}

double Ishigami(const UnitPoint& u) {
  const double x = M_PI * (2 * u[0] - 1), y = M_PI * (2 * u[1] - 1), z = M_PI * (2 * u[2] - 1);
  return std::sin(x) + 7 * std::pow(std::sin(y), 2) + 0.1 * std::pow(z, 4) * std::sin(x);
}

struct Function {
  std::string name;
  double (*f)(const UnitPoint&);
  std::vector<double> main, total;  // in closed form
};

class SobolIndicesOf : public ::testing::TestWithParam<Function> {};

TEST_P(SobolIndicesOf, AreThoseOfTheClosedForm) {
  const Function& function = GetParam();
  const auto dimension = static_cast<int>(function.main.size());
  const auto indices = EstimateSobolIndices(dimension, 1024, PointWise(function.f), nullptr);
  ASSERT_TRUE(indices.has_value());
  for (size_t i = 0; i < function.main.size(); ++i) {
    EXPECT_NEAR(indices->main[i], function.main[i], 0.02) << i;
    EXPECT_NEAR(indices->total[i], function.total[i], 0.02) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Functions, SobolIndicesOf,
    ::testing::Values(Function{"Ishigami", &Ishigami, {0.3139, 0.4424, 0, 0}, {0.5576, 0.4424, 0.2437, 0}},
                      Function{"Sum", [](const UnitPoint& u) { return u[0] + 3 * u[1]; }, {0.1, 0.9}, {0.1, 0.9}},
                      Function{
                          "Product", [](const UnitPoint& u) { return (u[0] - 0.5) * (u[1] - 0.5); }, {0, 0}, {1, 1}},
                      Function{"Constant", [](const UnitPoint&) { return 7.0; }, {0, 0}, {0, 0}},
                      Function{"OfNothing", [](const UnitPoint&) { return 7.0; }, {}, {}}),
    [](const auto& info) { return info.param.name; });

TEST(SobolIndices, OfAnArgumentWithoutEffectAreExactlyZero) {
  const auto indices = EstimateSobolIndices(4, 64, PointWise(&Ishigami), nullptr);
  EXPECT_EQ(indices->main[3], 0);
  EXPECT_EQ(indices->total[3], 0);
}

TEST(SobolIndices, AreGivenUpOnceNobodyWaits) {
  EXPECT_FALSE(EstimateSobolIndices(4, 64, PointWise(&Ishigami), [] { return true; }).has_value());
}

}  // namespace
}  // namespace photinus
