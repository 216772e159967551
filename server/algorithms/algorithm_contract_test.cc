// What every algorithm promises, whatever it does.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "common/base/errors.h"
#include "common/base/random.h"
#include "common/space/flatten.h"
#include "gmock/gmock.h"
#include "server/algorithms/encoded_trials.h"
#include "server/algorithms/registry.h"
#include "tests/support/search_space.h"
#include "tests/support/searched_study.h"

namespace photinus {
namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();
const double kInf = std::numeric_limits<double>::infinity();

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

// For algorithms that neither have categories nor conditions.
constexpr char kMixedNumbers[] = R"(
  parameters { parameter_id: "x" double_value_spec { min_value: -3 max_value: 5 } }
  parameters { parameter_id: "lr" double_value_spec { min_value: 1e-6 max_value: 10 default_value { value: 1e-3 } }
               scale_type: UNIT_LOG_SCALE }
  parameters { parameter_id: "fixed" double_value_spec { min_value: 2 max_value: 2 } }
  parameters { parameter_id: "units" integer_value_spec { min_value: 1 max_value: 1000 } scale_type: UNIT_LOG_SCALE }
  parameters { parameter_id: "filters" discrete_value_spec { values: 8 values: 16 values: 64 } }
  parameters { parameter_id: "kernel" integer_value_spec { min_value: 2 max_value: 5 } })";

// 3 x 4 points and one without a child: 13.
constexpr char kFinite[] = R"(
  parameters { parameter_id: "a" categorical_value_spec { values: "p" values: "q" values: "r" values: "none" }
    conditional_parameter_specs { parent_categorical_values { values: "p" values: "q" values: "r" }
      parameter_spec { parameter_id: "b" integer_value_spec { min_value: 0 max_value: 3 } } } })";

constexpr char kFiniteNumbers[] = R"(
  parameters { parameter_id: "a" discrete_value_spec { values: 1 values: 2 values: 10 } }
  parameters { parameter_id: "b" integer_value_spec { min_value: 0 max_value: 3 } })";

// Where a parameter may stay as it is while the other one goes back and forth.
constexpr char kDoubleAndCategory[] = R"(
  parameters { parameter_id: "x" double_value_spec { min_value: -3 max_value: 5 } }
  parameters { parameter_id: "c" categorical_value_spec { values: "p" values: "q" } })";

constexpr char kDoubleAndNumber[] = R"(
  parameters { parameter_id: "x" double_value_spec { min_value: -3 max_value: 5 } }
  parameters { parameter_id: "b" discrete_value_spec { values: 1 values: 2 } })";

// Where two categories leave nothing to choose.
constexpr char kDoubleInABranch[] = R"(
  parameters { parameter_id: "op" categorical_value_spec { values: "conv" values: "pool" values: "skip" }
    conditional_parameter_specs { parent_categorical_values { values: "conv" }
      parameter_spec { parameter_id: "lr" double_value_spec { min_value: 1e-4 max_value: 1 }
                       scale_type: UNIT_LOG_SCALE } } })";

// Where few of very many points are drawn again and again.
constexpr char kManyInABranch[] = R"(
  parameters { parameter_id: "op" categorical_value_spec { values: "conv" values: "skip" }
    conditional_parameter_specs { parent_categorical_values { values: "conv" }
      parameter_spec { parameter_id: "filters" integer_value_spec { max_value: 999999999 } } }
    conditional_parameter_specs { parent_categorical_values { values: "conv" }
      parameter_spec { parameter_id: "units" integer_value_spec { max_value: 999999999 } } } })";

constexpr char kManyOnLogScales[] = R"(
  parameters { parameter_id: "a" integer_value_spec { min_value: 1 max_value: 1000000 } scale_type: UNIT_LOG_SCALE }
  parameters { parameter_id: "b" integer_value_spec { min_value: 1 max_value: 1000000 } scale_type: UNIT_LOG_SCALE }
  parameters { parameter_id: "c" integer_value_spec { min_value: 1 max_value: 1000000 } scale_type: UNIT_LOG_SCALE })";

