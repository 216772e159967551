#include "client/cli/report/study_report.h"

#include <algorithm>
#include <set>
#include <utility>

#include "client/cli/application_fixture.h"
#include "common/study_document/problem_entries.h"
#include "common/study_document/trial_role.h"
#include "gmock/gmock.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

pb::Trial ATrial(int id, double reward, double int8, double energy, double flops) {
  pb::Trial trial;
  trial.set_id(std::to_string(id));
  trial.set_state(pb::Trial::SUCCEEDED);
  pb::Measurement& final = *trial.mutable_final_measurement();
  AddMetric(final, "reward", reward);
  AddMetric(final, "int8_accuracy", int8);
  AddMetric(final, "float_accuracy", int8 + 0.01);
  AddMetric(final, "energy_mj", energy);
  AddMetric(final, "memory_kb", 51.22);
  AddMetric(final, "flops", flops);
  AddMetric(final, "params", 23950);
  return trial;
}

void SetDocument(const char* document, v1::StudyStatus& status) {
  pb::KeyValue& entry = *status.mutable_study()->mutable_study_spec()->add_metadata();
  entry.set_ns(kDocumentNamespace);
  entry.set_key("study");
  entry.set_value(document);
}

v1::StudyStatus Finished() {
  v1::StudyStatus status = AStatus("kws");
  status.set_infeasible(1);
  status.set_stopped_early(4);
  status.mutable_study()->mutable_study_spec()->set_algorithm("HYPER_FIREFLY");
  SetDocument(R"({"trial": {"executor": "network"}})", status);
  return status;
}

pb::Trial Measured(pb::Trial trial, double energy) {
  AddMetric(*trial.mutable_final_measurement(), "measured_energy_mj", energy);
  return trial;
}

StudyResults Results() {
  StudyResults results;
  results.searched = {ATrial(1, 0.5, 0.6, 2, 2e7), ATrial(2, 0.7, 0.7, 1, 1e7), ATrial(3, 0.6, 0.65, 1.5, 1.2e7)};
  results.retests[2] = {Measured(ATrial(4, 0.70, 0.70, 1, 1e7), 1.1), Measured(ATrial(5, 0.72, 0.72, 1, 1e7), 0.9)};
  results.retests[3] = {Measured(ATrial(6, 0.75, 0.75, 1.25, 1.252e7), 1.2)};
  results.baselines["mobilenet_v2"] = {ATrial(7, 0.1, 0.703, 13.9, 4.3035e8)};
  // A model of another space predicts nothing of it.
  pb::Trial& unpredicted =
      results.baselines["tc_resnet8_1.0"].emplace_back(Measured(ATrial(8, 0.2, 0.701, 0, 6.2e6), 0.2));
  auto& metrics = *unpredicted.mutable_final_measurement()->mutable_metrics();
  metrics.erase(std::remove_if(metrics.begin(), metrics.end(),
                               [](const auto& metric) { return metric.metric_id() == "energy_mj"; }),
                metrics.end());
  return results;
}

constexpr char kProfile[] = R"({"synthetic_data": true,
  "energy": {"source": "phone.model", "meter": "phone", "simulated": true},
  "architecture": {"blocks": [{"type": "kxk", "name": "block1", "filters": 8, "kernel": 3, "stride": [2, 1]},
                              {"type": "identity", "name": "block2"}]},
  "layers": [
    {"name": "block1.conv", "type": "conv2d", "output": [1, 98, 40, 8], "params": 96, "flops": 600000},
    {"name": "logits", "type": "fully_connected", "output": [1, 9], "params": 297, "flops": 200000}]})";

