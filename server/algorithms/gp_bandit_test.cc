#include "server/algorithms/gp_bandit.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "tests/support/search_space.h"
#include "tests/support/searched_study.h"

namespace photinus {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

constexpr char kSquare[] = R"(
  parameters { parameter_id: "x" double_value_spec { min_value: -1 max_value: 1 } }
  parameters { parameter_id: "y" double_value_spec { min_value: -1 max_value: 1 } })";

class GpBanditTest : public ::testing::Test {
 protected:
  std::vector<Suggestion> Suggest(int count = 1) const {
    const auto result = GpBandit().Suggest(study_.Request(count));
    EXPECT_TRUE(result.ok()) << result.status();
    return result->suggestions;
  }
  // Whether there was anything to learn.
  bool Learn() {
    const SuggestionAlgorithm::Lesson lesson = GpBandit().Learn(study_.Request());
    if (lesson == nullptr) return false;
    study_.state = *lesson(nullptr);
    return true;
  }
  // Completes `trials` at points of a bad lattice.
  void Fill(int trials) {
    for (int i = 0; i < trials; ++i) {
      const double k = static_cast<double>(study_.completed.size());
      const double x = std::sin(1.1 * k), y = std::cos(1.7 * k);
      study_.Complete({{"x", x}, {"y", y}}, {x * x + 0.3 * std::sin(5 * y)});
    }
  }

  SearchedStudy study_ = {.space = Space(kSquare), .objectives = {{.metric = "loss", .maximize = false}}, .seed = 3};
};

TEST_F(GpBanditTest, BeginsWithTheDefaultsAndTheCentreWhereThereAreNone) {
  study_.space = Space(R"(
    parameters { parameter_id: "lr" double_value_spec { min_value: 1e-4 max_value: 1 default_value { value: 0.02 } }
                 scale_type: UNIT_LOG_SCALE }
    parameters { parameter_id: "x" double_value_spec { min_value: -1 max_value: 3 } }
    parameters { parameter_id: "block" categorical_value_spec { values: "a" values: "b" default_value { value: "b" } }
      conditional_parameter_specs { parent_categorical_values { values: "b" } parameter_spec { parameter_id: "width"
        integer_value_spec { min_value: 1 max_value: 64 default_value { value: 48 } } } } })");
  const Point point = Suggest()[0].point;
  EXPECT_NEAR(Number(point, "lr"), 0.02, 1e-12);
  EXPECT_NEAR(Number(point, "x"), 1, 1e-12);
  EXPECT_EQ(point.at("block"), ParameterValue("b"));
  EXPECT_EQ(point.at("width"), ParameterValue(48.0));
}

TEST_F(GpBanditTest, ExplainsItsPredictionInTheMetricsOwnUnits) {
  for (const bool maximize : {false, true}) {
    study_.objectives[0].maximize = maximize;
    study_.completed.clear();
    for (int i = 0; i < 40; ++i) {
      const double x = std::sin(1.1 * i), y = std::cos(1.7 * i);
      study_.Complete({{"x", x}, {"y", y}}, {500 + 100 * x + 20 * y});
    }
    const Suggestion suggestion = Suggest()[0];
    EXPECT_THAT(suggestion.explanation.arm, AnyOf("log_ei", "trust_region"));
    EXPECT_TRUE(suggestion.explanation.acquisition.has_value());
    ASSERT_EQ(suggestion.explanation.predictions.size(), 1u);
    const MetricPrediction& predicted = suggestion.explanation.predictions[0].value();
    EXPECT_NEAR(predicted.median, 500 + 100 * Number(suggestion.point, "x") + 20 * Number(suggestion.point, "y"), 5);
    EXPECT_LT(predicted.lower, predicted.median);
    EXPECT_GT(predicted.upper, predicted.median);
  }
}

TEST_F(GpBanditTest, ExplainsNoPredictionWithoutAModelOfTheObjective) {
  EXPECT_EQ(Suggest()[0].explanation.arm, kDefaultArm);
  EXPECT_TRUE(Suggest()[0].explanation.predictions.empty());
}

