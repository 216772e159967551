#include "common/study_document/study_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/base/errors.h"
#include "common/base/random.h"
#include "common/study_document/placeholders.h"
#include "common/study_document/strict_json.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(StudyDocument, ReadsEveryKey) {
  const auto document = ParseStudyDocument(R"({
    "version": 1, "seed": 18446744073709551615, "space": "keywords-small",
    "metrics": [{"name": "reward", "goal": "minimize", "expression": "1 - accuracy"}],
    "early_stopping": {"rule": "MEDIAN", "curve": "accuracy", "goal": "maximize", "horizon": 12.5},
    "budget": {"trials": 24, "parallel": 2},
    "trial": {"executor": "network", "task": "keywords", "epochs": 8, "evaluations": 16, "max_attempts": 5},
    "priority": -2, "weight": 0.5, "warm_start": ["owners/ada/studies/kws", "other"],
    "priors": {"lr": {"centre": 1e-3, "deviation": 0.1}, "block": {"conv": 3}}})");
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_TRUE(document->has_seed);
  EXPECT_EQ(document->seed, 18446744073709551615u);
  EXPECT_EQ(document->space, "keywords-small");
  ASSERT_EQ(document->derived.size(), 1u);
  EXPECT_EQ(document->derived[0].name, "reward");
  EXPECT_FALSE(document->derived[0].maximize);
  EXPECT_EQ(document->derived[0].expression, "1 - accuracy");
  ASSERT_TRUE(document->early_stopping.has_value());
  EXPECT_EQ(document->early_stopping->rule, "MEDIAN");
  EXPECT_EQ(document->early_stopping->curve, "accuracy");
  EXPECT_EQ(document->early_stopping->maximize, true);
  EXPECT_EQ(document->early_stopping->horizon, 12.5);
  EXPECT_EQ(document->budget.trials, 24);
  EXPECT_EQ(document->budget.parallel, 2);
  ASSERT_TRUE(document->trial.has_value());
  EXPECT_EQ(document->trial->executor, "network");
  EXPECT_EQ(document->trial->task, "keywords");
  EXPECT_EQ(document->trial->epochs, 8);
  EXPECT_EQ(document->trial->evaluations, 16);
  EXPECT_EQ(document->trial->max_attempts, 5);
  EXPECT_EQ(document->scheduling.priority, -2);
  EXPECT_EQ(document->scheduling.weight, 0.5);
  EXPECT_THAT(document->algorithm.warm_start, ElementsAre("owners/ada/studies/kws", "other"));
  EXPECT_EQ(document->algorithm.priors,
            (ParameterPriors{{"lr", {{"centre", 1e-3}, {"deviation", 0.1}}}, {"block", {{"conv", 3}}}}));
}

TEST(StudyDocument, ReadsTheOptionsOfStoppingRules) {
  const auto document = ParseStudyDocument(
      R"({"early_stopping": {"rule": "PATIENT", "inner": "ASHA", "patience": 3, "min_delta": 0.01, "eta": 4,
                            "min_steps": 2.5}})");
  ASSERT_TRUE(document.ok()) << document.status();
  const EarlyStoppingSettings& settings = *document->early_stopping;
  EXPECT_EQ(settings.inner, "ASHA");
  EXPECT_EQ(settings.patience, 3);
  EXPECT_EQ(settings.min_delta, 0.01);
  EXPECT_EQ(settings.eta, 4);
  EXPECT_EQ(settings.min_steps, 2.5);
}

TEST(StudyDocument, ReadsTheOptionsOfRulesThatPredict) {
  const auto document = ParseStudyDocument(
      R"({"early_stopping": {"rule": "TSGP", "delta": 0.01, "checks": 2, "exempt": 0, "top": 3, "scale": "logit"}})");
  ASSERT_TRUE(document.ok()) << document.status();
  const EarlyStoppingSettings& settings = *document->early_stopping;
  EXPECT_EQ(settings.delta, 0.01);
  EXPECT_EQ(settings.checks, 2);
  EXPECT_EQ(settings.exempt, 0);
  EXPECT_EQ(settings.top, 3);
  EXPECT_EQ(settings.scale, "logit");
}

