// What every stopping rule promises.
#include "server/stopping/stopping_rule.h"

#include <gtest/gtest.h>

#include <string>

#include "common/base/errors.h"
#include "gmock/gmock.h"
#include "tests/support/learning_curves.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

const std::vector<Values> kFive = {{1, 1, 1}, {1, 2, 3}, {1, 3, 5}, {1, 4, 7}, {1, 5, 9}};

// A rule with what it needs.
EarlyStoppingSettings Named(const std::string& rule) {
  EarlyStoppingSettings settings{.rule = rule};
  if (rule == "PATIENT") settings.patience = 2;
  return settings;
}

TEST(NoStoppingRule, NeverStops) { EXPECT_FALSE(Decide(Named("NONE"), Curve(9, {0, 0, 0}), Curves(kFive)).stop); }

TEST(StoppingRules, DecideEquallyOnEqualRequests) {
  for (const std::string& name : StoppingRuleNames()) {
    const StoppingDecision a = Decide(Named(name), Curve(99, {1, 2, 2}), Curves(kFive));
    const StoppingDecision b = Decide(Named(name), Curve(99, {1, 2, 2}), Curves(kFive));
    EXPECT_EQ(a.stop, b.stop) << name;
    EXPECT_EQ(a.reason, b.reason) << name;
  }
}

TEST(StoppingRules, LetATrialWithoutValuesGoOn) {
  for (const std::string& name : StoppingRuleNames()) {
    EXPECT_FALSE(Decide(Named(name), Curve(99, {}, false), Curves(kFive)).stop) << name;
    EXPECT_FALSE(Decide(Named(name), Curve(99, {}, false), {}).stop) << name;
  }
}

TEST(StoppingRules, RefuseAnUnknownNameWithTheListAndTheNearest) {
  const absl::Status status = MakeStoppingRule({.rule = "MEDAIN"}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorField(status), "early_stopping.rule");
  EXPECT_THAT(std::string(status.message()), HasSubstr("did you mean 'MEDIAN'?"));
  EXPECT_FALSE(MakeStoppingRule({}).ok());
}

TEST(StoppingRules, RefuseOptionsOfOtherRules) {
  const absl::Status status = MakeStoppingRule({.rule = "MEDIAN", .eta = 3}).status();
  EXPECT_EQ(ErrorField(status), "early_stopping.eta");
  EXPECT_THAT(std::string(status.message()), HasSubstr("belongs to ASHA, HYPERBAND, not to MEDIAN; remove it"));
  EXPECT_EQ(ErrorField(MakeStoppingRule({.rule = "ASHA", .patience = 3}).status()), "early_stopping.patience");
}

}  // namespace
}  // namespace photinus
