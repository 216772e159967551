// Derived metrics, optima and queries: what is computed from stored values.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/study_document/problem_entries.h"
#include "server/study/derived_metrics.h"
#include "server/study/metadata.h"
#include "server/study/study_status.h"
#include "server/study/trial_batch.h"
#include "server/study/trial_lists.h"
#include "server/study/trial_query.h"
#include "server/study/trial_size.h"
#include "server/study/trial_view.h"
#include "tests/support/study_fixture.h"

namespace photinus {
namespace {

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class TrialValuesTest : public StudyFixture {
 protected:
  void Add(std::initializer_list<std::pair<std::string, double>> metrics, double x = 0.5) {
    ASSERT_OK(CreateTrial(store_, name_, ASucceededTrial({{"x", x}}, metrics)));
  }
  std::vector<std::string> Optimal() { return Ids(ListOptimalTrials(store_, tokens_, name_, 0, "")->trials); }
  static std::vector<std::string> Ids(const std::vector<pb::Trial>& trials) {
    std::vector<std::string> ids;
    for (const auto& trial : trials) ids.push_back(trial.id());
    return ids;
  }
};

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(TrialValuesTest, TheIncumbentIsTheBestAndOfEqualsTheOldest) {
  Create(AStudy("kws").WithFloat("x").WithObjective("y"));
  EXPECT_THAT(Optimal(), IsEmpty());
  Add({{"y", 1}});
  Add({{"y", 3}});
  Add({{"y", 3}});
  Add({{"y", std::nan("")}});
  Add({{"y", std::numeric_limits<double>::infinity()}});
  Add({{"other", 9}});
  EXPECT_THAT(Optimal(), ElementsAre("2"));
  ASSERT_OK(DeleteTrial(store_, {name_, 2}));
  EXPECT_THAT(Optimal(), ElementsAre("3"));
}

TEST_F(TrialValuesTest, SeveralObjectivesGiveTheParetoFront) {
  Create(AStudy("kws").WithFloat("x").WithObjective("accuracy").WithObjective("memory", false));
  Add({{"accuracy", 0.9}, {"memory", 60}});
  Add({{"accuracy", 0.8}, {"memory", 30}});
  Add({{"accuracy", 0.8}, {"memory", 40}});  // dominated by 2
  Add({{"accuracy", 0.7}, {"memory", 90}});  // dominated by all
  Add({{"accuracy", 0.9}, {"memory", 60}});  // as good as 1
  Add({{"accuracy", 0.99}});                 // incomplete
  EXPECT_THAT(Optimal(), ElementsAre("1", "2", "5"));
}

TEST_F(TrialValuesTest, OnlyWhatSatisfiesTheConstraintsIsOptimal) {
  constexpr char kDocument[] = R"({"outcome_constraints": ["size < 64", "10 >= latency"]})";
  Create(AStudy("kws").WithFloat("x").WithObjective("y").WithDocument(kDocument));
  Add({{"y", 9}, {"size", 64}, {"latency", 10}});
  Add({{"y", 8}, {"size", 63}, {"latency", 10.5}});
  Add({{"y", 7}, {"size", 63}});  // nobody knows
  Add({{"y", 6}, {"size", std::nan("")}, {"latency", 1}});
  EXPECT_THAT(Optimal(), IsEmpty());
  Add({{"y", 5}, {"size", 63}, {"latency", 10}});
  Add({{"y", 4}, {"size", 1}, {"latency", 1}});
  EXPECT_THAT(Optimal(), ElementsAre("5"));
  pb::KeyValue entry;
  entry.set_ns("photinus");
  entry.set_key("study");
  entry.set_value(R"({"outcome_constraints": ["size <= 64"]})");
  ASSERT_OK(UpdateMetadata(store_, name_, {{std::nullopt, entry}}));
  EXPECT_THAT(Optimal(), ElementsAre("1")) << "of the new constraints";
}

TEST_F(TrialValuesTest, ConstraintsKnowStaticMetricsOfStepZero) {
  Create(AStudy("kws").WithFloat("x").WithObjective("y").WithDocument(R"({"outcome_constraints": ["size <= 64"]})"));
  for (const double size : {70, 60}) {
    pb::Trial trial = ASucceededTrial({{"x", 0.5}}, {{"y", size}});
    *trial.add_measurements() = AMeasurement(0, {{"size", size}});
    ASSERT_OK(CreateTrial(store_, name_, trial));
  }
  EXPECT_THAT(Optimal(), ElementsAre("2"));
}

TEST_F(TrialValuesTest, ASafetyMetricIsNoObjectiveButAConstraint) {
  pb::Study study = AStudy("kws").WithFloat("x").WithObjective("y").Study();
  auto& heat = *study.mutable_study_spec()->add_metrics();
  heat.set_metric_id("heat");
  heat.set_goal(pb::StudySpec::MetricSpec::MINIMIZE);
  heat.mutable_safety_config()->set_safety_threshold(80);
  auto& margin = *study.mutable_study_spec()->add_metrics();
  margin.set_metric_id("margin");
  margin.mutable_safety_config();
  ASSERT_OK(CreateStudy(store_, {"ada"}, study));
  name_ = {"ada", "kws"};
  Add({{"y", 9}, {"heat", 81}, {"margin", 1}});
  Add({{"y", 8}, {"heat", 80}, {"margin", -0.1}});
  Add({{"y", 7}, {"heat", 80}, {"margin", 0}});
  Add({{"y", 6}, {"heat", 20}, {"margin", 5}});
  EXPECT_THAT(Optimal(), ElementsAre("3"));
  study.mutable_study_spec()->mutable_metrics(1)->mutable_safety_config()->set_desired_min_safe_trials_fraction(1.5);
  study.set_display_name("other");
  const auto refused = CreateStudy(store_, {"ada"}, study);
  EXPECT_EQ(refused.status().code(), kInvalid);
}

TEST_F(TrialValuesTest, DerivedMetricsAreComputedOnReplyAndANewFormulaScoresAnew) {
  Create(AStudy("kws").WithFloat("x").WithObjective("reward").WithDocument(
      R"({"metrics": [{"name": "reward", "goal": "maximize", "expression": "accuracy - memory_kb / 100"}]})"));
  Add({{"accuracy", 0.9}, {"memory_kb", 50}});
  Add({{"accuracy", 0.7}, {"memory_kb", 10}});
  EXPECT_THAT(Optimal(), ElementsAre("2"));
  EXPECT_DOUBLE_EQ(*MetricOf(Get({name_, 1}).final_measurement(), "reward"), 0.4);
  pb::KeyValue entry;
  entry.set_ns("photinus");
  entry.set_key("study");
  entry.set_value(R"({"metrics": [{"name": "reward", "goal": "maximize", "expression": "accuracy"}]})");
  ASSERT_EQ(*UpdateMetadata(store_, name_, {{std::nullopt, entry}}), "");
  EXPECT_THAT(Optimal(), ElementsAre("1"));
  EXPECT_DOUBLE_EQ(*MetricOf(Get({name_, 1}).final_measurement(), "reward"), 0.9);
}

TEST_F(TrialValuesTest, StaticMetricsOfStepZeroServeEveryMeasurement) {
  Create(AStudy("kws").WithFloat("x").WithObjective("reward").WithDocument(
      R"({"metrics": [{"name": "reward", "goal": "maximize", "expression": "accuracy - memory_kb / 100 + 0 * x"}]})"));
  const TrialName trial = Start();
  ASSERT_OK(AddMeasurement(store_, trial, AMeasurement(0, {{"memory_kb", 10}}), {}));
  ASSERT_OK(AddMeasurement(store_, trial, AMeasurement(1, {{"accuracy", 0.5}}), {}));
  ASSERT_OK(CompleteTrial(store_, trial, Completion(), {}));
  const pb::Trial view = Get(trial);
  EXPECT_FALSE(MetricOf(view.measurements(0), "reward").has_value());
  EXPECT_DOUBLE_EQ(*MetricOf(view.measurements(1), "reward"), 0.4);
  EXPECT_DOUBLE_EQ(*MetricOf(view.final_measurement(), "reward"), 0.4);
  EXPECT_THAT(Optimal(), ElementsAre("1"));
}

// The most that an attempt may have: if each measurement looked at all others, this would take minutes.
TEST_F(TrialValuesTest, DerivedMetricsOfALongCurveAreComputedInOnePass) {
  StudyProblem problem;
  problem.derived.push_back({"reward", *Expression::Parse("accuracy - memory_kb")});
  pb::Trial trial;
  for (int64_t i = 0; i < kMaxMeasurementsPerAttempt; ++i) *trial.add_measurements() = AMeasurement(0, {{"loss", 1}});
  AddDerivedMetrics(problem, trial);
  EXPECT_FALSE(MetricOf(trial.measurements(0), "reward").has_value());
  *trial.add_measurements() = AMeasurement(0, {{"accuracy", 3}});
  *trial.add_measurements() = AMeasurement(1, {{"memory_kb", 1}});
  AddDerivedMetrics(problem, trial);
  EXPECT_DOUBLE_EQ(*MetricOf(*trial.measurements().rbegin(), "reward"), 2);
}

struct QueryCase {
  std::string filter;
  std::string order_by;
  std::vector<std::string> ids;
};

TEST_F(TrialValuesTest, QueriesFilterAndSort) {
  Create(AStudy("kws").WithFloat("x").WithObjective("y"));
  Add({{"y", 3}}, 0.1);
  Add({{"y", 1}, {"memory_kb", 40}}, 0.2);
  Add({{"y", 2}, {"memory_kb", 80}}, 0.3);
  Start();
  const std::vector<QueryCase> cases = {
      {"", "", {"1", "2", "3", "4"}},
      {"y > 1", "", {"1", "3"}},
      {"memory_kb < 60", "", {"2"}},
      {"state = 'ACTIVE'", "", {"4"}},
      {"x >= 0.2 and not (state = 'ACTIVE')", "", {"2", "3"}},
      {"id <= 2", "-id", {"2", "1"}},
      {"", "y", {"2", "3", "1", "4"}},
      {"", "-y", {"1", "3", "2", "4"}},
      {"", "-memory_kb", {"3", "2", "1", "4"}},
      {"client_id = 'c'", "", {"4"}},
  };
  for (const QueryCase& c : cases) {
    const auto page = QueryTrials(store_, tokens_, name_, {.filter = c.filter, .order_by = c.order_by});
    ASSERT_OK(page);
    EXPECT_EQ(Ids(page->trials), c.ids) << c.filter << " sorted by " << c.order_by;
  }
}

// A search that the columns answer equals one that reads the trials, which any other name makes it do.
TEST_F(TrialValuesTest, QueriesByColumnsAndByReadingAgree) {
  Create(AStudy("kws").WithFloat("x").WithObjective("y").WithObjective("z"));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (int i = 0; i < 40; ++i) {
    const double y = i % 7;
    i % 5 == 0 ? Add({{"y", i % 2 == 0 ? nan : y}}) : Add({{"y", y}, {"z", i}});
    if (i % 6 != 0) continue;
    const TrialName running = Start({absl::StrCat("c", i), ""});
    ASSERT_OK(AddMeasurement(store_, running, AMeasurement(1, {{"y", y + 0.5}}), {}));
    if (i % 12 != 0) continue;
    ASSERT_OK(CompleteTrial(store_, running, {.infeasible = true}, {}));
  }
  ASSERT_OK(DeleteTrial(store_, {name_, 3}));
  for (const char* filter : {"", "y > 2", "y + z > 8", "state = 'ACTIVE' or y < 1", "id > 20"}) {
    for (const char* order_by : {"", "-id", "y", "-y", "z", "state"}) {
      const auto by_columns = QueryTrials(store_, tokens_, name_, {.filter = filter, .order_by = order_by});
      const std::string reading =
          absl::StrCat(*filter == 0 ? "(id > 0" : absl::StrCat("(", filter), ") and measurements >= 0");
      const auto by_reading = QueryTrials(store_, tokens_, name_, {.filter = reading, .order_by = order_by});
      ASSERT_OK(by_columns);
      ASSERT_OK(by_reading);
      EXPECT_EQ(Ids(by_columns->trials), Ids(by_reading->trials)) << filter << " sorted by " << order_by;
    }
  }
}

TEST_F(TrialValuesTest, QueriesComeInPages) {
  Create(AStudy("kws").WithFloat("x").WithObjective("y"));
  for (const double y : {5, 3, 1, 4, 2}) Add({{"y", y}});
  std::vector<std::string> seen;
  TrialSearch search{.filter = "y > 1", .order_by = "-y", .page_size = 3};
  do {
    const auto page = QueryTrials(store_, tokens_, name_, search);
    ASSERT_OK(page);
    for (const std::string& id : Ids(page->trials)) seen.push_back(id);
    search.page_token = page->next_page_token;
  } while (!search.page_token.empty());
  EXPECT_THAT(seen, ElementsAre("1", "4", "2", "5"));
}

TEST_F(TrialValuesTest, ASortedPageBeginsWhereTheLastOneEndedWhateverWasDeletedMeanwhile) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<QueryCase> cases = {
      {"", "-y", {"9", "1", "2", "4", "8", "5", "6", "3", "7", "10", "11"}},
      {"", "y", {"5", "6", "2", "4", "8", "1", "9", "3", "7", "10", "11"}},
      {"", "state", {"10", "11", "1", "2", "3", "4", "5", "6", "7", "8", "9"}},
  };
  for (const QueryCase& c : cases) {
    Create(AStudy("by " + c.order_by).WithFloat("x").WithObjective("y"));
    for (const double y : {5.0, 3.0, nan, 3.0, -0.0, 0.0, nan, 3.0, 7.0}) Add({{"y", y}});
    Start();
    Start();
    std::vector<std::string> seen;
    TrialSearch search{.order_by = c.order_by, .page_size = 2};
    do {
      const auto page = QueryTrials(store_, tokens_, name_, search);
      ASSERT_OK(page);
      for (const std::string& id : Ids(page->trials)) {
        seen.push_back(id);
        ASSERT_OK(DeleteTrial(store_, {name_, std::stoll(id)}));
      }
      search.page_token = page->next_page_token;
    } while (!search.page_token.empty());
    EXPECT_EQ(seen, c.ids) << "sorted by " << c.order_by;
  }
}

TEST_F(TrialValuesTest, PagesOfLargeTrialsEndEarly) {
  Create(AStudy("kws").WithFloat("x").WithObjective("y"));
  for (int i = 1; i <= 5; ++i) {
    Add({{"y", i}});
    pb::KeyValue entry;
    entry.set_key("notes");
    entry.set_value(std::string(kMaxPageBytes / 3, 'n'));
    ASSERT_EQ(*UpdateMetadata(store_, name_, {{i, entry}}), "");
  }
  const auto pages = [&](const auto& read) {
    std::vector<std::vector<std::string>> ids;
    std::string token;
    do {
      const auto page = read(token);
      EXPECT_OK(page);
      if (!page.ok()) break;
      ids.push_back(Ids(page->trials));
      token = page->next_page_token;
    } while (!token.empty());
    return ids;
  };
  const std::vector<std::vector<std::string>> by_id = {{"1", "2"}, {"3", "4"}, {"5"}};
  EXPECT_EQ(pages([&](const std::string& token) { return ListTrials(store_, tokens_, name_, 1000, token); }), by_id);
  EXPECT_EQ(pages([&](const std::string& token) { return QueryTrials(store_, tokens_, name_, {.page_token = token}); }),
            by_id);
  const auto sorted = pages([&](const std::string& token) {
    return QueryTrials(store_, tokens_, name_, {.filter = "y > 1", .order_by = "-y", .page_token = token});
  });
  EXPECT_EQ(sorted, (std::vector<std::vector<std::string>>{{"5", "4"}, {"3", "2"}}));
  EXPECT_EQ(ListTrials(store_, tokens_, name_, 0, "")->trials.size(), 5u);  // unpaged: all, up to kMaxListBytes
}

TEST_F(TrialValuesTest, QueriesById) {
  Create(AStudy("kws").WithFloat("x").WithObjective("y"));
  for (const double y : {5, 3, 1, 4, 2}) Add({{"y", y}});
  Add({{"y", 1}, {"late", 1}});
  const auto first = QueryTrials(store_, tokens_, name_, {.filter = "y > 1 or late > 0", .page_size = 2});
  ASSERT_OK(first);
  EXPECT_THAT(Ids(first->trials), ElementsAre("1", "2"));
  const auto second = QueryTrials(
      store_, tokens_, name_, {.filter = "y > 1 or late > 0", .page_size = 2, .page_token = first->next_page_token});
  ASSERT_OK(second);
  EXPECT_THAT(Ids(second->trials), ElementsAre("4", "5"));
  EXPECT_THAT(QueryTrials(store_, tokens_, name_, {.filter = "y > 1 or latte > 0", .page_size = 2}),
              FailsWith(kInvalid, "latte"));  // though the page was full before the end
}

TEST_F(TrialValuesTest, StatusesOfAllStudiesComeInPages) {
  for (const char* name : {"a", "b", "c"}) {
    Create(AStudy(name).WithFloat("x").WithObjective("y"));
    Add({{"y", 1}});
  }
  std::vector<std::string> seen;
  std::string token;
  do {
    const auto page = ListStudyStatuses(store_, tokens_, {"ada"}, 2, token);
    ASSERT_OK(page);
    for (const StudyStatusView& status : page->statuses) {
      seen.push_back(status.study.display_name());
      EXPECT_EQ(status.counts.succeeded, 1);
      EXPECT_EQ(status.best.size(), 1u);
    }
    token = page->next_page_token;
  } while (!token.empty());
  EXPECT_THAT(seen, ElementsAre("a", "b", "c"));
  EXPECT_THAT(ListStudyStatuses(store_, tokens_, {"nobody"}, 0, ""),
              Fails(absl::StatusCode::kNotFound, "OWNER_NOT_FOUND"));
}

TEST_F(TrialValuesTest, WhatTheStudyNamesMayBeAskedForBeforeATrialHasIt) {
  constexpr char kDocument[] = R"({"metrics": [{"name": "cost", "goal": "minimize", "expression": "2 * energy"}],
                                   "outcome_constraints": ["size_bytes <= 100000"],
                                   "early_stopping": {"rule": "MEDIAN", "curve": "val_loss", "goal": "minimize"}})";
  pb::Study study =
      AStudy("kws").WithFloat("x").WithObjective("y").WithObjective("cost", false).WithDocument(kDocument).Study();
  auto& safety = *study.mutable_study_spec()->add_metrics();
  safety.set_metric_id("heat");
  safety.mutable_safety_config()->set_safety_threshold(1);
  ASSERT_OK(CreateStudy(store_, {"ada"}, study));
  name_ = {"ada", "kws"};
  Start();
  for (const std::string name : {"size_bytes", "heat", "val_loss", "energy", "cost", "x"}) {
    const auto filtered = QueryTrials(store_, tokens_, name_, {.filter = absl::StrCat(name, " < 0")});
    ASSERT_OK(filtered) << name;
    EXPECT_TRUE(filtered->trials.empty()) << name;
    const auto sorted = QueryTrials(store_, tokens_, name_, {.order_by = name});
    ASSERT_OK(sorted) << name;
    EXPECT_EQ(sorted->trials.size(), 1u) << name;
  }
  EXPECT_THAT(QueryTrials(store_, tokens_, name_, {.filter = "size_byte <= 1"}), FailsWith(kInvalid, "'size_bytes'"));
}