TEST(StudyDocument, LeavesOutWhatIsNotSaid) {
  const auto document = ParseStudyDocument("{}");
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_FALSE(document->has_seed);
  EXPECT_EQ(document->space, "");
  EXPECT_TRUE(document->derived.empty());
  EXPECT_FALSE(document->early_stopping.has_value());
  EXPECT_EQ(document->budget.trials, 0);
  EXPECT_EQ(document->budget.parallel, 0);
  EXPECT_FALSE(document->trial.has_value());
  EXPECT_EQ(document->scheduling.priority, 0);
  EXPECT_EQ(document->scheduling.weight, 1);
  EXPECT_TRUE(document->algorithm.warm_start.empty());
}

TEST(StudyDocument, EvaluatesTwelveTimesUnlessToldOtherwise) {
  const auto document = ParseStudyDocument(
      R"({"space": "keywords-small", "trial": {"executor": "network", "task": "keywords", "epochs": 3}})");
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(document->trial->evaluations, 12);
  EXPECT_EQ(document->trial->max_attempts, 3);
}

TEST(StudyDocument, SaysWhatNetworksLearnFrom) {
  const auto document = ParseStudyDocument(
      R"({"space": "energy-audio-49", "trial": {"executor": "network", "task": "audioset", "folder": "/srv/audioset",
          "features": "mfcc", "augmentation": {"time_shift": 3, "time_masks": 2, "noise": 0.8}, "epochs": 3}})");
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(document->trial->task, "audioset");
  EXPECT_EQ(document->trial->folder, "/srv/audioset");
  EXPECT_EQ(document->trial->features, "mfcc");
  EXPECT_THAT(document->trial->augmentation,
              ElementsAre(Pair("noise", 0.8), Pair("time_masks", 2), Pair("time_shift", 3)));
}

TEST(StudyDocument, KeepsTheArgumentsOfACommandAsTheyAre) {
  const auto document =
      ParseStudyDocument(R"({"trial": {"executor": "command", "argv": ["python3", "train.py", "--lr={lr}", ""]}})");
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(document->trial->executor, "command");
  EXPECT_THAT(document->trial->argv, ElementsAre("python3", "train.py", "--lr={lr}", ""));
}

TEST(StudyDocument, AnswersAnyDamagedDocument) {
  const std::string good =
      R"({"version": 1, "seed": 7, "space": "keywords-small", "budget": {"trials": 24}, "trial": {"executor": "command",
          "argv": ["x"]}, "metrics": [{"name": "r", "goal": "minimize", "expression": "1 - a"}]})";
  Random random(11);
  for (int round = 0; round < 3000; ++round) {
    std::string text = good;
    for (uint64_t changes = 1 + random.Below(4); changes > 0; --changes) {
      const size_t at = random.Below(text.size());
      if (random.Below(2) == 0) text[at] = static_cast<char>(random.Below(256));
      if (random.Below(3) == 0) text.insert(at, text.substr(random.Below(text.size()), 1 + random.Below(20)));
      if (random.Below(3) == 0) text.erase(at, 1 + random.Below(8));
    }
    const auto document = ParseStudyDocument(text);
    const bool answered = document.ok() || document.status().code() == absl::StatusCode::kInvalidArgument;
    EXPECT_TRUE(answered) << document.status() << "\n" << text;
  }
}

struct BadDocument {
  std::string name;
  std::string json;
  std::string field;
  std::string message;
};

class StudyDocumentRefusesTest : public ::testing::TestWithParam<BadDocument> {};

TEST_P(StudyDocumentRefusesTest, WithTheFieldAndWhatToDo) {
  const auto document = ParseStudyDocument(GetParam().json);
  ASSERT_FALSE(document.ok());
  EXPECT_EQ(document.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorReason(document.status()), "INVALID_ARGUMENT");
  EXPECT_EQ(ErrorField(document.status()), GetParam().field);
  EXPECT_EQ(std::string(document.status().message()), GetParam().message);
}

std::string Derived(const std::string& metric) { return "{\"metrics\": [" + metric + "]}"; }
std::string Stopping(const std::string& fields) { return "{\"early_stopping\": {" + fields + "}}"; }
std::string Trial(const std::string& fields) { return "{\"space\": \"keywords-small\", \"trial\": {" + fields + "}}"; }
std::string Nested(int depth) { return std::string(depth, '[') + std::string(depth, ']'); }

