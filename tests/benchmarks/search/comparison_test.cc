#include "tests/benchmarks/search/comparison.h"

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/benchmarks/search/search_report.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

RunLine Line(const std::string& algorithm, const std::string& problem, uint64_t seed, StepCurve regret) {
  return {.key = {.suite = "s", .problem = problem, .algorithm = algorithm, .seed = seed, .trials = 10},
          .regret = std::move(regret),
          .versions = algorithm == kRandomReference ? "" : algorithm + " 1.0",
          .seconds = {{"start", 1}, {"first", 2}, {"p50", 0.5}, {"p99", 0.7}, {"mean", 0.6}},
          .latency = {{5, 0.5}, {10, 0.6}}};
}

const Setting kSetting{.suite = "s", .trials = 10};

TEST(RelativeLogRegret, IsRelativeToRandomSearchAfterAsManyTrials) {
  const StepCurve reference = {{1, 100}, {5, 10}}, regret = {{1, 1000}, {6, 1}, {8, 0}};
  EXPECT_DOUBLE_EQ(RelativeLogRegret(regret, reference, 1, 10), 1);
  EXPECT_DOUBLE_EQ(RelativeLogRegret(regret, reference, 5, 10), 2);
  EXPECT_DOUBLE_EQ(RelativeLogRegret(regret, reference, 6, 10), -1);
  EXPECT_DOUBLE_EQ(RelativeLogRegret(regret, reference, 10, 10), -8);  // no better than 1e-8 of the reference's last
}

TEST(ScoreOf, AveragesFromATenthOfTheTrials) {
  const StepCurve reference = {{1, 1}}, regret = {{1, 1000}, {2, 100}, {20, 10}};
  const Score score = ScoreOf(regret, reference, 20);
  EXPECT_DOUBLE_EQ(score.final, 1);
  EXPECT_NEAR(score.anytime, (18 * 2 + 1) / 19.0, 1e-12);  // trials 2..19, 20
}

// Two problems, one with two seeds; b is ten times better than a everywhere but on q.
std::vector<RunLine> ThreeInstances() {
  std::vector<RunLine> lines;
  for (const auto& [problem, seed] : std::vector<Instance>{{"p", 1}, {"p", 2}, {"q", 1}}) {
    lines.push_back(Line(kRandomReference, problem, seed, {{1, 1}}));
    lines.push_back(Line("a", problem, seed, {{1, 0.1}}));
    lines.push_back(Line("b", problem, seed, {{1, problem == "p" ? 0.01 : 0.1}}));
  }
  lines.push_back(Line("a", "without a reference", 1, {{1, 1}}));
  return lines;
}

TEST(CompareWithRivals, WeighsProblemsAlikeAndPairsInstances) {
  const SuiteRuns runs = ScoreRuns(ThreeInstances()).at(kSetting);
  ASSERT_EQ(runs.at("a").size(), 3);
  const std::vector<Comparison> comparisons = CompareWithRivals(runs, "b");
  ASSERT_EQ(comparisons.size(), 1);
  EXPECT_EQ(comparisons[0].rival, "a");
  EXPECT_EQ(comparisons[0].pairs, 3);
  EXPECT_NEAR(comparisons[0].final, -0.5, 1e-12);
  EXPECT_NEAR(comparisons[0].anytime, -0.5, 1e-12);
  EXPECT_NEAR(comparisons[0].wins, 2.5 / 3, 1e-12);
  EXPECT_NEAR(comparisons[0].final_interval.low, -1, 1e-12);
  EXPECT_NEAR(comparisons[0].final_interval.high, 0, 1e-12);
  EXPECT_TRUE(CompareWithRivals(runs, "c").empty());
}

