// What every algorithm promises, whatever it does.
#include <cmath>
#include <limits>
#include <set>
#include <string>

#include "common/base/random.h"
#include "common/space/flatten.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "server/algorithms/registry.h"

namespace photinus {
namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();
const double kInf = std::numeric_limits<double>::infinity();

SearchSpace Space(const std::string& text) {
  pb::StudySpec spec;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &spec)) << text;
  auto space = SearchSpace::FromSpec(spec);
  EXPECT_TRUE(space.ok()) << space.status();
  return *std::move(space);
}

constexpr char kMixed[] = R"(
  parameters { parameter_id: "x" double_value_spec { min_value: -3 max_value: 5 } }
  parameters { parameter_id: "lr" double_value_spec { min_value: 1e-6 max_value: 10 default_value { value: 1e-3 } }
               scale_type: UNIT_LOG_SCALE }
  parameters { parameter_id: "fixed" double_value_spec { min_value: 2 max_value: 2 } }
  parameters { parameter_id: "only" categorical_value_spec { values: "one" } }
  parameters { parameter_id: "units" integer_value_spec { min_value: 1 max_value: 1000 } scale_type: UNIT_LOG_SCALE }
  parameters { parameter_id: "filters" discrete_value_spec { values: 8 values: 16 values: 64 } }
  parameters { parameter_id: "block" categorical_value_spec { values: "conv" values: "pool" values: "none" }
    conditional_parameter_specs { parent_categorical_values { values: "conv" values: "pool" }
      parameter_spec { parameter_id: "kernel" integer_value_spec { min_value: 2 max_value: 5 }
        conditional_parameter_specs { parent_int_values { values: 3 values: 5 }
          parameter_spec { parameter_id: "momentum" double_value_spec { min_value: 0.5 max_value: 0.99 }
                           scale_type: UNIT_REVERSE_LOG_SCALE } } } } })";

// 3 x 4 points and one without a child: 13.
constexpr char kFinite[] = R"(
  parameters { parameter_id: "a" categorical_value_spec { values: "p" values: "q" values: "r" values: "none" }
    conditional_parameter_specs { parent_categorical_values { values: "p" values: "q" values: "r" }
      parameter_spec { parameter_id: "b" integer_value_spec { min_value: 0 max_value: 3 } } } })";

double Number(const Point& point, const char* id, double otherwise) {
  const auto found = point.find(id);
  return found == point.end() ? otherwise : std::get<double>(found->second);
}

// Something to be learnt: larger is better.
double Goal(const Point& p) {
  return -std::pow(Number(p, "x", 0) - 1, 2) - std::pow(std::log10(Number(p, "lr", 1)) + 2, 2) +
         0.1 * Number(p, "kernel", 0) + 0.3 * Number(p, "b", 0);
}

// A study that is searched one suggestion after another.
struct Study {
  explicit Study(const std::string& name, SearchSpace s) : algorithm(*MakeAlgorithm(name)), space(std::move(s)) {}

  SuggestRequest Request(int count = 1) const {
    static const std::vector<PendingPoint> kNone;
    return {.space = space,
            .objectives = objectives,
            .completed = algorithm->UsesHistory() ? completed : empty_history,
            .pending = algorithm->UsesHistory() ? pending : kNone,
            .noisy = noisy,
            .count = count,
            .seed = seed,
            .first_trial_id = NextTrialId()};
  }

  int64_t NextTrialId() const { return static_cast<int64_t>(completed.size() + pending.size()) + 1; }

  std::vector<Point> Suggest(int count = 1) const {
    const auto result = algorithm->Suggest(Request(count));
    EXPECT_TRUE(result.ok()) << result.status();
    std::vector<Point> points;
    if (!result.ok()) return points;
    for (const Suggestion& suggestion : result->suggestions) {
      points.push_back(suggestion.point);
      EXPECT_FALSE(suggestion.explanation.empty());
      const absl::Status status = space.Validate(suggestion.point);
      EXPECT_TRUE(status.ok()) << status;
    }
    EXPECT_LE(points.size(), static_cast<size_t>(count));
    return points;
  }

  void Complete(const Point& point, std::vector<double> values, bool infeasible = false) {
    completed.push_back({.trial_id = static_cast<int64_t>(completed.size()) + 1,
                         .point = point,
                         .objectives = std::move(values),
                         .infeasible = infeasible});
  }

  std::unique_ptr<SuggestionAlgorithm> algorithm;
  SearchSpace space;
  std::vector<Objective> objectives = {{.metric = "goal", .maximize = true}};
  std::vector<EvaluatedPoint> completed, empty_history;
  std::vector<PendingPoint> pending;
  bool noisy = false;
  uint64_t seed = 11;
};