TEST_F(GpBanditTest, PredictsEachOfSeveralObjectivesInItsOwnUnits) {
  study_.objectives = {{.metric = "loss", .maximize = false}, {.metric = "speed", .maximize = true}};
  for (int i = 0; i < 40; ++i) {
    const double x = std::sin(1.1 * i), y = std::cos(1.7 * i);
    study_.Complete({{"x", x}, {"y", y}}, {500 + 100 * x + 20 * y, 3 + x - y});
  }
  const Suggestion suggestion = Suggest()[0];
  EXPECT_EQ(suggestion.explanation.arm, "log_ehvi");
  const double x = Number(suggestion.point, "x"), y = Number(suggestion.point, "y");
  ASSERT_EQ(suggestion.explanation.predictions.size(), 2u);
  EXPECT_NEAR(suggestion.explanation.predictions[0]->median, 500 + 100 * x + 20 * y, 5);
  EXPECT_NEAR(suggestion.explanation.predictions[1]->median, 3 + x - y, 0.1);
}

TEST_F(GpBanditTest, PredictsTheSlackOfEachConstraint) {
  study_.constraints.resize(1);
  for (int i = 0; i < 40; ++i) {
    const double x = std::sin(1.1 * i), y = std::cos(1.7 * i);
    study_.Complete({{"x", x}, {"y", y}}, {500 + 100 * x + 20 * y}, /*infeasible=*/false, {30 * (x - y)});
  }
  const Suggestion suggestion = Suggest()[0];
  ASSERT_EQ(suggestion.explanation.predictions.size(), 2u);
  const MetricPrediction& slack = suggestion.explanation.predictions[1].value();
  EXPECT_NEAR(slack.median, 30 * (Number(suggestion.point, "x") - Number(suggestion.point, "y")), 2);
  EXPECT_LT(slack.lower, slack.upper);
}

TEST_F(GpBanditTest, FindsTheBottomOfABowl) {
  for (int i = 0; i < 20; ++i) {
    const Suggestion suggestion = Suggest()[0];
    const double x = Number(suggestion.point, "x") - 0.3, y = Number(suggestion.point, "y") + 0.6;
    study_.Complete(suggestion.point, {x * x + 10 * y * y});
  }
  EXPECT_THAT(Suggest()[0].explanation.text, HasSubstr("GP on 20 trials"));
  double best = INFINITY;
  for (const EvaluatedPoint& evaluated : study_.completed) best = std::min(best, evaluated.objectives[0]);
  EXPECT_LT(best, 1e-4);
}

TEST_F(GpBanditTest, LearnsWherePointsAreInfeasible) {
  constexpr int kSeeds = 10;
  int late_failures = 0;
  for (study_.seed = 1; study_.seed <= kSeeds; ++study_.seed) {
    study_.completed.clear();
    study_.state.clear();
    double best = INFINITY;
    for (int i = 0; i < 40; ++i) {
      const Point point = Suggest()[0].point;
      const double x = Number(point, "x"), y = Number(point, "y");
      const bool infeasible = x + y > -0.2;  // more than half of the square, and the bowl's bottom in it
      study_.Complete(point, {x * x + y * y}, infeasible);
      if (infeasible && i >= 20) ++late_failures;
      if (!infeasible) best = std::min(best, x * x + y * y);
    }
    EXPECT_LT(best, 0.02 + 0.02);  // the best feasible point is (-0.1, -0.1)
  }
  EXPECT_LE(late_failures, 12 * kSeeds);  // of 20 each; random points: 13.6; on the border itself: half
}

TEST_F(GpBanditTest, FindsTheBestPointAtTheBorderOfAConstraint) {
  study_.constraints.resize(1);
  double best = INFINITY;
  int satisfied = 0;
  for (int i = 0; i < 25; ++i) {
    const Point point = Suggest()[0].point;
    const double x = Number(point, "x"), y = Number(point, "y"), slack = -x - y;
    study_.Complete(point, {std::pow(x - 0.8, 2) + std::pow(y - 0.8, 2)}, /*infeasible=*/false, {slack});
    if (slack < 0) continue;
    ++satisfied;
    best = std::min(best, study_.completed.back().objectives[0]);
  }
  EXPECT_LT(best, 2 * 0.64 + 0.02) << "at (0, 0); without the constraint (0.8, 0.8) is the best";
  EXPECT_GE(satisfied, 8);
}

