// The bench of stopping rules itself, and a small study that TSGP has to shorten.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/benchmarks/stopping/curve_family.h"
#include "tests/benchmarks/stopping/stopping_cost.h"
#include "tests/benchmarks/stopping/stopping_replay.h"
#include "tests/benchmarks/stopping/stopping_report.h"
#include "tests/benchmarks/stopping/stopping_run.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

StoppingKey KeyOf(const std::string& rule, const std::string& family = "crossing") {
  return {.family = family, .rule = rule, .algorithm = "EAGLE_STRATEGY", .seed = 901, .trials = 80, .horizon = 30};
}

TEST(CurveStudy, GivesATrialTheSameLuckWhereverItIs) {
  const CurveStudy study(*FindCurveFamily("crossing"), 7);
  CurveStudy::Coordinates x, y;
  x.fill(0.3);
  y.fill(0.31);
  EXPECT_EQ(study.Curve(x, 5, 40), CurveStudy(*FindCurveFamily("crossing"), 7).Curve(x, 5, 40));
  EXPECT_EQ(study.Curve(x, 5, 40).size(), 40);
  EXPECT_NE(study.Curve(x, 5, 40), study.Curve(x, 6, 40));
  EXPECT_NEAR(study.Curve(x, 5, 40)[39], study.Curve(y, 5, 40)[39], 0.02);
}

TEST(CurveStudy, RisesInEveryFamily) {
  for (const CurveFamily& family : CurveFamilies()) {
    int rising = 0;
    for (int64_t trial = 1; trial <= 100; ++trial) {
      CurveStudy::Coordinates x;
      x.fill(0.4);
      const std::vector<double> values = CurveStudy(family, 7).Curve(x, trial, 40);
      rising += values[39] > values[0] + 0.1 ? 1 : 0;
      EXPECT_LT(*std::max_element(values.begin(), values.end()), 1.1);
    }
    EXPECT_GT(rising, 75) << family.name;
  }
}

TEST(StoppingRun, ReadsRulesWithOptions) {
  const auto settings = RuleSettings("TSGP:delta=0.25:checks=2:scale=log", 30);
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->rule, "TSGP");
  EXPECT_EQ(settings->delta, 0.25);
  EXPECT_EQ(settings->checks, 2);
  EXPECT_EQ(settings->scale, "log");
  EXPECT_EQ(settings->horizon, 30);
  EXPECT_FALSE(RuleSettings("TSGP:dleta=0.25", 30).ok());
  EXPECT_FALSE(RunStopping(KeyOf("MEDAIN")).ok());
  EXPECT_FALSE(RunStopping(KeyOf("NONE", "corssing")).ok());
}

TEST(StoppingRun, WithoutARuleSavesAndLosesNothing) {
  const auto run = RunStopping(KeyOf("NONE"));
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->outcome.saved, 0);
  EXPECT_EQ(run->outcome.stops, 0);
  EXPECT_EQ(run->outcome.hindsight_loss, 0);
}

TEST(StoppingRun, CountsWhatARuleSaves) {
  const auto run = RunStopping(KeyOf("ASHA:min_steps=10:eta=2"));
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_GT(run->outcome.stops, 20);
  EXPECT_LE(run->outcome.false_stops, run->outcome.stops);
  EXPECT_NEAR(run->outcome.saved, run->outcome.stops * 20.0 / (80 * 30), 0.1) << "most are stopped at the first rung";
}

TEST(StoppingRun, SurvivesItsLine) {
  const auto run = RunStopping(KeyOf("DECAY_CURVE"));
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(ToJson(StoppingRunFromJson(ToJson(*run))), ToJson(*run));
  EXPECT_EQ(run->outcome.quantile_rms.size(), 3);
  EXPECT_EQ(run->outcome.score_rms.size(), 3);
}

TEST(StoppingRun, ARepeatHasTheSameStudyWithOtherChance) {
  StoppingKey key = KeyOf("NONE");
  const auto first = RunStopping(key);
  key.repeat = 1;
  const auto second = RunStopping(key);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_NE(first->outcome.best, second->outcome.best);
  EXPECT_EQ(StoppingRunFromJson(ToJson(*second)).key, key);
  CurveStudy::Coordinates x;
  x.fill(0.3);
  const CurveFamily quiet{.name = "quiet", .noise = 0};
  EXPECT_NEAR(CurveStudy(quiet, 7, 8).Curve(x, 5, 40)[39], CurveStudy(quiet, 7, 9).Curve(x, 5, 40)[39], 0.05);
}

TEST(StoppingCost, MeasuresChecksAndLessons) {
  const auto cost = MeasureCost({.trials = 60, .points = 30, .parameters = 10, .checks = 60});
  ASSERT_TRUE(cost.ok()) << cost.status();
  EXPECT_GT(cost->lesson_seconds, 0);
  EXPECT_GT(cost->go_on_us, 0);
  EXPECT_GT(cost->stop_us, 0);
  EXPECT_FALSE(MeasureCost({.rule = "MEDAIN"}).ok());
}