double NumberOr(const Point& point, const char* id, double otherwise) {
  const auto found = point.find(id);
  return found == point.end() ? otherwise : std::get<double>(found->second);
}

// Something to be learnt: larger is better.
double Goal(const Point& p) {
  return -std::pow(NumberOr(p, "x", 0) - 1, 2) - std::pow(std::log10(NumberOr(p, "lr", 1)) + 2, 2) +
         0.1 * NumberOr(p, "kernel", 0) + 0.3 * NumberOr(p, "b", 0);
}

std::vector<double> OneGoal(int, const Point& p) { return {Goal(p)}; }

// A study that is searched one suggestion after another.
struct Study : SearchedStudy {
  explicit Study(const std::string& name, SearchSpace s)
      : SearchedStudy{.space = std::move(s), .seed = 11}, algorithm(*MakeAlgorithm(name, {.switch_at = 10})) {}

  // As the server asks: without the trials that the algorithm need not see.
  SuggestRequest Request(int count = 1) const {
    told_completed.clear();
    told_pending.clear();
    if (algorithm->UsesHistory(space, noisy)) {
      const WantedTrials wanted = algorithm->NewTo(state);
      const auto is_wanted = [&](const auto& trial) {
        return trial.trial_id >= wanted.and_from ||
               std::binary_search(wanted.ids.begin(), wanted.ids.end(), trial.trial_id);
      };
      std::copy_if(completed.begin(), completed.end(), std::back_inserter(told_completed), is_wanted);
      std::copy_if(pending.begin(), pending.end(), std::back_inserter(told_pending), is_wanted);
    }
    return RequestWith(told_completed, told_pending, count);
  }

  std::vector<Point> Suggest(int count = 1) const { return SuggestFor(Request(count), count); }
  std::vector<Point> SuggestFor(const SuggestRequest& request, int count) const {
    const auto result = algorithm->Suggest(request);
    EXPECT_TRUE(result.ok()) << result.status();
    std::vector<Point> points;
    if (!result.ok()) return points;
    suggested_state = result->state;
    for (const Suggestion& suggestion : result->suggestions) {
      points.push_back(suggestion.point);
      EXPECT_THAT(suggestion.explanation.arm, ::testing::MatchesRegex("[a-z_]+"));
      EXPECT_THAT(suggestion.explanation.text,
                  ::testing::SizeIs(::testing::AllOf(::testing::Gt(0u), ::testing::Le(120u))));
      const absl::Status status = space.Validate(suggestion.point);
      EXPECT_TRUE(status.ok()) << status;
    }
    EXPECT_LE(points.size(), static_cast<size_t>(count));
    return points;
  }

  // Whatever becomes a trial brings the state of its suggestion with it.
  void Await(const Point& point) {
    pending.push_back({NextTrialId(), point});
    state = suggested_state;
  }
  void Complete(const Point& point, std::vector<double> values, bool infeasible = false,
                std::vector<double> slacks = {}) {
    state = suggested_state;
    SearchedStudy::Complete(point, std::move(values), infeasible, std::move(slacks));
  }

  // What the server does in the background after a completion.
  void Learn() {
    const auto lesson = algorithm->Learn(Request());
    if (lesson != nullptr) state = suggested_state = *lesson(nullptr);
  }

  // Finished trials at random points, enough for algorithms that begin with a population.
  template <typename Values>
  void AddPast(Values values_of, int trials = 110) {
    suggested_state = state;  // what was suggested did not become a trial
    const Flatten flatten(space);
    Random random(5);
    for (int i = 0; i < trials; ++i) {
      UnitPoint unit(static_cast<size_t>(flatten.dimension()));
      for (double& u : unit) u = random.Uniform();
      const Point point = flatten.ToPoint(unit);
      Complete(point, values_of(i, point));
    }
  }

