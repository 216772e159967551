#include "common/expression/expression.h"

#include <cmath>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace photinus {
namespace {

using Value = Expression::Value;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::optional<Value> Names(std::string_view name) {
  if (name == "accuracy") return 0.9;
  if (name == "memory_kb") return 90.0;
  if (name == "block1.filters") return 24.0;
  if (name == "odd-name") return 5.0;
  if (name == "state") return std::string("SUCCEEDED");
  if (name == "nan") return NAN;
  if (name == "max_over_trials(flops)") return 1e6;
  return std::nullopt;
}

struct NumberCase {
  const char* text;
  double expected;
};

class ExpressionNumber : public ::testing::TestWithParam<NumberCase> {};

TEST_P(ExpressionNumber, HasTheExpectedValue) {
  const auto expression = Expression::Parse(GetParam().text);
  ASSERT_TRUE(expression.ok()) << expression.status();
  const auto value = expression->EvaluateNumber(Names);
  ASSERT_TRUE(value.ok()) << value.status();
  EXPECT_DOUBLE_EQ(*value, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ExpressionNumber,
    ::testing::Values(NumberCase{"1 + 2 * 3", 7}, NumberCase{"(1 + 2) * 3", 9}, NumberCase{"8 - 3 - 2", 3},
                      NumberCase{"16 / 4 / 2", 2}, NumberCase{"2 ^ 3 ^ 2", 512}, NumberCase{"-2 ^ 2", -4},
                      NumberCase{"2 ^ -1", 0.5}, NumberCase{"--3", 3}, NumberCase{"1e-4", 1e-4}, NumberCase{".5", 0.5},
                      NumberCase{"max(1, 3, 2) - min(4, 5)", -1}, NumberCase{"abs(-2) + sqrt(9) + log10(100)", 7},
                      NumberCase{"accuracy - 0.02/30*max(0, memory_kb - 60)", 0.9 - 0.02 / 30 * 30},
                      NumberCase{"block1.filters / 2", 12}, NumberCase{"`odd-name` * 2", 10},
                      NumberCase{"max_over_trials(flops) / 2", 5e5}, NumberCase{"1 / 0", INFINITY},
                      NumberCase{"floor(2.7) + ceil(2.2)", 5}));

struct TruthCase {
  const char* text;
  bool expected;
};

class ExpressionTruth : public ::testing::TestWithParam<TruthCase> {};

TEST_P(ExpressionTruth, HasTheExpectedValue) {
  const auto expression = Expression::Parse(GetParam().text);
  ASSERT_TRUE(expression.ok()) << expression.status();
  const auto value = expression->EvaluateBool(Names);
  ASSERT_TRUE(value.ok()) << value.status();
  EXPECT_EQ(*value, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ExpressionTruth,
    ::testing::Values(TruthCase{"accuracy > 0.8 and memory_kb < 100", true}, TruthCase{"state = 'SUCCEEDED'", true},
                      TruthCase{"state != \"SUCCEEDED\"", false}, TruthCase{"not accuracy > 0.8", false},
                      TruthCase{"not (false) and true", true}, TruthCase{"true or missing > 1", true},
                      TruthCase{"false and missing > 1", false}, TruthCase{"true or false and false", true},
                      TruthCase{"nan > 0", false}, TruthCase{"1 + 1 == 2", true}, TruthCase{"'a' < 'b'", true}));

struct FaultCase {
  const char* text;
  const char* message;
};

class ExpressionFault : public ::testing::TestWithParam<FaultCase> {};

TEST_P(ExpressionFault, IsFoundByTheParserWithItsColumn) {
  const absl::Status status = Expression::Parse(GetParam().text).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(Table, ExpressionFault,
                         ::testing::Values(FaultCase{"", "column 1: expected a value, found the end"},
                                           FaultCase{"1 +", "column 4"}, FaultCase{"(1", "expected ')'"},
                                           FaultCase{"1 2", "column 3: expected an operator"},
                                           FaultCase{"a = 1 OR b", "column 7: expected 'or', found 'O'"},
                                           FaultCase{"a && b", "column 3: expected 'and', found '&'"},
                                           FaultCase{"maxx(1)", "did you mean 'max'?"},
                                           FaultCase{"abs(1, 2)", "abs takes 1 argument(s), got 2"},
                                           FaultCase{"'open", "closing quote"}, FaultCase{"a $ b", "found '$'"},
                                           FaultCase{"and 1", "before 'and'"}, FaultCase{"3x", "after the number"},
                                           FaultCase{"1e999", "fits a double"},
                                           FaultCase{"max_over_trials(1+2)", "metric's name"}));

TEST(Expression, TellsHowManyArgumentsAFunctionTakes) {
  std::string text = "max(1";
  for (int i = 1; i < 64; ++i) text += ", 1";
  EXPECT_TRUE(Expression::Parse(text + ")").ok());
  EXPECT_THAT(Expression::Parse(text + ", 1)").status().ToString(), HasSubstr("max takes 1 to 64 argument(s), got 65"));
}

TEST(Expression, ListsWhatItRefersTo) {
  const auto expression = Expression::Parse("a + b.c * a - max_over_trials(d)");
  ASSERT_TRUE(expression.ok());
  EXPECT_THAT(expression->variables(), ElementsAre("a", "b.c"));
  EXPECT_THAT(expression->aggregates(), ElementsAre("max_over_trials(d)"));
}

TEST(Expression, TellsMissingNamesFromWrongTypes) {
  EXPECT_EQ(Expression::Parse("missing + 1")->Evaluate(Names).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Expression::Parse("state + 1")->Evaluate(Names).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Expression::Parse("state < 1")->Evaluate(Names).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Expression::Parse("1")->EvaluateBool(Names).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Expression, NaNIsNotHiddenByMax) {
  EXPECT_TRUE(std::isnan(*Expression::Parse("max(0, nan)")->EvaluateNumber(Names)));
}

TEST(Expression, DeepNestingIsAnErrorAndNoCrash) {
  for (const char* opening : {"(", "-", "not ", "2^-", "max("}) {
    std::string text;
    while (text.size() < 4000) text += opening;
    EXPECT_EQ(Expression::Parse(text).status().code(), absl::StatusCode::kInvalidArgument) << opening;
  }
  EXPECT_EQ(Expression::Parse(std::string(5000, '1')).status().code(), absl::StatusCode::kInvalidArgument);
}

// Random strings over the language's own tokens: parsing and evaluating never crash, whatever the answer.
TEST(Expression, SurvivesRandomTokens) {
  const char* tokens[] = {"1",    "accuracy", "(",    ")",     "+",   "-",   "*",
                          "/",    "^",        "and",  "or",    "not", "=",   "<",
                          "'s'",  "max(",     ",",    "state", ".",   "`x`", "max_over_trials(",
                          "true", " ",        "\xff", "1e3"};
  Random random(3);
  int parsed = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (uint64_t n = random.Below(12); n > 0; --n) text += std::string(tokens[random.Below(std::size(tokens))]) + " ";
    if (const auto expression = Expression::Parse(text); expression.ok()) {
      ++parsed;
      (void)expression->Evaluate(Names);
    }
  }
  EXPECT_GT(parsed, 100);
}

TEST(Expression, NamesWhatIsComparedWithText) {
  const auto expression = Expression::Parse("state = 'A' or not ('B' != `odd name` and lr > 1 and 'x' = 'y')");
  ASSERT_TRUE(expression.ok()) << expression.status();
  std::vector<std::string> found;
  for (const auto& [name, text] : expression->text_comparisons()) found.push_back(name + " " + text);
  EXPECT_THAT(found, ElementsAre("state A", "odd name B"));
}

}  // namespace
}  // namespace photinus
