// What the `trial` commands ask of the server, print and write.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/cli/application_fixture.h"
#include "common/base/errors.h"
#include "common/study_document/stop_entry.h"

namespace photinus {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST_F(ApplicationTest, ListsTrialsAsATable) {
  EXPECT_EQ(Run({"trial", "list", "kws"}), kExitOk);
  EXPECT_EQ(console_.out,
            "TRIAL  STATE      STEP  reward  accuracy    lr  stem      SECONDS  CLIENT\n"
            "    3  SUCCEEDED    12     0.5      0.75   0.1  spectral     12.5  w1.0\n"
            "    7  SUCCEEDED    12    0.85      0.75  0.01  temporal     12.5  w1.0\n");
}

TEST_F(ApplicationTest, ListsTrialsAsCsvWithEveryColumn) {
  EXPECT_EQ(Run({"trial", "list", "kws", "-o", "csv"}), kExitOk);
  EXPECT_EQ(console_.out,
            "name,id,state,client_id,step,metrics.accuracy,metrics.reward,parameters.lr,parameters.stem,started,ended,"
            "seconds,infeasible_reason,stop.outcome,stop.step,stop.horizon,stop.metric,stop.predicted_final,"
            "stop.predicted_stddev,stop.reference,stop.reason\n"
            "owners/ada/studies/kws/trials/3,3,SUCCEEDED,w1.0,12,0.75,0.5,0.1,spectral,2023-11-14T22:13:20Z,"
            "2023-11-14T22:13:32Z,12.5,,,,,,,,,\n"
            "owners/ada/studies/kws/trials/7,7,SUCCEEDED,w1.0,12,0.75,0.85,0.01,temporal,2023-11-14T22:13:20Z,"
            "2023-11-14T22:13:32Z,12.5,,,,,,,,,\n");
}

TEST_F(ApplicationTest, ShowsThatATrialWasStopped) {
  v1::StopDecision decision;
  decision.set_outcome(v1::StopDecision::STOPPED);
  decision.set_reason("no chance");
  decision.set_step(5);
  decision.set_metric("reward");
  decision.set_predicted_final(0.5);
  decision.set_predicted_stddev(0.125);
  *client_.trials["owners/ada/studies/kws"].back().add_metadata() = *StopEntry(decision);
  EXPECT_EQ(Run({"trial", "list", "kws"}), kExitOk);
  EXPECT_THAT(console_.out, HasSubstr("STOP     PREDICTED     +-  SECONDS"));
  EXPECT_THAT(console_.out, HasSubstr("-                -      -     12.5"));
  EXPECT_THAT(console_.out, HasSubstr("STOPPED        0.5  0.125     12.5"));
  EXPECT_EQ(Run({"trial", "list", "kws", "-o", "csv"}), kExitOk);
  EXPECT_THAT(console_.out, HasSubstr("infeasible_reason,stop.outcome,stop.step,stop.horizon,stop.metric,"
                                      "stop.predicted_final,stop.predicted_stddev,stop.reference,stop.reason\n"));
  EXPECT_THAT(console_.out, HasSubstr("12.5,,,,,,,,,\n"));
  EXPECT_THAT(console_.out, HasSubstr("12.5,,STOPPED,5,,reward,0.5,0.125,,no chance\n"));
}

TEST_F(ApplicationTest, HandsFilterSortAndLimitToTheServer) {
  EXPECT_EQ(
      Run({"trial", "list", "kws", "--filter", "accuracy > 0.9 and memory_kb < 60", "--sort", "-reward", "-n", "10"}),
      kExitOk);
  EXPECT_EQ(client_.query.filter, "accuracy > 0.9 and memory_kb < 60");
  EXPECT_EQ(client_.query.order_by, "-reward");
  EXPECT_EQ(client_.query.limit, 10);
}

TEST_F(ApplicationTest, AMistakeInAFilterNamesTheOption) {
  client_.failure = FieldError("filter", "column 3: expected a value, found the end");
  EXPECT_EQ(Run({"trial", "list", "kws", "--filter", "a >"}), kExitUsage);
  EXPECT_EQ(console_.notes, "photinus: --filter: column 3: expected a value, found the end\n");
}

TEST_F(ApplicationTest, ShowsATrialWithCurveAttemptsAndArtifacts) {
  client_.artifacts = {{"model.tflite", "TFL3"}};
  client_.attempts.emplace_back().set_attempt(1);
  client_.attempts[0].set_client_id("w2.1");
  client_.attempts[0].set_outcome("crashed");
  client_.attempts[0].set_cause("ended by signal 9");
  EXPECT_EQ(Run({"trial", "show", "kws", "7"}), kExitOk);
  EXPECT_EQ(console_.out,
            "name               owners/ada/studies/kws/trials/7\n"
            "id                 7\n"
            "state              SUCCEEDED\n"
            "client_id          w1.0\n"
            "step               12\n"
            "metrics.accuracy   0.75\n"
            "metrics.reward     0.85\n"
            "parameters.lr      0.01\n"
            "parameters.stem    temporal\n"
            "started            2023-11-14T22:13:20Z\n"
            "ended              2023-11-14T22:13:32Z\n"
            "seconds            12.5\n"
            "infeasible_reason  -\n"
            "metadata           -\n"
            "\n"
            "measurements\n"
            "  step  elapsed  metrics.accuracy\n"
            "     1        -              0.25\n"
            "    12        9              0.75\n"
            "\n"
            "attempts\n"
            "  attempt  client_id  outcome  cause              ended  measurements\n"
            "        1  w2.1       crashed  ended by signal 9      -             0\n"
            "\n"
            "artifacts\n"
            "  name          size  sha256\n"
            "  model.tflite     4  abc\n");
}

TEST_F(ApplicationTest, ShowsWhatCameAfterALeaseWasGone) {
  client_.attempts.resize(3);
  AddMetric(*client_.attempts[1].mutable_late_result(), "infeasible_reason", 0.5);
  client_.attempts[2].set_late_infeasible(true);
  client_.attempts[2].set_late_infeasible_reason("too big");
  EXPECT_EQ(Run({"trial", "show", "kws", "7", "-o", "json"}), kExitOk);
  const auto attempts = nlohmann::json::parse(console_.out)["attempts"];
  EXPECT_EQ(attempts[0]["late_result"], nlohmann::json::object());
  EXPECT_EQ(attempts[1]["late_result"],
            (nlohmann::json{{"metrics", {{"infeasible_reason", 0.5}}}, {"infeasible_reason", nullptr}}));
  EXPECT_EQ(attempts[2]["late_result"],
            (nlohmann::json{{"metrics", nlohmann::json::object()}, {"infeasible_reason", "too big"}}));
}

TEST_F(ApplicationTest, ExplainsATrial) {
  v1::Explanation& explanation = *client_.explained.mutable_explanation();
  explanation.set_arm("log_ei");
  explanation.set_text("GP on 6 trials");
  explanation.set_acquisition(-1.25);
  explanation.set_milliseconds(3.25);
  client_.explained.set_stop_reason("worse than the median");
  explanation.add_predictions();  // without a model
  auto& prediction = *explanation.add_predictions();
  prediction.set_metric("reward");
  prediction.set_median(0.5);
  prediction.set_lower(0.25);
  prediction.set_upper(INFINITY);
  auto& near = *client_.explained.add_nearest();
  near.set_trial("owners/ada/studies/kws/trials/3");
  near.set_distance(0.125);
  near.set_state(pb::Trial::SUCCEEDED);
  near.add_objectives()->set_metric_id("reward");
  near.mutable_objectives(0)->set_value(0.5);
  EXPECT_EQ(Run({"trial", "show", "kws", "7", "--explain"}), kExitOk);
  EXPECT_THAT(console_.out, HasSubstr("explanation.algorithm     DEFAULT\n"
                                      "explanation.arm           log_ei\n"
                                      "explanation.text          GP on 6 trials\n"
                                      "explanation.acquisition   -1.25\n"
                                      "explanation.milliseconds  3.25\n"
                                      "explanation.ahead         no\n"
                                      "explanation.stop_reason   worse than the median\n"));
  EXPECT_THAT(console_.out, HasSubstr("explanation.predictions\n"
                                      "  metric  median  lower  upper\n"
                                      "  reward     0.5   0.25      -\n"));
  EXPECT_THAT(console_.out, HasSubstr("explanation.nearest\n"
                                      "  trial  distance  state      objectives.reward\n"
                                      "      3     0.125  SUCCEEDED                0.5\n"));
  EXPECT_EQ(Run({"trial", "show", "kws", "7", "--explain", "-o", "json"}), kExitOk);
  EXPECT_EQ(nlohmann::json::parse(console_.out)["explanation"]["predictions"][0]["median"], 0.5);
}

TEST_F(ApplicationTest, SaysWhereNoExplanationWasKept) {
  EXPECT_EQ(Run({"trial", "show", "kws", "7", "--explain", "-o", "json"}), kExitOk);
  const nlohmann::json explanation = nlohmann::json::parse(console_.out)["explanation"];
  EXPECT_TRUE(explanation["arm"].is_null());
  EXPECT_EQ(explanation["text"], "none was kept, as of trials that are made by hand");
  EXPECT_EQ(Run({"trial", "show", "kws", "7", "-o", "json"}), kExitOk);
  EXPECT_FALSE(nlohmann::json::parse(console_.out).contains("explanation")) << "only where it is asked for";
}

TEST_F(ApplicationTest, ATrialThatIsNotThereIsNotFound) {
  EXPECT_EQ(Run({"trial", "show", "kws", "99"}), kExitNotFound);
}

TEST_F(ApplicationTest, PrintsTheBestTrial) {
  EXPECT_EQ(Run({"trial", "best", "kws"}), kExitOk);
  EXPECT_THAT(console_.out, HasSubstr("metrics.reward     0.85\n"));
  EXPECT_EQ(Run({"trial", "best", "kws", "-o", "json"}), kExitOk);
  EXPECT_EQ(nlohmann::json::parse(console_.out)[0]["id"], 7);
}

TEST_F(ApplicationTest, PrintsAParetoFrontAsATable) {
  client_.optimal.push_back(FinishedTrial(9, 0.6, 0.2, "temporal"));
  EXPECT_EQ(Run({"trial", "best", "kws"}), kExitOk);
  EXPECT_THAT(console_.out, StartsWith("TRIAL  STATE "));
}

TEST_F(ApplicationTest, AStudyWithoutAFinishedTrialHasNoBest) {
  client_.optimal.clear();
  client_.studies["owners/ada/studies/kws"].set_succeeded(0);
  EXPECT_EQ(Run({"trial", "best", "kws"}), kExitNotFound);
  EXPECT_EQ(console_.notes, "photinus: owners/ada/studies/kws has no finished trial yet\n");
  EXPECT_EQ(Run({"trial", "fetch", "kws", "best"}), kExitNotFound);
  client_.studies["owners/ada/studies/kws"].set_infeasible(3);
  EXPECT_EQ(Run({"trial", "best", "kws"}), kExitNotFound);
  EXPECT_EQ(console_.notes, "photinus: owners/ada/studies/kws has only infeasible trials yet: 3\n");
}

TEST_F(ApplicationTest, AStudyWhoseObjectiveNeverCameSaysWhatCame) {
  client_.optimal.clear();
  client_.studies["owners/ada/studies/kws"].set_succeeded(1);
  pb::Trial trial = FinishedTrial(1, 0, 0.1, "temporal");
  trial.mutable_final_measurement()->clear_metrics();
  AddMetric(*trial.mutable_final_measurement(), "loss", 0.5);
  client_.trials["owners/ada/studies/kws"] = {trial};
  EXPECT_EQ(Run({"trial", "best", "kws"}), kExitNotFound);
  EXPECT_EQ(console_.notes,
            "photinus: owners/ada/studies/kws has 1 finished trial, none with a finite 'reward', which it optimises; "
            "seen: accuracy, loss\n");
  EXPECT_EQ(client_.query.filter, "state = 'SUCCEEDED'");
}

TEST_F(ApplicationTest, AStudyWithoutABestTrialThoughAllHaveTheirObjectivesNamesItsConstraints) {
  client_.optimal.clear();
  client_.studies["owners/ada/studies/kws"].set_succeeded(1);
  pb::Trial trial = FinishedTrial(1, 0, 0.1, "temporal");
  AddMetric(*trial.mutable_final_measurement(), "reward", 0.5);
  client_.trials["owners/ada/studies/kws"] = {trial};
  EXPECT_EQ(Run({"trial", "best", "kws"}), kExitNotFound);
  EXPECT_EQ(console_.notes,
            "photinus: owners/ada/studies/kws has 1 finished trial, none that satisfies all constraints\n");
}

class FetchTest : public ApplicationTest {
 protected:
  FetchTest() : folder_(::testing::TempDir() + "/application_test_fetch") { std::filesystem::remove_all(folder_); }
  ~FetchTest() override { std::filesystem::remove_all(folder_); }

