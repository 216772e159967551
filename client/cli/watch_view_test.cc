#include "client/cli/watch_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

pb::Trial ATrial(int id, pb::Trial::State state, int step, std::vector<std::pair<std::string, double>> metrics) {
  pb::Trial trial;
  trial.set_id(std::to_string(id));
  trial.set_name(absl::StrCat("owners/ada/studies/kws/trials/", id));
  trial.set_state(state);
  trial.set_client_id("w1.0");
  pb::Measurement* measurement =
      state == pb::Trial::SUCCEEDED ? trial.mutable_final_measurement() : trial.add_measurements();
  measurement->set_step_count(step);
  for (const auto& [name, value] : metrics) {
    measurement->add_metrics()->set_metric_id(name);
    measurement->mutable_metrics(measurement->metrics_size() - 1)->set_value(value);
  }
  return trial;
}

v1::WatchStudyResponse AMessage(int active, int succeeded, std::vector<pb::Trial> changed) {
  v1::WatchStudyResponse message;
  v1::StudyStatus& status = *message.mutable_status();
  status.mutable_study()->set_name("owners/ada/studies/kws");
  status.mutable_study()->set_state(pb::Study::ACTIVE);
  pb::StudySpec& spec = *status.mutable_study()->mutable_study_spec();
  spec.add_metrics()->set_metric_id("reward");
  spec.mutable_metrics(0)->set_goal(pb::StudySpec::MetricSpec::MAXIMIZE);
  pb::KeyValue* document = spec.add_metadata();
  document->set_ns("photinus");
  document->set_key("study");
  document->set_value(R"({"early_stopping": {"rule": "MEDIAN", "curve": "accuracy", "horizon": 12}})");
  status.set_active(active);
  status.set_succeeded(succeeded);
  status.set_trial_budget(24);
  for (pb::Trial& trial : changed) *message.add_changed() = std::move(trial);
  return message;
}

TEST(WatchView, ShowsWhatRunsAndHowFarTheStudyIs) {
  WatchView view;
  const auto lines =
      view.Update(AMessage(2, 0,
                           {ATrial(1, pb::Trial::ACTIVE, 4, {{"accuracy", 0.51234}, {"memory_kb", 23.44}}),
                            ATrial(2, pb::Trial::STOPPING, 3, {{"accuracy", 0.2}})}));
  EXPECT_THAT(lines.running, ElementsAre("trial    1  ACTIVE      step   4/12  accuracy 0.5123  23.4 kB  w1.0",
                                         "trial    2  STOPPING    step   3/12  accuracy 0.2  w1.0"));
  EXPECT_THAT(lines.study, ElementsAre("kws  ACTIVE  0/24 trials [........................]  2 running"));
  EXPECT_THAT(view.Picture(), ElementsAre("trial    1  ACTIVE      step   4/12  accuracy 0.5123  23.4 kB  w1.0",
                                          "trial    2  STOPPING    step   3/12  accuracy 0.2  w1.0",
                                          "kws  ACTIVE  0/24 trials [........................]  2 running"));
  EXPECT_FALSE(view.finished());
}

TEST(WatchView, SaysNothingTwice) {
  WatchView view;
  const auto message = AMessage(1, 0, {ATrial(1, pb::Trial::ACTIVE, 4, {{"accuracy", 0.5}})});
  view.Update(message);
  const auto lines = view.Update(message);
  EXPECT_THAT(lines.running, IsEmpty());
  EXPECT_THAT(lines.ended, IsEmpty());
  EXPECT_THAT(lines.study, IsEmpty());
}

TEST(WatchView, AFinishedTrialLeavesALineAndMayBeTheBest) {
  WatchView view;
  view.Update(AMessage(1, 0, {ATrial(1, pb::Trial::ACTIVE, 4, {{"accuracy", 0.5}})}));
  const pb::Trial done = ATrial(1, pb::Trial::SUCCEEDED, 12, {{"accuracy", 0.9}, {"reward", 0.85}, {"memory_kb", 41}});
  auto message = AMessage(0, 1, {done});
  *message.mutable_status()->add_best() = done;
  const auto lines = view.Update(message);
  EXPECT_THAT(lines.ended, ElementsAre("trial    1  SUCCEEDED   step  12/12  accuracy 0.9  reward 0.85  41.0 kB"));
  EXPECT_THAT(lines.study, ElementsAre("best so far: trial 1  accuracy 0.9  reward 0.85  41.0 kB"));
  EXPECT_THAT(view.Picture(), ElementsAre("best so far: trial 1  accuracy 0.9  reward 0.85  41.0 kB",
                                          "kws  ACTIVE  1/24 trials [#.......................]"));
}

