// What every problem of the catalogue promises, and the optima of those whose optimum is computed.
#include "tests/benchmarks/search/problems/problem.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "common/space/flatten.h"
#include "gtest/gtest.h"
#include "tests/benchmarks/search/problems/box_function.h"
#include "tests/benchmarks/search/problems/catalogue.h"
#include "tests/benchmarks/search/problems/factor_graph.h"
#include "tests/benchmarks/search/problems/nas.h"

namespace photinus {
namespace {

Point RandomPoint(const Flatten& flatten, Random& random) {
  UnitPoint unit(flatten.dimension());
  for (double& u : unit) u = random.Uniform();
  return flatten.ToPoint(unit);
}

double Regret(const Problem& problem, const Point& point) { return RegretCurve(problem, {WorthOf(problem, point)})[0]; }

class EveryProblem : public ::testing::TestWithParam<const char*> {};

TEST_P(EveryProblem, FollowsFromItsNameAndInstance) {
  const Problem a = *MakeProblem(GetParam(), 3), b = *MakeProblem(GetParam(), 3), other = *MakeProblem(GetParam(), 4);
  const Flatten flatten(a.space);
  Random random(1);
  bool differs = false;
  for (int64_t trial = 1; trial <= 20; ++trial) {
    const Point point = RandomPoint(flatten, random);
    const std::vector<double> values = Observe(a, point, 9, trial);
    if (IsInfeasible(values)) continue;
    EXPECT_EQ(values, Observe(b, point, 9, trial));
    differs = differs || (!other.space.Validate(point).ok() || values != Observe(other, point, 9, trial));
  }
  EXPECT_TRUE(differs);
}

TEST_P(EveryProblem, HasNoPointBetterThanItsOptimum) {
  for (uint64_t instance = 1; instance <= 3; ++instance) {
    const Problem problem = *MakeProblem(GetParam(), instance);
    const Flatten flatten(problem.space);
    Random random(instance);
    for (int i = 0; i < 300; ++i) EXPECT_GT(Regret(problem, RandomPoint(flatten, random)), 0);
    if (problem.objectives.size() > 1) continue;
    ASSERT_TRUE(problem.space.Validate(problem.optimizer).ok()) << problem.space.Validate(problem.optimizer);
    EXPECT_NEAR(Regret(problem, problem.optimizer), 0, 1e-9);
    EXPECT_NEAR(problem.values(problem.optimizer)[0], problem.optimum, 1e-9);
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, EveryProblem,
                         ::testing::Values("f1-d4", "f15-d20", "f24-d40", "f2-d8-noise1", "f18-d8-noise10",
                                           "f8-d8-outliers", "f8-d8-log2", "f5-d8-mixed", "f7-d20-mixed",
                                           "f22-d8-mixed", "nas-epistasis", "nas-macro", "nas-ridge",
                                           "conditional-training", "conditional-branches", "conditional-layers",
                                           "constrained-halfspaces", "constrained-ball", "constrained-safety", "zdt1",
                                           "zdt2", "zdt3", "dtlz2", "dtlz7"));

TEST(Catalogue, RefusesUnknownNames) {
  for (const char* name : {"", "f0-d8", "f25-d8", "f1-d1", "f1", "f1-d8-noisy", "nas", "zdt4"}) {
    EXPECT_FALSE(MakeProblem(name, 1).ok()) << name;
  }
}

// The best value over all points of a finite space.
double BestOfAll(const Problem& problem) {
  const Flatten flatten(problem.space);
  double best = problem.objectives[0].maximize ? -INFINITY : INFINITY;
  UnitPoint unit(flatten.dimension());
  const std::function<void(int)> visit = [&](int parameter) {
    if (parameter < flatten.dimension()) {
      for (int64_t level = 0; level < flatten.Levels(parameter); ++level) {
        unit[parameter] = flatten.LevelCoordinate(parameter, level);
        visit(parameter + 1);
      }
      return;
    }
    const double value = problem.values(flatten.ToPoint(unit))[0];
    if (std::isnan(value)) return;
    best = problem.objectives[0].maximize ? std::max(best, value) : std::min(best, value);
  };
  visit(0);
  return best;
}

TEST(FactorGraph, FindsTheBestOfAllAssignments) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    FactorGraph graph({2, 3, 4, 2, 3});
    for (const std::vector<int>& variables :
         std::vector<std::vector<int>>{{0}, {0, 1}, {1, 3}, {0, 2, 4}, {3, 4}, {2}}) {
      Factor factor{.variables = variables, .table = std::vector<double>(graph.TableSize(variables))};
      for (double& v : factor.table) v = random.Normal();
      graph.Add(factor);
    }
    double best = -INFINITY;
    std::vector<int> assignment(5, 0);
    for (int i = 0; i < 2 * 3 * 4 * 2 * 3; ++i) {
      int rest = i;
      for (int v = 0; v < 5; ++v) {
        assignment[v] = rest % graph.levels()[v];
        rest /= graph.levels()[v];
      }
      best = std::max(best, graph.Sum(assignment));
    }
    const FactorGraph::Best found = graph.Maximize();
    EXPECT_NEAR(found.sum, best, 1e-12);
    EXPECT_NEAR(graph.Sum(found.assignment), best, 1e-12);
  }
}

TEST(EpistasisProblem, HasTheBestOfAllPointsAsOptimum) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    Random random(seed);
    const Problem problem = EpistasisProblem({.categories = 6, .skip_edges = 3}, random);
    EXPECT_NEAR(problem.optimum, BestOfAll(problem), 1e-9);
  }
}

