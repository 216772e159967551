#include "server/algorithms/gp_state.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "photinus/v1/algorithm_state.pb.h"

namespace photinus {
namespace {

SearchSpace Box(int dimension) {
  pb::StudySpec spec;
  for (int i = 0; i < dimension; ++i) {
    pb::StudySpec::ParameterSpec& parameter = *spec.add_parameters();
    parameter.set_parameter_id(absl::StrCat("x", i));
    parameter.mutable_double_value_spec()->set_max_value(1);
  }
  return *SearchSpace::FromSpec(spec);
}

class GpStateTest : public ::testing::Test {
 protected:
  GpStateTest() {
    GpModel plain, trend;
    plain.warp = {WarpKind::kYeoJohnson, 3, 0.5, 0.25, -1.5, 0.1, 2};
    plain.parameters = {Eigen::VectorXd{{0.5, 2}}, 1.5, 1e-5, 0};
    plain.mean = 0.3;
    plain.score = -1;
    trend.parameters = {Eigen::VectorXd{{0.1, 7}}, 1e-3, 1e-8, 40, TrendKind::kEffects};
    state_.metrics = {{.models = {plain, trend}, .best = -0.25}, {.models = {plain}, .best = 3}};
    state_.feasibility = plain;
    state_.base_trials = {1, 2, 5};
    state_.feasibility_trials = {2, 3};
    state_.last_trial = 9;
    state_.waiting = {4, 8};
    state_.evaluated = 6;
    state_.failed = 1;
    state_.fits = 3;
  }

  const Flatten flatten_{Box(2)};
  GpState state_;
};

TEST_F(GpStateTest, SurvivesABlob) {
  const std::string blob = WriteGpState(state_);
  const auto read = ReadGpState(blob, flatten_, 2);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(WriteGpState(*read), blob);
  EXPECT_EQ(read->metrics[0].models[0].warp.lambda, -1.5);
  EXPECT_EQ(read->metrics[0].models[1].parameters.trend_variance, 40)
      << "exactly, or a factor would have to be made anew";
  EXPECT_EQ(read->metrics[0].models[1].parameters.trend, TrendKind::kEffects);
  EXPECT_EQ(read->metrics[0].models[0].parameters.trend, TrendKind::kNone);
  EXPECT_EQ(read->metrics[1].best, 3);
  EXPECT_EQ(read->waiting, state_.waiting);
}

TEST_F(GpStateTest, IsNoneForAnotherVersionSpaceNumberOfMetricsOrADamagedBlob) {
  const std::string blob = WriteGpState(state_);
  v1::GpState newer;
  ASSERT_TRUE(newer.ParseFromString(blob));
  newer.set_version(99);
  EXPECT_FALSE(ReadGpState(newer.SerializeAsString(), flatten_, 2).has_value());
  EXPECT_FALSE(ReadGpState(blob, Flatten(Box(3)), 2).has_value());
  EXPECT_FALSE(ReadGpState(blob.substr(0, blob.size() / 2), flatten_, 2).has_value());
  EXPECT_FALSE(ReadGpState(blob, flatten_, 1).has_value());
  EXPECT_FALSE(ReadGpState("", flatten_, 2).has_value());
  EXPECT_FALSE(ReadGpState("nonsense", flatten_, 2).has_value());
}

}  // namespace
}  // namespace photinus