class EveryAlgorithm : public ::testing::TestWithParam<std::string> {
 protected:
  Study AStudy(const char* space) const { return Study(GetParam(), Space(space)); }
  // With `trials` completed ones.
  Study AStudy(const char* space, int trials) const {
    Study study = AStudy(space);
    for (int i = 0; i < trials; ++i) {
      for (const Point& point : study.Suggest()) study.Complete(point, {Goal(point)});
    }
    return study;
  }
};

TEST_P(EveryAlgorithm, StaysInAConditionalSpace) {
  const Study study = AStudy(kMixed, 25);  // Suggest validates each
  EXPECT_EQ(study.completed.size(), 25);
}

TEST_P(EveryAlgorithm, AnswersEqualRequestsEqually) {
  const Study study = AStudy(kMixed, 14);
  EXPECT_EQ(study.Suggest(3), study.Suggest(3));
}

TEST_P(EveryAlgorithm, AnswersOtherSeedsOtherwise) {
  Study study = AStudy(kMixed, 3);
  const std::vector<Point> first = study.Suggest(3);
  study.seed = 12;
  EXPECT_NE(study.Suggest(3), first);
}

TEST_P(EveryAlgorithm, GivesAsManyPointsAsAskedForAllDifferent) {
  for (const int trials : {0, 20}) {
    const std::vector<Point> points = AStudy(kMixed, trials).Suggest(40);
    EXPECT_EQ(points.size(), 40);
    EXPECT_EQ(std::set<Point>(points.begin(), points.end()).size(), 40);
  }
}

TEST_P(EveryAlgorithm, AvoidsPointsThatAreBeingEvaluated) {
  Study study = AStudy(kMixed, 20);
  if (!study.algorithm->UsesHistory()) GTEST_SKIP() << "history-free";
  const Flatten flatten(study.space);
  for (int i = 0; i < 6; ++i) {
    const Point point = study.Suggest().at(0);
    for (const PendingPoint& other : study.pending) EXPECT_NE(point, other.point);
    study.pending.push_back({study.NextTrialId(), point});
  }
}

TEST_P(EveryAlgorithm, MinimisesAsItMaximisesTheNegative) {
  Study up = AStudy(kMixed), down = AStudy(kMixed);
  down.objectives[0].maximize = false;
  for (int i = 0; i < 20; ++i) {
    const Point a = up.Suggest().at(0), b = down.Suggest().at(0);
    ASSERT_EQ(a, b) << "trial " << i + 1;
    up.Complete(a, {Goal(a)});
    down.Complete(b, {-Goal(b)});
  }
}

struct OddObjective {
  const char* situation;
  double (*value)(int trial, const Point& point);
  bool infeasible = false;
};

TEST_P(EveryAlgorithm, CopesWithOddObjectives) {
  const OddObjective table[] = {
      {"Constant", [](int, const Point&) { return 3.0; }},
      {"NaN", [](int, const Point&) { return kNan; }},
      {"SometimesNaN", [](int i, const Point& p) { return i % 3 == 0 ? kNan : Goal(p); }},
      {"SometimesInfinite", [](int i, const Point& p) { return i % 3 == 0 ? (i % 2 == 0 ? kInf : -kInf) : Goal(p); }},
      {"Infeasible", [](int, const Point& p) { return Goal(p); }, true},
      {"Huge", [](int, const Point& p) { return 1e300 * Goal(p); }},
      {"HugeOutlier", [](int i, const Point& p) { return i == 7   ? -1e300
                                                         : i == 9 ? 1e300
                                                                  : Goal(p); }},
      {"Largest", [](int i, const Point&) { return i % 2 == 0 ? 1.7e308 : -1.7e308; }},
      {"Tiny", [](int, const Point& p) { return 1e-300 * Goal(p); }},
      {"FarFromZero", [](int, const Point& p) { return 1e9 + 1e-6 * Goal(p); }},
      {"TwoValues", [](int i, const Point&) { return i % 2 == 0 ? 1.0 : 0.0; }},
  };
  for (const OddObjective& odd : table) {
    SCOPED_TRACE(odd.situation);
    Study study = AStudy(kMixed);
    for (int i = 0; i < 18; ++i) {
      const std::vector<Point> points = study.Suggest();
      ASSERT_EQ(points.size(), 1);
      study.Complete(points[0], {odd.value(i, points[0])}, odd.infeasible && i % 2 == 0);
    }
  }
}