TEST_F(GpBanditTest, FindsAFrontUnderAConstraint) {
  study_.objectives = {{.metric = "a", .maximize = false}, {.metric = "b", .maximize = false}};
  study_.constraints.resize(1);
  double least_a = INFINITY, least_b = INFINITY;
  for (int i = 0; i < 30; ++i) {
    const Point point = Suggest()[0].point;
    const double x = Number(point, "x"), y = Number(point, "y");
    study_.Complete(point, {std::pow(x - 0.7, 2) + y * y, std::pow(x + 0.7, 2) + y * y}, /*infeasible=*/false,
                    {y - 0.5});
    if (y < 0.5) continue;
    least_a = std::min(least_a, study_.completed.back().objectives[0]);
    least_b = std::min(least_b, study_.completed.back().objectives[1]);
  }
  EXPECT_LT(least_a, 0.25 + 0.05);
  EXPECT_LT(least_b, 0.25 + 0.05);
}

TEST_F(GpBanditTest, SearchesForAFirstPointThatSatisfiesItsConstraints) {
  study_.constraints.resize(2);
  int until_satisfied = 0;
  for (bool satisfied = false; !satisfied && until_satisfied < 40; ++until_satisfied) {
    const Suggestion suggestion = Suggest()[0];
    if (until_satisfied > 10) {
      EXPECT_EQ(suggestion.explanation.arm, "feasibility");
    }
    const double x = Number(suggestion.point, "x"), y = Number(suggestion.point, "y");
    const std::vector<double> slacks = {0.05 - std::abs(x + 0.7), 0.05 - std::abs(y - 0.6)};  // 1 in 400 points
    study_.Complete(suggestion.point, {x}, /*infeasible=*/false, slacks);
    satisfied = slacks[0] >= 0 && slacks[1] >= 0;
  }
  EXPECT_LE(until_satisfied, 25);
}

TEST_F(GpBanditTest, IsAsCautiousAsAConstraintWants) {
  std::map<double, int> violations;
  for (const double least : {0.0, 0.95}) {
    study_.constraints = {{.least_feasible = least}};
    study_.completed.clear();
    study_.state.clear();
    for (int i = 0; i < 40; ++i) {
      const Point point = Suggest()[0].point;
      const double x = Number(point, "x"), y = Number(point, "y"), slack = 0.1 - x - std::pow(y, 3);
      study_.Complete(point, {std::pow(x - 0.8, 2) + std::pow(y - 0.3, 2)}, /*infeasible=*/false, {slack});
      if (i >= 10 && slack < 0) ++violations[least];
    }
  }
  EXPECT_LT(violations[0.95], violations[0.0]);
  EXPECT_LE(violations[0.95], 3);
}

TEST_F(GpBanditTest, TakesAConstraintThatNeverMattersForNone) {
  study_.constraints.resize(1);
  for (int i = 0; i < 20; ++i) {
    const Suggestion suggestion = Suggest()[0];
    const double x = Number(suggestion.point, "x") - 0.3, y = Number(suggestion.point, "y") + 0.6;
    study_.Complete(suggestion.point, {x * x + 10 * y * y}, /*infeasible=*/false, {5});
  }
  double best = INFINITY;
  for (const EvaluatedPoint& evaluated : study_.completed) best = std::min(best, evaluated.objectives[0]);
  EXPECT_LT(best, 1e-4);
}

TEST_F(GpBanditTest, RepeatsGoodPointsOnlyWhereThatIsWorthwhile) {
  study_.space = Space(R"(parameters { parameter_id: "k" integer_value_spec { min_value: 0 max_value: 7 } })");
  study_.noisy = true;
  std::map<double, int> visits;
  for (int i = 0; i < 30; ++i) {
    const Point point = Suggest()[0].point;
    const double k = Number(point, "k");
    ++visits[k];
    study_.Complete(point, {std::abs(k - 5) + 0.5 * std::sin(17.0 * i)});
  }
  EXPECT_GE(visits[5], 5);
}

