#include "server/algorithms/regularized_evolution.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/support/search_space.h"
#include "tests/support/searched_study.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

SearchSpace Bits(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    absl::StrAppend(&text, "parameters { parameter_id: 'bit", i,
                    "' categorical_value_spec { values: '0' values: '1' } }");
  }
  return Space(text);
}

double Zeros(const Point& point) {
  double zeros = 0;
  for (const auto& [id, value] : point) zeros += value == ParameterValue("0") ? 1 : 0;
  return zeros;
}

class RegularizedEvolutionTest : public ::testing::Test {
 protected:
  Suggestion Suggest(uint64_t seed = 3) {
    study_.seed = seed;
    const auto result = RegularizedEvolution().Suggest(study_.Request());
    EXPECT_TRUE(result.ok()) << result.status();
    return result->suggestions.at(0);
  }

  // 150 trials, of which only `trial` has another objective than 0. Returns how many of 400 suggestions are mutations
  // of it.
  int ChildrenOf(int64_t trial, double objective, bool infeasible) {
    while (study_.completed.size() < 150) {
      const bool is_it = study_.NextTrialId() == trial;
      study_.Complete(Suggest().point, {is_it ? objective : 0}, is_it && infeasible);
    }
    const Point& parent = study_.completed[static_cast<size_t>(trial - 1)].point;
    int children = 0;
    for (uint64_t seed = 0; seed < 400; ++seed) {
      const Suggestion child = Suggest(seed);
      if (child.explanation.text != absl::StrCat("mutation of trial ", trial, ", the best of a sample of 25")) continue;
      ++children;
      int changes = 0;
      for (const auto& [id, value] : parent) changes += child.point.at(id) != value ? 1 : 0;
      EXPECT_EQ(changes, 1);
    }
    return children;
  }

  SearchedStudy study_ = {.space = Bits(24)};
};

TEST_F(RegularizedEvolutionTest, BeginsWithAPopulationOfAHundred) {
  for (int i = 0; i < 100; ++i) {
    const Suggestion suggestion = Suggest();
    EXPECT_THAT(suggestion.explanation.text, HasSubstr("initial population"));
    study_.Complete(suggestion.point, {static_cast<double>(i)});
  }
  EXPECT_THAT(Suggest().explanation.text, HasSubstr("mutation of trial"));
}

TEST_F(RegularizedEvolutionTest, MutatesOneParameterOfTheBestOfItsSample) {
  EXPECT_NEAR(ChildrenOf(120, 1, false), 400 * (1 - std::pow(0.99, 25)), 30);  // 89: how often the sample has it
}

TEST_F(RegularizedEvolutionTest, ForgetsTheBestTrialWhenAHundredNewerOnesAreThere) {
  EXPECT_EQ(ChildrenOf(50, 1, false), 0);
}

TEST_F(RegularizedEvolutionTest, TakesAFailedTrialAsTheWorst) { EXPECT_EQ(ChildrenOf(120, 1, true), 0); }

TEST_F(RegularizedEvolutionTest, ClimbsToMoreZerosThanItBeganWith) {
  double best_of_the_first = 0, best = 0;
  for (int i = 0; i < 400; ++i) {
    const Point point = Suggest().point;
    study_.Complete(point, {Zeros(point)});
    best = std::max(best, Zeros(point));
    if (i == 99) best_of_the_first = best;
  }
  EXPECT_LE(best_of_the_first, 20);
  EXPECT_GE(best, 23);
}

}  // namespace
}  // namespace photinus
