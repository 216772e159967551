#include "server/algorithms/gp_bandit.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

SearchSpace Space(const std::string& text) {
  pb::StudySpec spec;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &spec)) << text;
  return *SearchSpace::FromSpec(spec);
}

constexpr char kSquare[] = R"(
  parameters { parameter_id: "x" double_value_spec { min_value: -1 max_value: 1 } }
  parameters { parameter_id: "y" double_value_spec { min_value: -1 max_value: 1 } })";

double Number(const Point& point, const char* id) { return std::get<double>(point.at(id)); }

class GpBanditTest : public ::testing::Test {
 protected:
  SuggestRequest Request(int count = 1) const {
    return {.space = space_,
            .objectives = objectives_,
            .completed = completed_,
            .pending = pending_,
            .constraints = constraints_,
            .noisy = noisy_,
            .count = count,
            .seed = seed_,
            .first_trial_id = static_cast<int64_t>(completed_.size() + pending_.size()) + 1,
            .state = state_};
  }
  std::vector<Suggestion> Suggest(int count = 1) const {
    const auto result = GpBandit().Suggest(Request(count));
    EXPECT_TRUE(result.ok()) << result.status();
    return result->suggestions;
  }
  // Whether there was anything to learn.
  bool Learn() {
    const SuggestionAlgorithm::Lesson lesson = GpBandit().Learn(Request());
    if (lesson == nullptr) return false;
    state_ = *lesson(nullptr);
    return true;
  }
  // Completes `trials` at points of a bad lattice.
  void Fill(int trials) {
    for (int i = 0; i < trials; ++i) {
      const double k = static_cast<double>(completed_.size());
      const double x = std::sin(1.1 * k), y = std::cos(1.7 * k);
      Complete({{"x", x}, {"y", y}}, {x * x + 0.3 * std::sin(5 * y)});
    }
  }

  void Complete(const Point& point, std::vector<double> objectives, bool infeasible = false,
                std::vector<double> slacks = {}) {
    completed_.push_back({.trial_id = static_cast<int64_t>(completed_.size()) + 1,
                          .point = point,
                          .objectives = std::move(objectives),
                          .infeasible = infeasible,
                          .slacks = std::move(slacks)});
  }

  SearchSpace space_ = Space(kSquare);
  std::vector<Objective> objectives_ = {{.metric = "loss", .maximize = false}};
  std::vector<Constraint> constraints_;
  std::vector<EvaluatedPoint> completed_;
  std::vector<PendingPoint> pending_;
  bool noisy_ = false;
  uint64_t seed_ = 3;
  std::string state_;
};

