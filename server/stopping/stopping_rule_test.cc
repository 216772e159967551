// What every stopping rule promises.
#include "server/stopping/stopping_rule.h"

#include <gtest/gtest.h>

#include <string>

#include "common/base/errors.h"
#include "common/study_document/warm_up.h"
#include "gmock/gmock.h"
#include "tests/support/learning_curves.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::vector<Values> kFive = {{1, 1, 1}, {1, 2, 3}, {1, 3, 5}, {1, 4, 7}, {1, 5, 9}};

// A rule with what it needs.
EarlyStoppingSettings Named(const std::string& rule) {
  EarlyStoppingSettings settings{.rule = rule};
  if (rule == "PATIENT") settings.patience = 2;
  return settings;
}

// 25 full trials, of six values, with goals.
std::vector<LearningCurve> RisingCurves() {
  std::vector<Values> rising;
  for (int i = 0; i < 25; ++i) rising.push_back({0, 0.1 * i, 0.3 + 0.2 * i, 0.4 + 0.2 * i, 0.5 + 0.2 * i, 0.2 * i});
  std::vector<LearningCurve> finished = Curves(rising);
  for (LearningCurve& curve : finished) curve.goal = curve.points.back().value;
  return finished;
}

bool PredictsFinals(const std::string& rule) { return rule == "TSGP" || rule == "EXP_DECAY" || rule == "DECAY_CURVE"; }

TEST(NoStoppingRule, NeverStops) { EXPECT_FALSE(Decide(Named("NONE"), Curve(9, {0, 0, 0}), Curves(kFive)).stop); }

TEST(StoppingRules, DecideEquallyOnEqualRequests) {
  const auto finished = Shared(RisingCurves());
  const StudyCurves study{.finished = finished, .horizon = 6};
  for (const std::string& name : StoppingRuleNames()) {
    const auto rule = MakeStoppingRule(Named(name));
    ASSERT_TRUE(rule.ok()) << rule.status();
    std::vector<StoppingDecision> decisions;
    for (int lesson = 0; lesson < 2; ++lesson) {
      const auto model = (*rule)->Learn(study, nullptr);
      const auto decision =
          (*rule)->Decide({.trial = Curve(99, Values(5, 0.1), false), .study = study, .model = model.get()});
      ASSERT_TRUE(decision.ok()) << decision.status();
      decisions.push_back(*decision);
    }
    EXPECT_EQ(decisions[0].stop, decisions[1].stop) << name;
    EXPECT_EQ(decisions[0].reason, decisions[1].reason) << name;
    EXPECT_EQ(decisions[0].predicted_final, decisions[1].predicted_final) << name;
    EXPECT_EQ(decisions[0].predicted_final.has_value(), PredictsFinals(name)) << name;
  }
}

TEST(StoppingRules, LetATrialWithoutValuesGoOn) {
  for (const std::string& name : StoppingRuleNames()) {
    EXPECT_FALSE(Decide(Named(name), Curve(99, {}, false), Curves(kFive)).stop) << name;
    EXPECT_FALSE(Decide(Named(name), Curve(99, {}, false), {}).stop) << name;
  }
}

// Each option at the ends of its range in the study document.
const std::vector<std::pair<std::string, std::vector<std::string>>> kOptionsAtBounds = {
    {"min_steps", {"0", "5e-324", "1.7976931348623157e308"}},
    {"eta", {"1.1", "1000"}},
    {"patience", {"0", "1000000"}},
    {"min_delta", {"0", "1.7976931348623157e308"}},
    {"delta", {"1e-6", "0.5"}},
    {"checks", {"1", "100"}},
    {"exempt", {"0", "1"}},
    {"top", {"1", "1000"}},
};

// Decides on trials without, with some and with all values, with and without a horizon, also from what it has learnt.
void DecideOnAll(EarlyStoppingSettings settings) {
  const auto shared = Shared(RisingCurves());
  const auto rule = MakeStoppingRule(settings);
  ASSERT_TRUE(rule.ok()) << rule.status();
  for (const double horizon : {0.0, 6.0, 30.0}) {
    const StudyCurves study{.finished = shared, .horizon = horizon};
    const auto model = (*rule)->Learn(study, nullptr);
    for (const Values& values : {Values(), Values(1, 0.0), Values(5, 0.1), Values(6, 0.1)}) {
      const auto decision = (*rule)->Decide({.trial = Curve(99, values, false), .study = study, .model = model.get()});
      ASSERT_TRUE(decision.ok()) << decision.status();
      EXPECT_FALSE(decision->reason.empty());
      EXPECT_FALSE(decision->stop && values.empty()) << decision->reason;
    }
  }
}

TEST(StoppingRules, DecideWithEachOptionAtItsBounds) {
  for (const auto& [option, bounds] : kOptionsAtBounds) {
    for (const std::string& bound : bounds) {
      int rules = 0;
      for (const std::string& name : StoppingRuleNames()) {
        for (const std::string& inner : {std::string(), name}) {
          const bool wrapped = !inner.empty();
          if (wrapped && name == "PATIENT") continue;
          std::string text = "\"rule\": \"" + (wrapped ? "PATIENT" : name) + "\", \"" + option + "\": " + bound;
          if (wrapped) text += ", \"inner\": \"" + inner + "\"";
          if ((wrapped || name == "PATIENT") && option != "patience") text += ", \"patience\": 0";
          SCOPED_TRACE(text);
          const auto document = ParseStudyDocument("{\"early_stopping\": {" + text + "}}");
          ASSERT_TRUE(document.ok()) << document.status();
          if (!MakeStoppingRule(*document->early_stopping).ok()) continue;  // the option is not its own
          ++rules;
          DecideOnAll(*document->early_stopping);
        }
      }
      EXPECT_GT(rules, 0) << option;
    }
  }
}

TEST(StoppingRules, ThatWeighGainCareLessWithALargerDelta) {
  for (const char* name : {"TSGP", "EXP_DECAY"}) {
    const auto first_lesson = [&](double delta) {
      const auto rule = MakeStoppingRule({.rule = name, .delta = delta});
      EXPECT_TRUE(rule.ok()) << rule.status();
      int64_t trials = 1;
      while (!(*rule)->LearnsAnew(0, trials)) ++trials;
      return trials;
    };
    EXPECT_EQ(first_lesson(0.001), 20) << name;
    EXPECT_EQ(first_lesson(kUsualDelta), 20) << name << ", the default";
    EXPECT_EQ(first_lesson(0.01), 20) << name;
    EXPECT_EQ(first_lesson(0.02), 15) << name;
    EXPECT_EQ(first_lesson(0.2), 10) << name;
  }
}

TEST(StoppingRules, RefuseAnUnknownNameWithTheListAndTheNearest) {
  const absl::Status status = MakeStoppingRule({.rule = "MEDAIN"}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorField(status), "early_stopping.rule");
  EXPECT_THAT(std::string(status.message()), HasSubstr("did you mean 'MEDIAN'?"));
  const auto message = [](const EarlyStoppingSettings& settings) {
    return std::string(MakeStoppingRule(settings).status().message());
  };
  EXPECT_THAT(message({.rule = "median"}), HasSubstr("did you mean 'MEDIAN'?"));
  EXPECT_THAT(message({.rule = "PATIENT", .inner = "asha", .patience = 1}), HasSubstr("did you mean 'ASHA'?"));
  EXPECT_THAT(message({.rule = "CONVEX"}), Not(HasSubstr("did you mean")));
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
