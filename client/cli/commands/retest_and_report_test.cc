#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "client/cli/application_fixture.h"
#include "client/cli/report/study_results.h"
#include "common/base/errors.h"
#include "common/study_document/problem_entries.h"
#include "common/study_document/trial_role.h"
#include "gmock/gmock.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class RetestAndReportTest : public ApplicationTest {
 protected:
  RetestAndReportTest() {
    Trials() = {FinishedTrial(1, 0.5, 0.1, "a"), FinishedTrial(2, 0.9, 0.2, "b"), FinishedTrial(3, 0.7, 0.3, "c"),
                FinishedTrial(4, 0.8, 0.4, "d")};
    client_.studies["owners/ada/studies/kws"].mutable_study()->set_state(pb::Study::COMPLETED);
  }
  std::vector<pb::Trial>& Trials() { return client_.trials["owners/ada/studies/kws"]; }

  // What the added trials repeat, or the network that they train.
  std::vector<std::string> Added() const {
    std::vector<std::string> added;
    for (const pb::Trial& trial : client_.added) {
      added.push_back(RoleOf(trial) == kRetestRole ? RepeatedBy(trial) : BaselineOf(trial));
    }
    return added;
  }

  // What `study report` with these options writes as Markdown.
  std::string Report(const std::vector<std::string>& options) {
    const std::string folder = ::testing::TempDir() + "/study_retest_test_markdown";
    std::vector<std::string> arguments = {"study", "report", "kws", "--output", folder};
    arguments.insert(arguments.end(), options.begin(), options.end());
    EXPECT_EQ(Run(arguments), kExitOk) << console_.notes;
    std::ostringstream text;
    text << std::ifstream(folder + "/report.md").rdbuf();
    std::filesystem::remove_all(folder);
    return text.str();
  }
};

TEST_F(RetestAndReportTest, RepeatsTheBestOfACompletedStudy) {
  EXPECT_EQ(Run({"study", "retest", "kws", "--top", "2", "--repeats", "2"}), kExitOk) << console_.notes;
  EXPECT_THAT(Added(), ElementsAre("2", "2", "4", "4"));
  EXPECT_EQ(client_.added[0].parameters_size(), 2);
  EXPECT_EQ(client_.added[0].parameters(0).value().number_value(), 0.2);
  EXPECT_THAT(client_.calls, ::testing::Contains("ACTIVE owners/ada/studies/kws"));
  EXPECT_THAT(console_.notes, HasSubstr("4 trials added, for 2 of each: trial 2, trial 4"));
}

TEST_F(RetestAndReportTest, RefusesMoreThanAThousandTrialsBeforeTheFirst) {
  EXPECT_EQ(Run({"study", "retest", "kws", "--top", "2", "--repeats", "400", "--baselines", "mobilenet_v2"}),
            kExitUsage);
  EXPECT_THAT(console_.notes, HasSubstr("--repeats: 1200 trials would be added; at most 1000 are at once"));
  EXPECT_EQ(Run({"study", "retest", "kws", "--top", "1", "--repeats", "9223372036854775807"}), kExitUsage);
  EXPECT_TRUE(client_.added.empty());
}

TEST_F(RetestAndReportTest, SaysHowFarItIs) {
  EXPECT_EQ(Run({"study", "retest", "kws", "--top", "2", "--repeats", "125"}), kExitOk) << console_.notes;
  EXPECT_EQ(client_.added.size(), 250u);
  EXPECT_THAT(console_.notes, HasSubstr("100 of 250 trials added\n200 of 250 trials added\n"));
}

TEST_F(RetestAndReportTest, AddsOnlyWhatIsMissing) {
  pb::Trial retest = FinishedTrial(5, 0.99, 0.2, "b");
  SetRole(kRetestRole, "2", retest);
  pb::Trial failed = retest;
  failed.set_id("6");
  failed.set_state(pb::Trial::INFEASIBLE);
  Trials().push_back(retest);
  Trials().push_back(failed);
  EXPECT_EQ(Run({"study", "retest", "kws", "--top", "1", "--repeats", "3"}), kExitOk) << console_.notes;
  EXPECT_THAT(Added(), ElementsAre("2", "2")) << "one is there, and is not itself the best trial";
}

TEST_F(RetestAndReportTest, LeavesAStudyCompletedWhereNothingIsMissing) {
  Trials().push_back(FinishedTrial(5, 0.99, 0.2, "b"));
  SetRole(kRetestRole, "2", Trials().back());
  EXPECT_EQ(Run({"study", "retest", "kws", "--top", "1", "--repeats", "1"}), kExitOk) << console_.notes;
  EXPECT_TRUE(client_.added.empty());
  EXPECT_EQ(client_.studies["owners/ada/studies/kws"].study().state(), pb::Study::COMPLETED);
}