TEST(MacroNetProblem, HasTheBestOfAllPointsAsOptimum) {
  Random random(1);
  const Problem problem = MacroNetProblem({.stages = 3}, random);
  EXPECT_NEAR(problem.optimum, BestOfAll(problem), 1e-9);
}

TEST(MacroNetProblem, HasInfeasibleNetworksAndHopelessOnes) {
  const Problem problem = *MakeProblem("nas-macro", 1);
  const Flatten flatten(problem.space);
  Random random(1);
  int infeasible = 0, hopeless = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::vector<double> values = problem.values(RandomPoint(flatten, random));
    infeasible += IsInfeasible(values) ? 1 : 0;
    hopeless += values[0] == 90 ? 1 : 0;
  }
  EXPECT_GT(infeasible, 100);
  EXPECT_LT(infeasible, 600);
  EXPECT_GT(hopeless, 20);
  EXPECT_LT(hopeless, 200);
}

TEST(RidgeProblem, HasTheBestOfAllPointsAsOptimum) {
  Random random(1);
  const Problem problem = RidgeProblem({.categories = 4}, random);
  const Flatten flatten(problem.space);
  double best = -INFINITY;
  UnitPoint unit = *flatten.ToUnit(problem.optimizer);
  const int discrete = 6;  // the categories, the learning rate and the batch size; the other knobs act alone
  const std::function<void(int)> visit = [&](int parameter) {
    if (parameter == discrete) {
      best = std::max(best, problem.values(flatten.ToPoint(unit))[0]);
      return;
    }
    for (int64_t level = 0; level < flatten.Levels(parameter); ++level) {
      unit[parameter] = flatten.LevelCoordinate(parameter, level);
      visit(parameter + 1);
    }
  };
  visit(0);
  EXPECT_NEAR(problem.optimum, best, 1e-9);
  for (int knob = discrete; knob < flatten.dimension(); ++knob) {
    for (double coordinate = 0; coordinate <= 1; coordinate += 0.05) {
      UnitPoint moved = *flatten.ToUnit(problem.optimizer);
      moved[knob] = coordinate;
      EXPECT_LE(problem.values(flatten.ToPoint(moved))[0], problem.optimum + 1e-12);
    }
  }
}

TEST(MixedProblem, HasAThirdOfItsParametersOfEachKind) {
  const Problem problem = *MakeProblem("f10-d20-mixed", 1);
  int doubles = 0, ordinals = 0, categories = 0;
  for (const Parameter& p : problem.space.parameters()) {
    doubles += p.type == Parameter::Type::kDouble ? 1 : 0;
    ordinals += p.type == Parameter::Type::kDiscrete && p.values.size() == 5 ? 1 : 0;
    categories += p.type == Parameter::Type::kCategorical && p.categories.size() == 4 ? 1 : 0;
  }
  EXPECT_EQ(ordinals, 6);
  EXPECT_EQ(categories, 6);
  EXPECT_EQ(doubles, 8);
}

TEST(WithNoise, IsAFractionOfTheSpreadOfRandomPointsAndLeavesTheRegretAlone) {
  const Problem problem = *MakeProblem("f1-d4-noise10", 2);
  const Flatten flatten(problem.space);
  Random random(5);
  std::vector<double> values;
  for (int i = 0; i < 4000; ++i) values.push_back(problem.values(RandomPoint(flatten, random))[0]);
  std::sort(values.begin(), values.end());
  double square = 0;
  for (int64_t trial = 1; trial <= 4000; ++trial) {
    square += std::pow(Observe(problem, problem.optimizer, 1, trial)[0] - problem.optimum, 2) / 4000;
  }
  EXPECT_NEAR(std::sqrt(square) / (values[3000] - values[1000]), 0.1, 0.01);
  EXPECT_EQ(Regret(problem, problem.optimizer), 0);
}

