#include "server/algorithms/warm_start.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/random.h"
#include "server/algorithms/registry.h"
#include "tests/support/search_space.h"
#include "tests/support/searched_study.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;

constexpr char kSquare[] = R"(
  parameters { parameter_id: "x" double_value_spec { min_value: 0 max_value: 1 } }
  parameters { parameter_id: "y" double_value_spec { min_value: 0 max_value: 1 } })";

// 12 points.
constexpr char kFinite[] = R"(
  parameters { parameter_id: "x" discrete_value_spec { values: 1 values: 2 values: 10 } }
  parameters { parameter_id: "y" integer_value_spec { min_value: 0 max_value: 3 } })";

EvaluatedPoint At(int64_t id, double x, double y, std::vector<double> objectives) {
  return {.trial_id = id, .point = {{"x", x}, {"y", y}}, .objectives = std::move(objectives)};
}

// A study that starts warm and is searched one request after another.
struct WarmStudy : SearchedStudy {
  WarmStudy(const std::string& name, const char* text) : algorithm(*MakeAlgorithm(name, {.warm_start = {"other"}})) {
    space = Space(text);
  }

  std::vector<Suggestion> Suggest(int count = 1) {
    SuggestRequest request = Request(count);
    request.prior = &prior;
    auto result = algorithm->Suggest(request);
    EXPECT_TRUE(result.ok()) << result.status();
    if (!result.ok()) return {};
    for (const Suggestion& suggestion : result->suggestions) EXPECT_TRUE(space.Validate(suggestion.point).ok());
    state = result->state;
    return result->suggestions;
  }
  // Each evaluated at once.
  std::vector<Suggestion> Run(int trials, double (*goal)(const Point&)) {
    std::vector<Suggestion> all;
    for (int i = 0; i < trials; ++i) {
      for (Suggestion& suggestion : Suggest()) {
        Complete(suggestion.point, {goal(suggestion.point)});
        all.push_back(std::move(suggestion));
      }
    }
    return all;
  }

  std::unique_ptr<SuggestionAlgorithm> algorithm;
  std::vector<PriorStudy> prior;
};

double Bowl(const Point& point) {
  return -std::pow(Number(point, "x") - 0.3, 2) - std::pow(Number(point, "y") - 0.7, 2);
}

std::vector<double> Xs(const std::vector<Suggestion>& suggestions) {
  std::vector<double> xs;
  for (const Suggestion& suggestion : suggestions) xs.push_back(Number(suggestion.point, "x"));
  return xs;
}

int CountWarm(const std::vector<Suggestion>& suggestions) {
  return static_cast<int>(std::count_if(suggestions.begin(), suggestions.end(),
                                        [](const Suggestion& s) { return s.explanation.arm == "warm_start"; }));
}

class WarmStartTest : public ::testing::TestWithParam<std::string> {
 protected:
  WarmStudy AWarmStudy(const char* space = kSquare) const { return WarmStudy(GetParam(), space); }
};

TEST_P(WarmStartTest, BeginsWithTheBestPointsOfTheOtherStudyAndTheirOrigin) {
  WarmStudy study = AWarmStudy();
  study.prior = {{"owners/ada/studies/old",
                  {At(3, 0.1, 0.1, {1}), At(4, 0.9, 0.9, {7}), At(6, 0.5, 0.1, {5}), At(8, 0.9, 0.91, {6}),
                   At(9, 0.1, 0.9, {NAN}), At(10, 0.3, 0.3, {3}), At(11, 0.2, 0.8, {4}), At(12, 0.6, 0.6, {2})}}};
  const std::vector<Suggestion> trials = study.Run(8, &Bowl);
  ASSERT_EQ(trials.size(), 8u);
  EXPECT_EQ(CountWarm(trials), 4);
  EXPECT_THAT(Xs({trials.begin(), trials.begin() + 4}), ElementsAre(0.9, 0.5, 0.2, 0.3));  // 8 is next to 4
  EXPECT_EQ(trials[0].explanation.text, "trial 4, one of the best of owners/ada/studies/old");
  EXPECT_NE(trials[4].explanation.arm, "warm_start");
}

