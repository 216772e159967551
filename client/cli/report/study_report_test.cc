#include "client/cli/report/study_report.h"

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

v1::StudyStatus Finished() {
  v1::StudyStatus status = AStatus("kws");
  status.set_infeasible(1);
  status.set_stopped_early(4);
  status.mutable_study()->mutable_study_spec()->set_algorithm("HYPER_FIREFLY");
  return status;
}

StudyResults Results() {
  StudyResults results;
  results.searched = {ATrial(1, 0.5, 0.6, 2, 2e7), ATrial(2, 0.7, 0.7, 1, 1e7), ATrial(3, 0.6, 0.65, 1.5, 1.2e7)};
  results.retests[2] = {ATrial(4, 0.70, 0.70, 1, 1e7), ATrial(5, 0.72, 0.72, 1, 1e7)};
  results.retests[3] = {ATrial(6, 0.75, 0.75, 1.25, 1.252e7)};
  results.baselines["mobilenet_v2"] = {ATrial(7, 0.1, 0.703, 13.9, 4.3035e8)};
  return results;
}

constexpr char kProfile[] = R"({"layers": [
  {"name": "block1", "type": "conv", "window": [3, 3], "output": [98, 40, 8], "params": 96, "flops": 600000},
  {"name": "head", "type": "dense", "window": null, "output": [9], "params": 297, "flops": 200000}]})";

TEST(StudyReport, IsTheTablesAndFiguresOfAStudy) {
  EXPECT_EQ(StudyReport("kws", Finished(), Results(), kProfile).ToMarkdown(), R"(# Study kws

3 trials of the search succeeded, 1 were infeasible, 4 were stopped early. Algorithm: HYPER\_FIREFLY. Retests are trained for the whole schedule and to their end; means and standard deviations over the runs.

## Networks

| network | runs | reward | int8 accuracy, % | energy, mJ | size, kB | FLOPs | params |
|---|---:|---:|---:|---:|---:|---:|---:|
| trial 3 | 1 | 0.75 | 75.00 | 1.25 | 51.22 | 12.52M | 23.95k |
| trial 2 | 2 | 0.71 ± 0.01414 | 71.00 ± 1.41 | 1.00 | 51.22 | 10.00M | 23.95k |
| mobilenet\_v2 | 1 | 0.1 | 70.30 | 13.90 | 51.22 | 430.35M | 23.95k |

## A day of one inference per second

| network | J per day | % of a phone | % of a watch | % of earbuds |
|---|---:|---:|---:|---:|
| trial 3 | 108.0 | 0.212 | 3 | 15.4 |
| trial 2 | 86.4 | 0.169 | 2.4 | 12.3 |
| mobilenet\_v2 | 1201.0 | 2.35 | 33.4 | 172 |

## The winner, trial 3, layer by layer

| layer | operator | window | output | params | FLOPs | % of FLOPs |
|---|---:|---:|---:|---:|---:|---:|
| block1 | conv | 3 x 3 | 98 x 40 x 8 | 96 | 600.00k | 75.0 |
| head | dense |  | 9 | 297 | 200.00k | 25.0 |

## Figures

![The best reward so far](progress.svg)

![Accuracy before and after quantization, correlation 1.000 over 3 trials](float-int8.svg)

![Parameters and file size](params-size.svg)

![FLOPs and energy, correlation 0.945 over 3 trials](flops-energy.svg)

![Energy and accuracy, correlation -1.000 over 3 trials](energy-accuracy.svg)
)");
}

TEST(StudyReport, WithoutRetestsShowsTheBestTrials) {
  StudyResults results = Results();
  results.retests.clear();
  results.baselines.clear();
  const std::string report = StudyReport("kws", Finished(), results, "").ToMarkdown();
  EXPECT_THAT(report, HasSubstr("Nothing has been retested yet"));
  EXPECT_THAT(report, HasSubstr("| trial 2 | 1 | 0.7 |"));
  EXPECT_THAT(report, Not(HasSubstr("layer by layer")));
}

}  // namespace
}  // namespace photinus
