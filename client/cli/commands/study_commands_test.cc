// What the `study` commands ask of the server and print.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/application_fixture.h"
#include "common/base/errors.h"
#include "common/study_document/problem_entries.h"

namespace photinus {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class StudyFileOnDisk {
 public:
  explicit StudyFileOnDisk(const std::string& text) : path_(::testing::TempDir() + "/application_test_study.yaml") {
    std::ofstream(path_) << text;
  }
  ~StudyFileOnDisk() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

constexpr char kStudyYaml[] =
    "study: tiny\nalgorithm: RANDOM_SEARHC\nparameters: [{name: lr, type: double, min: 0.1, max: 1}]\n"
    "metrics: [{name: m, goal: maximize}]\n";

TEST_F(ApplicationTest, CreatesTheStudyOfAFile) {
  const StudyFileOnDisk file(kStudyYaml);
  EXPECT_EQ(Run({"study", "create", "-f", file.path()}), kExitOk);
  EXPECT_THAT(client_.calls, ElementsAre("create owners/ada/studies/tiny"));
  EXPECT_EQ(client_.created.parameters(0).parameter_id(), "lr");
  EXPECT_EQ(console_.out, "owners/ada/studies/tiny\n");
  EXPECT_EQ(console_.notes, "follow it with: photinus study watch tiny\n");
}

TEST_F(ApplicationTest, CreatesUnderAnotherName) {
  const StudyFileOnDisk file(kStudyYaml);
  EXPECT_EQ(Run({"study", "create", "-f", file.path(), "--name", "other", "-o", "json"}), kExitOk);
  EXPECT_EQ(console_.out,
            "{\n  \"name\": \"owners/ada/studies/other\",\n  \"owner\": \"ada\",\n  \"study\": \"other\"\n}\n");
}

TEST_F(ApplicationTest, CreatesStrictlyANewStudy) {
  const StudyFileOnDisk file(kStudyYaml);
  EXPECT_EQ(Run({"study", "create", "-f", file.path(), "--strict"}), kExitOk);
  EXPECT_THAT(client_.calls, ElementsAre("create new owners/ada/studies/tiny"));
  client_.failure = absl::AlreadyExistsError("of another server's words");
  EXPECT_EQ(Run({"study", "create", "-f", file.path(), "--strict"}), kExitOther);
  EXPECT_EQ(console_.notes,
            "photinus: owners/ada/studies/tiny exists already; give another --name, or delete it first\n");
}

TEST_F(ApplicationTest, AStudyFileWithoutANameNeedsOne) {
  const StudyFileOnDisk file("space: keywords-small\nmetrics: [{name: m, goal: maximize}]\n");
  EXPECT_EQ(Run({"study", "create", "-f", file.path()}), kExitUsage);
  EXPECT_THAT(console_.notes, HasSubstr("names no study; add it or give --name"));
}

TEST_F(ApplicationTest, AMistakeInTheStudyFileIsLocated) {
  const StudyFileOnDisk file(
      "study: s\nspace: keywords-small\nmetrics: [{name: m, goal: maximize}]\nbudget: {trails: 3}");
  EXPECT_EQ(Run({"study", "create", "-f", file.path()}), kExitUsage);
  EXPECT_EQ(console_.notes,
            absl::StrCat("photinus: ", file.path(), ":4: budget.trails: unknown key; did you mean 'trials'?\n"));
  EXPECT_THAT(client_.calls, IsEmpty());
}

TEST_F(ApplicationTest, AStudysNameInTheFileIsLocatedToo) {
  const StudyFileOnDisk file("seed: 1\nstudy: a/b\nspace: keywords-small\nmetrics: [{name: m, goal: maximize}]\n");
  EXPECT_EQ(Run({"study", "create", "-f", file.path()}), kExitUsage);
  EXPECT_EQ(console_.notes, absl::StrCat("photinus: ", file.path(), ":2: study: 'a/b' must not contain '/'\n"));
}

TEST_F(ApplicationTest, AMistakeThatTheServerFindsIsLocatedToo) {
  const StudyFileOnDisk file(kStudyYaml);
  client_.failure = FieldError("study.study_spec.algorithm", "unknown algorithm");
  EXPECT_EQ(Run({"study", "create", "-f", file.path()}), kExitUsage);
  EXPECT_EQ(console_.notes, absl::StrCat("photinus: ", file.path(), ":2: algorithm: unknown algorithm\n"));
}

TEST_F(ApplicationTest, ListsStudies) {
  client_.studies["owners/ada/studies/xor"] = AStatus("xor");
  client_.studies["owners/ada/studies/xor"].set_paused(true);
  client_.studies["owners/ada/studies/xor"].clear_best();
  client_.studies["owners/bob/studies/his"] = AStatus("his");
  EXPECT_EQ(Run({"study", "list"}), kExitOk);
  EXPECT_EQ(console_.out,
            "STUDY  STATE   SUCCEEDED  INFEASIBLE  ACTIVE  BUDGET  BEST  CREATED\n"
            "kws    ACTIVE          2           0       2      24     7  2023-11-14T22:13:20Z\n"
            "xor    PAUSED          2           0       2      24     -  2023-11-14T22:13:20Z\n");
}

TEST_F(ApplicationTest, AnOwnerWithoutStudiesHasAnEmptyList) {
  EXPECT_EQ(Run({"study", "list", "--owner", "new", "-o", "json"}), kExitOk);
  EXPECT_EQ(console_.out, "[]\n");
  EXPECT_EQ(console_.notes, "owner new has no studies\n");
}

TEST_F(ApplicationTest, ShowsAStudyAsATable) {
  EXPECT_EQ(Run({"study", "show", "kws"}), kExitOk);
  EXPECT_THAT(console_.out, HasSubstr("state                  ACTIVE\n"));
  EXPECT_THAT(console_.out, HasSubstr("algorithm              DEFAULT\n"));
  EXPECT_THAT(console_.out, HasSubstr("\nmetrics\n  name    goal\n  reward  maximize\n"));
  EXPECT_THAT(console_.out, HasSubstr("\nparameters\n  name  type         values      min  max  scale  when.stem\n"
                                      "  stem  categorical  temporal      -    -  -      -\n"
                                      "  lr    double       -         0.001    1  log    temporal\n"));
}

TEST_F(ApplicationTest, ShowsWhichPolicySearchesForAStudy) {
  pb::KeyValue& entry =
      *client_.studies["owners/ada/studies/kws"].mutable_study()->mutable_study_spec()->add_metadata();
  entry.set_ns(kEndpointNamespace);
  entry.set_key(kEndpointKey);
  entry.set_value("brain:28090");
  EXPECT_EQ(Run({"study", "show", "kws", "-o", "json"}), kExitOk);
  EXPECT_EQ(nlohmann::json::parse(console_.out)["pythia_endpoint"], "brain:28090");
}

TEST_F(ApplicationTest, ShowsAStudyWithTheDocumentedKeys) {
  EXPECT_EQ(Run({"study", "show", "kws", "-o", "json"}), kExitOk);
  const auto json = nlohmann::ordered_json::parse(console_.out);
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  EXPECT_THAT(keys, ElementsAre("name", "owner", "study", "state", "created", "trials", "trial_budget", "best_trial",
                                "best_metrics", "algorithm", "pythia_endpoint", "document", "stopping_rule", "metrics",
                                "parameters", "best"));
  EXPECT_EQ(json["trials"]["succeeded"], 2);
  EXPECT_TRUE(json["pythia_endpoint"].is_null());
  EXPECT_EQ(json["best"][0]["metrics"]["reward"], 0.85);
}

TEST_F(ApplicationTest, StopsPausesAndResumes) {
  EXPECT_EQ(Run({"study", "stop", "kws"}), kExitOk);
  EXPECT_EQ(console_.out, "kws: DRAINING, 2 trials running\n");
  EXPECT_EQ(Run({"study", "pause", "kws"}), kExitOk);
  EXPECT_EQ(console_.out, "kws: PAUSED, 2 trials running\n");
  EXPECT_EQ(Run({"study", "resume", "kws"}), kExitOk);
  EXPECT_EQ(console_.out, "kws: ACTIVE, 2 trials running\n");
  EXPECT_THAT(client_.calls, ElementsAre("STOP owners/ada/studies/kws", "PAUSE owners/ada/studies/kws",
                                         "status owners/ada/studies/kws", "RESUME owners/ada/studies/kws"));
}

// A study of 24 trials, all of which are finished.
v1::StudyStatus ACompletedStudy() {
  v1::StudyStatus status = AStatus("kws");
  status.mutable_study()->set_state(pb::Study::COMPLETED);
  status.set_active(0);
  status.set_succeeded(24);
  return status;
}

TEST_F(ApplicationTest, ResumesAStudyThatWasStoppedBeforeItsEnd) {
  v1::StudyStatus& study = client_.studies["owners/ada/studies/kws"] = ACompletedStudy();
  study.set_succeeded(20);
  EXPECT_EQ(Run({"study", "resume", "kws"}), kExitOk) << console_.notes;
  EXPECT_EQ(console_.out, "kws: ACTIVE\n");
  EXPECT_THAT(client_.calls, ElementsAre("status owners/ada/studies/kws", "ACTIVE owners/ada/studies/kws",
                                         "RESUME owners/ada/studies/kws"));
}

TEST_F(ApplicationTest, ResumesAStudyWhoseLastTrialsWait) {
  v1::StudyStatus& study = client_.studies["owners/ada/studies/kws"] = ACompletedStudy();
  study.set_succeeded(22);
  study.set_requested(2);
  EXPECT_EQ(Run({"study", "resume", "kws"}), kExitOk) << console_.notes;
}

TEST_F(ApplicationTest, ResumeSaysHowAStudyWithoutBudgetCanGoOn) {
  client_.studies["owners/ada/studies/kws"] = ACompletedStudy();
  EXPECT_EQ(Run({"study", "resume", "kws"}), kExitOther);
  EXPECT_EQ(
      console_.notes,
      "photinus: owners/ada/studies/kws is COMPLETED and its budget of 24 trials is used up; to continue it, give "
      "it more: photinus study resume kws --budget 48\n");
  EXPECT_THAT(client_.calls, ElementsAre("status owners/ada/studies/kws"));
  EXPECT_EQ(Run({"study", "resume", "kws", "--budget", "24"}), kExitUsage);
  EXPECT_EQ(console_.notes, "photinus: --budget: must be more than 24, the trials that there are already\n");
}

TEST_F(ApplicationTest, ResumeGivesAFinishedStudyMoreTrials) {
  v1::StudyStatus& study = client_.studies["owners/ada/studies/kws"] = ACompletedStudy();
  pb::KeyValue& document = *study.mutable_study()->mutable_study_spec()->add_metadata();
  document.set_ns("photinus");
  document.set_key("study");
  document.set_value(R"({"seed": 18446744073709551615, "budget": {"trials": 24, "parallel": 2}})");
  EXPECT_EQ(Run({"study", "resume", "kws", "--budget", "30"}), kExitOk) << console_.notes;
  EXPECT_THAT(client_.calls, ElementsAre("status owners/ada/studies/kws", "ACTIVE owners/ada/studies/kws",
                                         "document owners/ada/studies/kws "
                                         R"({"seed":18446744073709551615,"budget":{"trials":30,"parallel":2}})",
                                         "RESUME owners/ada/studies/kws"));
}

TEST_F(ApplicationTest, StopNowCompletesTheStudyAtOnce) {
  EXPECT_EQ(Run({"study", "stop", "kws", "--now"}), kExitOk);
  EXPECT_THAT(client_.calls, Contains("COMPLETED owners/ada/studies/kws"));
  EXPECT_EQ(console_.out, "kws: COMPLETED, 2 trials running\n");
}

TEST_F(ApplicationTest, DeletesOnceAPersonAgrees) {
  console_.answer = "n";
  EXPECT_EQ(Run({"study", "delete", "kws"}), kExitOther);
  EXPECT_EQ(console_.question, "delete owners/ada/studies/kws with its 4 trials? [y/N]");
  EXPECT_EQ(console_.notes, "photinus: nothing was deleted\n");
  EXPECT_EQ(client_.studies.size(), 1u);
  console_.answer = "y";
  EXPECT_EQ(Run({"study", "delete", "kws"}), kExitOk);
  EXPECT_EQ(client_.studies.size(), 0u);
}

TEST_F(ApplicationTest, DeletesWithoutAskingWhenToldSo) {
  EXPECT_EQ(Run({"study", "delete", "kws", "--yes"}), kExitOk);
  EXPECT_EQ(console_.out, "deleted owners/ada/studies/kws\n");
  EXPECT_EQ(console_.question, "");
  EXPECT_EQ(Run({"study", "delete", "kws", "--yes"}), kExitNotFound);
}

TEST_F(ApplicationTest, ShowsHowMuchEachParameterMatters) {
  auto& objective = *client_.importance.add_objectives();
  objective.set_metric("reward");
  objective.set_trials(120);
  objective.set_explained(0.876);
  for (const auto& [name, main, total] :
       {std::tuple("lr", 0.5, 0.61234), std::tuple("depth", 0.1, 0.2), std::tuple("idle", 0.0, 0.0)}) {
    auto& parameter = *objective.add_parameters();
    parameter.set_parameter(name);
    parameter.set_main_effect(main);
    parameter.set_total_effect(total);
  }
  EXPECT_EQ(Run({"study", "importance", "kws", "--objective", "reward"}), kExitOk);
  EXPECT_THAT(client_.calls, ElementsAre("importance owners/ada/studies/kws reward"));
  EXPECT_EQ(console_.out,
            "OBJECTIVE  PARAMETER  ALONE  IN ALL\n"
            "reward     lr           0.5  0.6123  ##################\n"
            "reward     depth        0.1     0.2  ######\n"
            "reward     idle           0       0  .\n");
  EXPECT_EQ(console_.notes, "reward: from 120 trials, of whose variance the model explains 88 %\n");
  EXPECT_EQ(Run({"study", "importance", "kws", "-o", "csv"}), kExitOk);
  EXPECT_THAT(console_.out, HasSubstr("objective,parameter,main_effect,total_effect,trials,explained\n"
                                      "reward,lr,0.5,0.6123,120,0.876\n"));
  EXPECT_EQ(console_.notes, "");
  objective.set_explained(0.3);
  EXPECT_EQ(Run({"study", "importance", "kws"}), kExitOk);
  EXPECT_THAT(console_.notes, HasSubstr("explains 30 %: take the shares with care"));
}

TEST_F(ApplicationTest, ShowsWhatTheStoppingRuleDecided) {
  v1::StopAudit& audit = *client_.stops.mutable_audit();
  audit.set_full(30);
  audit.set_stopped(10);
  audit.set_spent(700);
  audit.set_saved(100);
  audit.set_exempt(4);
  audit.set_exempt_right(3);
  audit.set_exempt_wrong(1);
  audit.set_false_stop_rate(0.25);
  audit.set_false_stop_lower(0.04555);
  audit.set_false_stop_upper(0.69936);
  for (const bool by_rule : {true, false}) {
    auto& stop = *client_.stops.add_stops();
    stop.set_trial(by_rule ? 7 : 9);
    stop.set_state(pb::Trial::SUCCEEDED);
    v1::StopDecision& decision = *stop.mutable_decision();
    decision.set_outcome(v1::StopDecision::STOPPED);
    decision.set_reason(by_rule ? "TSGP: no chance" : "StopTrial was called");
    if (!by_rule) continue;
    decision.set_step(8);
    decision.set_horizon(20);
    decision.set_metric("reward");
    decision.set_predicted_final(0.5);
    decision.set_predicted_stddev(0.1);
    decision.set_reference(0.9);
    stop.set_final(0.25);
  }
  EXPECT_EQ(Run({"study", "stops", "kws"}), kExitOk);
  EXPECT_THAT(client_.calls, ElementsAre("stops owners/ada/studies/kws")) << "it has predicted: nothing is missing";
  EXPECT_THAT(console_.out, HasSubstr("waiting           -\n"));
  EXPECT_THAT(console_.out, HasSubstr("saved_share       0.125\n"));
  EXPECT_THAT(console_.out, HasSubstr("false_stop_upper  0.6994\n"));
  EXPECT_THAT(console_.out, HasSubstr("score_mean        -\n"));
  EXPECT_THAT(console_.out,
              HasSubstr("7  SUCCEEDED  STOPPED     8       20  reward              0.5               0.1"));
  EXPECT_EQ(Run({"study", "stops", "kws", "-o", "csv"}), kExitOk);
  EXPECT_THAT(console_.out, HasSubstr("trial,state,outcome,step,horizon,metric,predicted_final,predicted_stddev,"
                                      "reference,final,reason\n"
                                      "7,SUCCEEDED,STOPPED,8,20,reward,0.5,0.1,0.9,0.25,TSGP: no chance\n"
                                      "9,SUCCEEDED,STOPPED,,,,,,,,StopTrial was called\n"));
  EXPECT_EQ(Run({"study", "stops", "kws", "-o", "json"}), kExitOk);
  const auto json = nlohmann::json::parse(console_.out);
  EXPECT_EQ(json["exempt_wrong"], 1);
  EXPECT_EQ(json["stops"][1]["predicted_final"], nullptr);
}

// Whose reward has a curve.
pb::Trial FinishedTrialWithCurve(int id) {
  pb::Trial trial = FinishedTrial(id, 0.5, 0.1, "temporal");
  for (pb::Measurement& measurement : *trial.mutable_measurements()) AddMetric(measurement, "reward", 0.5);
  return trial;
}

TEST_F(ApplicationTest, SaysWhatTheStoppingRuleWaitsFor) {
  std::vector<pb::Trial>& trials = client_.trials["owners/ada/studies/kws"];
  trials = {FinishedTrialWithCurve(1), FinishedTrialWithCurve(2)};
  pb::StudySpec& spec = *client_.studies["owners/ada/studies/kws"].mutable_study()->mutable_study_spec();
  const auto waiting = [&] {
    EXPECT_EQ(Run({"study", "stops", "kws", "-o", "json"}), kExitOk) << console_.notes;
    return nlohmann::json::parse(console_.out)["waiting"];
  };
  EXPECT_EQ(waiting(), nullptr) << "there is no rule";
  pb::KeyValue& document = *spec.add_metadata();
  document.set_ns("photinus");
  document.set_key("study");
  document.set_value(R"({"early_stopping": {"rule": "TSGP", "horizon": 12}})");
  EXPECT_EQ(waiting(), "nothing learnt: 2 of 20 full trials");
  document.set_value(R"({"early_stopping": {"rule": "TSGP", "delta": 0.02, "horizon": 100}})");
  EXPECT_EQ(waiting(),
            "nothing learnt: 0 of 15 full trials; none of 2 came within a tenth of the horizon 100, the longest came "
            "to 12");
  document.set_value(R"({"early_stopping": {"rule": "MEDIAN", "horizon": 100}})");
  EXPECT_EQ(waiting(), nullptr) << "it predicts nothing";
  document.set_value("{}");
  spec.mutable_default_stopping_spec();
  EXPECT_EQ(waiting(), "nothing learnt: 2 of 20 full trials");
  while (trials.size() < 20) trials.push_back(FinishedTrialWithCurve(static_cast<int>(trials.size()) + 10));
  EXPECT_EQ(waiting(), nullptr);
}

// What makes a trial a full one is decided as the server does it.
TEST_F(ApplicationTest, WaitsForTheTrialsThatTheServerTakesForFull) {
  pb::StudySpec& spec = *client_.studies["owners/ada/studies/kws"].mutable_study()->mutable_study_spec();
  std::vector<pb::Trial>& trials = client_.trials["owners/ada/studies/kws"];
  pb::KeyValue& document = *spec.add_metadata();
  document.set_ns("photinus");
  document.set_key("study");
  const auto waiting = [&](const char* early_stopping) {
    document.set_value(absl::StrCat("{\"early_stopping\": ", early_stopping, "}"));
    EXPECT_EQ(Run({"study", "stops", "kws", "-o", "json"}), kExitOk) << console_.notes;
    return nlohmann::json::parse(console_.out)["waiting"];
  };
  trials.clear();
  for (int i = 1; i <= 20; ++i) {
    trials.push_back(FinishedTrialWithCurve(i));
    trials.back().mutable_measurements(1)->set_step_count(5 * i);
  }
  EXPECT_EQ(waiting(R"({"rule": "TSGP"})"), "nothing learnt: 11 of 20 full trials") << "the median is 52.5";
  EXPECT_EQ(waiting(R"({"rule": "TSGP", "horizon": 10})"), "nothing learnt: 19 of 20 full trials");
  client_.matching = {"19", "20"};
  EXPECT_EQ(waiting(R"({"rule": "DECAY_CURVE"})"), "nothing learnt: 11 of 20 full trials") << "there is no constraint";
  pb::StudySpec::MetricSpec& heat = *spec.add_metrics();
  heat.set_metric_id("heat");
  heat.mutable_safety_config()->set_safety_threshold(80);
  EXPECT_EQ(waiting(R"({"rule": "DECAY_CURVE"})"), "nothing learnt: 2 of 20 full trials that satisfy all constraints");
  EXPECT_EQ(waiting(R"({"rule": "TSGP"})"), "nothing learnt: 11 of 20 full trials") << "which learns from all";
  EXPECT_EQ(
      waiting(R"({"rule": "TSGP", "curve": "rewrd", "goal": "maximize"})"),
      "nothing learnt: 0 of 20 full trials; none of 20 has a curve, as they reported no 'rewrd' with a step before "
      "they ended");
  trials.resize(1);
  for (pb::Measurement& measurement : *trials[0].mutable_measurements()) measurement.clear_step_count();
  trials[0].mutable_measurements(1)->mutable_elapsed_duration()->set_seconds(0);
  trials[0].mutable_measurements(1)->mutable_elapsed_duration()->set_nanos(950'000'000);
  EXPECT_EQ(waiting(R"({"rule": "TSGP", "horizon": 1})"), "nothing learnt: 1 of 20 full trials");
}

TEST_F(ApplicationTest, ShowsTheStoppingRuleInForce) {
  pb::StudySpec& spec = *client_.studies["owners/ada/studies/kws"].mutable_study()->mutable_study_spec();
  const auto rule = [&] {
    EXPECT_EQ(Run({"study", "show", "kws", "-o", "json"}), kExitOk) << console_.notes;
    return nlohmann::json::parse(console_.out)["stopping_rule"];
  };
  EXPECT_EQ(rule(), nullptr);
  spec.mutable_default_stopping_spec();
  EXPECT_EQ(rule(), "TSGP");
  pb::KeyValue& endpoint = *spec.add_metadata();
  endpoint.set_ns(kEndpointNamespace);
  endpoint.set_key(kEndpointKey);
  endpoint.set_value("policy:1");
  EXPECT_EQ(rule(), nullptr) << "the policy decides";
  pb::KeyValue& document = *spec.add_metadata();
  document.set_ns("photinus");
  document.set_key("study");
  document.set_value(R"({"early_stopping": {"rule": "ASHA"}})");
  EXPECT_EQ(rule(), "ASHA");
}

TEST_F(ApplicationTest, AMistakeInAnObjectiveNamesTheOption) {
  client_.failure = FieldError("objective", "is 'x'; must be one of reward");
  EXPECT_EQ(Run({"study", "importance", "kws", "--objective", "x"}), kExitUsage);
  EXPECT_EQ(console_.notes, "photinus: --objective: is 'x'; must be one of reward\n");
}

TEST_F(ApplicationTest, ListsAllStudiesWithOneQuestion) {
  client_.studies["owners/ada/studies/other"] = AStatus("other");
  EXPECT_EQ(Run({"study", "list", "-o", "json"}), kExitOk);
  EXPECT_THAT(client_.calls, ::testing::ElementsAre("list ada"));
}

}  // namespace
}  // namespace photinus