TEST(StoppingReplay, OfNetworksThatWereTrained) {
  const auto studies = ReadRecordedStudies(std::string(STOPPING_DATA) + "/keywords.jsonl");
  ASSERT_TRUE(studies.ok()) << studies.status();
  ASSERT_EQ(studies->size(), 3);
  for (const RecordedStudy& study : *studies) {
    ASSERT_EQ(study.trials.size(), 150);
    for (const LearningCurve& trial : study.trials) {
      EXPECT_EQ(trial.points.size(), 20) << trial.trial_id;
      EXPECT_FALSE(trial.features.empty()) << trial.trial_id << ": its parameters are none of the space";
    }
    const auto tsgp = ReplayStudy("TSGP", study);
    ASSERT_TRUE(tsgp.ok()) << tsgp.status();
    EXPECT_GT(tsgp->stops, 0);
    EXPECT_LT(tsgp->hindsight_loss, 0.0025) << "three of 1,200 clips";
  }
  const RecordedStudy& study = studies->front();
  const auto none = ReplayStudy("NONE", study);
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_EQ(none->saved, 0);
  EXPECT_EQ(none->hindsight_loss, 0);
  for (const char* rule : {"MEDIAN", "ASHA", "HYPERBAND", "EXP_DECAY", "DECAY_CURVE"}) {
    const auto outcome = ReplayStudy(rule, study);
    ASSERT_TRUE(outcome.ok()) << rule << ": " << outcome.status();
    EXPECT_GT(outcome->stops, 0) << rule;
    EXPECT_LE(outcome->false_stops, outcome->stops) << rule;
    EXPECT_NEAR(outcome->best + outcome->hindsight_loss, none->best, 1e-12) << rule << " knows the same trials";
  }
  EXPECT_GT(ReplayStudy("MEDIAN", study)->stops, 0);
  EXPECT_LT(ReplayStudy("MEDIAN", study)->hindsight_loss, 0.02);
  EXPECT_THAT(*ReplayTable({"NONE"}, *studies), HasSubstr("| NONE | 0.0 | 0 | 0 | 0.00 |"));
  EXPECT_FALSE(ReplayStudy("MEDAIN", study).ok());
}

TEST(StoppingReplay, SaysWhichLineIsBroken) {
  EXPECT_TRUE(absl::IsNotFound(ReadRecordedStudies("/nowhere").status()));
  const std::string path = ::testing::TempDir() + "broken.jsonl";
  std::ofstream(path) << "{}\n";
  const auto refused = ReadRecordedStudies(path);
  EXPECT_TRUE(absl::IsInvalidArgument(refused.status()));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("broken.jsonl:1: "));
}

TEST(StoppingReport, ARepeatedStudyCountsOnce) {
  std::vector<StoppingRun> runs(6);
  for (size_t i = 0; i < runs.size(); ++i) {
    runs[i].key = KeyOf(i < 3 ? "NONE" : "MEDIAN");
    runs[i].key.seed = i % 3 == 0 ? 1 : 2;
    runs[i].key.repeat = i % 3 == 2 ? 1 : 0;
  }
  runs[3].outcome.best = 0.04;  // of the study that ran once; the other one twice
  const std::vector<RuleSummary> summaries = Summarise(runs);
  EXPECT_EQ(summaries[0].pairs, 2);
  EXPECT_NEAR(summaries[0].difference, 0.02, 1e-12);
}

TEST(StoppingReport, HasTheMedianRunsScore) {
  std::vector<StoppingRun> runs(3);
  for (StoppingRun& run : runs) run.key = KeyOf("TSGP");
  runs[0].outcome.score_rms = {1, 2, 3};
  runs[1].outcome.score_rms = {7, 2, 3};  // the third is of a time when none was kept
  const std::vector<RuleSummary> summaries = Summarise(runs);
  ASSERT_EQ(summaries[0].score_rms.size(), 3);
  EXPECT_DOUBLE_EQ(summaries[0].score_rms[0], 4);
  EXPECT_THAT(StoppingTable(summaries), HasSubstr("| 4.00 2.00 3.00 |"));
}

TEST(StoppingReport, KeepsApartWhatDiffersByMoreThanSeedAndRepeat) {
  std::vector<StoppingRun> runs(3);
  for (StoppingRun& run : runs) run.key = KeyOf("NONE");
  EXPECT_THAT(StoppingTable(Summarise(runs)), HasSubstr("| crossing | NONE | 3 |"));
  runs[1].key.algorithm = "RANDOM_SEARCH";
  runs[2].key.trials = 40;
  const std::string table = StoppingTable(Summarise(runs));
  EXPECT_THAT(table, HasSubstr("| crossing | NONE, EAGLE_STRATEGY, 40 trials | 1 |"));
  EXPECT_THAT(table, HasSubstr("| crossing | NONE, EAGLE_STRATEGY, 80 trials | 1 |"));
  EXPECT_THAT(table, HasSubstr("| crossing | NONE, RANDOM_SEARCH, 80 trials | 1 |"));
}