  std::unique_ptr<SuggestionAlgorithm> algorithm;
  mutable std::string suggested_state;  // of the latest answer
  mutable std::vector<EvaluatedPoint> told_completed;
  mutable std::vector<PendingPoint> told_pending;
};

class EveryAlgorithm : public ::testing::TestWithParam<std::string> {
 protected:
  bool Serves(const char* space, size_t objectives = 1) const {
    return CheckAlgorithm(GetParam(), Space(space), std::vector<Objective>(objectives)).ok();
  }
  const char* Mixed() const { return Serves(kMixed) ? kMixed : kMixedNumbers; }
  const char* Finite() const { return Serves(kFinite) ? kFinite : kFiniteNumbers; }

  Study AStudy(const char* space) const { return Study(GetParam(), Space(space)); }
  // As many trials as show all that an algorithm does: a firefly moves when its pool, 23 in the mixed space, is full.
  static int EnoughTrials() { return GetParam().find("GAUSSIAN") == 0 || GetParam() == "HYBRID" ? 18 : 60; }
  // With `trials` completed ones.
  Study AStudy(const char* space, int trials) const {
    Study study = AStudy(space);
    for (int i = 0; i < trials; ++i) {
      for (const Point& point : study.Suggest()) study.Complete(point, {Goal(point)});
    }
    return study;
  }
};

TEST_P(EveryAlgorithm, StaysInTheSpace) {
  Study study = AStudy(Mixed(), EnoughTrials());  // Suggest validates each
  EXPECT_EQ(study.completed.size(), EnoughTrials());
  study.AddPast(OneGoal);
  EXPECT_EQ(study.Suggest(10).size(), 10);
}

// What an algorithm cannot serve it refuses when the study is created, and names one that can.
TEST_P(EveryAlgorithm, ServesAProblemOrNamesWhatToUseInstead) {
  for (const char* text : {kMixed, kMixedNumbers, kFinite, kFiniteNumbers}) {
    for (const size_t count : {1, 2}) {
      const SearchSpace space = Space(text);
      const std::vector<Objective> objectives(count);
      const absl::Status status = CheckAlgorithm(GetParam(), space, objectives);
      if (status.ok()) continue;
      EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
      EXPECT_EQ(ErrorField(status), "algorithm");
      std::vector<std::string> named;
      for (const std::string& name : AlgorithmNames()) {
        if (name != GetParam() && absl::StrContains(status.message(), name)) named.push_back(name);
      }
      EXPECT_THAT(named, ::testing::Not(::testing::IsEmpty())) << status;
      for (const std::string& name : named) EXPECT_TRUE(CheckAlgorithm(name, space, objectives).ok()) << name;
    }
  }
}

TEST_P(EveryAlgorithm, AnswersEqualRequestsEqually) {
  Study study = AStudy(Mixed(), EnoughTrials());
  EXPECT_EQ(study.Suggest(3), study.Suggest(3));
  study.AddPast(OneGoal);
  EXPECT_EQ(study.Suggest(3), study.Suggest(3));
}

TEST_P(EveryAlgorithm, ReplaysAStudyExactly) {
  const int trials = EnoughTrials();
  const Study first = AStudy(Mixed(), trials), second = AStudy(Mixed(), trials);
  for (int i = 0; i < trials; ++i) EXPECT_EQ(first.completed[i].point, second.completed[i].point) << "trial " << i + 1;
  EXPECT_EQ(first.state, second.state);
}

TEST_P(EveryAlgorithm, NeedsNoTrialsButThoseThatItsStateLacks) {
  Study study = AStudy(Mixed(), EnoughTrials());
  const std::vector<Point> batch = study.Suggest(3);
  for (const Point& point : batch) study.Await(point);
  const std::vector<Point> points = study.Suggest(3);
  EXPECT_EQ(study.SuggestFor(study.RequestWith(study.completed, study.pending, 3), 3), points);
}

