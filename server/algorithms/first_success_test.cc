#include "server/algorithms/first_success.h"

#include <cmath>
#include <functional>
#include <string>

#include "gtest/gtest.h"
#include "server/algorithms/gp_bandit.h"
#include "server/algorithms/quasi_random_search.h"
#include "tests/support/search_space.h"
#include "tests/support/searched_study.h"

namespace photinus {
namespace {

std::string Cube(int dimension) {
  std::string text;
  for (int i = 0; i < dimension; ++i) {
    text += "parameters { parameter_id: 'x" + std::to_string(i) + "' double_value_spec { max_value: 1 } }";
  }
  return text;
}

class FirstSuccessTest : public ::testing::Test {
 protected:
  void Add(double x, double y, bool failed) {
    const auto id = static_cast<int64_t>(trials_.size()) + 1;
    trials_.Add(id, {{"x0", x}, {"x1", y}});
    trials_.SetFinished(id, {1}, failed);
  }
  std::optional<Choice> Propose() {
    return FirstSuccess::Make(trials_)->Propose(VisitedPoints(trials_.flatten()), /*prior=*/nullptr, random_, nullptr);
  }

  EncodedTrials trials_{Space(Cube(2)), {{.metric = "goal"}}};
  Random random_{1};
};

TEST_F(FirstSuccessTest, LooksFarFromFailures) {
  EXPECT_EQ(FirstSuccess::Make(trials_), nullptr);
  for (int i = 0; i < 12; ++i) Add(0.9 * (i % 4) / 3, 0.6 * (i / 4) / 2, /*failed=*/true);
  const std::optional<Choice> choice = Propose();
  EXPECT_GT(choice->unit[1], 0.9);
  EXPECT_EQ(choice->explanation.arm, "feasibility");
  EXPECT_EQ(choice->explanation.text, "0 of 12 trials succeeded: the point that most likely does");
  EXPECT_LT(*choice->explanation.acquisition, 0);
}

TEST_F(FirstSuccessTest, LooksNextToTheOneSuccessHoweverOldItIs) {
  Add(0.3, 0.7, /*failed=*/false);
  for (int i = 0; i < 600; ++i) {
    const double x = std::fmod(0.618 * i, 1), y = std::fmod(0.7549 * i, 1);
    if (std::abs(x - 0.3) > 0.1 || std::abs(y - 0.7) > 0.1) Add(x, y, /*failed=*/true);
  }
  const std::optional<Choice> choice = Propose();
  EXPECT_NEAR(choice->unit[0], 0.3, 0.1);
  EXPECT_NEAR(choice->unit[1], 0.7, 0.1);
}

TEST_F(FirstSuccessTest, LooksElsewhereWhereATrialIsBeingEvaluated) {
  for (int i = 0; i < 12; ++i) Add(0.9 * (i % 4) / 3, 0.6 * (i / 4) / 2, /*failed=*/true);
  const std::unique_ptr<FirstSuccess> model = FirstSuccess::Make(trials_);
  const VisitedPoints nothing(trials_.flatten());
  const UnitPoint first = model->Propose(nothing, nullptr, random_, nullptr)->unit;
  model->AddPending(first);
  EXPECT_GT(LargestDifference(model->Propose(nothing, nullptr, random_, nullptr)->unit, first), 0.2);
  EXPECT_FALSE(model->Propose(nothing, /*prior=*/nullptr, random_, [] { return true; }).has_value());
}

// How many trials it takes to have five that succeed: those within a ball around a random point.
int TrialsToSucceed(const SuggestionAlgorithm& algorithm, int dimension, double radius, uint64_t seed) {
  constexpr int kSuccesses = 5, kMost = 120;
  SearchedStudy study{.space = Space(Cube(dimension)), .seed = seed};
  Random random(seed);
  UnitPoint centre(static_cast<size_t>(dimension));
  for (double& c : centre) c = random.Uniform();
  const Flatten flatten(study.space);
  for (int succeeded = 0; study.completed.size() < kMost;) {
    const auto result = algorithm.Suggest(study.Request());
    study.state = result->state;
    const Point& point = result->suggestions[0].point;
    const UnitPoint unit = *flatten.ToUnit(point);
    double squared = 0;
    for (size_t i = 0; i < unit.size(); ++i) squared += std::pow(unit[i] - centre[i], 2);
    const bool failed = squared > radius * radius;
    study.Complete(point, {-squared}, failed);
    if (!failed && ++succeeded == kSuccesses) break;
  }
  return static_cast<int>(study.completed.size());
}

TEST(FirstSuccess, MakesSuccessesOfFewerTrialsThanAnEvenSample) {
  int model = 0, even = 0;
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    model += TrialsToSucceed(GpBandit(), 3, 0.2, seed);
    even += TrialsToSucceed(QuasiRandomSearch(), 3, 0.2, seed);
  }
  RecordProperty("model", model);
  RecordProperty("even", even);
  EXPECT_LT(model, 0.6 * even) << model << " and " << even;
}

}  // namespace
}  // namespace photinus