TEST_F(TrialValuesTest, AStudyThatCannotBeReadHidesNoOther) {
  for (const char* name : {"a", "b"}) {
    Create(AStudy(name).WithFloat("x").WithObjective("y"));
    Add({{"y", 1}});
  }
  const StudyName damaged{"ada", "a"};
  ASSERT_OK(store_.Edit(damaged, [&](StudyEdit& edit) {
    pb::KeyValue document;
    document.set_ns(kDocumentNamespace);
    document.set_key("study");
    document.set_value("no document");
    edit.MarkChanged();
    edit.study().problem_version = edit.study().version + 1;
    return edit.transaction().PutMetadata(edit.study().uid, 0, document);
  }));
  const auto page = ListStudyStatuses(store_, tokens_, {"ada"}, 0, "");
  ASSERT_OK(page);
  ASSERT_EQ(page->statuses.size(), 2u);
  EXPECT_EQ(page->statuses[0].study.display_name(), "a");
  EXPECT_EQ(page->statuses[0].counts.succeeded, 1);
  EXPECT_TRUE(page->statuses[0].best.empty());
  EXPECT_EQ(page->statuses[1].best.size(), 1u);
  EXPECT_EQ(GetStudyStatus(store_, damaged).status().code(), absl::StatusCode::kInternal);
}