// Whoever reads trials from a list and copies all of them for every suggestion is slow in a large study.
TEST_P(EveryAlgorithm, AnswersTheSameGivenEncodedTrials) {
  for (const char* space : {Mixed(), Finite()}) {
    Study study = AStudy(space);
    study.AddPast([](int i, const Point& p) { return std::vector{i % 7 == 3 ? kNan : Goal(p)}; }, 12);
    study.Await(study.Suggest()[0]);
    EncodedTrials trials(study.space, study.objectives);
    for (const EvaluatedPoint& evaluated : study.completed) {
      trials.Add(evaluated.trial_id, evaluated.point);
      trials.SetFinished(evaluated.trial_id, evaluated.objectives, evaluated.infeasible);
    }
    for (const PendingPoint& pending : study.pending) trials.Add(pending.trial_id, pending.point);
    const std::vector<Point> points = study.Suggest(3);
    SuggestRequest request = study.RequestWith({}, {}, 3);
    if (!study.algorithm->UsesEncodedTrials(study.state, request.first_trial_id)) continue;
    request.trials = &trials;
    EXPECT_EQ(study.SuggestFor(request, 3), points);
  }
}

TEST_P(EveryAlgorithm, GoesOnWithoutItsState) {
  for (const char* left : {"", "no state"}) {
    Study study = AStudy(Mixed(), EnoughTrials());
    const std::vector<Point> batch = study.Suggest(2);
    for (const Point& point : batch) study.Await(point);
    study.state = study.suggested_state = left;
    const std::vector<Point> points = study.Suggest(2);
    ASSERT_EQ(points.size(), 2);
    EXPECT_EQ(std::set<Point>({batch[0], batch[1], points[0], points[1]}).size(), 4);
    EXPECT_EQ(study.Suggest(2), points);
  }
}

TEST_P(EveryAlgorithm, AnswersOtherSeedsOtherwise) {
  if (GetParam() == "GRID_SEARCH") GTEST_SKIP() << "its order is fixed";
  Study study = AStudy(Mixed(), 3);
  const std::vector<Point> first = study.Suggest(3);
  study.seed = 12;
  EXPECT_NE(study.Suggest(3), first);
}

TEST_P(EveryAlgorithm, GivesAsManyPointsAsAskedForAllDifferent) {
  for (const int trials : {0, EnoughTrials(), 110}) {
    Study study = AStudy(Mixed());
    study.AddPast(OneGoal, trials);
    const std::vector<Point> points = study.Suggest(40);
    EXPECT_EQ(points.size(), 40);
    EXPECT_EQ(std::set<Point>(points.begin(), points.end()).size(), 40);
  }
}

TEST_P(EveryAlgorithm, AvoidsPointsThatAreBeingEvaluated) {
  Study study = AStudy(Finite());
  study.noisy = true;  // so that nothing but their running keeps points out
  if (!study.algorithm->UsesHistory(study.space, study.noisy)) GTEST_SKIP() << "does not look at trials";
  study.AddPast(OneGoal);
  for (int i = 0; i < 6; ++i) {
    const Point point = study.Suggest().at(0);
    for (const PendingPoint& other : study.pending) EXPECT_NE(point, other.point);
    study.Await(point);
  }
}