TEST_P(WarmStartTest, BatchesGetTheSamePoints) {
  WarmStudy one = AWarmStudy(), batch = AWarmStudy();
  one.prior = batch.prior = {{"old", {At(1, 0.1, 0.1, {1}), At(2, 0.9, 0.9, {2}), At(3, 0.5, 0.1, {3})}}};
  for (int i = 0; i < 3; ++i) one.pending.push_back({one.NextTrialId(), one.Suggest().at(0).point});
  const std::vector<Suggestion> many = batch.Suggest(12);
  ASSERT_EQ(many.size(), 12u);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(many[i].point, one.pending[i].point);
  std::set<Point> points;
  for (const Suggestion& suggestion : many) points.insert(suggestion.point);
  EXPECT_EQ(points.size(), 12u);
  EXPECT_EQ(CountWarm(many), 3);
}

TEST_P(WarmStartTest, StudiesTakeTurns) {
  WarmStudy study = AWarmStudy();
  study.objectives[0].maximize = false;
  study.prior = {{"a", {At(1, 0.1, 0.1, {5}), At(2, 0.2, 0.9, {6}), At(3, 0.5, 0.1, {7})}},
                 {"b", {At(1, 0.1, 0.1, {0}), At(2, 0.7, 0.9, {2}), At(3, 0.8, 0.1, {3})}}};
  EXPECT_THAT(Xs(study.Suggest(4)), ElementsAre(0.1, 0.7, 0.2, 0.8));
}

TEST_P(WarmStartTest, UsesUpAFiniteSpaceExactly) {
  WarmStudy study = AWarmStudy(kFinite);
  study.prior = {{"old", {At(1, 10, 2, {3}), At(2, 1, 0, {4})}}};
  const auto goal = [](const Point& point) { return Number(point, "x") - Number(point, "y"); };
  const std::vector<Suggestion> trials = study.Run(14, goal);
  std::set<Point> points;
  for (const Suggestion& suggestion : trials) points.insert(suggestion.point);
  EXPECT_EQ(trials.size(), 12u);
  EXPECT_EQ(points.size(), 12u);
  EXPECT_THAT(Xs({trials.begin(), trials.begin() + 2}), ElementsAre(1, 10));
}

TEST_P(WarmStartTest, PassesOverWhatAClientTriedItself) {
  WarmStudy study = AWarmStudy(kFinite);
  study.prior = {{"old", {At(1, 10, 2, {3}), At(2, 1, 0, {4})}}};
  study.Complete({{"x", 10.0}, {"y", 2.0}}, {1});
  const std::vector<Suggestion> suggested = study.Suggest(2);
  EXPECT_EQ(CountWarm(suggested), 0);
  for (const Suggestion& suggestion : suggested) EXPECT_NE(suggestion.point, study.completed[0].point);
}

TEST_P(WarmStartTest, WithoutAGoodPointIsAsWithout) {
  WarmStudy study = AWarmStudy(), cold = AWarmStudy();
  EvaluatedPoint infeasible = At(2, 0.2, 0.2, {});
  infeasible.infeasible = true;
  study.prior = {{"old", {infeasible}}};
  EXPECT_EQ(Xs(study.Run(6, &Bowl)), Xs(cold.Run(6, &Bowl)));
}

TEST_P(WarmStartTest, StopsWhenCancelled) {
  WarmStudy study = AWarmStudy();
  study.prior = {{"old", {At(1, 0.1, 0.1, {3})}}};
  SuggestRequest request = study.Request(5);
  request.prior = &study.prior;
  request.cancelled = [] { return true; };
  EXPECT_EQ(study.algorithm->Suggest(request).status().code(), absl::StatusCode::kCancelled);
}

