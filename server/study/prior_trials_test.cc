#include "server/study/prior_trials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/study/metadata.h"
#include "tests/support/study_fixture.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

AStudy New(const std::string& warm_start) {
  return AStudy("new")
      .WithFloat("x")
      .WithObjective("y", /*maximize=*/false)
      .WithDocument(absl::StrCat("{\"warm_start\": ", warm_start, "}"));
}

class PriorTrialsTest : public StudyFixture {
 protected:
  // `old`, of owner ada, without trials. Its objective is maximised, and its space is larger.
  void CreateOld() { Create(AStudy("old").WithFloat("x", -10, 10).WithFloat("z").WithObjective("y")); }
  void Add(double x, double y) {
    ASSERT_OK(CreateTrial(store_, {"ada", "old"}, ASucceededTrial({{"x", x}, {"z", 0.5}}, {{"y", y}})));
  }
  void AddInfeasible(double x) {
    int64_t id = 0;
    ASSERT_OK(store_.EditActive({"ada", "old"}, [&](StudyEdit& edit) -> absl::Status {
      ClaimResult result;
      const absl::Status status = CreateTrials(edit, {"c", ""}, {NewTrial{{{"x", x}, {"z", 0.5}}, {}}}, result);
      if (status.ok()) id = result.trials[0].id;
      return status;
    }));
    ASSERT_OK(CompleteTrial(store_, {{"ada", "old"}, id}, {.infeasible = true, .infeasible_reason = "diverged"}, {}));
  }
  absl::Status CreateNew(const AStudy& study) { return CreateStudy(store_, {"ada"}, study.Study()).status(); }

  // What the study `new` starts with.
  v1::WarmStart Prior() {
    v1::WarmStart prior;
    EXPECT_OK(storage_->Read([&](Snapshot& snapshot) -> absl::Status {
      const auto study = store_.Find(snapshot, {"ada", "new"});
      if (!study.ok()) return study.status();
      const auto problem = store_.cache().Problem(snapshot, *study);
      if (problem.ok()) prior = (*problem)->prior;
      return problem.status();
    }));
    return prior;
  }
  static std::vector<int64_t> Ids(const v1::PriorStudy& study) {
    std::vector<int64_t> ids;
    for (const v1::PriorTrial& trial : study.trials()) ids.push_back(trial.id());
    return ids;
  }
};

TEST_F(PriorTrialsTest, AreThoseThatLieInTheNewSpaceWithoutParametersThatItLacks) {
  CreateOld();
  Add(0.25, 3);
  Add(7, 4);  // outside
  AddInfeasible(0.75);
  ASSERT_OK(CreateTrial(store_, {"ada", "old"}, ASucceededTrial({{"x", 0.5}, {"z", 0.5}}, {{"w", 1}})));  // without y
  ASSERT_OK(CreateTrial(store_, {"ada", "old"}, ASucceededTrial({{"x", 0.5}, {"z", 0.5}}, {{"y", NAN}})));
  ASSERT_OK(CreateTrial(store_, {"ada", "old"}, ATrial({{"x", 0.5}, {"z", 0.5}})));  // is not finished
  ASSERT_OK(CreateNew(New(R"(["old"])")));
  const v1::WarmStart prior = Prior();
  ASSERT_EQ(prior.studies_size(), 1);
  EXPECT_EQ(prior.studies(0).name(), "owners/ada/studies/old");
  EXPECT_THAT(Ids(prior.studies(0)), ElementsAre(1, 3));
  const v1::PriorTrial& trial = prior.studies(0).trials(0);
  ASSERT_EQ(trial.parameters_size(), 1);
  EXPECT_EQ(trial.parameters(0).parameter_id(), "x");
  EXPECT_EQ(trial.parameters(0).value().number_value(), 0.25);
  EXPECT_THAT(trial.objectives(), ElementsAre(3));
  EXPECT_TRUE(prior.studies(0).trials(1).infeasible());
}

TEST_F(PriorTrialsTest, HaveTheNewStudysDerivedMetricsAndThoseOfTheirOwn) {
  Create(AStudy("old").WithFloat("x").WithObjective("cost").WithObjective("gain").WithDocument(
      R"({"metrics": [{"name": "cost", "goal": "maximize", "expression": "2 * y"},
                      {"name": "gain", "goal": "maximize", "expression": "100 * y"}]})"));
  ASSERT_OK(CreateTrial(store_, name_, ASucceededTrial({{"x", 0.5}}, {{"y", 3}})));
  ASSERT_OK(CreateNew(
      AStudy("new").WithFloat("x").WithObjective("cost").WithObjective("gain").WithObjective("y").WithDocument(
          R"({"warm_start": ["old"], "metrics": [{"name": "cost", "goal": "maximize", "expression": "y + 1"}]})")));
  EXPECT_THAT(Prior().studies(0).trials(0).objectives(), ElementsAre(4, 300, 3));
}

