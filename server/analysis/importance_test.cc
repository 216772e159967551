#include "server/analysis/importance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string>

#include "common/base/pb.h"
#include "common/base/random.h"
#include "server/algorithms/registry.h"
#include "server/algorithms/sampling/scrambled_sobol.h"
#include "tests/support/search_space.h"
#include "tests/support/searched_study.h"

namespace photinus {
namespace {

using Eigen::VectorXd;

constexpr char kTwoDoubles[] = R"(
  parameters { parameter_id: "x" double_value_spec { min_value: 0 max_value: 1 } }
  parameters { parameter_id: "y" double_value_spec { min_value: 0 max_value: 1 } })";

// Trials of a function all over a space.
struct Trials {
  Trials(const std::string& space, int count, const std::function<double(const Point&)>& f) : flatten(Space(space)) {
    ScrambledSobol sobol(flatten.dimension(), 5);
    values.resize(count);
    for (int i = 0; i < count; ++i) Add(i, sobol.At(static_cast<uint64_t>(i)), f);
  }
  void Add(int i, UnitPoint unit, const std::function<double(const Point&)>& f) {
    flatten.Snap(unit);
    values[i] = f(flatten.ToPoint(unit));
    units.push_back(std::move(unit));
  }

  Importance Measure() const {
    const auto importance = MeasureImportance(flatten, units, values, nullptr);
    EXPECT_TRUE(importance.has_value());
    return importance.value_or(Importance());
  }
  // By parameter.
  std::map<std::string, ParameterEffect> Effects() const {
    std::map<std::string, ParameterEffect> effects;
    for (const ParameterEffect& effect : Measure().effects) {
      effects[flatten.space().parameters()[static_cast<size_t>(effect.parameter)].id] = effect;
    }
    return effects;
  }

  Flatten flatten;
  std::vector<UnitPoint> units;
  VectorXd values;
};

struct Problem {
  std::string name;
  std::string space;
  int trials;
  std::function<double(const Point&)> f;
  std::map<std::string, std::pair<double, double>> expected;  // main and total, in closed form
};

double Ishigami(const Point& p) {
  const double x = Number(p, "x");
  return std::sin(x) + 7 * std::pow(std::sin(Number(p, "y")), 2) + 0.1 * std::pow(Number(p, "z"), 4) * std::sin(x);
}

const std::string kThreeAngles = R"(
  parameters { parameter_id: "x" double_value_spec { min_value: -3.141592653589793 max_value: 3.141592653589793 } }
  parameters { parameter_id: "y" double_value_spec { min_value: -3.141592653589793 max_value: 3.141592653589793 } }
  parameters { parameter_id: "z" double_value_spec { min_value: -3.141592653589793 max_value: 3.141592653589793 } }
  parameters { parameter_id: "idle" double_value_spec { min_value: 0 max_value: 1 } })";

class ImportanceOf : public ::testing::TestWithParam<Problem> {};

TEST_P(ImportanceOf, IsThatOfTheClosedForm) {
  const Problem& problem = GetParam();
  const auto effects = Trials(problem.space, problem.trials, problem.f).Effects();
  for (const auto& [parameter, expected] : problem.expected) {
    EXPECT_NEAR(effects.at(parameter).main, expected.first, 0.05) << parameter;
    EXPECT_NEAR(effects.at(parameter).total, expected.second, 0.05) << parameter;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Problems, ImportanceOf,
    ::testing::Values(
        Problem{"Linear",
                std::string(kTwoDoubles) +
                    R"(parameters { parameter_id: "idle" double_value_spec { min_value: 0 max_value: 1 } })",
                30,
                [](const Point& p) { return 1000 + Number(p, "x") + 2 * Number(p, "y"); },
                {{"x", {0.2, 0.2}}, {"y", {0.8, 0.8}}, {"idle", {0, 0}}}},
        Problem{"Ishigami",
                kThreeAngles,
                250,
                &Ishigami,
                {{"x", {0.3139, 0.5576}}, {"y", {0.4424, 0.4424}}, {"z", {0, 0.2437}}, {"idle", {0, 0}}}},
        Problem{"LogScale",
                R"(parameters { parameter_id: "lr" double_value_spec { min_value: 1e-4 max_value: 1 }
                     scale_type: UNIT_LOG_SCALE }
                   parameters { parameter_id: "n" integer_value_spec { min_value: 1 max_value: 4 } })",
                60,
                // Variances: 16 / 12 and 15 / 12.
                [](const Point& p) { return std::log10(Number(p, "lr")) + Number(p, "n"); },
                {{"lr", {16.0 / 31, 16.0 / 31}}, {"n", {15.0 / 31, 15.0 / 31}}}},
        Problem{"Categorical",
                R"(parameters { parameter_id: "kind" categorical_value_spec { values: "a" values: "b" values: "c" } }
                   parameters { parameter_id: "x" double_value_spec { min_value: 0 max_value: 1 } })",
                60,
                // Variances: 2 and 16 / 12.
                [](const Point& p) { return (p.at("kind") == ParameterValue("c") ? 3 : 0) + 4 * Number(p, "x"); },
                {{"kind", {0.6, 0.6}}, {"x", {0.4, 0.4}}}},
        // With I the switch and w uniform, I w has variance 5/48, of which I explains 1/16 and w 1/48 alone.
        Problem{"Conditional",
                R"(parameters { parameter_id: "switch" categorical_value_spec { values: "off" values: "on" }
                     conditional_parameter_specs { parent_categorical_values { values: "on" } parameter_spec {
                       parameter_id: "w" double_value_spec { min_value: 0 max_value: 1 } } } }
                   parameters { parameter_id: "idle" double_value_spec { min_value: 0 max_value: 1 } })",
                100,
                [](const Point& p) { return p.count("w") > 0 ? Number(p, "w") : 0; },
                {{"switch", {0.6, 0.8}}, {"w", {0.2, 0.4}}, {"idle", {0, 0}}}}),
    [](const auto& info) { return info.param.name; });