INSTANTIATE_TEST_SUITE_P(
    Syntax, StudyDocumentRefusesTest,
    ::testing::Values(
        BadDocument{"Empty", "", "", "is not valid JSON: error at byte 1"},
        BadDocument{"Broken", "{\"seed\": }", "", "is not valid JSON: error at byte 10"},
        BadDocument{"Trailing", "{} x", "", "is not valid JSON: error at byte 4"},
        BadDocument{"BadUtf8", "{\"space\": \"\xff\"}", "", "is not valid JSON: error at byte 12"},
        BadDocument{"NaN", "{\"early_stopping\": {\"rule\": \"MEDIAN\", \"horizon\": NaN}}", "",
                    "is not valid JSON: error at byte 50"},
        BadDocument{"List", "[]", "", "must be an object, not a list"},
        BadDocument{"Duplicate", "{\"seed\": 1, \"seed\": 2}", "seed", "seed: the key stands twice in one object"},
        BadDocument{"DuplicateInside", Stopping("\"rule\": \"NONE\", \"rule\": \"NONE\""), "early_stopping.rule",
                    "early_stopping.rule: the key stands twice in one object"},
        BadDocument{"DuplicateInAList", R"({"seed": 1, "metrics": [1, [{}], {"name": {}, "goal": 2, "name": 3}]})",
                    "metrics[2].name", "metrics[2].name: the key stands twice in one object"},
        BadDocument{"HugePatience", Stopping("\"rule\": \"PATIENT\", \"patience\": 99999999999999999999"),
                    "early_stopping.patience", "early_stopping.patience: must be 0 to 1000000, not 1e+20"},
        BadDocument{"Deep", "{\"metrics\": " + Nested(100) + "}", "", "more than 64 levels of nesting"},
        BadDocument{"VeryDeep", "{\"metrics\": " + Nested(100'000) + "}", "", "more than 64 levels of nesting"},
        BadDocument{"Large", "{\"space\": \"" + std::string(1 << 20, 'x') + "\"}", "",
                    "is 1048589 bytes long; at most 1048576 are allowed"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Keys, StudyDocumentRefusesTest,
    ::testing::Values(
        BadDocument{"Unknown", "{\"budgte\": {}}", "budgte", "budgte: unknown key; did you mean 'budget'?"},
        BadDocument{"NothingNear", "{\"qqqqqqqqq\": {}}", "qqqqqqqqq",
                    "qqqqqqqqq: unknown key; the keys here are version, seed, space, metrics, outcome_constraints, "
                    "early_stopping, budget, trial, priority, weight, algorithm, warm_start, priors"},
        BadDocument{"Nested", "{\"budget\": {\"trails\": 3}}", "budget.trails",
                    "budget.trails: unknown key; did you mean 'trials'?"},
        BadDocument{"InMetric", Derived("{\"nmae\": \"a\"}"), "metrics[0].nmae",
                    "metrics[0].nmae: unknown key; did you mean 'name'?"},
        BadDocument{"Duration", "{\"budget\": {\"duration\": \"24h\"}}", "budget.duration",
                    "budget.duration: not supported yet; remove it"},
        BadDocument{"NoImprovement", "{\"budget\": {\"no_improvement\": 3}}", "budget.no_improvement",
                    "budget.no_improvement: not supported yet; remove it"},
        BadDocument{"MaxFailed", "{\"budget\": {\"max_failed\": 3}}", "budget.max_failed",
                    "budget.max_failed: not supported yet; remove it"},
        BadDocument{"HugeKey", "{\"" + std::string(20'000, 'k') + "\": 1}", std::string(97, 'k') + "...",
                    std::string(97, 'k') + "...: unknown key; the keys here are version, seed, space, metrics, "
                                           "outcome_constraints, early_stopping, budget, trial, priority, weight, "
                                           "algorithm, warm_start, priors"},
        BadDocument{"Constraints", "{\"constraints\": []}", "constraints", "constraints: not supported yet; remove it"},
        BadDocument{"OutcomeConstraintsNoList", "{\"outcome_constraints\": \"a <= 1\"}", "outcome_constraints",
                    "outcome_constraints: must be a list of texts such as size_kb <= 64, not a string"},
        BadDocument{"OutcomeConstraintNoText", "{\"outcome_constraints\": [\"a <= 1\", 3]}", "outcome_constraints[1]",
                    "outcome_constraints[1]: must be a string, not a number"},
        BadDocument{"OutcomeConstraintOfTwoMetrics", "{\"outcome_constraints\": [\"a <= b\"]}",
                    "outcome_constraints[0]",
                    "outcome_constraints[0]: must compare a metric with a number by <=, <, >= or >: size_kb <= 64"},
        BadDocument{"Stages", Trial("\"stages\": []"), "trial.stages", "trial.stages: not supported yet; remove it"},
        BadDocument{"Fixed", "{\"fixed\": {}}", "fixed", "fixed: not supported yet; remove it"},
        BadDocument{"Noise", "{\"noise\": \"LOW\"}", "noise",
                    "noise: does not belong in the study document; set it in the study's spec"},
        BadDocument{"Final", "{\"final\": \"best\"}", "final", "final: not supported yet; remove it"},
        BadDocument{"Parameters", "{\"parameters\": []}", "parameters",
                    "parameters: does not belong in the study document; set it in the study's spec"},
        BadDocument{"Algorithm", "{\"algorithm\": \"TPE\"}", "algorithm",
                    "algorithm: its name does not belong in the study document; set it in the study's spec"},
        BadDocument{"AlgorithmName", "{\"algorithm\": {\"name\": \"HYBRID\"}}", "algorithm.name",
                    "algorithm.name: does not belong in the study document; set it in the study's spec"},
        BadDocument{"Reproducible", "{\"algorithm\": {\"reproducible\": \"yes\"}}", "algorithm.reproducible",
                    "algorithm.reproducible: must be true or false, not a string"},
        BadDocument{"SwitchAt", "{\"algorithm\": {\"switch_at\": 0}}", "algorithm.switch_at",
                    "algorithm.switch_at: must be 1 to 1000000, not 0"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Values, StudyDocumentRefusesTest,
    ::testing::Values(
        BadDocument{"Version", "{\"version\": 2}", "version", "version: must be 1, not 2"},
        BadDocument{"NegativeSeed", "{\"seed\": -1}", "seed", "seed: must be an integer from 0 to 2^64-1, not -1"},
        BadDocument{"TextSeed", "{\"seed\": \"7\"}", "seed", "seed: must be an integer from 0 to 2^64-1, not a string"},
        BadDocument{"Space", "{\"space\": \"keyword-small\"}", "space",
                    "space: unknown space 'keyword-small'; did you mean 'keywords-small'?"},
        BadDocument{"PriorsAsList", "{\"priors\": [1]}", "priors",
                    "priors: must be a map of numbers such as {lr: {centre: 0.001, deviation: 0.1}, "
                    "activation: {relu: 3}}, not a list"},
        BadDocument{"PriorOfNothing", "{\"priors\": {\"lr\": {}}}", "priors.lr",
                    "priors.lr: must be a map of numbers such as {lr: {centre: 0.001, deviation: 0.1}, "
                    "activation: {relu: 3}}, not an empty one"},
        BadDocument{"PriorOfText", R"({"priors": {"lr": {"centre": "low"}}})", "priors.lr.centre",
                    "priors.lr.centre: must be a number, not a string"},
        BadDocument{"WarmStartAsText", "{\"warm_start\": \"kws\"}", "warm_start",
                    "warm_start: must be a list of studies such as [owners/ada/studies/kws], not a string"},
        BadDocument{"WarmStartFromNothing", "{\"warm_start\": []}", "warm_start",
                    "warm_start: must be a list of studies such as [owners/ada/studies/kws], not an empty one"},
        BadDocument{"WarmStartFromMany", R"({"warm_start": ["a", "b", "c", "d", "e", "f"]})", "warm_start",
                    "warm_start: at most 5 studies are allowed"},
        BadDocument{"WarmStartTwiceFromOne", R"({"warm_start": ["a", "a"]})", "warm_start[1]",
                    "warm_start[1]: 'a' stands there twice"},
        BadDocument{"WarmStartFromANumber", R"({"warm_start": [3]})", "warm_start[0]",
                    "warm_start[0]: must be a string, not a number"},
        BadDocument{"WarmStartFromATrial", R"({"warm_start": ["owners/ada/studies/kws/trials/3"]})", "warm_start[0]",
                    "warm_start[0]: 'owners/ada/studies/kws/trials/3' is not a name of the form "
                    "owners/{owner}/studies/{study}"},
        BadDocument{"HighPriority", "{\"priority\": 1001}", "priority", "priority: must be -1000 to 1000, not 1001"},
        BadDocument{"FractionalPriority", "{\"priority\": 0.5}", "priority",
                    "priority: must be an integer, not a fractional number"},
        BadDocument{"NoWeight", "{\"weight\": 0}", "weight", "weight: must be a finite number greater than 0, not 0"},
        BadDocument{"HugeWeight", "{\"weight\": 1e6}", "weight", "weight: must be between 0.001 and 1000"},
        BadDocument{"NoAttempts", Trial(R"("executor": "command", "argv": ["a"], "max_attempts": 0)"),
                    "trial.max_attempts", "trial.max_attempts: must be 1 to 100, not 0"},
        BadDocument{"NoTrials", "{\"budget\": {\"trials\": 0}}", "budget.trials",
                    "budget.trials: must be 1 to 1000000, not 0"},
        BadDocument{"HugeTrials", "{\"budget\": {\"trials\": 2147483647}}", "budget.trials",
                    "budget.trials: must be 1 to 1000000, not 2147483647"},
        BadDocument{"HugerTrials", "{\"budget\": {\"trials\": 18446744073709551615}}", "budget.trials",
                    "budget.trials: must be 1 to 1000000, not 18446744073709551615"},
        BadDocument{"FractionalTrials", "{\"budget\": {\"trials\": 2.5}}", "budget.trials",
                    "budget.trials: must be an integer, not a fractional number"},
        BadDocument{"TextParallel", "{\"budget\": {\"parallel\": \"2\"}}", "budget.parallel",
                    "budget.parallel: must be an integer, not a string"},
        BadDocument{"BudgetIsANumber", "{\"budget\": 24}", "budget", "budget: must be an object, not a number"},
        BadDocument{"NoRule", Stopping("\"curve\": \"a\""), "early_stopping.rule", "early_stopping.rule: is required"},
        BadDocument{"ZeroHorizon", Stopping("\"rule\": \"MEDIAN\", \"horizon\": 0"), "early_stopping.horizon",
                    "early_stopping.horizon: must be a finite number greater than 0, not 0"},
        BadDocument{"SmallEta", Stopping("\"rule\": \"ASHA\", \"eta\": 1"), "early_stopping.eta",
                    "early_stopping.eta: must be 1.1 to 1000, not 1"},
        BadDocument{"TextEta", Stopping("\"rule\": \"ASHA\", \"eta\": \"4\""), "early_stopping.eta",
                    "early_stopping.eta: must be a number, not a string"},
        BadDocument{"NegativeSteps", Stopping("\"rule\": \"ASHA\", \"min_steps\": -1"), "early_stopping.min_steps",
                    "early_stopping.min_steps: must be a finite number from 0, not -1"},
        BadDocument{"NegativePatience", Stopping("\"rule\": \"PATIENT\", \"patience\": -1"), "early_stopping.patience",
                    "early_stopping.patience: must be 0 to 1000000, not -1"},
        BadDocument{"LargeDelta", Stopping("\"rule\": \"TSGP\", \"delta\": 0.6"), "early_stopping.delta",
                    "early_stopping.delta: must be 1e-06 to 0.5, not 0.6"},
        BadDocument{"NoChecks", Stopping("\"rule\": \"TSGP\", \"checks\": 0"), "early_stopping.checks",
                    "early_stopping.checks: must be 1 to 100, not 0"},
        BadDocument{"ExemptMany", Stopping("\"rule\": \"TSGP\", \"exempt\": 10"), "early_stopping.exempt",
                    "early_stopping.exempt: must be 0 to 1, not 10"},
        BadDocument{"NoTop", Stopping("\"rule\": \"TSGP\", \"top\": 0"), "early_stopping.top",
                    "early_stopping.top: must be 1 to 1000, not 0"},
        BadDocument{"UnknownScale", Stopping("\"rule\": \"TSGP\", \"scale\": \"logg\""), "early_stopping.scale",
                    "early_stopping.scale: unknown scale 'logg'; did you mean 'log'?"},
        BadDocument{"EmptyCurve", Stopping("\"rule\": \"MEDIAN\", \"curve\": \"\""), "early_stopping.curve",
                    "early_stopping.curve: must not be empty"},
        BadDocument{"StoppingGoal", Stopping("\"rule\": \"MEDIAN\", \"goal\": \"max\""), "early_stopping.goal",
                    "early_stopping.goal: unknown goal 'max'; known are maximize, minimize"},
        BadDocument{"MetricsIsAnObject", "{\"metrics\": {}}", "metrics", "metrics: must be a list, not an object"},
        BadDocument{"NoExpression", Derived(R"({"name": "a", "goal": "maximize"})"), "metrics[0].expression",
                    "metrics[0].expression: is required"},
        BadDocument{"Goal", Derived(R"({"name": "a", "goal": "maximise", "expression": "b"})"), "metrics[0].goal",
                    "metrics[0].goal: unknown goal 'maximise'; did you mean 'maximize'?"},
        BadDocument{"BrokenExpression", Derived(R"({"name": "a", "goal": "maximize", "expression": "1 +"})"),
                    "metrics[0].expression", "metrics[0].expression: column 4: expected a value, found the end"},
        BadDocument{"TruthValue", Derived(R"({"name": "a", "goal": "maximize", "expression": "b > 1"})"),
                    "metrics[0].expression", "metrics[0].expression: 'b > 1' needs to be a number, got a truth value"},
        BadDocument{"OfADerivedOne", Derived(R"({"name": "a", "goal": "maximize", "expression": "b"},
                               {"name": "c", "goal": "maximize", "expression": "2 * a"})"),
                    "metrics[1].expression",
                    "metrics[1].expression: refers to 'a', which is itself computed; use reported metrics only"},
        BadDocument{"Aggregate",
                    Derived(R"json({"name": "a", "goal": "maximize", "expression": "b / max_over_trials(b)"})json"),
                    "metrics[0].expression",
                    "metrics[0].expression: max_over_trials(b) over all trials is not supported yet"},
        BadDocument{"SameMetric", Derived(R"({"name": "a", "goal": "maximize", "expression": "b"},
                               {"name": "a", "goal": "maximize", "expression": "c"})"),
                    "metrics[1].name", "metrics[1].name: a second metric 'a'"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Trials, StudyDocumentRefusesTest,
    ::testing::Values(
        BadDocument{"NoExecutor", Trial("\"epochs\": 3"), "trial.executor", "trial.executor: is required"},
        BadDocument{"Executor", Trial(R"("executor": "comand")"), "trial.executor",
                    "trial.executor: unknown executor 'comand'; did you mean 'command'?"},
        BadDocument{"NoTask", Trial(R"("executor": "network", "epochs": 3)"), "trial.task", "trial.task: is required"},
        BadDocument{"Task", Trial(R"("executor": "network", "task": "vision", "epochs": 3)"), "trial.task",
                    "trial.task: unknown task 'vision'; known are audioset, events, keywords, speech-commands"},
        BadDocument{"NoFolder", Trial(R"("executor": "network", "task": "speech-commands", "epochs": 3)"),
                    "trial.folder", "trial.folder: is required"},
        BadDocument{"FolderOfAGeneratedTask",
                    Trial(R"("executor": "network", "task": "events", "folder": "/srv", "epochs": 3)"), "trial.folder",
                    "trial.folder: task events makes its own clips; remove it"},
        BadDocument{
            "RelativeFolder", Trial(R"("executor": "network", "task": "audioset", "folder": "clips", "epochs": 3)"),
            "trial.folder",
            "trial.folder: must be the full path of the clips on every worker, such as /srv/audioset, not 'clips'"},
        BadDocument{"FolderOfACommand", Trial(R"("executor": "command", "argv": ["a"], "folder": "/srv")"),
                    "trial.folder", "trial.folder: belongs to `executor: network`; remove it"},
        BadDocument{"Features", Trial(R"("executor": "network", "task": "events", "features": "mfc", "epochs": 3)"),
                    "trial.features", "trial.features: unknown features 'mfc'; did you mean 'mfcc'?"},
        BadDocument{"Augmentation",
                    Trial(R"("executor": "network", "task": "events", "augmentation": {"time_shit": 1}, "epochs": 3)"),
                    "trial.augmentation.time_shit",
                    "trial.augmentation.time_shit: unknown key; did you mean 'time_shift'?"},
        BadDocument{
            "HalfAMask",
            Trial(R"("executor": "network", "task": "events", "augmentation": {"time_mask": 1.5}, "epochs": 3)"),
            "trial.augmentation.time_mask", "trial.augmentation.time_mask: must be a whole number, not 1.5"},
        BadDocument{
            "Ratios",
            Trial(R"("executor": "network", "task": "events", "augmentation": {"min_snr_db": 30}, "epochs": 3)"),
            "trial.augmentation.min_snr_db",
            "trial.augmentation.min_snr_db: must not be above max_snr_db, which is 20"},
        BadDocument{
            "FrequencyOfMfcc", Trial(R"("executor": "network", "task": "events", "features": "mfcc",
                             "augmentation": {"frequency_mask": 4}, "epochs": 3)"),
            "trial.augmentation.frequency_mask",
            "trial.augmentation.frequency_mask: needs `features: log-mel`, whose bins are frequencies; remove it"},
        BadDocument{"NoEpochs", Trial(R"("executor": "network", "task": "keywords")"), "trial.epochs",
                    "trial.epochs: is required"},
        BadDocument{"FewEvaluations",
                    Trial(R"("executor": "network", "task": "keywords", "epochs": 3, "evaluations": 11)"),
                    "trial.evaluations", "trial.evaluations: must be 12 to 10000, not 11"},
        BadDocument{"ArgumentsForANetwork", Trial(R"("executor": "network", "argv": ["x"])"), "trial.argv",
                    "trial.argv: belongs to `executor: command`; remove it"},
        BadDocument{"EpochsForACommand", Trial(R"("executor": "command", "argv": ["x"], "epochs": 3)"), "trial.epochs",
                    "trial.epochs: belongs to `executor: network`; remove it"},
        BadDocument{"NoSpaceForANetwork", R"({"trial": {"executor": "network", "task": "keywords", "epochs": 3}})",
                    "space", "space: is required by `executor: network`: it says how parameters become a network"},
        BadDocument{"NoArguments", Trial(R"("executor": "command")"), "trial.argv", "trial.argv: is required"},
        BadDocument{"EmptyArguments", Trial(R"("executor": "command", "argv": [])"), "trial.argv",
                    "trial.argv: must name a program"},
        BadDocument{"EmptyProgram", Trial(R"("executor": "command", "argv": [""])"), "trial.argv[0]",
                    "trial.argv[0]: must not be empty"},
        BadDocument{"ShellLine", Trial(R"("executor": "command", "argv": "python3 x.py")"), "trial.argv",
                    "trial.argv: must be a list of strings such as [python3, train.py], not a string; no shell splits "
                    "it"},
        BadDocument{"NumberArgument", Trial(R"("executor": "command", "argv": ["x", 3])"), "trial.argv[1]",
                    "trial.argv[1]: must be a string, not a number"},
        BadDocument{"NulArgument", Trial(R"("executor": "command", "argv": ["x", "a\u0000b"])"), "trial.argv[1]",
                    "trial.argv[1]: must not contain a NUL byte"}),
    [](const auto& info) { return info.param.name; });

TEST(Placeholders, AreNamesInBraces) {
  EXPECT_THAT(Placeholders("--lr={lr}"), ElementsAre("lr"));
  EXPECT_THAT(Placeholders("{block1.filters},{block1}"), ElementsAre("block1.filters", "block1"));
  EXPECT_THAT(Placeholders(R"({"lr": 3})"), IsEmpty());
  EXPECT_THAT(Placeholders("{} {3} {a b} {open"), IsEmpty());
  EXPECT_THAT(Placeholders("{{x}}"), ElementsAre("x"));
}

}  // namespace
}  // namespace photinus
