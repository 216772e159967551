#include "common/study_document/outcome_constraint.h"

#include <cmath>
#include <string>
#include <vector>

#include "gmock/gmock.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

struct Case {
  const char* name;
  const char* text;
  const char* metric;
  double value;
  bool satisfied;
};

class OutcomeConstraintTest : public ::testing::TestWithParam<Case> {};

TEST_P(OutcomeConstraintTest, IsSatisfiedOnOneSideOfItsBound) {
  const auto constraint = ParseOutcomeConstraint(GetParam().text);
  ASSERT_TRUE(constraint.ok()) << constraint.status();
  EXPECT_EQ(constraint->metric, GetParam().metric);
  EXPECT_EQ(constraint->Slack(GetParam().value) >= 0, GetParam().satisfied);
}

INSTANTIATE_TEST_SUITE_P(Table, OutcomeConstraintTest,
                         ::testing::Values(Case{"AtMost", "size_kb <= 64", "size_kb", 63, true},
                                           Case{"AtMostTheBound", "size_kb <= 64", "size_kb", 64, true},
                                           Case{"Below", "size_kb < 64", "size_kb", 64, false},
                                           Case{"AtLeast", "gain >= -1e-3", "gain", -0.002, false},
                                           Case{"AtLeastTheBound", "gain >= -1e-3", "gain", -0.001, true},
                                           Case{"Above", "gain > 0.5", "gain", 0.5, false},
                                           Case{"TheNumberFirst", "20 >= `latency ms`", "latency ms", 21, false}),
                         [](const auto& info) { return info.param.name; });

TEST(OutcomeConstraint, HasASlackInTheMetricsUnit) {
  EXPECT_EQ(ParseOutcomeConstraint("size_kb <= 64")->Slack(60), 4);
  EXPECT_EQ(ParseOutcomeConstraint("gain >= 2")->Slack(1.5), -0.5);
  EXPECT_TRUE(std::isnan(ParseOutcomeConstraint("gain >= 2")->Slack(NAN)));
}

TEST(OutcomeConstraint, IsViolatedAlsoWhereNobodyKnows) {
  for (const std::vector<double>& satisfying : std::vector<std::vector<double>>{{}, {0}, {4, 1e-300}}) {
    EXPECT_FALSE(Violates(satisfying));
  }
  for (const std::vector<double>& violating :
       std::vector<std::vector<double>>{{-1e-300}, {4, -1}, {NAN, 4}, {INFINITY}}) {
    EXPECT_TRUE(Violates(violating));
  }
}

TEST(OutcomeConstraint, IsNothingElse) {
  for (const char* text : {"size_kb", "size_kb = 64", "size_kb <= a", "2 * size_kb <= 64", "size_kb <= 'small'",
                           "size_kb <= 64 and gain > 0", "size_kb <= 1e999", "1 <= 2"}) {
    const auto constraint = ParseOutcomeConstraint(text);
    EXPECT_EQ(constraint.status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_THAT(std::string(ParseOutcomeConstraint("size_kb = 64").status().message()), HasSubstr("size_kb <= 64"));
}

}  // namespace
}  // namespace photinus