TEST(StudyReport, IsTheTablesAndFiguresOfAStudy) {
  EXPECT_EQ(StudyReport("kws", Finished(), Results(), {}, kProfile).ToMarkdown(), R"(# Study kws

3 trials of the search succeeded; of all trials, 1 were infeasible, 4 were stopped early. Algorithm: HYPER\_FIREFLY. Retests are trained for the whole schedule and to their end; means and standard deviations over the runs.

The data are synthetic: generated sounds, not recordings.

## Networks

| network | runs | reward | int8 accuracy, % | measured energy, mJ | predicted energy, mJ | size, kB | FLOPs | params |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
| trial 3 | 1 | 0.75 | 75.00 | 1.20 | 1.25 | 51.22 | 12.52M | 23.95k |
| trial 2 | 2 | 0.71 ± 0.01414 | 71.00 ± 1.41 | 1.00 ± 0.14 | 1.00 | 51.22 | 10.00M | 23.95k |
| mobilenet\_v2 | 1 | 0.1 | 70.30 |  | 13.90 | 51.22 | 430.35M | 23.95k |
| tc\_resnet8\_1.0 | 1 | 0.2 | 70.10 | 0.200 |  | 51.22 | 6.20M | 23.95k |

Energy was predicted before training by phone.model, and measured anew after the trainings that have a measured energy by phone, a simulated device.

## A day of one inference per second

| network | energy | J per day | % of a phone | % of a watch | % of earbuds |
|---|---:|---:|---:|---:|---:|
| trial 3 | measured | 103.7 | 0.203 | 2.88 | 14.8 |
| trial 2 | measured | 86.4 | 0.169 | 2.4 | 12.3 |
| mobilenet\_v2 | predicted | 1201.0 | 2.35 | 33.4 | 172 |
| tc\_resnet8\_1.0 | measured | 17.3 | 0.0339 | 0.48 | 2.47 |

## The winner: trial 3, block by block

| block | type | filters | kernel | stride | expansion | output | params | FLOPs | % of FLOPs |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|
| block1 | kxk | 8 | 3 | 2 x 1 |  | 98 x 40 x 8 | 96 | 600.00k | 75.0 |
| block2 | identity |  |  |  |  | 98 x 40 x 8 | 0 | 0 | 0.0 |
| head |  |  |  |  |  | 9 | 297 | 200.00k | 25.0 |

## Figures

![The best reward so far](progress.svg)

![Accuracy before and after quantization, correlation 1.000 over 3 trials](float-int8.svg)

![Parameters and file size](params-size.svg)

![FLOPs and energy, correlation 0.945 over 3 trials](flops-energy.svg)

![Energy and accuracy, correlation -1.000 over 3 trials](energy-accuracy.svg)

![Measured and predicted energy, 3 measurements; root mean square difference 8.6 %](energy-parity.svg)
)");
}

// The networks of the table stand in its figures by what was measured of them.
TEST(StudyReport, FiguresHaveMeasuredEnergyWhereThereIsOne) {
  const auto figures = StudyReport("kws", Finished(), Results(), {}, kProfile).Figures();
  for (const char* file : {"flops-energy.svg", "energy-accuracy.svg"}) {
    const auto figure = std::find_if(figures.begin(), figures.end(), [&](const auto& f) { return f.file == file; });
    ASSERT_NE(figure, figures.end()) << file;
    for (const char* network : {"trial 3", "mobilenet_v2", "tc_resnet8_1.0"}) {
      EXPECT_THAT(figure->svg, HasSubstr(network)) << file;
    }
  }
}

// Networks for a battery cost less than a tenth of a millijoule, and differ by less than a hundredth.
TEST(StudyReport, ShowsThreeDigitsOfSmallAmounts) {
  StudyResults results = Results();
  results.retests[3] = {Measured(ATrial(6, 0.75, 0.75, 0.25, 1e7), 0.08123),
                        Measured(ATrial(9, 0.75, 0.75, 0.25, 1e7), 0.08167)};
  EXPECT_THAT(StudyReport("kws", Finished(), results, {}, "").ToMarkdown(),
              HasSubstr("| trial 3 | 2 | 0.75 ± 0 | 75.00 ± 0.00 | 0.0814 ± 0.0003 | 0.250 |"));
}

TEST(StudyReport, WithoutRetestsShowsTheBestTrials) {
  StudyResults results = Results();
  results.retests.clear();
  results.baselines.clear();
  const std::string report = StudyReport("kws", Finished(), results, {}, "").ToMarkdown();
  EXPECT_THAT(report, HasSubstr("Nothing has been retested yet"));
  EXPECT_THAT(report, HasSubstr("| trial 2 | 1 | 0.7 |"));
  EXPECT_THAT(report, Not(HasSubstr("block by block")));
  EXPECT_THAT(report, HasSubstr("Energy was predicted before training; nothing was measured."));
  EXPECT_THAT(report, Not(HasSubstr("energy-parity.svg")));
}

