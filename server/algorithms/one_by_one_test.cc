#include "server/algorithms/one_by_one.h"

#include <functional>
#include <utility>

#include "gtest/gtest.h"
#include "tests/support/search_space.h"
#include "tests/support/searched_study.h"

namespace photinus {
namespace {

class OneByOneTest : public ::testing::Test {
 protected:
  class Session final : public OneByOne {
   public:
    using Chooser = std::function<std::optional<Choice>(Session& session, int64_t trial_id)>;
    Session(const SuggestRequest& request, Chooser choose) : OneByOne(request), choose_(std::move(choose)) {}
    using OneByOne::history;
    using OneByOne::Initial;

   private:
    std::optional<Choice> Next(int64_t trial_id) override { return choose_(*this, trial_id); }

    Chooser choose_;
  };

  const SearchedStudy study_ = {.space = Space("parameters { parameter_id: 'x' double_value_spec { max_value: 1 } }")};
  SuggestRequest request_ = study_.Request(3);
};

TEST_F(OneByOneTest, CountsEachChoiceAsPendingBeforeTheNext) {
  Session session(request_, [](Session& session, int64_t trial_id) {
    EXPECT_EQ(session.history().pending.size(), static_cast<size_t>(trial_id - 1));
    return Choice{.unit = {0.3 * static_cast<double>(trial_id)}, .explanation = {"so"}};
  });
  const auto result = session.Run();
  ASSERT_EQ(result->suggestions.size(), 3);
  EXPECT_EQ(Number(result->suggestions[2].point, "x"), 0.3 * 3);
  EXPECT_EQ(result->suggestions[2].explanation.arm, "so");
  EXPECT_TRUE(session.history().excluded.Contains({0.3 * 3}));
}

TEST_F(OneByOneTest, TakesPointsOfTheInitialDesign) {
  const auto result =
      Session(request_, [](Session& session, int64_t trial_id) { return session.Initial(trial_id, "first"); }).Run();
  ASSERT_EQ(result->suggestions.size(), 3);
  EXPECT_EQ(Number(result->suggestions[0].point, "x"), 0.5);
  EXPECT_NE(Number(result->suggestions[1].point, "x"), Number(result->suggestions[2].point, "x"));
  EXPECT_EQ(result->suggestions[2].explanation.arm, kInitialArm);
  EXPECT_EQ(result->suggestions[2].explanation.text, "first");
}

TEST_F(OneByOneTest, EndsWhereThereIsNoChoice) {
  const auto result =
      Session(request_, [](Session&, int64_t trial_id) {
        return trial_id == 2 ? std::nullopt : std::optional<Choice>({.unit = {0.5}, .explanation = {"so"}});
      }).Run();
  EXPECT_EQ(result->suggestions.size(), 1);
}

TEST_F(OneByOneTest, StopsWhenCancelled) {
  request_.cancelled = [] { return true; };
  const auto result = Session(request_, [](Session&, int64_t) { return std::optional<Choice>(); }).Run();
  EXPECT_EQ(result.status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace photinus
