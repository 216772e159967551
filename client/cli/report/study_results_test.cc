#include "client/cli/report/study_results.h"

#include <cmath>

#include "client/cli/application_fixture.h"
#include "common/study_document/problem_entries.h"
#include "common/study_document/trial_role.h"
#include "gmock/gmock.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;

std::vector<const pb::Trial*> Pointers(const std::vector<pb::Trial>& trials) {
  std::vector<const pb::Trial*> pointers;
  for (const pb::Trial& trial : trials) pointers.push_back(&trial);
  return pointers;
}

pb::StudySpec::MetricSpec Reward(pb::StudySpec::MetricSpec::GoalType goal) {
  pb::StudySpec::MetricSpec metric;
  metric.set_metric_id("reward");
  metric.set_goal(goal);
  return metric;
}

std::vector<std::string> Ids(const std::vector<const pb::Trial*>& trials) {
  std::vector<std::string> ids;
  for (const pb::Trial* trial : trials) ids.push_back(trial->id());
  return ids;
}

TEST(StudyResults, AreSortedByWhatTrialsAreFor) {
  FakeStudyClient client;
  pb::Trial retest = FinishedTrial(3, 0.7, 0.1, "a"), baseline = FinishedTrial(4, 0.6, 0.1, "a");
  SetRole(kRetestRole, "1", retest);
  SetRole(kBaselineRole, "", baseline);
  pb::KeyValue& entry = *baseline.add_metadata();
  entry.set_ns(kDocumentNamespace);
  entry.set_key(kArchitectureKey);
  entry.set_value(BaselineArchitecture("mobilenet_v2"));
  pb::Trial failed = FinishedTrial(5, 0, 0.1, "a"), running = FinishedTrial(6, 0, 0.1, "a");
  failed.set_state(pb::Trial::INFEASIBLE);
  running.set_state(pb::Trial::ACTIVE);
  client.trials["owners/ada/studies/kws"] = {
      FinishedTrial(1, 0.5, 0.1, "a"), FinishedTrial(2, 0.4, 0.1, "a"), retest, baseline, failed, running};
  const auto results = ReadResults(*StudyName::Parse("owners/ada/studies/kws"), client);
  ASSERT_TRUE(results.ok()) << results.status();
  ASSERT_EQ(results->searched.size(), 2);
  ASSERT_EQ(results->retests.at(1).size(), 1);
  EXPECT_EQ(results->retests.at(1)[0].id(), "3");
  ASSERT_EQ(results->baselines.at("mobilenet_v2").size(), 1);
}

TEST(StudyResults, TheBestComeFirstAndThoseWithoutAValueNotAtAll) {
  const std::vector<pb::Trial> trials = {FinishedTrial(1, 0.5, 0.1, "a"), FinishedTrial(2, std::nan(""), 0.1, "a"),
                                         FinishedTrial(3, 0.9, 0.1, "a"), FinishedTrial(4, 0.5, 0.1, "a")};
  EXPECT_THAT(Ids(BestBy(Reward(pb::StudySpec::MetricSpec::MAXIMIZE), Pointers(trials), 2)), ElementsAre("3", "1"));
  EXPECT_THAT(Ids(BestBy(Reward(pb::StudySpec::MetricSpec::MINIMIZE), Pointers(trials), 9)),
              ElementsAre("1", "4", "3"));
}

}  // namespace
}  // namespace photinus