TEST_P(EveryAlgorithm, MinimisesAsItMaximisesTheNegative) {
  Study up = AStudy(Mixed()), down = AStudy(Mixed());
  down.objectives[0].maximize = false;
  for (int i = 0; i < EnoughTrials(); ++i) {
    const Point a = up.Suggest().at(0), b = down.Suggest().at(0);
    ASSERT_EQ(a, b) << "trial " << i + 1;
    up.Complete(a, {Goal(a)});
    down.Complete(b, {-Goal(b)});
  }
  up.AddPast(OneGoal);
  down.AddPast([](int, const Point& p) { return std::vector<double>{-Goal(p)}; });
  EXPECT_EQ(up.Suggest(10), down.Suggest(10));
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
    Study study = AStudy(Mixed());
    for (int i = 0; i < EnoughTrials(); ++i) {
      const std::vector<Point> points = study.Suggest();
      ASSERT_EQ(points.size(), 1);
      study.Complete(points[0], {odd.value(i, points[0])}, odd.infeasible && i % 2 == 0);
    }
    study.AddPast([&](int i, const Point& p) { return std::vector<double>{odd.value(i, p)}; });
    EXPECT_EQ(study.Suggest(3).size(), 3);
  }
}

TEST_P(EveryAlgorithm, CopesWithAHistoryFromElsewhere) {
  Study study = AStudy(Mixed(), 12);
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
  Study study = AStudy(Mixed(), 1);
  for (int i = 0; i < 30; ++i) study.Complete(study.completed[0].point, {i * 0.1});
  EXPECT_EQ(study.Suggest(2).size(), 2);
}

TEST_P(EveryAlgorithm, UsesUpAFiniteSpaceExactly) {
  Study study = AStudy(Finite());
  const size_t size = *study.space.Cardinality();
  std::set<Point> seen;
  for (size_t asked = 0; asked <= size; asked += 2) {
    for (const Point& point : study.Suggest(2)) {
      EXPECT_TRUE(seen.insert(point).second);
      study.Complete(point, {Goal(point)}, seen.size() % 5 == 0);
    }
  }
  EXPECT_EQ(seen.size(), size);
  EXPECT_TRUE(study.Suggest(2).empty());
}

TEST_P(EveryAlgorithm, RepeatsNoPointOfAMixedSpace) {
  for (const char* space : {kDoubleAndCategory, kDoubleAndNumber, kDoubleInABranch, kManyInABranch, kManyOnLogScales}) {
    if (!Serves(space)) continue;
    SCOPED_TRACE(space);
    Study study = AStudy(space);
    std::set<Point> seen;
    for (int i = 0; i < 2 * EnoughTrials(); ++i) {
      for (const Point& point : study.Suggest()) {  // none where a grid is used up
        EXPECT_TRUE(seen.insert(point).second) << "trial " << i + 1;
        study.Complete(point, {Goal(point)});
      }
    }
  }
}

TEST_P(EveryAlgorithm, BeginsAtTheDefaults) {
  if (std::set<std::string>{"RANDOM_SEARCH", "QUASI_RANDOM_SEARCH", "GRID_SEARCH", "SHUFFLED_GRID_SEARCH"}.count(
          GetParam()) > 0) {
    GTEST_SKIP() << "does not learn";
  }
  const std::vector<Point> points = AStudy(Mixed()).Suggest(2);
  EXPECT_EQ(Number(points.at(0), "lr"), 1e-3);
  EXPECT_NE(Number(points.at(1), "lr"), 1e-3);
}

TEST_P(EveryAlgorithm, GoesOnInAFiniteSpaceWhereRepeatsAreWorthwhile) {
  Study study = AStudy(Finite());
  study.noisy = true;
  for (int i = 0; i < 30; ++i) {
    const std::vector<Point> points = study.Suggest();
    ASSERT_EQ(points.size(), 1) << "trial " << i + 1;
    study.Complete(points[0], {Goal(points[0])});
  }
}