TEST_F(GpBanditTest, SpreadsABatch) {
  for (int i = 0; i < 12; ++i) {
    const Point point = Suggest()[0].point;
    study_.Complete(point, {std::pow(Number(point, "x"), 2) + std::sin(4 * Number(point, "y"))});
  }
  const std::vector<Suggestion> batch = Suggest(8);
  ASSERT_EQ(batch.size(), 8);
  for (size_t i = 0; i < batch.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      const double dx = Number(batch[i].point, "x") - Number(batch[j].point, "x");
      const double dy = Number(batch[i].point, "y") - Number(batch[j].point, "y");
      EXPECT_GT(std::hypot(dx, dy), 1e-4) << i << " and " << j;
    }
  }
}

TEST_F(GpBanditTest, ServesHugeBatchesAndHistories) {
  for (int i = 0; i < 1200; ++i) {
    const double x = std::sin(1.1 * i), y = std::cos(1.7 * i);
    study_.Complete({{"x", x}, {"y", y}}, {x * x + y}, i % 3 == 0);
  }
  for (int i = 0; i < 300; ++i)
    study_.pending.push_back({i + 1201, {{"x", std::sin(2.3 * i)}, {"y", std::cos(2.9 * i)}}});
  std::set<Point> distinct;
  for (const Suggestion& suggestion : Suggest(3)) distinct.insert(suggestion.point);
  EXPECT_EQ(distinct.size(), 3);
  study_.completed.resize(30);
  study_.pending.clear();
  EXPECT_EQ(Suggest(1000).size(), 1000);
}

TEST_F(GpBanditTest, SearchesBothEndsOfAFrontAndBetween) {
  study_.objectives = {{.metric = "a", .maximize = false}, {.metric = "b", .maximize = false}};
  double least_a = INFINITY, least_b = INFINITY, least_sum = INFINITY;
  for (int i = 0; i < 30; ++i) {
    const Point point = Suggest()[0].point;
    const double x = Number(point, "x"), y = Number(point, "y");
    study_.Complete(point, {std::pow(x - 0.7, 2) + y * y, std::pow(x + 0.7, 2) + y * y});
    least_a = std::min(least_a, study_.completed.back().objectives[0]);
    least_b = std::min(least_b, study_.completed.back().objectives[1]);
    least_sum = std::min(least_sum, study_.completed.back().objectives[0] + study_.completed.back().objectives[1]);
  }
  EXPECT_LT(least_a, 0.02);
  EXPECT_LT(least_b, 0.02);
  EXPECT_LT(least_sum, 2 * 0.49 + 0.02);
}

TEST_F(GpBanditTest, LearnsOfAFarBetterGoalOfAnyObjective) {
  study_.objectives.push_back({.metric = "size", .maximize = false});
  const auto fill = [&](int trials) {
    for (int i = 0; i < trials; ++i) {
      const double k = static_cast<double>(study_.completed.size()), x = std::sin(1.1 * k), y = std::cos(1.7 * k);
      study_.Complete({{"x", x}, {"y", y}}, {x * x + y, y * y - x});
    }
  };
  fill(200);
  EXPECT_TRUE(Learn());
  fill(2);
  EXPECT_FALSE(Learn());
  study_.Complete({{"x", 0.3}, {"y", 0.2}}, {1, -100});
  EXPECT_TRUE(Learn());
}

TEST_F(GpBanditTest, FitsFewTrialsAtOnceAndManyOnlyWhenItLearns) {
  Fill(20);
  EXPECT_FALSE(Learn()) << "a request does it by itself";
  const auto early = GpBandit().Suggest(study_.Request());
  EXPECT_NE(early->state, study_.state);
  Fill(180);
  study_.state = early->state;
  EXPECT_EQ(GpBandit().Suggest(study_.Request())->state, early->state) << "as it was, though it is outdated";
  EXPECT_TRUE(Learn());
  EXPECT_NE(study_.state, early->state);
  EXPECT_FALSE(Learn()) << "nothing happened since";
  Fill(3);
  EXPECT_FALSE(Learn());
  Fill(1);
  EXPECT_TRUE(Learn()) << "a fiftieth is new";
}