TEST_F(PriorTrialsTest, AreInfeasibleWhereTheyViolateAConstraintOfTheNewStudy) {
  CreateOld();
  for (const double size : {3.0, 5.0, 7.0}) {
    ASSERT_OK(
        CreateTrial(store_, {"ada", "old"}, ASucceededTrial({{"x", 0.5}, {"z", 0.5}}, {{"y", 1}, {"size", size}})));
  }
  Add(0.5, 1);  // of a size that nobody knows
  ASSERT_OK(CreateNew(AStudy("new").WithFloat("x").WithObjective("y").WithDocument(
      R"({"warm_start": ["old"], "outcome_constraints": ["size <= 5"]})")));
  const v1::WarmStart prior = Prior();
  ASSERT_EQ(prior.studies_size(), 1);
  std::vector<bool> infeasible;
  for (const v1::PriorTrial& trial : prior.studies(0).trials()) infeasible.push_back(trial.infeasible());
  EXPECT_THAT(infeasible, ElementsAre(false, false, true, false));
}

TEST_F(PriorTrialsTest, AreRefusedByTheConstraintsThatAllOfThemViolate) {
  CreateOld();
  ASSERT_OK(CreateTrial(store_, {"ada", "old"}, ASucceededTrial({{"x", 0.5}, {"z", 0.5}}, {{"y", 1}, {"size", 7}})));
  AddInfeasible(0.5);
  EXPECT_THAT(CreateNew(AStudy("new").WithFloat("x").WithObjective("y").WithDocument(
                  R"({"warm_start": ["old"], "outcome_constraints": ["size <= 5"]})")),
              FailsWith(kInvalid, "none of the 2 finished trials of owners/ada/studies/old satisfies this study's"));
}

TEST_F(PriorTrialsTest, HaveThePredictedValuesWhereTheyWereStopped) {
  Create(AStudy("old").WithFloat("x", -10, 10).WithFloat("z").WithObjective("y", /*maximize=*/false));
  Add(0.25, 3);
  AddStopped({"ada", "old"}, {{"x", 0.5}, {"z", 0.5}}, AMeasurement(1, {{"y", 1}}), {"y", 5});
  ASSERT_OK(CreateNew(New(R"(["old"])")));
  const v1::PriorStudy prior = Prior().studies(0);
  ASSERT_EQ(prior.trials_size(), 2);
  EXPECT_THAT(prior.trials(0).objectives(), ElementsAre(3));
  EXPECT_THAT(prior.trials(1).objectives(), ElementsAre(5));
}

TEST_F(PriorTrialsTest, OfALargeStudyAreTheBestHalfAndAnEvenShareOfTheOthers) {
  CreateOld();
  for (int i = 0; i < 1000; ++i) Add(i * 1e-3, i < 500 ? 500 - i : i);  // the best ones, of small y, in the middle
  ASSERT_OK(CreateNew(New(R"(["old"])")));
  const std::vector<int64_t> ids = Ids(Prior().studies(0));
  EXPECT_EQ(ids.size(), 256u);
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  int best = 0, first_third = 0, last_third = 0;
  for (const int64_t id : ids) {
    if (id > 372 && id <= 500) ++best;
    if (id <= 333) ++first_third;
    if (id > 667) ++last_third;
  }
  EXPECT_EQ(best, 128);
  EXPECT_NEAR(first_third, 49, 2);
  EXPECT_NEAR(last_third, 49, 2);
}

TEST_F(PriorTrialsTest, OfSeveralObjectivesHaveTheParetoFront) {
  Create(AStudy("old").WithFloat("x").WithObjective("a").WithObjective("b"));
  for (int i = 0; i < 400; ++i) {
    const bool optimal = i % 40 == 0;
    const double a = 0.5 + (i - 200) / 200.0;
    ASSERT_OK(CreateTrial(store_, name_, ASucceededTrial({{"x", 0.5}}, {{"a", optimal ? a + 9 : a}, {"b", -a}})));
  }
  ASSERT_OK(CreateNew(
      AStudy("new").WithFloat("x").WithObjective("a").WithObjective("b").WithDocument(R"({"warm_start": ["old"]})")));
  const std::vector<int64_t> ids = Ids(Prior().studies(0));
  for (int64_t id = 1; id <= 400; id += 40) EXPECT_THAT(ids, ::testing::Contains(id));
}