// As Vizier's proto says.
TEST_F(TrialValuesTest, AnUnspecifiedGoalIsToMaximize) {
  AStudy study = AStudy("kws").WithFloat("x").WithObjective("y");
  pb::Study unspecified = study.Study();
  unspecified.mutable_study_spec()->mutable_metrics(0)->clear_goal();
  ASSERT_OK(CreateStudy(store_, {"ada"}, unspecified));
  name_ = {"ada", "kws"};
  Add({{"y", 1}});
  Add({{"y", 2}});
  EXPECT_THAT(Optimal(), ElementsAre("2"));
}

TEST_F(TrialValuesTest, BadQueriesSayWhatIsWrong) {
  Create(AStudy("kws").WithFloat("x").WithObjective("accuracy"));
  Add({{"accuracy", 1}});
  EXPECT_THAT(QueryTrials(store_, tokens_, name_, {.filter = "accuracy >"}), FailsWith(kInvalid, "filter"));
  EXPECT_THAT(QueryTrials(store_, tokens_, name_, {.filter = "acuracy > 1"}),
              FailsWith(kInvalid, "did you mean 'accuracy'"));
  EXPECT_THAT(QueryTrials(store_, tokens_, name_, {.filter = "accuracy + 1"}), FailsWith(kInvalid, "filter"));
  EXPECT_THAT(QueryTrials(store_, tokens_, name_, {.filter = "not 'COMPLETED' = state"}),
              FailsWith(kInvalid,
                        "filter: there is no state 'COMPLETED'; the states are REQUESTED, ACTIVE, STOPPING, SUCCEEDED, "
                        "INFEASIBLE"));
  EXPECT_THAT(QueryTrials(store_, tokens_, name_, {.filter = "id > 3 and state != 'succeeded'"}),
              FailsWith(kInvalid, "did you mean 'SUCCEEDED'?"));
  EXPECT_THAT(QueryTrials(store_, tokens_, name_, {.filter = "state = succeeded"}),
              FailsWith(kInvalid, "states are written as text: state = 'SUCCEEDED'"));
  EXPECT_THAT(QueryTrials(store_, tokens_, name_, {.order_by = "-acuracy"}), FailsWith(kInvalid, "order_by"));
}