TEST_F(RetestAndReportTest, RepeatsTheTrialsThatAreNamed) {
  EXPECT_EQ(Run({"study", "retest", "kws", "--trials", "3,1,3", "--repeats", "1"}), kExitOk) << console_.notes;
  EXPECT_THAT(Added(), ElementsAre("3", "1"));
  EXPECT_EQ(Run({"study", "retest", "kws", "--trials", "3,9"}), kExitUsage);
  EXPECT_THAT(console_.notes, HasSubstr("--trials: '9' is no trial of the search that succeeded"));
}

TEST_F(RetestAndReportTest, RepeatsOnlyWhatTheFilterLetsThrough) {
  client_.matching = {"1", "3"};
  EXPECT_EQ(Run({"study", "retest", "kws", "--filter", "size < 60", "--top", "1", "--repeats", "1"}), kExitOk)
      << console_.notes;
  EXPECT_THAT(Added(), ElementsAre("3"));
  EXPECT_EQ(client_.query.filter, "size < 60");
  EXPECT_EQ(Run({"study", "retest", "kws", "--filter", "size < 60", "--trials", "2"}), kExitUsage);
  EXPECT_THAT(console_.notes, HasSubstr("'2' is no trial of the search that succeeded and fits size < 60"));
  client_.matching->clear();
  EXPECT_NE(Run({"study", "retest", "kws", "--filter", "size < 1"}), kExitOk);
  EXPECT_THAT(console_.notes, HasSubstr("has no trial to repeat that has a final reward and fits size < 1"));
}

// What violates an outcome constraint is no solution, however good it is.
TEST_F(RetestAndReportTest, RepeatsOnlyWhatSatisfiesTheStudysConstraints) {
  pb::StudySpec& spec = *client_.studies["owners/ada/studies/kws"].mutable_study()->mutable_study_spec();
  pb::KeyValue& entry = *spec.add_metadata();
  entry.set_ns(kDocumentNamespace);
  entry.set_key("study");
  entry.set_value(R"({"outcome_constraints": ["size <= 60", "`a b` < 1"]})");
  client_.matching = {"1", "3"};
  EXPECT_EQ(Run({"study", "retest", "kws", "--top", "1", "--repeats", "1"}), kExitOk) << console_.notes;
  EXPECT_THAT(Added(), ElementsAre("3"));
  EXPECT_EQ(client_.query.filter, "size <= 60 and `a b` < 1");
  EXPECT_EQ(Run({"study", "retest", "kws", "--filter", "x < 1 or y < 1", "--repeats", "1"}), kExitOk) << console_.notes;
  EXPECT_EQ(client_.query.filter, "size <= 60 and `a b` < 1 and (x < 1 or y < 1)");
}

// A safety metric is no objective, and what is not safe wins nothing.
TEST_F(RetestAndReportTest, TakesTheBestOfTheSafeTrials) {
  pb::StudySpec& spec = *client_.studies["owners/ada/studies/kws"].mutable_study()->mutable_study_spec();
  spec.mutable_metrics(0)->set_metric_id("y");
  pb::StudySpec::MetricSpec& unsafe = *spec.add_metrics();
  unsafe.set_metric_id("unsafe");
  unsafe.set_goal(pb::StudySpec::MetricSpec::MINIMIZE);
  unsafe.mutable_safety_config()->set_safety_threshold(0);
  Trials() = {FinishedTrial(3, 0, 0.1, "a"), FinishedTrial(5, 0, 0.2, "b")};
  for (const int i : {0, 1}) {
    AddMetric(*Trials()[i].mutable_final_measurement(), "y", i == 0 ? 7 : 9);
    AddMetric(*Trials()[i].mutable_final_measurement(), "unsafe", i);
  }
  client_.matching = {"3"};
  EXPECT_EQ(Run({"study", "retest", "kws", "--top", "1", "--repeats", "1"}), kExitOk) << console_.notes;
  EXPECT_THAT(Added(), ElementsAre("3"));
  EXPECT_EQ(client_.query.filter, "`unsafe` <= 0.0");
  const std::string report = Report({});
  EXPECT_THAT(report, HasSubstr("| trial 3 | 1 | 7 |"));
  EXPECT_THAT(report, HasSubstr("The winner among those with"));
  EXPECT_THAT(report, Not(HasSubstr("trial 5")));
  unsafe.set_goal(pb::StudySpec::MetricSpec::MAXIMIZE);
  unsafe.mutable_safety_config()->set_safety_threshold(-0.25);
  Report({"--filter", "y < 8 or y > 9"});
  EXPECT_EQ(client_.query.filter, "`unsafe` >= -0.25 and (y < 8 or y > 9)");
}

