#include "server/algorithms/point_prior.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "common/base/errors.h"
#include "common/base/random.h"
#include "gmock/gmock.h"
#include "server/algorithms/gp_bandit.h"
#include "tests/support/search_space.h"
#include "tests/support/searched_study.h"

namespace photinus {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

class PointPriorTest : public ::testing::Test {
 protected:
  VectorXd Features(const UnitPoint& unit) const {
    VectorXd features(flatten_.feature_dimension());
    flatten_.ToFeatures(unit, features.data());
    return features;
  }
  double LogDensityAt(const PointPrior& prior, const Point& point) const {
    return prior.LogDensity(Features(*flatten_.ToUnit(point)).transpose())[0];
  }
  std::unique_ptr<PointPrior> Make(const ParameterPriors& priors) const {
    auto prior = PointPrior::Make(flatten_, priors);
    EXPECT_TRUE(prior.ok()) << prior.status();
    return *std::move(prior);
  }

  const Flatten flatten_{Space(R"(
    parameters { parameter_id: "lr" double_value_spec { min_value: 1e-5 max_value: 1e-1 } scale_type: UNIT_LOG_SCALE }
    parameters { parameter_id: "layers" integer_value_spec { min_value: 1 max_value: 10 } }
    parameters { parameter_id: "filters" discrete_value_spec { values: 8 values: 16 values: 64 } }
    parameters { parameter_id: "block" categorical_value_spec { values: "conv" values: "pool" values: "none" }
      conditional_parameter_specs { parent_categorical_values { values: "conv" values: "pool" }
        parameter_spec { parameter_id: "kernel" integer_value_spec { min_value: 2 max_value: 5 } } }
      conditional_parameter_specs { parent_categorical_values { values: "conv" }
        parameter_spec { parameter_id: "norm" categorical_value_spec { values: "batch" values: "layer" } } } } )")};
  const ParameterPriors all_ = {{"lr", {{"centre", 1e-3}, {"deviation", 0.1}}},
                                {"layers", {{"centre", 4}, {"deviation", 0.2}}},
                                {"filters", {{"16", 4}}},
                                {"block", {{"conv", 3}, {"pool", 0.5}}},
                                {"norm", {{"layer", 2}}}};
};

TEST_F(PointPriorTest, IsTheProductOfItsParameters) {
  const auto prior = Make(all_);
  const Point mode = {{"lr", 1e-3},      {"layers", 4.0}, {"filters", 16.0},
                      {"block", "conv"}, {"kernel", 3.0}, {"norm", "layer"}};
  EXPECT_NEAR(LogDensityAt(*prior, mode), 0, 1e-12);
  Point other = mode;
  other["lr"] = 1e-2;  // a quarter of the range, 2.5 deviations
  EXPECT_NEAR(LogDensityAt(*prior, other), -0.5 * 2.5 * 2.5, 1e-9);
  other["layers"] = 6.0;  // two of ten cells, a deviation
  EXPECT_NEAR(LogDensityAt(*prior, other), -0.5 * 2.5 * 2.5 - 0.5, 1e-9);
  other["filters"] = 64.0;
  EXPECT_NEAR(LogDensityAt(*prior, other), -0.5 * 2.5 * 2.5 - 0.5 - std::log(4), 1e-9);
  other["norm"] = "batch";
  EXPECT_NEAR(LogDensityAt(*prior, other), -0.5 * 2.5 * 2.5 - 0.5 - std::log(8), 1e-9);
  other["block"] = "pool";
  other.erase("norm");  // is not active
  EXPECT_NEAR(LogDensityAt(*prior, other), -0.5 * 2.5 * 2.5 - 0.5 - std::log(4) - std::log(6), 1e-9);
}

TEST_F(PointPriorTest, LeavesEveryValueAThousandth) {
  const auto prior = Make({{"lr", {{"centre", 1e-5}, {"deviation", 0.01}}}, {"block", {{"conv", 1e9}}}});
  const Point far = {{"lr", 1e-1}, {"layers", 4.0}, {"filters", 16.0}, {"block", "none"}};
  EXPECT_NEAR(LogDensityAt(*prior, far), 2 * std::log(1e-3), 1e-9);
}

TEST_F(PointPriorTest, HasTheGradientOfItsDensity) {
  const auto prior = Make(all_);
  Random random(3);
  for (int i = 0; i < 20; ++i) {
    UnitPoint unit(static_cast<size_t>(flatten_.dimension()));
    for (double& u : unit) u = random.Uniform();
    unit[0] = 0.3 + 0.4 * unit[0];
    flatten_.Snap(unit);
    MatrixXd gradients;
    prior->LogDensity(Features(unit).transpose(), &gradients);
    UnitPoint left = unit, right = unit;
    left[0] -= 1e-6;
    right[0] += 1e-6;
    const double slope =
        (prior->LogDensity(Features(right).transpose())[0] - prior->LogDensity(Features(left).transpose())[0]) / 2e-6;
    EXPECT_NEAR(gradients(0, flatten_.ScalarColumn(0)), slope, 1e-4 * (1 + std::abs(slope)));
    EXPECT_EQ((gradients.array() != 0).count(), gradients(0, flatten_.ScalarColumn(0)) != 0 ? 1 : 0);
  }
}

TEST_F(PointPriorTest, MovesPointsToWhatIsBelieved) {
  const auto prior = Make(all_);
  UnitPoint mode(static_cast<size_t>(flatten_.dimension()), 0.9);
  prior->MoveToMode(mode);
  const Point point = flatten_.ToPoint(mode);
  EXPECT_NEAR(Number(point, "lr"), 1e-3, 1e-9);
  EXPECT_EQ(point.at("layers"), ParameterValue(4.0));
  EXPECT_EQ(point.at("filters"), ParameterValue(16.0));
  EXPECT_EQ(point.at("block"), ParameterValue("conv"));
  EXPECT_EQ(point.at("norm"), ParameterValue("layer"));
  constexpr int kPoints = 2000;
  int conv = 0, near = 0;
  for (int i = 0; i < kPoints; ++i) {
    const double u = (i + 0.5) / kPoints;
    UnitPoint unit(static_cast<size_t>(flatten_.dimension()), u);
    prior->MoveToQuantiles(unit);
    near += std::abs(unit[0] - 0.5) < 0.1 ? 1 : 0;
    flatten_.Snap(unit);
    conv += flatten_.ToPoint(unit).at("block") == ParameterValue("conv") ? 1 : 0;
  }
  EXPECT_NEAR(conv, kPoints * 3 / 4.5, 2);
  EXPECT_NEAR(near, kPoints * 0.68, kPoints * 0.02) << "within a deviation";
}

TEST_F(PointPriorTest, IsNoneWhereNothingIsPreferred) {
  EXPECT_EQ(Make({}), nullptr);
  EXPECT_EQ(Make({{"block", {{"conv", 1}}}, {"filters", {{"8", 2}, {"16", 2}, {"64", 2}}}}), nullptr);
}

struct BadPrior {
  std::string name;
  ParameterPriors priors;
  std::string message;
};

class BadPriorTest : public PointPriorTest, public ::testing::WithParamInterface<BadPrior> {};

TEST_P(BadPriorTest, IsRefused) {
  const absl::Status status = PointPrior::Make(flatten_, GetParam().priors).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(status.message()), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadPriorTest,
    ::testing::Values(
        BadPrior{
            "NoParameter", {{"lrr", {{"centre", 1}}}}, "priors.lrr: is no parameter of the study; did you mean 'lr'?"},
        BadPrior{"UnknownKey",
                 {{"lr", {{"center", 1e-3}, {"deviation", 0.1}}}},
                 "priors.lr.center: is unknown; the prior of a number is {centre: 1e-05, deviation: 0.1}; did you mean "
                 "'centre'?"},
        BadPrior{"NoDeviation", {{"lr", {{"centre", 1e-3}}}}, "priors.lr.deviation: is missing"},
        BadPrior{"Outside",
                 {{"layers", {{"centre", 11}, {"deviation", 0.1}}}},
                 "priors.layers.centre: 11 is outside of the bounds 1 and 10"},
        BadPrior{"ZeroDeviation",
                 {{"lr", {{"centre", 1e-3}, {"deviation", 0}}}},
                 "priors.lr.deviation: must be greater than 0, a share of the range, not 0"},
        BadPrior{
            "NoCategory", {{"block", {{"con", 2}}}}, "priors.block.con: is no value of 'block'; did you mean 'conv'?"},
        BadPrior{"NoDiscreteValue",
                 {{"filters", {{"17", 2}}}},
                 "priors.filters.17: is no value of 'filters'; did you mean '16'?"},
        BadPrior{
            "ZeroWeight", {{"block", {{"conv", 0}}}}, "priors.block.conv: must be a weight greater than 0, not 0"}),
    [](const auto& info) { return info.param.name; });

// A search of a narrow valley in four dimensions, to be minimised.
class SearchWithPriorTest : public ::testing::Test {
 protected:
  static constexpr double kBest[] = {0.2, 0.7, 0.35, 0.6};