  static std::string Content(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  const std::string folder_;
};

TEST_F(FetchTest, WritesEveryArtifactIntoTheFolder) {
  client_.artifacts = {{"model.tflite", "TFL3"}, {"profile.json", "{}"}};
  EXPECT_EQ(Run({"trial", "fetch", "kws", "best", "-o", folder_}), kExitOk);
  EXPECT_EQ(Content(folder_ + "/model.tflite"), "TFL3");
  EXPECT_EQ(Content(folder_ + "/profile.json"), "{}");
  EXPECT_EQ(console_.out, absl::StrCat("ARTIFACT      PATH\nmodel.tflite  ", folder_, "/model.tflite\nprofile.json  ",
                                       folder_, "/profile.json\n"));
  EXPECT_THAT(client_.calls, Contains("fetch owners/ada/studies/kws/trials/7 model.tflite"));
}

TEST_F(FetchTest, WritesOneArtifact) {
  client_.artifacts = {{"model.tflite", "TFL3"}, {"profile.json", "{}"}};
  EXPECT_EQ(Run({"trial", "fetch", "kws", "3", "--artifact", "profile.json", "-o", folder_, "--output", "json"}),
            kExitOk);
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/model.tflite"));
  EXPECT_EQ(nlohmann::json::parse(console_.out)[0]["path"], folder_ + "/profile.json");
}

TEST_F(FetchTest, SaysWhichArtifactsThereAre) {
  client_.artifacts = {{"model.tflite", "TFL3"}, {"profile.json", "{}"}};
  EXPECT_EQ(Run({"trial", "fetch", "kws", "3", "--artifact", "model", "-o", folder_}), kExitNotFound);
  EXPECT_EQ(console_.notes,
            "photinus: owners/ada/studies/kws/trials/3 has no artifact 'model'; it has model.tflite, profile.json\n");
  client_.artifacts.clear();
  EXPECT_EQ(Run({"trial", "fetch", "kws", "3", "-o", folder_}), kExitNotFound);
  EXPECT_FALSE(std::filesystem::exists(folder_));
}

TEST_F(FetchTest, NeverWritesOutsideTheFolder) {
  for (const char* name : {"../evil", "/etc/evil", "..", ".", "a/b", ".bashrc", "a\nb"}) {
    client_.artifacts = {{name, "x"}};
    EXPECT_EQ(Run({"trial", "fetch", "kws", "3", "-o", folder_}), kExitOther) << name;
    EXPECT_TRUE(!std::filesystem::exists(folder_) || std::filesystem::is_empty(folder_)) << name;
  }
}

TEST_F(FetchTest, FetchesNothingBesideANameThatLeadsOut) {
  client_.artifacts = {{"a", "x"}, {"b/../c", "x"}};
  EXPECT_EQ(Run({"trial", "fetch", "kws", "3", "-o", folder_}), kExitOther);
  EXPECT_FALSE(std::filesystem::exists(folder_));
  EXPECT_EQ(Run({"trial", "fetch", "kws", "3", "--artifact", "a", "-o", folder_}), kExitOk);
  EXPECT_EQ(Content(folder_ + "/a"), "x");
}

TEST_F(ApplicationTest, PrintsTheLogOfATrial) {
  client_.artifacts = {{"log.txt", "epoch 1\n\x1b[31mred\n"}};
  EXPECT_EQ(Run({"trial", "logs", "kws", "7"}), kExitOk);
  EXPECT_EQ(console_.out, "epoch 1\n\x1b[31mred\n");
  console_.terminal = true;
  EXPECT_EQ(Run({"trial", "logs", "kws", "7"}), kExitOk);
  EXPECT_EQ(console_.out, "epoch 1\n?[31mred\n");
}

TEST_F(ApplicationTest, ATrialWithoutALogSaysWhenItComes) {
  EXPECT_EQ(Run({"trial", "logs", "kws", "7"}), kExitNotFound);
  EXPECT_EQ(
      console_.notes,
      "photinus: owners/ada/studies/kws/trials/7 has no log; a worker stores it when the trial's process ends, and "
      "a copy of a study has it only if it was exported with --artifacts\n");
}

}  // namespace
}  // namespace photinus