TEST(WithOutliers, ShowsAFewValuesThatAreFarTooBad) {
  const Problem problem = *MakeProblem("f8-d8-outliers", 1);
  int outliers = 0;
  for (int64_t trial = 1; trial <= 1000; ++trial) {
    const double shown = Observe(problem, problem.optimizer, 1, trial)[0];
    if (shown == problem.optimum) continue;
    EXPECT_GT(shown, 1e6);
    ++outliers;
  }
  EXPECT_GT(outliers, 25);
  EXPECT_LT(outliers, 100);
}

TEST(RegretCurve, IsTheLeastSoFar) {
  Problem problem;
  problem.objectives = {{.metric = "f", .maximize = true}};
  problem.optimum = 10;
  problem.regret_of_infeasible = 99;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(RegretCurve(problem, {{nan}, {4}, {3}, {nan}, {10.5}}), (std::vector<double>{99, 6, 6, 6, 0}));
}

TEST(MultiObjectiveProblems, HaveTheHypervolumesOfTheirFronts) {
  EXPECT_NEAR(MakeProblem("zdt1", 1)->optimum, 121 - 1.0 / 3, 1e-5);
  EXPECT_NEAR(MakeProblem("zdt2", 1)->optimum, 121 - 2.0 / 3, 1e-5);
  EXPECT_NEAR(MakeProblem("zdt3", 1)->optimum, 128.77811613069076, 1e-5);  // as BoTorch has it
}

class EveryConstrainedProblem : public ::testing::TestWithParam<const char*> {};

TEST_P(EveryConstrainedProblem, HasAnActiveConstraintAndSomeFeasiblePoints) {
  for (uint64_t instance = 1; instance <= 5; ++instance) {
    const Problem problem = *MakeProblem(GetParam(), instance);
    const std::vector<double> slacks = problem.slacks(problem.optimizer);
    ASSERT_EQ(slacks.size(), problem.constraints.size());
    EXPECT_FALSE(Violates(slacks));
    EXPECT_LT(*std::min_element(slacks.begin(), slacks.end()), 1e-6);
    const Flatten flatten(problem.space);
    Random random(instance);
    int feasible = 0;
    for (int i = 0; i < 10000; ++i) {
      const Point point = RandomPoint(flatten, random);
      EXPECT_EQ(IsInfeasible(WorthOf(problem, point)), Violates(problem.slacks(point)));
      feasible += IsInfeasible(WorthOf(problem, point)) ? 0 : 1;
    }
    EXPECT_GT(feasible, 50);
    EXPECT_LT(feasible, 4000);
    int better = 0;  // points near the optimum, which its constraints rule out
    for (int i = 0; i < 100; ++i) {
      UnitPoint unit = *flatten.ToUnit(problem.optimizer);
      for (double& u : unit) u = std::clamp(u + 0.01 * random.Normal(), 0.0, 1.0);
      const Point point = flatten.ToPoint(unit);
      const double value = problem.values(point)[0];
      better += (problem.objectives[0].maximize ? value > problem.optimum : value < problem.optimum) ? 1 : 0;
    }
    EXPECT_GT(better, 10);
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, EveryConstrainedProblem,
                         ::testing::Values("constrained-halfspaces", "constrained-ball", "constrained-safety"));

TEST(Evaluate, TellsValuesAndSlacksOfPointsThatViolateAConstraint) {
  const Problem problem = *MakeProblem("constrained-ball", 1);
  const Point corner = {{"x0", 0.0}, {"x1", 0.0}, {"x2", 0.0}, {"x3", 0.0}, {"x4", 0.0}};
  const EvaluatedPoint evaluated = Evaluate(problem, corner, 1, 7);
  EXPECT_EQ(evaluated.trial_id, 7);
  EXPECT_EQ(evaluated.objectives, problem.values(corner));
  EXPECT_FALSE(evaluated.infeasible);
  ASSERT_EQ(evaluated.slacks.size(), 1);
  EXPECT_LT(evaluated.slacks[0], 0);
  EXPECT_EQ(Regret(problem, corner), problem.regret_of_infeasible);
}

TEST(SafetyProblem, SaysHowManyTrialsAreToBeSafe) {
  EXPECT_EQ(MakeProblem("constrained-safety", 1)->constraints[0].least_feasible, 0.9);
}

TEST(RegretCurve, IsTheMissingHypervolumeOfSeveralObjectives) {
  Problem problem;
  problem.objectives = {{.metric = "a", .maximize = false}, {.metric = "b", .maximize = false}};
  problem.reference = {4, 4};
  problem.optimum = 16;
  EXPECT_EQ(RegretCurve(problem, {{5, 0}, {1, 3}, {2, 1}, {3, 2}, {0, 0}}), (std::vector<double>{16, 13, 9, 9, 0}));
}

}  // namespace
}  // namespace photinus