TEST(CompareWithRivals, AdjustsOverRivalsAlone) {
  std::vector<RunLine> lines;
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    lines.push_back(Line(kRandomReference, "p", seed, {{1, 1}}));
    lines.push_back(Line("DEFAULT", "p", seed, {{1, 0.1}}));
    lines.push_back(Line("DEFAULT@before", "p", seed, {{1, 0.11}}));
    lines.push_back(Line("HEBO", "p", seed, {{1, 0.09}}));
    lines.push_back(Line("TPE", "p", seed, {{1, 0.5}}));
    lines.push_back(Line("OPTUNA_TPE", "p", seed, {{1, 0.5}}));
  }
  lines.push_back(Line(kRandomReference, "q", 1, {{1, 1}}));
  lines.push_back(Line("OPTUNA_GP", "q", 1, {{1, 0.1}}));  // on no instance of the subject's
  const double p = 2.0 / 256;
  std::map<std::string, double> adjusted;
  for (const Comparison& c : CompareWithRivals(ScoreRuns(lines).at(kSetting), "DEFAULT")) {
    adjusted[c.rival] = c.final_p;
    EXPECT_EQ(c.anytime_p, c.final_p);
  }
  EXPECT_EQ(adjusted,
            (std::map<std::string, double>{
                {"DEFAULT@before", p}, {"HEBO", 2 * p}, {"OPTUNA_GP", 1}, {"OPTUNA_TPE", 2 * p}, {"TPE", p}}));
}

TEST(ScoreRuns, KeepsRunsOfOtherLengthsAndBatchesApart) {
  std::vector<RunLine> lines = ThreeInstances();
  RunLine longer = Line("a", "p", 1, {{1, 0.5}}), batches = Line("a", "p", 1, {{1, 0.25}});
  longer.key.trials = 20;
  batches.key.batch = 5;
  RunLine reference = Line(kRandomReference, "p", 1, {{1, 1}});
  reference.key.trials = 20;
  lines.insert(lines.end(), {longer, batches, reference});
  const auto settings = ScoreRuns(lines);
  ASSERT_EQ(settings.size(), 3);
  EXPECT_EQ(settings.at(kSetting).at("a").at({"p", 1}).line.regret, (StepCurve{{1, 0.1}}));
  EXPECT_EQ(settings.at({"s", 20, 1}).at("a").at({"p", 1}).line.regret, longer.regret);
  EXPECT_EQ(settings.at({"s", 10, 5}).at("a").at({"p", 1}).line.regret, batches.regret);
  EXPECT_THAT(MarkdownReport(lines, "a"), HasSubstr("## s (10 trials, batches of 5)"));
}

TEST(MarkdownReport, HasScoresComparisonsAndVersions) {
  const std::string report = MarkdownReport(ThreeInstances(), "b");
  EXPECT_THAT(report, HasSubstr("## s (10 trials)"));
  EXPECT_THAT(report, HasSubstr("| a | 2 | 3 | -1.000 | -1.000 | 100 % | 500 | 700 | 600 | 3.00 |"));
  EXPECT_THAT(report, HasSubstr("| b against | pairs |"));
  EXPECT_THAT(report, HasSubstr("| a | 3 | -0.500 (-1.000 to 0.000)"));
  EXPECT_THAT(report, HasSubstr("- b: b 1.0\n"));
}

TEST(Plots, ShowEveryAlgorithm) {
  const SuiteRuns runs = ScoreRuns(ThreeInstances()).at(kSetting);
  const Plot regret = RegretPlot(kSetting, runs);
  ASSERT_EQ(regret.series.size(), 2);
  EXPECT_EQ(regret.series[1].name, "b");
  EXPECT_EQ(regret.series[1].points.back().first, 10);
  EXPECT_NEAR(regret.series[1].points.back().second, -1.5, 1e-12);
  const Plot latency = LatencyPlot(kSetting, runs);
  EXPECT_EQ(latency.series[0].points, (std::vector<std::pair<double, double>>{{5, 0.5}, {10, 0.6}}));
}

}  // namespace
}  // namespace photinus