// A failure, or a violated constraint, may have been chance, too.
TEST_P(EveryAlgorithm, GoesOnWhereRepeatsAreWorthwhileThoughTrialsFail) {
  for (const bool fails : {true, false}) {
    SCOPED_TRACE(fails ? "infeasible" : "constraint violated");
    Study study = AStudy(R"(parameters { parameter_id: "k" integer_value_spec { min_value: 0 max_value: 2 } })");
    study.noisy = true;
    study.constraints.resize(1);
    for (int i = 0; i < 20; ++i) {
      const std::vector<Point> points = study.Suggest();
      ASSERT_EQ(points.size(), 1) << "trial " << i + 1;
      study.Complete(points[0], {Number(points[0], "k")}, fails, {fails ? 1.0 : -1.0});
    }
    if (!study.algorithm->UsesHistory(study.space, study.noisy)) continue;  // nor within a batch
    // Everything, and nothing twice.
    std::set<Point> running;
    for (const Point& point : study.Suggest(5)) EXPECT_TRUE(running.insert(point).second);
    EXPECT_EQ(running.size(), 3);
  }
}

// What failed whenever it was tried comes back last.
TEST_P(EveryAlgorithm, PrefersToRepeatWhatDidNotFail) {
  if (std::set<std::string>{"GAUSSIAN_PROCESS_BANDIT", "TPE", "CMA_ES", "NSGA2", "REGULARIZED_EVOLUTION"}.count(
          GetParam()) == 0) {
    GTEST_SKIP() << "remembers no failures";
  }
  Study study = AStudy(R"(parameters { parameter_id: "k" integer_value_spec { min_value: 0 max_value: 2 } })");
  study.noisy = true;
  for (int i = 0; i < 20; ++i) {
    const std::vector<Point> points = study.Suggest();
    ASSERT_EQ(points.size(), 1) << "trial " << i + 1;
    study.Complete(points[0], {Number(points[0], "k")}, Number(points[0], "k") == 2);
  }
  int failures = 0;
  for (const EvaluatedPoint& trial : study.completed) failures += trial.infeasible ? 1 : 0;
  EXPECT_LE(failures, 1);
}

TEST_P(EveryAlgorithm, ServesSpacesOfOneParameterAndOfNone) {
  for (const char* space :
       {R"(parameters { parameter_id: "x" double_value_spec { min_value: -1 max_value: 1 } })",
        R"(parameters { parameter_id: "x" integer_value_spec { min_value: 0 max_value: 1000000 } })",
        R"(parameters { parameter_id: "x" double_value_spec { min_value: -1.7e308 max_value: 1.7e308 } })"}) {
    EXPECT_EQ(AStudy(space, 10).completed.size(), 10);
  }
  EXPECT_EQ(AStudy("").Suggest().size(), 1);
}

TEST_P(EveryAlgorithm, ServesSeveralObjectivesAndNone) {
  for (const size_t count : {0, 2, 3}) {
    if (!Serves(Mixed(), count)) continue;
    Study study = AStudy(Mixed());
    study.objectives.assign(count, {.metric = "goal", .maximize = false});
    for (int i = 0; i < EnoughTrials(); ++i) {
      const std::vector<Point> points = study.Suggest();
      ASSERT_EQ(points.size(), 1);
      std::vector<double> values;
      for (size_t k = 0; k < count; ++k) values.push_back(Goal(points[0]) * (k == 1 ? -1 : 1));
      study.Complete(points[0], values);
    }
    study.AddPast([&](int, const Point& p) {
      std::vector<double> values(count, Goal(p));
      if (count > 1) values[1] = -NumberOr(p, "x", 0);
      return values;
    });
    EXPECT_EQ(study.Suggest(3).size(), 3);
  }
}

TEST_P(EveryAlgorithm, StopsWhenCancelled) {
  const Study study = AStudy(Mixed(), 12);
  SuggestRequest request = study.Request(5);
  request.cancelled = [] { return true; };
  EXPECT_EQ(study.algorithm->Suggest(request).status().code(), absl::StatusCode::kCancelled);
}