TEST_F(TrialValuesTest, TheStatusCountsAndTheUpdateTellsWhatChanged) {
  Create(AStudy("kws").WithFloat("x").WithObjective("y").WithDocument(R"({"budget": {"trials": 3}})"));
  Add({{"y", 3}});
  const TrialName running = Start();
  auto update = GetStudyUpdate(store_, name_, {});
  ASSERT_OK(update);
  EXPECT_THAT(Ids(update->changed), ElementsAre("2"));  // the first message has what runs
  EXPECT_EQ(update->status.counts.succeeded, 1);
  EXPECT_EQ(update->status.counts.active, 1);
  EXPECT_EQ(update->status.trial_budget, 3);
  EXPECT_FALSE(update->status.draining);
  EXPECT_THAT(Ids(update->status.best), ElementsAre("1"));

  const UpdatePosition first = update->next;
  ASSERT_OK(CompleteTrial(store_, running, Result(4), {}));
  const TrialName last = Start();
  update = GetStudyUpdate(store_, name_, first);
  ASSERT_OK(update);
  EXPECT_THAT(Ids(update->changed), ElementsAre("2", "3"));
  EXPECT_THAT(update->attempts, ElementsAre(1, 1));
  EXPECT_FALSE(update->whole);
  // Of a version that the study does not have: a backup was restored.
  const auto restored = GetStudyUpdate(store_, name_, {.uid = first.uid, .version = update->status.version + 1});
  ASSERT_OK(restored);
  EXPECT_THAT(Ids(restored->changed), ElementsAre("3"));
  EXPECT_TRUE(restored->whole);
  EXPECT_TRUE(update->status.draining);  // the budget is used up
  EXPECT_FALSE(update->over);
  ASSERT_OK(CompleteTrial(store_, last, Result(1), {}));
  EXPECT_TRUE(GetStudyUpdate(store_, name_, first)->over);
}