TEST_F(GpBanditTest, BeginsWithTheDefaultsAndTheCentreWhereThereAreNone) {
  space_ = Space(R"(
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
    objectives_[0].maximize = maximize;
    completed_.clear();
    for (int i = 0; i < 40; ++i) {
      const double x = std::sin(1.1 * i), y = std::cos(1.7 * i);
      Complete({{"x", x}, {"y", y}}, {500 + 100 * x + 20 * y});
    }
    const Suggestion suggestion = Suggest()[0];
    EXPECT_EQ(suggestion.explanation.arm, "log_ei");
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
  objectives_ = {{.metric = "loss", .maximize = false}, {.metric = "speed", .maximize = true}};
  for (int i = 0; i < 40; ++i) {
    const double x = std::sin(1.1 * i), y = std::cos(1.7 * i);
    Complete({{"x", x}, {"y", y}}, {500 + 100 * x + 20 * y, 3 + x - y});
  }
  const Suggestion suggestion = Suggest()[0];
  EXPECT_EQ(suggestion.explanation.arm, "log_ehvi");
  const double x = Number(suggestion.point, "x"), y = Number(suggestion.point, "y");
  ASSERT_EQ(suggestion.explanation.predictions.size(), 2u);
  EXPECT_NEAR(suggestion.explanation.predictions[0]->median, 500 + 100 * x + 20 * y, 5);
  EXPECT_NEAR(suggestion.explanation.predictions[1]->median, 3 + x - y, 0.1);
}

TEST_F(GpBanditTest, FindsTheBottomOfABowl) {
  for (int i = 0; i < 20; ++i) {
    const Suggestion suggestion = Suggest()[0];
    const double x = Number(suggestion.point, "x") - 0.3, y = Number(suggestion.point, "y") + 0.6;
    Complete(suggestion.point, {x * x + 10 * y * y});
  }
  EXPECT_THAT(Suggest()[0].explanation.text, HasSubstr("GP on 20 trials"));
  double best = INFINITY;
  for (const EvaluatedPoint& evaluated : completed_) best = std::min(best, evaluated.objectives[0]);
  EXPECT_LT(best, 1e-4);
}

TEST_F(GpBanditTest, LearnsWherePointsAreInfeasible) {
  constexpr int kSeeds = 5;
  int late_failures = 0;
  for (seed_ = 1; seed_ <= kSeeds; ++seed_) {
    completed_.clear();
    state_.clear();
    double best = INFINITY;
    for (int i = 0; i < 40; ++i) {
      const Point point = Suggest()[0].point;
      const double x = Number(point, "x"), y = Number(point, "y");
      const bool infeasible = x + y > -0.2;  // more than half of the square, and the bowl's bottom in it
      Complete(point, {x * x + y * y}, infeasible);
      if (infeasible && i >= 20) ++late_failures;
      if (!infeasible) best = std::min(best, x * x + y * y);
    }
    EXPECT_LT(best, 0.02 + 0.01);  // the best feasible point is (-0.1, -0.1)
  }
  EXPECT_LE(late_failures, 10 * kSeeds);  // of 20 each; random points: 13.6; on the border itself: half
}

TEST_F(GpBanditTest, FindsTheBestPointAtTheBorderOfAConstraint) {
  constraints_.resize(1);
  double best = INFINITY;
  int satisfied = 0;
  for (int i = 0; i < 25; ++i) {
    const Point point = Suggest()[0].point;
    const double x = Number(point, "x"), y = Number(point, "y"), slack = -x - y;
    Complete(point, {std::pow(x - 0.8, 2) + std::pow(y - 0.8, 2)}, /*infeasible=*/false, {slack});
    if (slack < 0) continue;
    ++satisfied;
    best = std::min(best, completed_.back().objectives[0]);
  }
  EXPECT_LT(best, 2 * 0.64 + 0.02) << "at (0, 0); without the constraint (0.8, 0.8) is the best";
  EXPECT_GE(satisfied, 8);
}

TEST_F(GpBanditTest, FindsAFrontUnderAConstraint) {
  objectives_ = {{.metric = "a", .maximize = false}, {.metric = "b", .maximize = false}};
  constraints_.resize(1);
  double least_a = INFINITY, least_b = INFINITY;
  for (int i = 0; i < 30; ++i) {
    const Point point = Suggest()[0].point;
    const double x = Number(point, "x"), y = Number(point, "y");
    Complete(point, {std::pow(x - 0.7, 2) + y * y, std::pow(x + 0.7, 2) + y * y}, /*infeasible=*/false, {y - 0.5});
    if (y < 0.5) continue;
    least_a = std::min(least_a, completed_.back().objectives[0]);
    least_b = std::min(least_b, completed_.back().objectives[1]);
  }
  EXPECT_LT(least_a, 0.25 + 0.05);
  EXPECT_LT(least_b, 0.25 + 0.05);
}

TEST_F(GpBanditTest, SearchesForAFirstPointThatSatisfiesItsConstraints) {
  constraints_.resize(2);
  int until_satisfied = 0;
  for (bool satisfied = false; !satisfied && until_satisfied < 40; ++until_satisfied) {
    const Suggestion suggestion = Suggest()[0];
    if (until_satisfied > 10) {
      EXPECT_EQ(suggestion.explanation.arm, "feasibility");
    }
    const double x = Number(suggestion.point, "x"), y = Number(suggestion.point, "y");
    const std::vector<double> slacks = {0.05 - std::abs(x + 0.7), 0.05 - std::abs(y - 0.6)};  // 1 in 400 points
    Complete(suggestion.point, {x}, /*infeasible=*/false, slacks);
    satisfied = slacks[0] >= 0 && slacks[1] >= 0;
  }
  EXPECT_LE(until_satisfied, 25);
}

TEST_F(GpBanditTest, IsAsCautiousAsAConstraintWants) {
  std::map<double, int> violations;
  for (const double least : {0.0, 0.95}) {
    constraints_ = {{.least_feasible = least}};
    completed_.clear();
    state_.clear();
    for (int i = 0; i < 40; ++i) {
      const Point point = Suggest()[0].point;
      const double x = Number(point, "x"), y = Number(point, "y"), slack = 0.1 - x - std::pow(y, 3);
      Complete(point, {std::pow(x - 0.8, 2) + std::pow(y - 0.3, 2)}, /*infeasible=*/false, {slack});
      if (i >= 10 && slack < 0) ++violations[least];
    }
  }
  EXPECT_LT(violations[0.95], violations[0.0]);
  EXPECT_LE(violations[0.95], 3);
}

TEST_F(GpBanditTest, TakesAConstraintThatNeverMattersForNone) {
  constraints_.resize(1);
  for (int i = 0; i < 20; ++i) {
    const Suggestion suggestion = Suggest()[0];
    const double x = Number(suggestion.point, "x") - 0.3, y = Number(suggestion.point, "y") + 0.6;
    Complete(suggestion.point, {x * x + 10 * y * y}, /*infeasible=*/false, {5});
  }
  double best = INFINITY;
  for (const EvaluatedPoint& evaluated : completed_) best = std::min(best, evaluated.objectives[0]);
  EXPECT_LT(best, 1e-4);
}

TEST_F(GpBanditTest, RepeatsGoodPointsOnlyWhereThatIsWorthwhile) {
  space_ = Space(R"(parameters { parameter_id: "k" integer_value_spec { min_value: 0 max_value: 7 } })");
  noisy_ = true;
  std::map<double, int> visits;
  for (int i = 0; i < 30; ++i) {
    const Point point = Suggest()[0].point;
    const double k = Number(point, "k");
    ++visits[k];
    Complete(point, {std::abs(k - 5) + 0.5 * std::sin(17.0 * i)});
  }
  EXPECT_GE(visits[5], 5);
}

TEST_F(GpBanditTest, SpreadsABatch) {
  for (int i = 0; i < 12; ++i) {
    const Point point = Suggest()[0].point;
    Complete(point, {std::pow(Number(point, "x"), 2) + std::sin(4 * Number(point, "y"))});
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
    Complete({{"x", x}, {"y", y}}, {x * x + y}, i % 3 == 0);
  }
  for (int i = 0; i < 300; ++i) pending_.push_back({i + 1201, {{"x", std::sin(2.3 * i)}, {"y", std::cos(2.9 * i)}}});
  std::set<Point> distinct;
  for (const Suggestion& suggestion : Suggest(3)) distinct.insert(suggestion.point);
  EXPECT_EQ(distinct.size(), 3);
  completed_.resize(30);
  pending_.clear();
  EXPECT_EQ(Suggest(1000).size(), 1000);
}

TEST_F(GpBanditTest, SearchesBothEndsOfAFrontAndBetween) {
  objectives_ = {{.metric = "a", .maximize = false}, {.metric = "b", .maximize = false}};
  double least_a = INFINITY, least_b = INFINITY, least_sum = INFINITY;
  for (int i = 0; i < 30; ++i) {
    const Point point = Suggest()[0].point;
    const double x = Number(point, "x"), y = Number(point, "y");
    Complete(point, {std::pow(x - 0.7, 2) + y * y, std::pow(x + 0.7, 2) + y * y});
    least_a = std::min(least_a, completed_.back().objectives[0]);
    least_b = std::min(least_b, completed_.back().objectives[1]);
    least_sum = std::min(least_sum, completed_.back().objectives[0] + completed_.back().objectives[1]);
  }
  EXPECT_LT(least_a, 0.02);
  EXPECT_LT(least_b, 0.02);
  EXPECT_LT(least_sum, 2 * 0.49 + 0.02);
}

TEST_F(GpBanditTest, LearnsOfAFarBetterGoalOfAnyObjective) {
  objectives_.push_back({.metric = "size", .maximize = false});
  const auto fill = [&](int trials) {
    for (int i = 0; i < trials; ++i) {
      const double k = static_cast<double>(completed_.size()), x = std::sin(1.1 * k), y = std::cos(1.7 * k);
      Complete({{"x", x}, {"y", y}}, {x * x + y, y * y - x});
    }
  };
  fill(200);
  EXPECT_TRUE(Learn());
  fill(2);
  EXPECT_FALSE(Learn());
  Complete({{"x", 0.3}, {"y", 0.2}}, {1, -100});
  EXPECT_TRUE(Learn());
}

TEST_F(GpBanditTest, FitsFewTrialsAtOnceAndManyOnlyWhenItLearns) {
  Fill(20);
  EXPECT_FALSE(Learn()) << "a request does it by itself";
  const auto early = GpBandit().Suggest(Request());
  EXPECT_NE(early->state, state_);
  Fill(180);
  state_ = early->state;
  EXPECT_EQ(GpBandit().Suggest(Request())->state, early->state) << "as it was, though it is outdated";
  EXPECT_TRUE(Learn());
  EXPECT_NE(state_, early->state);
  EXPECT_FALSE(Learn()) << "nothing happened since";
  Fill(3);
  EXPECT_FALSE(Learn());
  Fill(1);
  EXPECT_TRUE(Learn()) << "a fiftieth is new";
}

TEST_F(GpBanditTest, LearnsAtOnceOfAFirstFailureAndOfAFarBetterGoal) {
  Fill(200);
  EXPECT_TRUE(Learn());
  Complete({{"x", 0.1}, {"y", 0.2}}, {0}, /*infeasible=*/true);
  EXPECT_TRUE(Learn());
  Fill(2);
  EXPECT_FALSE(Learn());
  Complete({{"x", 0.3}, {"y", 0.2}}, {-100});
  EXPECT_TRUE(Learn());
}

TEST_F(GpBanditTest, DoesWithoutAStateThatIsLostOrForeign) {
  Fill(40);
  const auto known = GpBandit().Suggest(Request());
  for (const char* state : {"", "of another algorithm"}) {
    state_ = state;
    const auto result = GpBandit().Suggest(Request());
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->state, known->state);
    EXPECT_EQ(result->suggestions[0].point, known->suggestions[0].point) << "the same fit of the same history";
  }
}