TEST_P(EveryAlgorithm, CopesWithAHistoryFromElsewhere) {
  Study study = AStudy(kMixed, 12);
  study.Complete({{"x", 99.0}, {"lr", 0.0}, {"block", "unknown"}}, {5});
  study.Complete({}, {5});
  study.Complete({{"x", -1e300},
                  {"lr", 1e-12},
                  {"fixed", 3.0},
                  {"only", "one"},
                  {"units", 2000.0},
                  {"filters", 17.0},
                  {"block", "none"}},
                 {-5});
  study.Complete(study.completed[0].point, {});
  study.Complete(study.completed[0].point, {1, 2, 3});
  EXPECT_EQ(study.Suggest(2).size(), 2);
}

TEST_P(EveryAlgorithm, CopesWithTheSamePointManyTimes) {
  Study study = AStudy(kMixed, 1);
  for (int i = 0; i < 30; ++i) study.Complete(study.completed[0].point, {i * 0.1});
  EXPECT_EQ(study.Suggest(2).size(), 2);
}

TEST_P(EveryAlgorithm, UsesUpAFiniteSpaceExactly) {
  Study study = AStudy(kFinite);
  if (!study.algorithm->UsesHistory()) GTEST_SKIP() << "history-free";
  std::set<Point> seen;
  while (true) {
    const std::vector<Point> points = study.Suggest(2);
    for (const Point& point : points) {
      EXPECT_TRUE(seen.insert(point).second);
      study.Complete(point, {Goal(point)}, seen.size() % 5 == 0);
    }
    if (points.size() < 2) break;
    ASSERT_LE(seen.size(), 13);
  }
  EXPECT_EQ(seen.size(), 13);
  EXPECT_TRUE(study.Suggest(2).empty());
}

TEST_P(EveryAlgorithm, GoesOnInAFiniteSpaceWhereRepeatsAreWorthwhile) {
  Study study = AStudy(kFinite);
  study.noisy = true;
  for (int i = 0; i < 30; ++i) {
    const std::vector<Point> points = study.Suggest();
    ASSERT_EQ(points.size(), 1) << "trial " << i + 1;
    study.Complete(points[0], {Goal(points[0])});
  }
}

TEST_P(EveryAlgorithm, ServesSpacesOfOneParameterAndOfNone) {
  for (const char* space :
       {R"(parameters { parameter_id: "x" double_value_spec { min_value: -1 max_value: 1 } })",
        R"(parameters { parameter_id: "x" integer_value_spec { min_value: 0 max_value: 1000000 } })",
        R"(parameters { parameter_id: "x" double_value_spec { min_value: -1.7e308 max_value: 1.7e308 } })"}) {
    EXPECT_EQ(AStudy(space, 15).completed.size(), 15);
  }
  EXPECT_EQ(AStudy("").Suggest().size(), 1);
}

TEST_P(EveryAlgorithm, ServesSeveralObjectivesAndNone) {
  for (const size_t count : {0, 2, 3}) {
    Study study = AStudy(kMixed);
    study.objectives.assign(count, {.metric = "goal", .maximize = false});
    for (int i = 0; i < 14; ++i) {
      const std::vector<Point> points = study.Suggest();
      ASSERT_EQ(points.size(), 1);
      std::vector<double> values;
      for (size_t k = 0; k < count; ++k) values.push_back(Goal(points[0]) * (k == 1 ? -1 : 1));
      study.Complete(points[0], values);
    }
  }
}

TEST_P(EveryAlgorithm, StopsWhenCancelled) {
  const Study study = AStudy(kMixed, 12);
  SuggestRequest request = study.Request(5);
  request.cancelled = [] { return true; };
  EXPECT_EQ(study.algorithm->Suggest(request).status().code(), absl::StatusCode::kCancelled);
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryAlgorithm,
                         ::testing::Values("RANDOM_SEARCH", "QUASI_RANDOM_SEARCH", "GAUSSIAN_PROCESS_BANDIT"),
                         [](const auto& info) { return info.param; });

// A new line of the registry must be added to the list above.
TEST(AlgorithmContract, IsRunByEveryNameOfTheRegistry) {
  const std::set<std::string> aliases_of_the_gp = {"DEFAULT", "ALGORITHM_UNSPECIFIED", "GP_UCB_PE"};
  std::set<std::string> names;
  for (const std::string& name : AlgorithmNames()) {
    if (aliases_of_the_gp.count(name) == 0) names.insert(name);
  }
  EXPECT_THAT(names,
              ::testing::UnorderedElementsAre("RANDOM_SEARCH", "QUASI_RANDOM_SEARCH", "GAUSSIAN_PROCESS_BANDIT"));
}

}  // namespace
}  // namespace photinus