// Grids and draws without history do not learn.
TEST_P(EveryAlgorithm, SuggestsBetterPointsThanItHasSeen) {
  if (std::set<std::string>{"RANDOM_SEARCH", "QUASI_RANDOM_SEARCH", "GRID_SEARCH", "SHUFFLED_GRID_SEARCH"}.count(
          GetParam()) > 0) {
    GTEST_SKIP() << "does not learn";
  }
  // A third of the trials failed, one way or the other, with objectives that mislead whoever looks at them.
  Study study = AStudy(Mixed());
  std::vector<double> goals;
  study.AddPast([&](int i, const Point& p) {
    goals.push_back(Goal(p));
    return std::vector<double>{i % 6 == 0 ? kNan : i % 6 == 3 ? 1e9 - Goal(p) : Goal(p)};
  });
  for (size_t i = 3; i < study.completed.size(); i += 6) study.completed[i].infeasible = true;
  std::sort(goals.begin(), goals.end());
  int good = 0;
  for (int i = 0; i < 24; ++i) {
    const Point point = study.Suggest().at(0);
    if (Goal(point) > goals[82]) ++good;  // a quarter of all points are
    study.Complete(point, {Goal(point)});
  }
  EXPECT_GE(good, 12);
}

// The objective is best where the constraint is violated.
TEST_P(EveryAlgorithm, PrefersTrialsThatSatisfyTheConstraints) {
  if (std::set<std::string>{"RANDOM_SEARCH", "QUASI_RANDOM_SEARCH", "GRID_SEARCH", "SHUFFLED_GRID_SEARCH"}.count(
          GetParam()) > 0) {
    GTEST_SKIP() << "does not learn";
  }
  Study study = AStudy(Mixed());
  study.constraints.resize(1);
  const auto slack = [](const Point& p) { return 1 - NumberOr(p, "x", 0); };
  study.AddPast([&](int, const Point& p) { return std::vector<double>{NumberOr(p, "x", 0)}; });
  for (EvaluatedPoint& evaluated : study.completed) evaluated.slacks = {slack(evaluated.point)};
  int satisfying = 0;
  for (int i = 0; i < 24; ++i) {
    const Point point = study.Suggest().at(0);
    if (slack(point) >= 0) ++satisfying;  // half of all points do
    study.Complete(point, {NumberOr(point, "x", 0)}, /*infeasible=*/false, {slack(point)});
    study.Learn();
  }
  EXPECT_GE(satisfying, 14);
}

TEST_P(EveryAlgorithm, TakesAStateThatItCannotReadAsLost) {
  Study study = AStudy(Mixed(), 30);
  const std::string state = study.state;
  study.state.clear();
  const std::vector<Point> without = study.Suggest(4);
  EXPECT_EQ(std::set<Point>(without.begin(), without.end()).size(), 4);
  for (const std::string& wrong :
       {std::string("nonsense"), state.substr(0, state.size() / 2), std::string(1000, '\xff')}) {
    study.state = wrong;
    EXPECT_EQ(study.Suggest(4), without);
  }
}

TEST_P(EveryAlgorithm, KeepsItsStateWhereNothingIsNew) {
  if (absl::StrContains(GetParam(), "FIREFLY") || GetParam() == "EAGLE_STRATEGY" || GetParam() == "HYBRID") {
    GTEST_SKIP() << "remembers what it suggested";
  }
  Study study = AStudy(Mixed(), 30);
  study.Suggest();
  const std::string state = study.state = study.suggested_state;
  study.Suggest();
  EXPECT_EQ(study.suggested_state, state);
}

// Every algorithm once, whatever its aliases.
std::vector<std::string> DistinctAlgorithms() {
  const std::set<std::string> aliases_of_the_gp = {"DEFAULT", "ALGORITHM_UNSPECIFIED", "GP_UCB_PE"};
  std::vector<std::string> names;
  for (const std::string& name : AlgorithmNames()) {
    if (aliases_of_the_gp.count(name) == 0) names.push_back(name);
  }
  return names;
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryAlgorithm, ::testing::ValuesIn(DistinctAlgorithms()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace photinus