  static ParameterPriors Believe(double shift) {
    ParameterPriors priors;
    for (int i = 0; i < 4; ++i) {
      priors["x" + std::to_string(i)] = {{"centre", std::fmod(kBest[i] + shift, 1)}, {"deviation", 0.1}};
    }
    return priors;
  }

  // The least value after each trial.
  static std::vector<double> Search(const ParameterPriors& priors, uint64_t seed, int trials) {
    std::string space;
    for (int i = 0; i < 4; ++i) {
      space += "parameters { parameter_id: 'x" + std::to_string(i) + "' double_value_spec { max_value: 1 } }";
    }
    SearchedStudy study{.space = Space(space), .objectives = {{.metric = "loss", .maximize = false}}, .seed = seed};
    const GpBandit algorithm(priors);
    std::vector<double> best;
    for (int trial = 0; trial < trials; ++trial) {
      const auto result = algorithm.Suggest(study.Request());
      EXPECT_TRUE(result.ok()) << result.status();
      study.state = result->state;
      double loss = 0;
      for (int i = 0; i < 4; ++i) {
        const double off = Number(result->suggestions[0].point, "x" + std::to_string(i)) - kBest[i] - 0.03;
        loss += off * off + 0.02 * (1 - std::cos(20 * off));
      }
      study.Complete(result->suggestions[0].point, {loss});
      best.push_back(best.empty() ? loss : std::min(best.back(), loss));
    }
    return best;
  }

  static int TrialsTo(double target, const std::vector<double>& best) {
    return static_cast<int>(std::find_if(best.begin(), best.end(), [&](double b) { return b <= target; }) -
                            best.begin());
  }
};

TEST_F(SearchWithPriorTest, AGoodPriorFindsATargetInFewerTrials) {
  int with = 0, without = 0;
  for (const uint64_t seed : {1, 2, 3}) {
    with += TrialsTo(0.02, Search(Believe(0), seed, 40));
    without += TrialsTo(0.02, Search({}, seed, 40));
  }
  EXPECT_LT(with, 0.5 * without) << with << " and " << without;
}

TEST_F(SearchWithPriorTest, AWrongPriorCostsLittleInTheEnd) {
  double with = 0, without = 0;
  for (const uint64_t seed : {1, 2, 3}) {
    const std::vector<double> wrong = Search(Believe(0.5), seed, 60);
    EXPECT_GT(wrong[0], 0.3) << "it begins where it was told to";
    with += wrong.back();
    without += Search({}, seed, 60).back();
  }
  EXPECT_LT(with / 3, without / 3 + 0.02);
}

}  // namespace
}  // namespace photinus
