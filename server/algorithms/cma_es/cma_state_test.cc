#include "server/algorithms/cma_es/cma_state.h"

#include <cmath>
#include <functional>

#include "gtest/gtest.h"

namespace photinus {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

CmaState AState() {
  CmaState state;
  state.lambda = 14;
  state.restarts = 2;
  CmaDistribution& d = state.distribution;
  d = CmaDistribution::Begin(VectorXd::LinSpaced(3, 0.1, 0.7), 0.25);
  d.generation = 17;
  d.scale << 1, 1.5, 1;
  d.covariance << 2, 0.5, -0.25, 0.5, 3, 0.125, -0.25, 0.125, 1.0 / 3;
  d.path_sigma << 1, -2, 3;
  d.path_c << -0.1, 0.2, 1e-300;
  state.best_goals = {1, -2.5, 1e300};
  for (const int64_t id : {1, 2, 3, 7, 9, 10}) state.used.Add(id);
  return state;
}

TEST(CmaState, ComesBackFromItsBlob) {
  const CmaState state = AState();
  const auto parsed = ParseCmaState(SerializeCmaState(state), 3);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->lambda, 14);
  EXPECT_EQ(parsed->restarts, 2);
  EXPECT_EQ(parsed->distribution.generation, 17);
  EXPECT_EQ(parsed->distribution.sigma, 0.25);
  EXPECT_EQ(parsed->distribution.mean, state.distribution.mean);
  EXPECT_EQ(parsed->distribution.scale, state.distribution.scale);
  EXPECT_EQ(parsed->distribution.covariance, state.distribution.covariance);
  EXPECT_EQ(parsed->distribution.path_sigma, state.distribution.path_sigma);
  EXPECT_EQ(parsed->distribution.path_c, state.distribution.path_c);
  EXPECT_EQ(parsed->best_goals, state.best_goals);
  EXPECT_EQ(parsed->used.intervals(), state.used.intervals());
}

TEST(CmaState, IsNotReadFromAnythingElse) {
  const std::string blob = SerializeCmaState(AState());
  EXPECT_FALSE(ParseCmaState("", 3).has_value());
  EXPECT_FALSE(ParseCmaState(blob, 4).has_value());
  EXPECT_FALSE(ParseCmaState(blob + std::string(8, '\0'), 3).has_value());
  for (size_t size = 0; size < blob.size(); ++size) EXPECT_FALSE(ParseCmaState(blob.substr(0, size), 3).has_value());
  EXPECT_FALSE(ParseCmaState(std::string(blob.size(), '\xff'), 3).has_value());
  std::string no_sigma = blob;
  no_sigma.replace(5 * 8, 8, std::string(8, '\0'));
  EXPECT_FALSE(ParseCmaState(no_sigma, 3).has_value());
}

TEST(CmaState, IsNotReadWhereANumberMakesNoSense) {
  const std::pair<const char*, std::function<void(CmaState&)>> table[] = {
      {"deviations overflow", [](CmaState& s) { s.distribution.sigma = 1e308; }},
      {"deviations vanish", [](CmaState& s) { s.distribution.scale[1] = 1e-300; }},
      {"no scale", [](CmaState& s) { s.distribution.scale[1] = 0; }},
      {"mean below the cube", [](CmaState& s) { s.distribution.mean[0] = -0.1; }},
      {"mean above the cube", [](CmaState& s) { s.distribution.mean[2] = 1.5; }},
      {"no variance", [](CmaState& s) { s.distribution.covariance(1, 1) = 0; }},
      {"negative variance", [](CmaState& s) { s.distribution.covariance(1, 1) = -1; }},
      {"covariance overflows", [](CmaState& s) { s.distribution.covariance(0, 1) = 1e200; }},
      {"lambda", [](CmaState& s) { s.lambda = 2'000'000'000; }},
      {"restarts", [](CmaState& s) { s.restarts = 2'000'000'000; }},
  };
  for (const auto& [what, spoil] : table) {
    CmaState state = AState();
    spoil(state);
    EXPECT_FALSE(ParseCmaState(SerializeCmaState(state), 3).has_value()) << what;
  }
}

class ConvergenceTest : public ::testing::Test {
 protected:
  ConvergenceTest() {
    state_.lambda = 6;
    state_.distribution = CmaDistribution::Begin(VectorXd::Constant(2, 0.5), 0.1);
  }

  CmaState state_;
};

TEST_F(ConvergenceTest, IsNotReachedAtFirst) { EXPECT_FALSE(HasConverged(state_, {true, true})); }

TEST_F(ConvergenceTest, IsReachedWhereAllContinuousDeviationsAreTiny) {
  state_.distribution.covariance(0, 0) = 1e-16;
  state_.distribution.covariance(1, 1) = 1e-10;
  EXPECT_FALSE(HasConverged(state_, {true, true}));
  EXPECT_TRUE(HasConverged(state_, {true, false}));
  EXPECT_FALSE(HasConverged(state_, {false, false}));
}

TEST_F(ConvergenceTest, IsReachedWhereTheCovarianceIsBadlyConditioned) {
  state_.distribution.covariance(0, 0) = 1e-15;
  EXPECT_TRUE(HasConverged(state_, {true, true}));
}

TEST_F(ConvergenceTest, IsReachedWhereTheBestGoalStaysTheSame) {
  EXPECT_EQ(GoalWindow(2, 6), 20);
  state_.best_goals.assign(19, 1.25);
  EXPECT_FALSE(HasConverged(state_, {true, true}));
  state_.best_goals.push_back(1.25);
  EXPECT_TRUE(HasConverged(state_, {true, true}));
  state_.best_goals.back() = 1.26;
  EXPECT_FALSE(HasConverged(state_, {true, true}));
}

}  // namespace
}  // namespace photinus