TEST_F(GpBanditTest, FitsAtOnceHoweverManyWhereItIsToBeReproducible) {
  const GpBandit algorithm({}, /*reproducible=*/true);
  Fill(100);
  const auto early = algorithm.Suggest(study_.Request());
  ASSERT_TRUE(early.ok()) << early.status();
  EXPECT_NE(early->state, study_.state);
  study_.state = early->state;
  EXPECT_EQ(algorithm.Learn(study_.Request()), nullptr);
  EXPECT_EQ(algorithm.Suggest(study_.Request())->state, early->state) << "nothing happened since";
  Fill(2);
  EXPECT_NE(algorithm.Suggest(study_.Request())->state, early->state) << "a fiftieth is new";
}

// A fit of all kinds to each of many metrics takes longer than a request should.
TEST_F(GpBanditTest, FitsFewerTrialsAtOnceTheMoreMetricsThereAre) {
  study_.constraints.resize(9);  // with the objective ten metrics
  const auto fill = [&](int trials) {
    for (int i = 0; i < trials; ++i) {
      const double k = static_cast<double>(study_.completed.size()), x = std::sin(1.1 * k), y = std::cos(1.7 * k);
      std::vector<double> slacks;
      for (int c = 0; c < 9; ++c) slacks.push_back(1 + x * std::sin(c) + y);
      study_.Complete({{"x", x}, {"y", y}}, {x * x + y}, /*infeasible=*/false, slacks);
    }
  };
  fill(12);
  EXPECT_FALSE(Learn()) << "a request does it by itself";
  study_.state = GpBandit().Suggest(study_.Request())->state;
  fill(1);
  const auto later = GpBandit().Suggest(study_.Request());
  EXPECT_EQ(later->state, study_.state) << "the old fit and the new trial";
  EXPECT_THAT(later->suggestions[0].explanation.text, HasSubstr("10 metrics on 13 trials"));
  EXPECT_TRUE(Learn());
  EXPECT_FALSE(Learn());
}

TEST_F(GpBanditTest, OneObjectiveIsFittedAtOnceUpToSixtyTrials) {
  Fill(59);
  EXPECT_FALSE(Learn()) << "a request does it by itself";
  Fill(1);
  EXPECT_TRUE(Learn());
}

TEST_F(GpBanditTest, LooksForASuccessWhereAlmostAllTrialsFail) {
  for (int i = 0; i < 20; ++i) {
    const bool succeeds = i == 9;
    const double x = std::sin(1.1 * i), y = std::cos(1.7 * i);
    study_.Complete({{"x", succeeds ? 0.4 : x}, {"y", succeeds ? -0.5 : y}}, {1}, /*infeasible=*/!succeeds);
  }
  const std::vector<Suggestion> suggestions = Suggest(3);
  ASSERT_EQ(suggestions.size(), 3u);
  for (const Suggestion& suggestion : suggestions) EXPECT_EQ(suggestion.explanation.arm, "feasibility");
  EXPECT_NEAR(Number(suggestions[0].point, "x"), 0.4, 0.2);
  EXPECT_NEAR(Number(suggestions[0].point, "y"), -0.5, 0.2);
  study_.completed[9].infeasible = true;
  int by_model = 0;
  for (const Suggestion& suggestion : Suggest(4)) by_model += suggestion.explanation.arm == "feasibility" ? 1 : 0;
  EXPECT_EQ(by_model, 2) << "and an even sample between";
}