INSTANTIATE_TEST_SUITE_P(Algorithms, WarmStartTest,
                         ::testing::Values("DEFAULT", "HYPER_FIREFLY", "EAGLE_STRATEGY", "HYBRID", "TPE", "CMA_ES",
                                           "NSGA2", "REGULARIZED_EVOLUTION"),
                         [](const auto& info) { return info.param; });

TEST(WarmStart, OfSeveralObjectivesTheParetoFrontComesFirst) {
  WarmStudy study("NSGA2", kSquare);
  study.objectives = {{"a"}, {"b"}};
  study.prior = {{"old",
                  {At(1, 0.1, 0.1, {1, 9}), At(2, 0.9, 0.9, {9, 1}), At(3, 0.5, 0.1, {5, 5}),
                   At(4, 0.3, 0.8, {4, 4})}}};  // dominated
  std::vector<double> xs = Xs(study.Suggest(3));
  std::sort(xs.begin(), xs.end());
  EXPECT_THAT(xs, ElementsAre(0.1, 0.5, 0.9));
  EXPECT_EQ(CountWarm(study.Suggest(10)), 3);
}

// Says what it was asked.
class Recorder final : public SuggestionAlgorithm {
 public:
  explicit Recorder(std::vector<double>* least_feasible) : least_feasible_(*least_feasible) {}
  absl::StatusOr<SuggestResult> Suggest(const SuggestRequest& request) const override {
    for (const Constraint& constraint : request.constraints) least_feasible_.push_back(constraint.least_feasible);
    return SuggestResult();
  }

 private:
  std::vector<double>& least_feasible_;
};

TEST(WarmStart, TellsTheAlgorithmOfTheConstraints) {
  WarmStudy study("DEFAULT", kSquare);
  std::vector<double> least_feasible;
  study.algorithm = std::make_unique<WarmStart>(std::make_unique<Recorder>(&least_feasible));
  study.prior = {{"other", {At(1, 0.5, 0.5, {1})}}};
  SuggestRequest request = study.Request(2);
  request.prior = &study.prior;
  request.constraints = {{.least_feasible = 0.75}};
  ASSERT_TRUE(study.algorithm->Suggest(request).ok());
  EXPECT_THAT(least_feasible, ElementsAre(0.75));
}

TEST(WarmStart, OfStrangersIsNothingToAnAlgorithmThatDoesNotLearn) {
  for (const char* name : {"RANDOM_SEARCH", "QUASI_RANDOM_SEARCH", "GRID_SEARCH", "SHUFFLED_GRID_SEARCH"}) {
    EXPECT_EQ(CheckWarmStart(name, {{"goal"}}).code(), absl::StatusCode::kInvalidArgument) << name;
  }
  EXPECT_TRUE(CheckWarmStart("DEFAULT", {{"goal"}}).ok());
  EXPECT_EQ(CheckWarmStart("DEFAULT", {}).code(), absl::StatusCode::kInvalidArgument);
}

// Trials of another study at 60 points, the best in the middle.
PriorStudy AGrid() {
  PriorStudy study{.name = "old", .trials = {}};
  for (int i = 0; i < 60; ++i) {
    const double x = 0.05 + 0.1 * (i % 10), y = 0.05 + 0.15 * (i / 10);
    study.trials.push_back(At(i + 1, x, y, {-std::pow(x - 0.5, 2) - std::pow(y - 0.5, 2)}));
  }
  return study;
}

struct Replacement {
  const char* algorithm;
  const char* arm;
  int own_trials;  // with so many the others do not count any more
};

class PriorPopulationTest : public ::testing::TestWithParam<Replacement> {};