TEST_F(TrialValuesTest, AnUpdateOfLargeTrialsComesInParts) {
  Create(AStudy("kws").WithFloat("x").WithObjective("y"));
  for (int64_t id = 1; id <= 3; ++id) {
    const TrialName trial = Start();
    const std::string large(kMaxBatchBytes / 2, 'm');
    for (int step = 1; step <= 3; ++step) {
      ASSERT_OK(AddMeasurement(store_, trial, AMeasurement(step, {{"y", step}, {large, step}}), {}));
    }
  }
  UpdatePosition position;
  for (const char* id : {"1", "2", "3"}) {
    const auto update = GetStudyUpdate(store_, name_, position);
    ASSERT_OK(update);
    ASSERT_THAT(Ids(update->changed), ElementsAre(id));
    ASSERT_EQ(update->changed[0].measurements_size(), 1);
    EXPECT_EQ(update->changed[0].measurements(0).step_count(), 3);
    position = update->next;
    if (update->next.left.size() == 2) {
      ASSERT_OK(SetStudyState(store_, name_, pb::Study::COMPLETED));
    }
    EXPECT_FALSE(update->over) << "something changed since the list was made";
  }
  EXPECT_TRUE(position.left.empty());
  const auto last = GetStudyUpdate(store_, name_, position);
  EXPECT_TRUE(last->over);
  EXPECT_THAT(Ids(last->changed), IsEmpty());
}