TEST_F(GpBanditTest, LearnsAtOnceOfAFirstFailureAndOfAFarBetterGoal) {
  Fill(200);
  EXPECT_TRUE(Learn());
  study_.Complete({{"x", 0.1}, {"y", 0.2}}, {0}, /*infeasible=*/true);
  EXPECT_TRUE(Learn());
  Fill(2);
  EXPECT_FALSE(Learn());
  study_.Complete({{"x", 0.3}, {"y", 0.2}}, {-100});
  EXPECT_TRUE(Learn());
}

TEST_F(GpBanditTest, DoesWithoutAStateThatIsLostOrForeign) {
  Fill(40);
  const auto known = GpBandit().Suggest(study_.Request());
  for (const char* state : {"", "of another algorithm"}) {
    study_.state = state;
    const auto result = GpBandit().Suggest(study_.Request());
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->state, known->state);
    EXPECT_EQ(result->suggestions[0].point, known->suggestions[0].point) << "the same fit of the same history";
  }
}

TEST_F(GpBanditTest, ARequestWaitsForAQuickFitAtMostWhereManyTrialsAreNew) {
  Fill(200);
  for (int i = 0; i < 10; ++i) study_.Complete({{"x", 0.9}, {"y", 0.05 * i}}, {0}, /*infeasible=*/true);
  // How often Suggest asks whether it is cancelled: each time it computes a likelihood, among others.
  const auto work = [&] {
    int asked = 0;
    SuggestRequest request = study_.Request();
    request.cancelled = [&] { return ++asked < 0; };
    const auto result = GpBandit().Suggest(request);
    EXPECT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->state, study_.state) << "it is the lesson that is worth keeping";
    EXPECT_THAT(result->suggestions[0].explanation.arm, AnyOf("log_ei", "trust_region"));
    return asked;
  };
  for (const char* state : {"", "of another algorithm"}) {
    study_.state = state;
    const int anew = work();
    EXPECT_TRUE(Learn());
    EXPECT_LE(anew, work() + 130);
  }
}

TEST_F(GpBanditTest, AnswersAsWithoutACacheWhateverHappensMeanwhile) {
  Fill(30);
  Learn();
  std::unique_ptr<AlgorithmCache> cache;
  const auto ask = [&](int count) {
    SuggestRequest request = study_.Request(count);
    const auto plain = GpBandit().Suggest(request);
    request.cache = &cache;
    const auto cached = GpBandit().Suggest(request);
    ASSERT_EQ(plain->suggestions.size(), cached->suggestions.size());
    for (size_t i = 0; i < plain->suggestions.size(); ++i) {
      EXPECT_EQ(plain->suggestions[i].point, cached->suggestions[i].point) << "bit for bit";
    }
    const int64_t id = request.first_trial_id;
    for (size_t i = 0; i < cached->suggestions.size(); ++i) {
      study_.pending.push_back({id + static_cast<int64_t>(i), cached->suggestions[i].point});
    }
  };
  const auto finish = [&](size_t index, bool infeasible) {
    study_.completed.push_back(
        {study_.pending[index].trial_id, study_.pending[index].point, {Number(study_.pending[index].point, "x")}});
    study_.completed.back().infeasible = infeasible;
    study_.pending.erase(study_.pending.begin() + static_cast<long>(index));
    std::sort(study_.completed.begin(), study_.completed.end(),
              [](const auto& a, const auto& b) { return a.trial_id < b.trial_id; });
  };
  ask(3);
  finish(1, false);
  ask(1);
  finish(0, true);
  ask(2);
  study_.completed.erase(study_.completed.begin() + 4);  // deleted
  ask(1);
  Learn();
  ask(1);
}

TEST_F(GpBanditTest, ModelsABoundedNumberOfManyTrials) {
  Fill(3000);
  Learn();
  std::unique_ptr<AlgorithmCache> cache;
  SuggestRequest request = study_.Request();
  request.cache = &cache;
  ASSERT_TRUE(GpBandit().Suggest(request).ok());
  EXPECT_LT(cache->bytes(), size_t{8} << 20);
}

TEST_F(GpBanditTest, ALessonIsCancelled) {
  Fill(70);
  EXPECT_EQ(GpBandit().Learn(study_.Request())([] { return true; }).status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace photinus