TEST(StoppingReport, ComparesRunsWithThoseOfNoneOfTheSameSeed) {
  std::vector<StoppingRun> runs(4);
  for (size_t i = 0; i < runs.size(); ++i) {
    runs[i].key = KeyOf(i < 2 ? "NONE" : "MEDIAN");
    runs[i].key.seed = i % 2;
  }
  runs[0].outcome.best = 0.5;
  runs[1].outcome.best = 0.9;
  runs[2].outcome.best = 0.48;
  runs[3].outcome.best = 0.9;
  runs[2].outcome.stops = 10;
  runs[2].outcome.false_stops = 1;
  const std::vector<RuleSummary> summaries = Summarise(runs);
  ASSERT_EQ(summaries.size(), 2);
  EXPECT_EQ(summaries[0].key.rule, "MEDIAN");
  EXPECT_NEAR(summaries[0].difference, -0.01, 1e-12);
  EXPECT_NEAR(summaries[0].difference_interval.low, -0.02, 1e-12);
  EXPECT_NEAR(summaries[0].difference_interval.high, 0, 1e-12);
  EXPECT_EQ(summaries[0].false_stops, 0.1);
  EXPECT_EQ(summaries[1].difference, 0);
  EXPECT_THAT(StoppingTable(summaries), HasSubstr("| crossing | MEDIAN | 2 | 0.0 | -1.00 (-2.00 to +0.00) | 10.0 |"));
}

// Runs of one rule on seeds 1, 2, ..., which reach these rewards.
std::vector<StoppingRun> RunsOf(const std::string& rule, double saved, const std::vector<double>& best) {
  std::vector<StoppingRun> runs;
  for (const double reward : best) {
    runs.push_back({.key = KeyOf(rule), .outcome = {.saved = saved, .best = reward}});
    runs.back().key.seed = runs.size();
  }
  return runs;
}

std::vector<StoppingRun> Joined(const std::vector<std::vector<StoppingRun>>& parts) {
  std::vector<StoppingRun> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

TEST(RivalComparison, TakesTheBestSettingThatSavesAtLeastAsMuch) {
  const auto rival = RunsOf("ASHA", 0.7, {0.5, 0.6});
  const auto careful = RunsOf("TSGP", 0.5, {0.9, 0.9}), bold = RunsOf("TSGP:delta=0.1", 0.7, {0.52, 0.61}),
             bolder = RunsOf("TSGP:delta=0.2", 0.8, {0.4, 0.4});
  const auto comparisons = CompareWithRivals(Joined({rival, careful, bold, bolder, RunsOf("NONE", 0, {1, 1})}));
  ASSERT_EQ(comparisons.size(), 1);
  EXPECT_EQ(comparisons[0].rule, "TSGP:delta=0.1");
  EXPECT_TRUE(comparisons[0].saves_as_much);
  EXPECT_NEAR(comparisons[0].difference, 0.015, 1e-12);
  EXPECT_NEAR(comparisons[0].difference_interval.low, 0.01, 1e-12);
  EXPECT_NEAR(comparisons[0].difference_interval.high, 0.02, 1e-12);
  EXPECT_THAT(RivalTable(comparisons),
              HasSubstr("| crossing | ASHA | TSGP:delta=0.1 | 2 | 70.0, 70.0 | yes | +1.50 (+1.00 to +2.00) |"));
  const auto without = CompareWithRivals(Joined({rival, careful, RunsOf("TSGP:told=truth", 0.9, {1, 1})}));
  ASSERT_EQ(without.size(), 1);
  EXPECT_EQ(without[0].rule, "TSGP") << "what saves most, where none saves as much";
  EXPECT_FALSE(without[0].saves_as_much);
}

TEST(RivalComparison, ComparesEqualStudiesOnly) {
  const auto rival = RunsOf("MEDIAN", 0.1, {0.5, 0.6, 0.7});
  auto tsgp = RunsOf("TSGP", 0.5, {0.9, 0.62, 0.74, 0.99});
  tsgp[0].key.repeat = 1;
  tsgp[1].outcome.saved = 0.2;
  const auto comparisons = CompareWithRivals(Joined({rival, tsgp}));
  ASSERT_EQ(comparisons.size(), 1);
  EXPECT_EQ(comparisons[0].pairs, 2) << "the first is another repeat, the last has no partner";
  EXPECT_NEAR(comparisons[0].difference, 0.03, 1e-12);
  EXPECT_NEAR(comparisons[0].saved, 0.35, 1e-12);
  for (StoppingRun& run : tsgp) run.key.trials = 40;
  EXPECT_TRUE(CompareWithRivals(Joined({rival, tsgp})).empty()) << "other studies";
}

TEST(Tsgp, ShortensAStudyOfCrossingCurves) {
  const auto run = RunStopping(KeyOf("TSGP"));
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_GT(run->outcome.saved, 0.25);
  EXPECT_LT(run->outcome.hindsight_loss, 0.03);
  EXPECT_LE(run->outcome.false_stops, 2);
  for (const double deviation : run->outcome.quantile_rms) {
    EXPECT_GT(deviation, 0.6);
    EXPECT_LT(deviation, 1.8) << "of one short study";
  }
}

}  // namespace
}  // namespace photinus