TEST_F(PriorTrialsTest, MayComeFromSeveralStudiesOfSeveralOwners) {
  CreateOld();
  Add(0.25, 3);
  ASSERT_OK(CreateStudy(store_, {"bob"}, AStudy("old").WithFloat("x").WithObjective("y").Study()));
  ASSERT_OK(CreateTrial(store_, {"bob", "old"}, ASucceededTrial({{"x", 0.5}}, {{"y", 3}})));
  ASSERT_OK(CreateNew(New(R"(["owners/bob/studies/old", "old"])")));
  const v1::WarmStart prior = Prior();
  ASSERT_EQ(prior.studies_size(), 2);
  EXPECT_EQ(prior.studies(0).name(), "owners/bob/studies/old");
  EXPECT_EQ(prior.studies(1).name(), "owners/ada/studies/old");
}

TEST_F(PriorTrialsTest, AStudyThatCannotStartWarmIsRefused) {
  EXPECT_THAT(CreateNew(New(R"(["old"])")),
              FailsWith(kInvalid, "study.study_spec.warm_start[0]: owners/ada/studies/old does not exist"));
  EXPECT_THAT(CreateNew(New(R"(["new"])")), FailsWith(kInvalid, "owners/ada/studies/new does not exist"));
  CreateOld();
  EXPECT_THAT(CreateNew(New(R"(["old", "owners/ada/studies/old"])")), FailsWith(kInvalid, "has no finished trial yet"));
  Add(7, 1);
  Add(8, 1);
  EXPECT_THAT(
      CreateNew(New(R"(["old"])")),
      FailsWith(kInvalid, "none of the 2 finished trials of owners/ada/studies/old fits this study; trial 1: "));
  AddInfeasible(0.5);
  EXPECT_THAT(CreateNew(New(R"(["old"])")), FailsWith(kInvalid, "none of the 3 finished trials"));
  Add(0.5, 1);
  EXPECT_THAT(CreateNew(New(R"(["old", "owners/ada/studies/old"])")),
              FailsWith(kInvalid, "warm_start[1]: owners/ada/studies/old stands there twice"));
  EXPECT_THAT(GetStudy(store_, {"ada", "new"}), Fails(absl::StatusCode::kNotFound, "STUDY_NOT_FOUND"));
  EXPECT_OK(CreateNew(New(R"(["old"])")));
}

TEST_F(PriorTrialsTest, AreReadByALongRead) {
  CreateOld();
  Add(0.5, 1);
  const ReadOptions shortly{.may_be_long = false};
  const pb::Study study = New(R"(["old"])").Study();
  EXPECT_TRUE(IsLongReadNeeded(CreateStudy(store_, {"ada"}, study, IfExists::kReturn, {}, shortly).status()));
  ASSERT_OK(CreateStudy(store_, {"ada"}, study));
  EXPECT_OK(CreateStudy(store_, {"ada"}, study, IfExists::kReturn, {}, shortly));  // it exists
}

TEST_F(PriorTrialsTest, StayWhateverBecomesOfTheOtherStudy) {
  CreateOld();
  Add(0.5, 1);
  ASSERT_OK(CreateNew(New(R"(["old"])")));
  const std::string before = Prior().SerializeAsString();
  Add(0.25, 0);
  ASSERT_OK(store_.Delete({"ada", "old"}));
  store_.cache().Forget(2);
  EXPECT_EQ(Prior().SerializeAsString(), before);
  EXPECT_OK(CreateNew(New(R"(["old"])"))) << "the study exists, and what it started with is gone";
}

TEST_F(PriorTrialsTest, CannotBeChangedLater) {
  CreateOld();
  Add(0.5, 1);
  ASSERT_OK(CreateNew(New(R"(["old"])")));
  const auto set_document = [&](const std::string& json) {
    pb::KeyValue entry;
    entry.set_ns("photinus");
    entry.set_key("study");
    entry.set_value(json);
    return UpdateMetadata(store_, {"ada", "new"}, {{std::nullopt, entry}}).status();
  };
  EXPECT_THAT(set_document("{}"), FailsWith(kInvalid, "warm_start: is fixed when a study is created"));
  EXPECT_THAT(set_document(R"({"warm_start": ["owners/ada/studies/old"]})"), FailsWith(kInvalid, "warm_start"));
  EXPECT_OK(set_document(R"({"warm_start": ["old"], "budget": {"trials": 5}})"));
  EXPECT_EQ(Prior().studies_size(), 1);
}

TEST_F(PriorTrialsTest, AreComparedWhereTheStudyExists) {
  CreateOld();
  Add(0.5, 1);
  ASSERT_OK(CreateNew(New(R"(["old"])")));
  EXPECT_FALSE(CreateStudy(store_, {"ada"}, New(R"(["old"])").Study())->spec_differs);
  EXPECT_TRUE(CreateStudy(store_, {"ada"}, New(R"(["other"])").Study())->spec_differs);
}

}  // namespace
}  // namespace photinus
