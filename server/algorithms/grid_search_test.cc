#include "server/algorithms/grid_search.h"

#include <algorithm>
#include <memory>
#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "server/algorithms/encoded_trials.h"
#include "tests/support/search_space.h"
#include "tests/support/searched_study.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

class GridSearchTest : public ::testing::Test {
 protected:
  std::vector<double> Suggest(GridOrder order, int count) const {
    const auto result = GridSearch(order).Suggest(study_.Request(count));
    EXPECT_TRUE(result.ok()) << result.status();
    std::vector<double> values;
    for (const Suggestion& suggestion : result->suggestions) {
      values.push_back(Number(suggestion.point, "k"));
      EXPECT_THAT(suggestion.explanation.text, HasSubstr("of a grid of 12"));
    }
    return values;
  }

  SearchedStudy study_ = {.space = Space("parameters { parameter_id: 'k' integer_value_spec { max_value: 11 } }"),
                          .objectives = {}};
};

TEST_F(GridSearchTest, TakesTheFirstPointsThatNoTrialHas) {
  study_.completed = {{.trial_id = 1, .point = {{"k", 0.0}}},
                      {.trial_id = 3, .point = {{"k", 3.0}}, .infeasible = true}};
  study_.pending = {{1, {{"k", 1.0}}}};
  EXPECT_EQ(Suggest(GridOrder::kNestedLoops, 4), (std::vector<double>{2, 4, 5, 6}));
}

TEST_F(GridSearchTest, EndsWithTheGrid) {
  for (const GridOrder order : {GridOrder::kNestedLoops, GridOrder::kShuffled}) {
    const std::vector<double> values = Suggest(order, 100);
    EXPECT_EQ(values.size(), 12);
    EXPECT_EQ(std::set<double>(values.begin(), values.end()).size(), 12);
  }
}

TEST_F(GridSearchTest, BeginsAnotherRoundWhereRepeatsAreWorthwhile) {
  study_.noisy = true;
  for (const GridOrder order : {GridOrder::kNestedLoops, GridOrder::kShuffled}) {
    study_.completed.clear();
    const std::vector<double> first = Suggest(order, 30);
    ASSERT_EQ(first.size(), 12);
    for (const double k : first) study_.completed.push_back({.point = {{"k", k}}});
    EXPECT_EQ(Suggest(order, 30), first);
    study_.pending = {{1, {{"k", first[0]}}}};
    EXPECT_EQ(Suggest(order, 1), std::vector<double>{first[1]});
    study_.pending.clear();
  }
}

// The order of 12 points was gone through from its begin for each suggestion, which took longer and longer.
TEST_F(GridSearchTest, GoesOnWhereItsCacheSaysThatAllBeforeHasTrials) {
  for (const GridOrder order : {GridOrder::kNestedLoops, GridOrder::kShuffled}) {
    EncodedTrials trials(study_.space, study_.objectives);
    std::unique_ptr<AlgorithmCache> cache;
    int steps = 0;
    const auto next = [&](int64_t id) {
      SuggestRequest request = study_.Request();
      request.trials = &trials;
      request.first_trial_id = id;
      const Point uncached = GridSearch(order).Suggest(request)->suggestions.at(0).point;
      request.cache = &cache;
      steps = 0;
      request.cancelled = [&] { return ++steps < 0; };
      const Point point = GridSearch(order).Suggest(request)->suggestions.at(0).point;
      EXPECT_EQ(point, uncached) << "trial " << id;
      return point;
    };
    for (int64_t id = 1; id <= 9; ++id) {
      trials.Add(id, next(id));
      if (id % 3 == 0) trials.SetFinished(id, {}, id == 6);
      EXPECT_LE(steps, 2);
    }
    next(10);
    trials.Erase(4);
    trials.Add(10, next(10));
    next(11);
    trials.Erase(10);
    trials.Add(11, {{"k", 5.0}});  // what was free before it may be free again
    next(12);
  }
}

TEST_F(GridSearchTest, ShufflesBySeed) {
  const std::vector<double> first = Suggest(GridOrder::kShuffled, 12);
  EXPECT_EQ(Suggest(GridOrder::kShuffled, 12), first);
  EXPECT_FALSE(std::is_sorted(first.begin(), first.end()));
  study_.seed = 2;
  EXPECT_NE(Suggest(GridOrder::kShuffled, 12), first);
}

}  // namespace
}  // namespace photinus