TEST_F(GpBanditTest, ARequestWaitsForAQuickFitAtMostWhereManyTrialsAreNew) {
  Fill(200);
  for (int i = 0; i < 10; ++i) Complete({{"x", 0.9}, {"y", 0.05 * i}}, {0}, /*infeasible=*/true);
  // How often Suggest asks whether it is cancelled: each time it computes a likelihood, among others.
  const auto work = [&] {
    int asked = 0;
    SuggestRequest request = Request();
    request.cancelled = [&] { return ++asked < 0; };
    const auto result = GpBandit().Suggest(request);
    EXPECT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->state, state_) << "it is the lesson that is worth keeping";
    EXPECT_EQ(result->suggestions[0].explanation.arm, "log_ei");
    return asked;
  };
  for (const char* state : {"", "of another algorithm"}) {
    state_ = state;
    const int anew = work();
    EXPECT_TRUE(Learn());
    EXPECT_LE(anew, work() + 75);
  }
}

TEST_F(GpBanditTest, AnswersAsWithoutACacheWhateverHappensMeanwhile) {
  Fill(30);
  Learn();
  std::unique_ptr<AlgorithmCache> cache;
  const auto ask = [&](int count) {
    SuggestRequest request = Request(count);
    const auto plain = GpBandit().Suggest(request);
    request.cache = &cache;
    const auto cached = GpBandit().Suggest(request);
    ASSERT_EQ(plain->suggestions.size(), cached->suggestions.size());
    for (size_t i = 0; i < plain->suggestions.size(); ++i) {
      EXPECT_EQ(plain->suggestions[i].point, cached->suggestions[i].point) << "bit for bit";
    }
    const int64_t id = request.first_trial_id;
    for (size_t i = 0; i < cached->suggestions.size(); ++i) {
      pending_.push_back({id + static_cast<int64_t>(i), cached->suggestions[i].point});
    }
  };
  const auto finish = [&](size_t index, bool infeasible) {
    completed_.push_back({pending_[index].trial_id, pending_[index].point, {Number(pending_[index].point, "x")}});
    completed_.back().infeasible = infeasible;
    pending_.erase(pending_.begin() + static_cast<long>(index));
    std::sort(completed_.begin(), completed_.end(),
              [](const auto& a, const auto& b) { return a.trial_id < b.trial_id; });
  };
  ask(3);
  finish(1, false);
  ask(1);
  finish(0, true);
  ask(2);
  completed_.erase(completed_.begin() + 4);  // deleted
  ask(1);
  Learn();
  ask(1);
}

TEST_F(GpBanditTest, ModelsABoundedNumberOfManyTrials) {
  Fill(3000);
  Learn();
  std::unique_ptr<AlgorithmCache> cache;
  SuggestRequest request = Request();
  request.cache = &cache;
  ASSERT_TRUE(GpBandit().Suggest(request).ok());
  EXPECT_LT(cache->bytes(), size_t{8} << 20);
}

TEST_F(GpBanditTest, ALessonIsCancelled) {
  Fill(70);
  EXPECT_EQ(GpBandit().Learn(Request())([] { return true; }).status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace photinus
