#include "server/algorithms/gp_state.h"

#include <cmath>
#include <functional>
#include <iterator>
#include <numeric>
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
    plain.warp = {WarpKind::kYeoJohnson, 3, 0.5, 0.25, -6, -1.5, 0.1, 2};
    plain.parameters = {Eigen::VectorXd{{0.5, 2}}, 1.5, 1e-5, 0};
    plain.mean = 0.3;
    plain.score = -1;
    trend.parameters = {Eigen::VectorXd{{0.1, 7}}, 1e-3, 1e-8, 40, TrendKind::kEffects};
    trend.parameters.input_warp = {Eigen::VectorXd{{0.3, 1}}, Eigen::VectorXd{{2, 0.7}}};
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
  EXPECT_EQ(read->metrics[0].models[1].parameters.input_warp, state_.metrics[0].models[1].parameters.input_warp);
  EXPECT_TRUE(read->metrics[0].models[0].parameters.input_warp.is_identity());
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

TEST_F(GpStateTest, IsNoneWhereANumberMakesNoSense) {
  const auto survives = [&](const std::function<void(v1::GpState&)>& spoil) {
    v1::GpState state;
    EXPECT_TRUE(state.ParseFromString(WriteGpState(state_)));
    spoil(state);
    return ReadGpState(state.SerializeAsString(), flatten_, 2).has_value();
  };
  using Set = void (v1::GpModelState::*)(double);
  struct Number {
    Set set;
    bool positive;
  };
  const Number numbers[] = {{&v1::GpModelState::set_unit, true},
                            {&v1::GpModelState::set_centre, false},
                            {&v1::GpModelState::set_spread, false},
                            {&v1::GpModelState::set_lambda, false},
                            {&v1::GpModelState::set_warped_mean, false},
                            {&v1::GpModelState::set_warped_deviation, true},
                            {&v1::GpModelState::set_signal_variance, true},
                            {&v1::GpModelState::set_noise_variance, true},
                            {&v1::GpModelState::set_mean, false},
                            {&v1::GpModelState::set_score, false}};
  for (size_t i = 0; i < std::size(numbers); ++i) {
    const auto with = [&](double value) {
      return survives(
          [&](v1::GpState& state) { (state.mutable_metrics(0)->mutable_models(0)->*numbers[i].set)(value); });
    };
    EXPECT_TRUE(with(0.5)) << i;
    EXPECT_FALSE(with(NAN)) << i;
    EXPECT_FALSE(with(INFINITY)) << i;
    EXPECT_EQ(with(0), !numbers[i].positive) << i;
  }
  for (const double length : {0.0, -1.0, double{NAN}, double{INFINITY}}) {
    EXPECT_FALSE(survives([&](v1::GpState& state) { state.mutable_feasibility()->set_lengthscales(1, length); }));
  }
  EXPECT_FALSE(survives([](v1::GpState& s) { s.mutable_metrics(0)->mutable_models(0)->set_spread(-1); }));
  EXPECT_FALSE(survives([](v1::GpState& s) { s.mutable_metrics(0)->mutable_models(0)->set_trend_variance(1); }));
  EXPECT_FALSE(survives([](v1::GpState& s) { s.mutable_metrics(0)->mutable_models(1)->set_trend_variance(0); }));
  const auto with_warp = [&](const std::function<void(v1::GpModelState&)>& spoil) {
    return survives([&](v1::GpState& s) { spoil(*s.mutable_metrics(0)->mutable_models(1)); });
  };
  EXPECT_FALSE(with_warp([](v1::GpModelState& m) { m.set_input_warp_a(0, 0); }));
  EXPECT_FALSE(with_warp([](v1::GpModelState& m) { m.set_input_warp_b(1, NAN); }));
  EXPECT_FALSE(with_warp([](v1::GpModelState& m) { m.add_input_warp_a(1); })) << "one too many";
  EXPECT_FALSE(with_warp([](v1::GpModelState& m) { m.clear_input_warp_b(); }));
  EXPECT_TRUE(with_warp([](v1::GpModelState& m) {
    m.clear_input_warp_a();
    m.clear_input_warp_b();
  })) << "as in blobs of before there were warps";
  EXPECT_FALSE(survives([](v1::GpState& s) { s.mutable_metrics(1)->set_best(NAN); }));
  EXPECT_FALSE(survives([](v1::GpState& s) { s.set_base_trials(0, 2); })) << "twice the same";
  EXPECT_FALSE(survives([](v1::GpState& s) { s.set_base_trials(0, 0); })) << "no id";
  EXPECT_FALSE(survives([](v1::GpState& s) { s.set_feasibility_trials(0, 7); })) << "not ascending";
  EXPECT_FALSE(survives([](v1::GpState& s) { s.set_waiting(1, 10); })) << "after the last";
  EXPECT_FALSE(survives([](v1::GpState& s) { s.set_evaluated(-1); }));
  const auto count_to = [](int last, google::protobuf::RepeatedField<int64_t>& ids) {
    ids.Resize(last, 0);
    std::iota(ids.begin(), ids.end(), 1);
  };
  for (const int more : {0, 1}) {  // than the largest model has
    EXPECT_EQ(survives([&](v1::GpState& s) {
                s.set_last_trial(1000);
                count_to(static_cast<int>(kMaxBaseTrials) + more, *s.mutable_base_trials());
              }),
              more == 0);
    EXPECT_EQ(survives([&](v1::GpState& s) {
                s.set_last_trial(1000);
                count_to(static_cast<int>(kMaxFeasibilityTrials) + more, *s.mutable_feasibility_trials());
              }),
              more == 0);
  }
}

TEST_F(GpStateTest, AWarpOfEqualValuesNeedsNoScale) {
  state_.metrics[0].models[0].warp = {.kind = WarpKind::kYeoJohnson, .spread = 0, .deviation = 0};
  EXPECT_TRUE(ReadGpState(WriteGpState(state_), flatten_, 2).has_value());
}

}  // namespace
}  // namespace photinus