TEST_F(RetestAndReportTest, TrainsPublishedNetworksTheSameWay) {
  EXPECT_EQ(Run({"study", "retest", "kws", "--top", "1", "--repeats", "1", "--baselines",
                 "mobilenet_v2,tc_resnet8_1.0,mobilenet_v2"}),
            kExitOk)
      << console_.notes;
  EXPECT_THAT(Added(), ElementsAre("2", "mobilenet_v2", "tc_resnet8_1.0"));
  EXPECT_EQ(client_.added[1].parameters_size(), 0);
  EXPECT_EQ(Run({"study", "retest", "kws", "--baselines", "mobilenet_v3"}), kExitUsage);
  EXPECT_THAT(console_.notes, HasSubstr("--baselines: unknown network 'mobilenet_v3'"));
}

TEST_F(RetestAndReportTest, WaitsForTheEndOfTheSearch) {
  client_.studies["owners/ada/studies/kws"].mutable_study()->set_state(pb::Study::ACTIVE);
  EXPECT_NE(Run({"study", "retest", "kws"}), kExitOk);
  EXPECT_THAT(console_.notes, HasSubstr("still searches; wait until it has completed"));
  EXPECT_TRUE(client_.added.empty());
}

// A paused study drains, too, but its search goes on when it is resumed.
TEST_F(RetestAndReportTest, TakesNoPauseForTheEndOfTheSearch) {
  v1::StudyStatus& study = client_.studies["owners/ada/studies/kws"];
  study.mutable_study()->set_state(pb::Study::ACTIVE);
  study.set_draining(true);
  study.set_paused(true);
  EXPECT_NE(Run({"study", "retest", "kws"}), kExitOk);
  EXPECT_THAT(console_.notes,
              HasSubstr("is paused, and its search is not over; let it go on: photinus study resume kws, "
                        "or end it: photinus study stop kws"));
  EXPECT_TRUE(client_.added.empty());
  study.set_paused(false);
  EXPECT_EQ(Run({"study", "retest", "kws", "--top", "1", "--repeats", "1"}), kExitOk) << console_.notes;
}

TEST_F(RetestAndReportTest, TheReportIsAFolderOfFiles) {
  const std::string folder = ::testing::TempDir() + "/study_retest_test_report";
  std::filesystem::remove_all(folder);
  EXPECT_EQ(Run({"study", "report", "kws", "--output", folder}), kExitOk) << console_.notes;
  EXPECT_EQ(console_.out, folder + "/report.html\n");
  for (const char* file : {"report.md", "report.html", "progress.svg"}) {
    EXPECT_GT(std::filesystem::file_size(folder + "/" + file), 0) << file;
  }
  console_.out.clear();
  EXPECT_EQ(Run({"study", "report", "kws", "--output", folder, "-o", "json"}), kExitOk) << console_.notes;
  EXPECT_EQ(nlohmann::json::parse(console_.out), (nlohmann::json{{"study", "kws"}, {"path", folder + "/report.html"}}));
  std::filesystem::remove_all(folder);
}

TEST_F(RetestAndReportTest, TheReportsWinnerFitsTheFilter) {
  client_.matching = {"3", "4"};
  EXPECT_THAT(Report({"--filter", "size < 60"}), HasSubstr("The winner among those with size \\< 60: trial 4"));
}

TEST_F(RetestAndReportTest, AWrongFilterLeavesNoFolder) {
  client_.query_failure = FieldError("filter", "column 6: expected a value, found the end");
  const std::string folder = ::testing::TempDir() + "/study_retest_test_wrong_filter";
  EXPECT_EQ(Run({"study", "report", "kws", "--output", folder, "--filter", "size <"}), kExitUsage);
  EXPECT_THAT(console_.notes, HasSubstr("--filter: column 6: expected a value, found the end"));
  EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST_F(RetestAndReportTest, SaysWhyAReportCannotBeWritten) {
  const std::string folder = ::testing::TempDir() + "/study_retest_test_in_the_way";
  std::filesystem::create_directories(folder + "/report.md");
  EXPECT_NE(Run({"study", "report", "kws", "--output", folder}), kExitOk);
  EXPECT_THAT(console_.notes, HasSubstr(folder + "/report.md cannot be written: Is a directory"));
  std::filesystem::remove_all(folder);
}

TEST_F(RetestAndReportTest, AReportNeedsATrial) {
  Trials().clear();
  EXPECT_NE(Run({"study", "report", "kws"}), kExitOk);
  EXPECT_THAT(console_.notes, HasSubstr("has no trial yet that succeeded"));
}

TEST_F(RetestAndReportTest, OfSeveralObjectivesAsksForTheTrials) {
  client_.studies["owners/ada/studies/kws"].mutable_study()->mutable_study_spec()->add_metrics()->set_metric_id("mj");
  EXPECT_NE(Run({"study", "retest", "kws"}), kExitOk);
  EXPECT_THAT(console_.notes, HasSubstr("--trials: is required, such as --trials 3,7: the study has 2 objectives"));
}

}  // namespace
}  // namespace photinus
