#include "client/cli/report/network_runs.h"

#include <cmath>

#include "client/cli/application_fixture.h"
#include "gmock/gmock.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Names(const std::vector<NetworkRuns>& networks) {
  std::vector<std::string> names;
  for (const NetworkRuns& network : networks) names.push_back(network.name);
  return names;
}

pb::StudySpec Spec() { return AStatus("kws").study().study_spec(); }

pb::Trial ATrial(int id, double reward, double energy = 1) {
  pb::Trial trial = FinishedTrial(id, 0, 0.1, "a");
  trial.mutable_final_measurement()->clear_metrics();
  AddMetric(*trial.mutable_final_measurement(), "reward", reward);
  AddMetric(*trial.mutable_final_measurement(), "energy", energy);
  return trial;
}

TEST(NetworksOf, AreRetestsByTheirMeansThenBaselines) {
  StudyResults results;
  results.searched = {ATrial(1, 0.9), ATrial(2, 0.8)};
  results.retests[1] = {ATrial(3, 0.9), ATrial(4, 0.3)};
  results.retests[2] = {ATrial(5, 0.7)};
  results.retests[7] = {};
  results.baselines["tc_resnet8_1.0"] = {ATrial(6, 1)};
  const auto networks = NetworksOf(Spec(), results);
  EXPECT_THAT(Names(networks), ElementsAre("trial 2", "trial 1", "tc_resnet8_1.0"));
  EXPECT_TRUE(networks[2].is_baseline);
  EXPECT_EQ(networks[1].runs.size(), 2);
}

TEST(NetworksOf, AreTheFrontOfSeveralObjectives) {
  pb::StudySpec spec = Spec();
  auto& energy = *spec.add_metrics();
  energy.set_metric_id("energy");
  energy.set_goal(pb::StudySpec::MetricSpec::MINIMIZE);
  StudyResults results;
  results.searched = {ATrial(1, 0.5, 1), ATrial(2, 0.9, 3), ATrial(3, 0.5, 2), ATrial(4, 0.5, 1),
                      ATrial(5, 0.9, std::nan(""))};
  EXPECT_THAT(Names(NetworksOf(spec, results)), ElementsAre("trial 2", "trial 1", "trial 4"));
}

TEST(Statistics, AreThoseOfASample) {
  EXPECT_EQ(Mean({1, 3}), 2);
  EXPECT_DOUBLE_EQ(Deviation({1, 3}), std::sqrt(2.0));
  EXPECT_EQ(Deviation({4}), 0);
}

}  // namespace
}  // namespace photinus