TEST_F(TrialValuesTest, TheLatestValuesSayHowATrialStands) {
  pb::Trial trial = ATrial({{"x", 0.5}});
  trial.add_metadata()->set_key("k");
  *trial.add_measurements() = AMeasurement(0, {{"memory_kb", 40}});
  *trial.add_measurements() = AMeasurement(1, {{"y", 1}, {"loss", 3}});
  *trial.add_measurements() = AMeasurement(9, {{"y", 2}});
  *trial.add_measurements() = AMeasurement(2, {{"y", 3}, {"loss", 1}});
  KeepLatest(trial);
  std::vector<int64_t> steps;
  for (const pb::Measurement& measurement : trial.measurements()) steps.push_back(measurement.step_count());
  EXPECT_THAT(steps, ElementsAre(0, 9, 2));
  EXPECT_EQ(trial.metadata_size(), 0);
}

TEST_F(TrialValuesTest, AStatusHasAsManyOfTheBestAsFit) {
  Create(AStudy("kws").WithFloat("x").WithObjective("y").WithObjective("z"));
  static_assert(kMaxPageBytes == 4 * kMaxMeasurementBytes);
  for (const double y : {1.0, 2.0, 3.0, 4.0, 5.0}) {
    pb::Trial trial = ASucceededTrial({{"x", 0.5}}, {{"y", y}, {"z", -y}});
    trial.mutable_final_measurement()->add_metrics()->set_metric_id(std::string(kMaxMeasurementBytes - 1000, 'm'));
    ASSERT_OK(CreateTrial(store_, name_, trial));
  }
  EXPECT_THAT(Ids(GetStudyStatus(store_, name_)->best), ElementsAre("1", "2", "3", "4"));
}

}  // namespace
}  // namespace photinus