// A fit of many lengthscales is easily led astray; what matters by interactions alone is hard to see.
TEST(Importance, IsFoundAmongManyIdleParameters) {
  std::string space = kThreeAngles;
  for (int i = 0; i < 16; ++i) {
    space += "parameters { parameter_id: 'idle" + std::to_string(i) + "' double_value_spec { max_value: 1 } }";
  }
  Random random(3);
  Trials trials(space, 1000, [&](const Point& p) { return Ishigami(p) + 0.3 * random.Normal(); });
  const auto effects = trials.Effects();
  EXPECT_NEAR(effects.at("x").total, 0.5576, 0.06);
  EXPECT_NEAR(effects.at("y").total, 0.4424, 0.06);
  EXPECT_NEAR(effects.at("z").total, 0.2437, 0.06);
  for (int i = 0; i < 16; ++i) EXPECT_LT(effects.at("idle" + std::to_string(i)).total, 0.02) << i;
}

// What is left of a study when its search has converged: a few points all over the space, many at the optimum.
struct Converged {
  std::string name;
  std::string space;
  std::function<double(const Point&)> loss;
  std::map<std::string, double> expected;  // total effects, in closed form
};

class ImportanceAfter : public ::testing::TestWithParam<Converged> {
 protected:
  static void ExpectTheClosedForm(const Trials& trials) {
    const auto effects = trials.Effects();
    for (const auto& [parameter, expected] : GetParam().expected) {
      EXPECT_NEAR(effects.at(parameter).total, expected, 0.07) << parameter;
    }
  }
  // One trial after the other, as the search suggests them.
  static Trials Search(const char* algorithm_name, int count) {
    const Converged& problem = GetParam();
    Trials trials(problem.space, 0, nullptr);
    SearchedStudy study{.space = trials.flatten.space()};
    const auto algorithm = *MakeAlgorithm(algorithm_name, {});
    trials.values.resize(count);
    for (int i = 0; i < count; ++i) {
      const auto result = algorithm->Suggest(study.Request());
      EXPECT_TRUE(result.ok()) << result.status();
      const Point& point = result->suggestions.at(0).point;
      study.state = result->state;
      study.Complete(point, {-problem.loss(point)});
      trials.Add(i, *trials.flatten.ToUnit(point), [&](const Point& p) { return -problem.loss(p); });
    }
    return trials;
  }
};

TEST_P(ImportanceAfter, TrialsCloseToTheOptimumIsThatOfTheWholeSpace) {
  const Converged& problem = GetParam();
  for (const int count : {80, 120}) {
    SCOPED_TRACE(count);
    const auto goal = [&](const Point& p) { return -problem.loss(p); };
    Trials trials(problem.space, count, goal);
    const int first = 12;
    Eigen::Index best = 0;
    trials.values.head(first).maxCoeff(&best);
    const UnitPoint centre = trials.units[static_cast<size_t>(best)];
    Random random(3);
    for (int i = first; i < count; ++i) {
      UnitPoint unit = centre;
      for (double& u : unit) u = std::clamp(u + 0.1 * std::pow(0.95, i) * random.Normal(), 0.0, 1.0);
      trials.flatten.Snap(unit);
      trials.units[static_cast<size_t>(i)] = unit;
      trials.values[i] = goal(trials.flatten.ToPoint(unit));
    }
    ExpectTheClosedForm(trials);
  }
}

TEST_P(ImportanceAfter, TpeIsThatOfTheWholeSpace) {
  for (const int count : {80, 120}) {
    SCOPED_TRACE(count);
    ExpectTheClosedForm(Search("TPE", count));
  }
}

TEST_P(ImportanceAfter, DefaultIsThatOfTheWholeSpace) { ExpectTheClosedForm(Search("DEFAULT", 58)); }

