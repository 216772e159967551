#include "client/cli/report/network_runs.h"

#include <cmath>
#include <utility>

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

pb::StudySpec SpecOfTwoGoals() {
  pb::StudySpec spec = Spec();
  auto& energy = *spec.add_metrics();
  energy.set_metric_id("energy");
  energy.set_goal(pb::StudySpec::MetricSpec::MINIMIZE);
  return spec;
}

TEST(NetworksOf, AreRetestsByTheirMeansThenBaselines) {
  StudyResults results;
  results.searched = {ATrial(1, 0.9), ATrial(2, 0.8)};
  results.retests[1] = {ATrial(3, 0.9), ATrial(4, 0.3)};
  results.retests[2] = {ATrial(5, 0.7)};
  results.retests[7] = {};
  results.baselines["tc_resnet8_1.0"] = {ATrial(6, 1)};
  const auto networks = NetworksOf(Spec(), results, {});
  EXPECT_THAT(Names(networks), ElementsAre("trial 2", "trial 1", "tc_resnet8_1.0"));
  EXPECT_EQ(networks[0].trial, 2);
  EXPECT_EQ(networks[2].trial, 0);
  EXPECT_EQ(networks[1].runs.size(), 2);
}

TEST(NetworksOf, AreOnlyTrialsWithinTheLimitsWhereNothingIsRetested) {
  StudyResults results;
  results.searched = {ATrial(1, 0.9), ATrial(2, 0.8), ATrial(3, 0.7)};
  const WinnerLimits limits = {"energy < 1", {{2, 3}}};
  EXPECT_THAT(Names(NetworksOf(Spec(), results, limits)), ElementsAre("trial 2", "trial 3"));
  EXPECT_THAT(Names(NetworksOf(SpecOfTwoGoals(), results, limits)), ElementsAre("trial 2"));
}

TEST(WinnerOf, IsTheBestNetworkWithinTheLimits) {
  const std::vector<NetworkRuns> networks = {{"trial 4", {}, 4}, {"trial 9", {}, 9}, {"mobilenet_v2", {}}};
  EXPECT_EQ(WinnerOf(networks, {}), &networks[0]);
  EXPECT_EQ(WinnerOf(networks, {"energy < 1", {{7, 9}}}), &networks[1]);
  EXPECT_EQ(WinnerOf(networks, {"energy < 0", {{}}}), nullptr);
  EXPECT_EQ(WinnerOf({networks[2]}, {}), nullptr) << "baselines only compare";
}

TEST(NetworksOf, AreTheFrontOfSeveralObjectives) {
  const pb::StudySpec spec = SpecOfTwoGoals();
  StudyResults results;
  results.searched = {ATrial(1, 0.5, 1), ATrial(2, 0.9, 3), ATrial(3, 0.5, 2), ATrial(4, 0.5, 1),
                      ATrial(5, 0.9, std::nan(""))};
  EXPECT_THAT(Names(NetworksOf(spec, results, {})), ElementsAre("trial 2", "trial 1", "trial 4"));
}

TEST(NetworksOf, TakesNoSafetyMetricForAnObjective) {
  pb::StudySpec spec = SpecOfTwoGoals();
  spec.mutable_metrics(1)->mutable_safety_config()->set_safety_threshold(2);
  StudyResults results;
  results.searched = {ATrial(1, 0.5, 1), ATrial(2, 0.9, 3), ATrial(3, 0.7, 2)};
  EXPECT_THAT(Names(NetworksOf(spec, results, {"`energy` <= 2", {{1, 3}}})), ElementsAre("trial 3", "trial 1"));
  results.searched.clear();
  results.retests[1] = {ATrial(4, 0.5, 1)};
  results.retests[2] = {ATrial(5, 0.9, 3)};
  std::swap(*spec.mutable_metrics(0), *spec.mutable_metrics(1));
  EXPECT_THAT(Names(NetworksOf(spec, results, {})), ElementsAre("trial 2", "trial 1"));
}

// Comparing each with each would take ten seconds and more.
TEST(NetworksOf, AreTheTenBestOfAFrontHoweverLongItIs) {
  constexpr int kTrials = 50'000;
  StudyResults results;
  for (int i = 1; i <= kTrials; ++i) results.searched.push_back(ATrial(i, i, i));
  EXPECT_THAT(Names(NetworksOf(SpecOfTwoGoals(), results, {})),
              ElementsAre("trial 50000", "trial 49999", "trial 49998", "trial 49997", "trial 49996", "trial 49995",
                          "trial 49994", "trial 49993", "trial 49992", "trial 49991"));
}

TEST(NetworksOf, AreThoseThatNoTrialDominates) {
  pb::StudySpec spec = SpecOfTwoGoals();
  auto& size = *spec.add_metrics();
  size.set_metric_id("size");
  size.set_goal(pb::StudySpec::MetricSpec::MINIMIZE);
  StudyResults results;
  const auto add = [&results](double reward, double energy, double kilobytes) {
    pb::Trial trial = ATrial(static_cast<int>(results.searched.size()) + 1, reward, energy);
    AddMetric(*trial.mutable_final_measurement(), "size", kilobytes);
    results.searched.push_back(trial);
  };
  add(0.9, 3, 3);  // the best reward
  add(0.8, 4, 3);  // worse in one, better in none
  add(0.8, 3, 2);
  add(0.7, 1, 4);
  add(0.6, 1, 4);  // worse than the last
  add(0.6, 2, 1);
  add(0.9, 3, 3);  // as good as the first
  EXPECT_THAT(Names(NetworksOf(spec, results, {})), ElementsAre("trial 1", "trial 7", "trial 3", "trial 4", "trial 6"));
}

TEST(Statistics, AreThoseOfASample) {
  EXPECT_EQ(Mean({1, 3}), 2);
  EXPECT_DOUBLE_EQ(Deviation({1, 3}), std::sqrt(2.0));
  EXPECT_EQ(Deviation({4}), 0);
  EXPECT_EQ(Mean({55.808, 55.808, 55.808, 55.808, 55.808}), 55.808);
  EXPECT_EQ(Deviation({55.808, 55.808, 55.808, 55.808, 55.808}), 0);
}

}  // namespace
}  // namespace photinus
