#include "server/algorithms/one_by_one.h"

#include <vector>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace photinus {
namespace {

class OneByOneTest : public ::testing::Test {
 protected:
  static SearchSpace OneDouble() {
    pb::StudySpec spec;
    spec.add_parameters()->set_parameter_id("x");
    spec.mutable_parameters(0)->mutable_double_value_spec()->set_max_value(1);
    return *SearchSpace::FromSpec(spec);
  }

  const SearchSpace space_ = OneDouble();
  const std::vector<Objective> objectives_;
  const std::vector<EvaluatedPoint> completed_;
  const std::vector<PendingPoint> pending_;
  SuggestRequest request_ = {.space = space_,
                             .objectives = objectives_,
                             .completed = completed_,
                             .pending = pending_,
                             .count = 3,
                             .first_trial_id = 7};
  const Flatten flatten_ = Flatten(space_);
  History history_ = ReadHistory(flatten_, request_);
};

TEST_F(OneByOneTest, CountsEachChoiceAsPendingBeforeTheNext) {
  const auto result = SuggestOneByOne(request_, flatten_, history_, [&](int64_t trial_id) {
    EXPECT_EQ(history_.pending.size(), static_cast<size_t>(trial_id - 7));
    return Choice{.unit = {0.1 * static_cast<double>(trial_id)}, .explanation = {"so"}};
  });
  ASSERT_EQ(result->suggestions.size(), 3);
  EXPECT_EQ(std::get<double>(result->suggestions[2].point.at("x")), 0.9);
  EXPECT_EQ(result->suggestions[2].explanation.arm, "so");
  EXPECT_TRUE(history_.excluded.Contains({0.9}));
}

TEST_F(OneByOneTest, EndsWhereThereIsNoChoice) {
  const auto result = SuggestOneByOne(request_, flatten_, history_, [&](int64_t trial_id) {
    return trial_id == 8 ? std::nullopt : std::optional<Choice>({.unit = {0.5}, .explanation = {"so"}});
  });
  EXPECT_EQ(result->suggestions.size(), 1);
}

TEST_F(OneByOneTest, StopsWhenCancelled) {
  request_.cancelled = [] { return true; };
  const auto result = SuggestOneByOne(request_, flatten_, history_, [&](int64_t) { return std::optional<Choice>(); });
  EXPECT_EQ(result.status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace photinus