// (x - c)^2 on [0, 1] has variance 1/180 + (1/2 - c)^2 / 3.
INSTANTIATE_TEST_SUITE_P(
    Searches, ImportanceAfter,
    ::testing::Values(
        Converged{"Bowl",
                  R"(parameters { parameter_id: "x" double_value_spec { max_value: 1 } }
                     parameters { parameter_id: "y" double_value_spec { max_value: 1 } }
                     parameters { parameter_id: "z" double_value_spec { max_value: 1 } }
                     parameters { parameter_id: "idle" double_value_spec { max_value: 1 } })",
                  [](const Point& p) {
                    return 9 * std::pow(Number(p, "x") - 0.4, 2) + 4 * std::pow(Number(p, "y") - 0.6, 2) +
                           std::pow(Number(p, "z") - 0.5, 2);
                  },
                  {{"x", 0.830}, {"y", 0.164}, {"z", 0.006}, {"idle", 0}}},
        // Variances: 26/9 and 3/4.
        Converged{"Categorical",
                  R"(parameters { parameter_id: "kind" categorical_value_spec { values: "a" values: "b" values: "c" } }
                     parameters { parameter_id: "x" double_value_spec { max_value: 1 } })",
                  [](const Point& p) {
                    const ParameterValue& kind = p.at("kind");
                    return (kind == ParameterValue("c") ? 4 : kind == ParameterValue("b") ? 1 : 0) + 3 * Number(p, "x");
                  },
                  {{"kind", 0.794}, {"x", 0.206}}}),
    [](const auto& info) { return info.param.name; });

double Slope(const Point& p) { return Number(p, "x") + 2 * Number(p, "y"); }

TEST(Importance, HasTheLargestEffectsFirstAndSaysHowMuchIsExplained) {
  const Importance importance = Trials(kTwoDoubles, 30, &Slope).Measure();
  ASSERT_EQ(importance.effects.size(), 2u);
  EXPECT_EQ(importance.effects[0].parameter, 1);
  EXPECT_GT(importance.explained, 0.95);
}

TEST(Importance, OfNoiseExplainsNothing) {
  Random random(3);
  EXPECT_LT(Trials(kTwoDoubles, 60, [&](const Point&) { return random.Normal(); }).Measure().explained, 0.3);
}

TEST(Importance, IsNotHiddenByAFewFailures) {
  Trials trials(kTwoDoubles, 80, &Slope);
  trials.values[11] = -1e12;
  trials.values[50] = -1e300;
  const auto effects = trials.Effects();
  EXPECT_NEAR(effects.at("x").total, 0.2, 0.1);
  EXPECT_NEAR(effects.at("y").total, 0.8, 0.1);
}

// The plateau is what networks score that have learnt nothing, or that are as good as can be.
TEST(Importance, IsOfTheFewTrialsThatDifferWhereAllOthersAreEqual) {
  const auto better = [](const Point& p) { return std::max(0.0, Number(p, "x") - 0.92); };
  const auto worse = [](const Point& p) { return std::min(0.0, Number(p, "x") - 0.08); };
  EXPECT_GT(Trials(kTwoDoubles, 200, better).Effects().at("x").total, 0.9);
  EXPECT_GT(Trials(kTwoDoubles, 200, worse).Effects().at("x").total, 0.9);
}

// As of a search that has found its optimum.
TEST(Importance, IsOfTheWholeSpaceThoughMostTrialsAreInOneCorner) {
  Trials trials(kTwoDoubles, 2000, &Slope);
  Random random(5);
  for (int i = 100; i < 2000; ++i) {
    trials.units[static_cast<size_t>(i)] = {0.9 + 0.1 * random.Uniform(), 0.5 + 0.01 * random.Uniform()};
    trials.values[i] = Slope(trials.flatten.ToPoint(trials.units[static_cast<size_t>(i)]));
  }
  const auto effects = trials.Effects();
  EXPECT_NEAR(effects.at("x").total, 0.2, 0.05);
  EXPECT_NEAR(effects.at("y").total, 0.8, 0.05);
}

TEST(Importance, CopesWithRepeatsAndExtremes) {
  Trials trials(kTwoDoubles, 20, &Slope);
  for (size_t i = 1; i < 18; ++i) trials.units[i] = trials.units[0];
  trials.values = 1e308 * trials.values / 3;
  const Importance importance = trials.Measure();
  for (const ParameterEffect& effect : importance.effects) {
    EXPECT_TRUE(std::isfinite(effect.main) && std::isfinite(effect.total));
  }
}

TEST(Importance, IsTheSameEachTime) {
  const Trials trials(kThreeAngles, 60, &Ishigami);
  const Importance first = trials.Measure(), second = trials.Measure();
  for (size_t i = 0; i < first.effects.size(); ++i) EXPECT_EQ(first.effects[i].total, second.effects[i].total);
}

TEST(Importance, IsGivenUpOnceNobodyWaits) {
  const Trials trials(kTwoDoubles, 30, &Slope);
  EXPECT_FALSE(MeasureImportance(trials.flatten, trials.units, trials.values, [] { return true; }).has_value());
}

}  // namespace
}  // namespace photinus
