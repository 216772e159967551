#include "server/algorithms/one_by_one.h"

#include <vector>

#include "gtest/gtest.h"
#include "tests/support/search_space.h"
#include "tests/support/searched_study.h"

namespace photinus {
namespace {

class OneByOneTest : public ::testing::Test {
 protected:
  const SearchedStudy study_ = {.space = Space("parameters { parameter_id: 'x' double_value_spec { max_value: 1 } }")};
  SuggestRequest request_ = study_.Request(3);
  const Flatten flatten_ = Flatten(study_.space);
  History history_ = ReadHistory(flatten_, request_);
};

TEST_F(OneByOneTest, CountsEachChoiceAsPendingBeforeTheNext) {
  const auto result = SuggestOneByOne(request_, flatten_, history_, [&](int64_t trial_id) {
    EXPECT_EQ(history_.pending.size(), static_cast<size_t>(trial_id - 1));
    return Choice{.unit = {0.3 * static_cast<double>(trial_id)}, .explanation = {"so"}};
  });
  ASSERT_EQ(result->suggestions.size(), 3);
  EXPECT_EQ(Number(result->suggestions[2].point, "x"), 0.3 * 3);
  EXPECT_EQ(result->suggestions[2].explanation.arm, "so");
  EXPECT_TRUE(history_.excluded.Contains({0.3 * 3}));
}

TEST_F(OneByOneTest, EndsWhereThereIsNoChoice) {
  const auto result = SuggestOneByOne(request_, flatten_, history_, [&](int64_t trial_id) {
    return trial_id == 2 ? std::nullopt : std::optional<Choice>({.unit = {0.5}, .explanation = {"so"}});
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
