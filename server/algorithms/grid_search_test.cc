#include "server/algorithms/grid_search.h"

#include <algorithm>
#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

class GridSearchTest : public ::testing::Test {
 protected:
  GridSearchTest() {
    pb::StudySpec spec;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        "parameters { parameter_id: 'k' integer_value_spec { max_value: 11 } }", &spec));
    space_ = *SearchSpace::FromSpec(spec);
  }

  std::vector<double> Suggest(GridOrder order, int count) const {
    const auto result = GridSearch(order).Suggest({.space = space_,
                                                   .objectives = objectives_,
                                                   .completed = completed_,
                                                   .pending = pending_,
                                                   .noisy = noisy_,
                                                   .count = count,
                                                   .seed = seed_});
    EXPECT_TRUE(result.ok()) << result.status();
    std::vector<double> values;
    for (const Suggestion& suggestion : result->suggestions) {
      values.push_back(std::get<double>(suggestion.point.at("k")));
      EXPECT_THAT(suggestion.explanation.text, HasSubstr("of a grid of 12"));
    }
    return values;
  }

  SearchSpace space_;
  std::vector<Objective> objectives_;
  std::vector<EvaluatedPoint> completed_;
  std::vector<PendingPoint> pending_;
  bool noisy_ = false;
  uint64_t seed_ = 1;
};

TEST_F(GridSearchTest, TakesTheFirstPointsThatNoTrialHas) {
  completed_ = {{.trial_id = 1, .point = {{"k", 0.0}}}, {.trial_id = 3, .point = {{"k", 3.0}}, .infeasible = true}};
  pending_ = {{1, {{"k", 1.0}}}};
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
  noisy_ = true;
  for (const GridOrder order : {GridOrder::kNestedLoops, GridOrder::kShuffled}) {
    completed_.clear();
    const std::vector<double> first = Suggest(order, 30);
    ASSERT_EQ(first.size(), 12);
    for (const double k : first) completed_.push_back({.point = {{"k", k}}});
    EXPECT_EQ(Suggest(order, 30), first);
    pending_ = {{1, {{"k", first[0]}}}};
    EXPECT_EQ(Suggest(order, 1), std::vector<double>{first[1]});
    pending_.clear();
  }
}

TEST_F(GridSearchTest, ShufflesBySeed) {
  const std::vector<double> first = Suggest(GridOrder::kShuffled, 12);
  EXPECT_EQ(Suggest(GridOrder::kShuffled, 12), first);
  EXPECT_FALSE(std::is_sorted(first.begin(), first.end()));
  seed_ = 2;
  EXPECT_NE(Suggest(GridOrder::kShuffled, 12), first);
}

}  // namespace
}  // namespace photinus