TEST(WatchView, AnInfeasibleTrialSaysWhyInOneHarmlessLine) {
  WatchView view;
  view.Update(AMessage(1, 0, {ATrial(1, pb::Trial::ACTIVE, 0, {})}));
  pb::Trial failed = ATrial(1, pb::Trial::INFEASIBLE, 0, {});
  failed.set_infeasible_reason("exit 1:\n\x1b[31mno data");
  auto message = AMessage(0, 0, {failed});
  message.mutable_status()->set_infeasible(1);
  EXPECT_THAT(view.Update(message).ended, ElementsAre("trial    1  INFEASIBLE  step   0/12  exit 1: ?[31mno data"));
}

TEST(WatchView, ATrialWhoseWorkerWasLostRunsNoMore) {
  WatchView view;
  view.Update(AMessage(2, 0, {ATrial(1, pb::Trial::ACTIVE, 4, {}), ATrial(2, pb::Trial::ACTIVE, 1, {})}));
  auto message = AMessage(1, 0, {ATrial(1, pb::Trial::REQUESTED, 0, {})});
  message.mutable_status()->set_requested(1);
  EXPECT_THAT(view.Update(message).ended, ElementsAre("trial    1  REQUESTED   step   0/12  waits for a worker again"));
  EXPECT_THAT(view.Picture(), ElementsAre("trial    2  ACTIVE      step   1/12  w1.0",
                                          "kws  ACTIVE  0/24 trials [........................]  1 running  1 waiting"));
}

TEST(WatchView, AWholeMessageReplacesThePicture) {
  WatchView view;
  view.Update(AMessage(2, 0, {ATrial(1, pb::Trial::ACTIVE, 4, {}), ATrial(2, pb::Trial::ACTIVE, 1, {})}));
  auto message = AMessage(2, 1, {ATrial(2, pb::Trial::ACTIVE, 1, {}), ATrial(3, pb::Trial::ACTIVE, 1, {})});
  message.set_whole(true);
  const auto lines = view.Update(message);
  EXPECT_THAT(lines.running, ElementsAre("trial    3  ACTIVE      step   1/12  w1.0"));
  EXPECT_THAT(lines.study, ElementsAre("more changed than is shown here; see: photinus trial list kws"));
  EXPECT_EQ(view.Picture().size(), 3u);
}

TEST(WatchView, AFinishedTrialWithoutAFiniteObjectiveSaysSo) {
  WatchView view;
  view.Update(AMessage(2, 0, {}));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto lines = view.Update(AMessage(0, 2,
                                          {ATrial(1, pb::Trial::SUCCEEDED, 12, {{"accuracy", 0.5}}),
                                           ATrial(2, pb::Trial::SUCCEEDED, 12, {{"reward", nan}})}));
  EXPECT_THAT(lines.ended, ElementsAre("trial    1  SUCCEEDED   step  12/12  accuracy 0.5  no finite 'reward'",
                                       "trial    2  SUCCEEDED   step  12/12  reward nan  no finite 'reward'"));
}

TEST(WatchView, IsFinishedWhenTheStudyIsCompletedWhateverStillRuns) {
  WatchView view;
  auto message = AMessage(1, 3, {ATrial(9, pb::Trial::ACTIVE, 1, {})});
  message.mutable_status()->mutable_study()->set_state(pb::Study::COMPLETED);
  EXPECT_THAT(view.Update(message).study,
              ElementsAre("kws  COMPLETED  3/24 trials [###.....................]  1 running"));
  EXPECT_TRUE(view.finished());
}

TEST(CutTo, CountsCharactersNotBytes) {
  EXPECT_EQ(CutTo("abcdef", 0), "abcdef");
  EXPECT_EQ(CutTo("abcdef", 6), "abcdef");
  EXPECT_EQ(CutTo("abcdefg", 6), "abc...");
  EXPECT_EQ(CutTo("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 6),
            "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9");
  EXPECT_EQ(CutTo("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9x", 6), "\xc3\xa9\xc3\xa9\xc3\xa9...");
}

}  // namespace
}  // namespace photinus