// Whatever a study tunes: what is of networks alone is left out.
TEST(StudyReport, OfAProgramHasItsBestTrialsAndParameters) {
  v1::StudyStatus status = AStatus("kws");
  SetDocument(R"({"trial": {"executor": "command", "argv": ["true"]}})", status);
  StudyResults results;
  for (int id = 1; id <= 4; ++id) {
    pb::Trial& trial = results.searched.emplace_back(FinishedTrial(id, 0, 0.1, "spectral"));
    trial.mutable_final_measurement()->clear_metrics();
    AddMetric(*trial.mutable_final_measurement(), "reward", 0.125 * id);
  }
  EXPECT_EQ(StudyReport("kws", status, results, {}, "").ToMarkdown(), R"(# Study kws

4 trials of the search succeeded. Algorithm: DEFAULT. Nothing has been retested yet (photinus study retest): the values below are of single trials of the search.

## The best trials

| trial | runs | reward |
|---|---:|---:|
| trial 4 | 1 | 0.5 |
| trial 3 | 1 | 0.375 |
| trial 2 | 1 | 0.25 |

## The winner: trial 4

| parameter | value |
|---|---:|
| lr | 0.1 |
| stem | spectral |

## Figures

![The best reward so far](progress.svg)
)");
}

TEST(StudyReport, HasTheBestWithinTheLimitsForItsWinner) {
  const std::string report =
      StudyReport("kws", Finished(), Results(), {"energy_mj < 1.2", {{1, 2}}}, kProfile).ToMarkdown();
  EXPECT_THAT(report, HasSubstr("## The winner among those with energy\\_mj \\< 1.2: trial 2, block by block"));
  EXPECT_THAT(report, HasSubstr("| trial 3 | 1 |")) << "the others are shown, too";
  const auto without_winner = [](StudyResults results, std::set<int64_t> fitting) {
    results.retests.erase(2);
    return StudyReport("kws", Finished(), results, {"energy_mj < 1.2", {std::move(fitting)}}, "").ToMarkdown();
  };
  EXPECT_THAT(without_winner(Results(), {2}), HasSubstr("None of them wins, for none fits energy\\_mj \\< 1.2;"));
  const std::string none = without_winner(Results(), {});
  EXPECT_THAT(none, HasSubstr("Nothing wins, for no trial of the search fits energy\\_mj \\< 1.2."));
  EXPECT_THAT(none, Not(HasSubstr("study retest")));
}

// The one that draws the best so far; empty: there is none.
Document::Figure ProgressOf(const StudyResults& results, const WinnerLimits& limits) {
  for (const Document::Figure& figure : StudyReport("kws", Finished(), results, limits, "").Figures()) {
    if (figure.file == "progress.svg") return figure;
  }
  return {};
}

TEST(StudyReport, DrawsAsTheBestSoFarOnlyWhatMayWin) {
  StudyResults without = Results();
  without.searched.erase(without.searched.begin() + 1);
  const Document::Figure within = ProgressOf(Results(), {"energy_mj > 1", {{1, 3}}});
  EXPECT_EQ(within.caption, "The best reward so far among those with energy_mj > 1");
  EXPECT_EQ(within.svg, ProgressOf(without, {}).svg);
  EXPECT_NE(within.svg, ProgressOf(Results(), {}).svg);
  EXPECT_EQ(ProgressOf(Results(), {"energy_mj < 0", {{}}}).svg, "") << "nothing may win";
}

TEST(StudyReport, TakesNoSafetyMetricForAnObjective) {
  v1::StudyStatus status = Finished();
  auto& size = *status.mutable_study()->mutable_study_spec()->add_metrics();
  size.set_metric_id("stalls");
  size.set_goal(pb::StudySpec::MetricSpec::MINIMIZE);
  size.mutable_safety_config();
  EXPECT_EQ(StudyReport("kws", status, Results(), {}, kProfile).ToMarkdown(),
            StudyReport("kws", Finished(), Results(), {}, kProfile).ToMarkdown());
}

TEST(StudyReport, OfSeveralObjectivesShowsTheFront) {
  v1::StudyStatus status = Finished();
  auto& energy = *status.mutable_study()->mutable_study_spec()->add_metrics();
  energy.set_metric_id("energy_mj");
  energy.set_goal(pb::StudySpec::MetricSpec::MINIMIZE);
  StudyResults results;
  results.searched = {ATrial(1, 0.5, 0.6, 2, 2e7), ATrial(2, 0.7, 0.7, 1.2, 1e7), ATrial(3, 0.6, 0.65, 1, 1e7),
                      ATrial(4, 0.55, 0.6, 1.1, 1e7)};
  const std::string report = StudyReport("kws", status, results, {}, "").ToMarkdown();
  EXPECT_THAT(report, HasSubstr("| trial 2 | 1 | 0.7 |"));
  EXPECT_THAT(report, HasSubstr("| trial 3 | 1 | 0.6 |"));
  EXPECT_THAT(report, Not(HasSubstr("| trial 1 |")));
  EXPECT_THAT(report, Not(HasSubstr("| trial 4 |")));
  EXPECT_THAT(report, HasSubstr("![The objectives, correlation"));
}

}  // namespace
}  // namespace photinus
