#include "server/algorithms/cma_es/cma_parameters.h"

#include <cmath>
#include <string>

#include "gtest/gtest.h"

namespace photinus {
namespace {

// As pycma announces its defaults: "(5_w,10)-aCMA-ES (mu_w=3.2,w_1=45%) in dimension 10".
struct PublishedCase {
  int n, mu, lambda;
  double mu_eff;
  int first_weight;  // whole percent, cut off
};

class CmaParametersTest : public ::testing::TestWithParam<PublishedCase> {};

TEST_P(CmaParametersTest, MatchPycma) {
  const PublishedCase& c = GetParam();
  ASSERT_EQ(CmaParameters::DefaultLambda(c.n), c.lambda);
  const CmaParameters p = CmaParameters::Default(c.n, c.lambda);
  EXPECT_EQ(p.mu, c.mu);
  EXPECT_NEAR(p.mu_eff, c.mu_eff, 0.05);
  EXPECT_EQ(std::floor(100 * p.weights[0]), c.first_weight);
}

INSTANTIATE_TEST_SUITE_P(Dimensions, CmaParametersTest,
                         ::testing::Values(PublishedCase{2, 3, 6, 2.0, 63}, PublishedCase{5, 4, 8, 2.6, 52},
                                           PublishedCase{10, 5, 10, 3.2, 45}, PublishedCase{20, 6, 12, 3.7, 40},
                                           PublishedCase{40, 7, 15, 4.5, 34}),
                         [](const auto& info) { return std::to_string(info.param.n); });

// Worked out by hand from the tutorial for n = 10, lambda = 10, raw weights ln 5.5 - ln i.
TEST(CmaParameters, MatchTheTutorialsEquations) {
  const CmaParameters p = CmaParameters::Default(10, 10);
  EXPECT_NEAR(p.weights.head(5).sum(), 1, 1e-12);
  EXPECT_NEAR(p.mu_eff, 3.167299, 1e-5);
  EXPECT_NEAR(p.c_sigma, 5.167299 / 18.167299, 1e-6);
  EXPECT_NEAR(p.d_sigma, 1 + p.c_sigma, 1e-12);
  EXPECT_NEAR(p.c_c, 4.3167299 / 14.6334598, 1e-6);
  EXPECT_NEAR(p.c_1, 2 / (127.69 + 3.167299), 1e-8);
  EXPECT_NEAR(p.c_mu, 2 * (0.25 + 3.167299 + 0.315726 - 2) / (144 + 3.167299), 1e-7);
  EXPECT_NEAR(p.chi_n, std::sqrt(10) * (1 - 1.0 / 40 + 1.0 / 2100), 1e-12);
  // Negative weights: 1 + c_1 / c_mu is the least of the three bounds.
  EXPECT_NEAR(p.weights.tail(5).sum(), -(1 + p.c_1 / p.c_mu), 1e-9);
  EXPECT_LT(p.weights[9], p.weights[6]);
}

}  // namespace
}  // namespace photinus
