// `study watch` from the first message to the last.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "client/cli/application_fixture.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

v1::WatchStudyResponse AWatchMessage(pb::Study::State state, int active, std::vector<pb::Trial> changed) {
  v1::WatchStudyResponse message;
  *message.mutable_status() = AStatus("kws");
  message.mutable_status()->mutable_study()->set_state(state);
  message.mutable_status()->set_active(active);
  for (pb::Trial& trial : changed) *message.add_changed() = std::move(trial);
  return message;
}

pb::Trial ARunningTrial(int id) {
  pb::Trial trial = FinishedTrial(id, 0, 0.1, "temporal");
  trial.set_state(pb::Trial::ACTIVE);
  trial.clear_final_measurement();
  trial.clear_end_time();
  return trial;
}

TEST_F(ApplicationTest, WatchesWithPlainLinesUntilTheStudyIsCompleted) {
  client_.streams = {{{AWatchMessage(pb::Study::ACTIVE, 1, {ARunningTrial(8)}),
                       AWatchMessage(pb::Study::ACTIVE, 0, {FinishedTrial(8, 0.4, 0.1, "temporal")}),
                       AWatchMessage(pb::Study::COMPLETED, 0, {}), AWatchMessage(pb::Study::ACTIVE, 5, {})},
                      absl::InternalError("not reached")}};
  EXPECT_EQ(Run({"study", "watch", "kws"}), kExitOk);
  EXPECT_EQ(console_.out,
            "trial    8  ACTIVE      step  12  w1.0\n"
            "best so far: trial 7  reward 0.85\n"
            "kws  ACTIVE  2/24 trials [##......................]  1 running\n"
            "trial    8  SUCCEEDED   step  12  reward 0.4\n"
            "kws  COMPLETED  2/24 trials [##......................]\n");
}

TEST_F(ApplicationTest, WatchDrawsAPictureOnATerminal) {
  console_.terminal = true;
  console_.columns = 40;
  console_.rows = 24;
  client_.streams = {{{AWatchMessage(pb::Study::ACTIVE, 1, {ARunningTrial(8)}),
                       AWatchMessage(pb::Study::COMPLETED, 0, {FinishedTrial(8, 0.4, 0.1, "temporal")})},
                      absl::OkStatus()}};
  EXPECT_EQ(Run({"study", "watch", "kws"}), kExitOk);
  EXPECT_EQ(console_.out,
            "trial    8  ACTIVE      step  12  w1.0\n"
            "best so far: trial 7  reward 0.85\n"
            "kws  ACTIVE  2/24 trials [##............\n"
            "\x1b[3A\r\x1b[J"
            "trial    8  SUCCEEDED   step  12  rew...\n"
            "best so far: trial 7  reward 0.85\n"
            "kws  COMPLETED  2/24 trials [##.........\n");
}

TEST_F(ApplicationTest, WatchDrawsNothingOverItsNotes) {
  console_.terminal = true;
  console_.rows = 24;
  client_.streams = {{{AWatchMessage(pb::Study::ACTIVE, 1, {ARunningTrial(8)})}, absl::UnavailableError("gone")},
                     {{AWatchMessage(pb::Study::COMPLETED, 0, {})}, absl::OkStatus()}};
  EXPECT_EQ(Run({"study", "watch", "kws"}), kExitOk);
  EXPECT_THAT(console_.notes, HasSubstr("lost the connection"));
  EXPECT_THAT(console_.out, ::testing::Not(HasSubstr("\x1b")));
}

TEST_F(ApplicationTest, WatchFitsASmallTerminal) {
  console_.terminal = true;
  console_.rows = 6;
  std::vector<pb::Trial> trials;
  for (int id = 1; id <= 20; ++id) trials.push_back(ARunningTrial(id));
  client_.streams = {{{AWatchMessage(pb::Study::ACTIVE, 20, trials)}, absl::CancelledError("Ctrl-C")}};
  EXPECT_EQ(Run({"study", "watch", "kws"}), kExitInterrupted);
  EXPECT_THAT(console_.out, HasSubstr("(18 more trials are running)\ntrial   19 "));
}

TEST_F(ApplicationTest, WatchGoesOnAfterALostConnectionAndMissesNothing) {
  v1::WatchStudyResponse before = AWatchMessage(pb::Study::ACTIVE, 2, {ARunningTrial(8), ARunningTrial(9)});
  before.set_whole(true);
  before.set_uid(5);
  before.set_version(40);
  v1::WatchStudyResponse after = AWatchMessage(
      pb::Study::ACTIVE, 1,
      {FinishedTrial(8, 0.4, 0.1, "temporal"), ARunningTrial(9), FinishedTrial(10, 0.3, 0.1, "temporal")});
  for (const int attempt : {1, 2, 1}) after.add_attempts(attempt);
  client_.streams = {{{before}, absl::UnavailableError("gone")},
                     {{}, absl::UnavailableError("still away")},
                     {{after, AWatchMessage(pb::Study::COMPLETED, 0, {})}, absl::OkStatus()}};
  EXPECT_EQ(Run({"study", "watch", "kws"}), kExitOk);
  EXPECT_THAT(client_.calls,
              ElementsAre("watch owners/ada/studies/kws", "reconnect", "watch owners/ada/studies/kws from 5:40",
                          "reconnect", "watch owners/ada/studies/kws from 5:40"));
  EXPECT_EQ(console_.notes, "lost the connection to the server; trying again\nconnected again\n");
  EXPECT_EQ(console_.out,
            "trial    8  ACTIVE      step  12  w1.0\n"
            "trial    9  ACTIVE      step  12  w1.0\n"
            "best so far: trial 7  reward 0.85\n"
            "kws  ACTIVE  2/24 trials [##......................]  2 running\n"
            "trial    8  SUCCEEDED   step  12  reward 0.4\n"
            "trial   10  SUCCEEDED   step  12  reward 0.3\n"
            "trial    9  ACTIVE      step  12  w1.0  attempt 2\n"
            "kws  COMPLETED  2/24 trials [##......................]\n");
}

TEST_F(ApplicationTest, WatchSaysThatTheStudyWasDeleted) {
  client_.streams = {{{AWatchMessage(pb::Study::ACTIVE, 1, {ARunningTrial(8)})}, absl::OkStatus()}};
  EXPECT_EQ(Run({"study", "watch", "kws"}), kExitNotFound);
  EXPECT_EQ(console_.notes, "photinus: owners/ada/studies/kws was deleted\n");
}

TEST_F(ApplicationTest, WatchGivesUpOnAServerThatNeverAnswers) {
  EXPECT_EQ(Run({"study", "watch", "kws"}), kExitUnavailable);
  EXPECT_EQ(client_.calls.size(), 61u + 60u);
}

TEST_F(ApplicationTest, WatchPrintsJsonLines) {
  client_.streams = {
      {{AWatchMessage(pb::Study::COMPLETED, 0, {FinishedTrial(8, 0.4, 0.1, "temporal")})}, absl::OkStatus()}};
  EXPECT_EQ(Run({"study", "watch", "kws", "-o", "json"}), kExitOk);
  const auto json = nlohmann::json::parse(console_.out);
  EXPECT_EQ(json["study"]["state"], "COMPLETED");
  EXPECT_EQ(json["changed"][0]["id"], 8);
}

}  // namespace
}  // namespace photinus