TEST_P(PriorPopulationTest, StandsForTrialsThatTheStudyDoesNotHaveYet) {
  WarmStudy study(GetParam().algorithm, kSquare);
  study.prior = {AGrid(), AGrid()};
  study.Run(4, &Bowl);
  EXPECT_EQ(study.Suggest().at(0).explanation.arm, GetParam().arm) << "not the initial design";
  study.prior.clear();
  EXPECT_EQ(study.Suggest().at(0).explanation.arm, "initial_design");
}

TEST_P(PriorPopulationTest, CountsNoMoreOnceTheStudyHasEnoughTrials) {
  WarmStudy study(GetParam().algorithm, kSquare);
  study.prior = {AGrid()};
  Random random(3);
  const auto add = [&] {
    const Point point = {{"x", random.Uniform()}, {"y", random.Uniform()}};
    study.Complete(point, {Bowl(point)});
  };
  while (static_cast<int>(study.completed.size()) < GetParam().own_trials - 20) add();
  const auto depends = [&] {
    const std::vector<double> warm = Xs(study.Suggest(10));
    study.prior.clear();
    const std::vector<double> cold = Xs(study.Suggest(10));
    study.prior = {AGrid()};
    return warm != cold;
  };
  EXPECT_TRUE(depends());
  while (static_cast<int>(study.completed.size()) < GetParam().own_trials) add();
  EXPECT_FALSE(depends());
}

INSTANTIATE_TEST_SUITE_P(Algorithms, PriorPopulationTest,
                         ::testing::Values(Replacement{"TPE", "tpe", 30},
                                           Replacement{"REGULARIZED_EVOLUTION", "mutation", 100},
                                           Replacement{"NSGA2", "crossover", 50}),
                         [](const auto& info) { return std::string(info.param.algorithm); });

// A narrow valley in five parameters, moved by `shift`; larger is better.
double Valley(const Point& point, double shift) {
  double sum = 0, previous = 0;
  for (const char* id : {"a", "b", "c", "d", "e"}) {
    const double x = 4 * (Number(point, id) - shift) - 2;
    sum += std::pow(x - 0.6, 2) + 5 * std::pow(x - previous, 2);
    previous = x;
  }
  return -sum;
}

SearchSpace FiveParameters() {
  std::string text;
  for (const std::string id : {"a", "b", "c", "d", "e"}) {
    text += "parameters { parameter_id: \"" + id + "\" double_value_spec { min_value: 0 max_value: 1 } }";
  }
  return Space(text);
}

struct Searched {
  double best = 0;
  std::vector<EvaluatedPoint> trials;
};

Searched Search(const std::string& name, uint64_t seed, int trials, double shift, std::vector<PriorStudy> prior) {
  WarmStudy study(name, "");
  study.space = FiveParameters();
  study.seed = seed;
  study.prior = std::move(prior);
  double best = -HUGE_VAL;
  for (int i = 0; i < trials; ++i) {
    const Point point = study.Suggest().at(0).point;
    study.Complete(point, {Valley(point, shift)});
    best = std::max(best, Valley(point, shift));
  }
  return {best, study.completed};
}

class WarmSearchTest : public ::testing::TestWithParam<std::string> {};

// Fifteen trials of a function whose optimum lies a fifteenth of the range away from where the other study's was.
TEST_P(WarmSearchTest, BeatsAColdOne) {
  constexpr int kSeeds = 10, kTrials = 15;
  int won = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Searched other = Search("TPE", seed + 100, 80, 0, {});
    const double cold = Search(GetParam(), seed, kTrials, 1.0 / 15, {}).best;
    const double warm = Search(GetParam(), seed, kTrials, 1.0 / 15, {{"other", other.trials}}).best;
    if (warm > cold) ++won;
  }
  EXPECT_GE(won, 8);
}

INSTANTIATE_TEST_SUITE_P(Algorithms, WarmSearchTest,
                         ::testing::Values("DEFAULT", "TPE", "HYPER_FIREFLY", "CMA_ES", "REGULARIZED_EVOLUTION"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace photinus
