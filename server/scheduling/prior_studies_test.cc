#include "server/scheduling/prior_studies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/scheduling_fixture.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(PriorStudies, AreWhatWasCopiedWithoutPointsThatAreNotInTheSpace) {
  auto problem = *ParseStudyProblem(AStudy("s").WithFloat("x").WithObjective("y").Study().study_spec());
  v1::PriorStudy& copied = *problem.prior.add_studies();
  copied.set_name("owners/ada/studies/old");
  for (const double x : {0.25, 7.0, 0.75}) {
    v1::PriorTrial& trial = *copied.add_trials();
    trial.set_id(copied.trials_size());
    *trial.mutable_parameters() = ATrial({{"x", x}}).parameters();
    trial.add_objectives(3);
  }
  copied.mutable_trials(2)->set_infeasible(true);
  const std::vector<PriorStudy> studies = PriorStudiesOf(problem);
  ASSERT_THAT(studies, SizeIs(1));
  EXPECT_EQ(studies[0].name, "owners/ada/studies/old");
  ASSERT_THAT(studies[0].trials, SizeIs(2));
  EXPECT_EQ(studies[0].trials[0].trial_id, 1);
  EXPECT_EQ(studies[0].trials[0].point, (Point{{"x", 0.25}}));
  EXPECT_THAT(studies[0].trials[0].objectives, ElementsAre(3));
  EXPECT_TRUE(studies[0].trials[1].infeasible);
}

// Studies of owner ada: `old`, and those that start with its trials and have one seed.
class WarmStudiesTest : public SchedulingFixture {
 protected:
  void SetUp() override {
    Create(AStudy("old").WithFloat("x").WithFloat("z").WithObjective("y"));
    for (int i = 0; i < 12; ++i) AddToOld(i / 12.0, -std::abs(i - 4));
  }
  void AddToOld(double x, double y) {
    ASSERT_OK(CreateTrial(store_, {"ada", "old"}, ASucceededTrial({{"x", x}, {"z", 0.5}}, {{"y", y}})));
  }
  void CreateWarm(const std::string& name, const std::string& algorithm) {
    Create(AStudy(name).WithFloat("x").WithObjective("y").WithAlgorithm(algorithm).WithDocument(
        R"({"seed": 7, "warm_start": ["old"]})"));
  }
  // The points of as many trials, evaluated one after another.
  std::vector<double> Search(const std::string& name, int trials) {
    name_ = {"ada", name};
    std::vector<double> points;
    for (int i = 0; i < trials; ++i) {
      const auto suggested = Suggest("c");
      EXPECT_OK(suggested);
      if (!suggested.ok()) return points;
      points.push_back(suggested->trials[0].parameters(0).value().number_value());
      EXPECT_OK(CompleteTrial(store_, {name_, suggested->rows[0].id}, Result(points.back()), {}));
    }
    return points;
  }
  v1::Explanation FirstExplanation() {
    v1::Explanation explanation;
    EXPECT_OK(storage_->Read([&](Snapshot& snapshot) -> absl::Status {
      const auto explanations = snapshot.ListExplanations(store_.Find(snapshot, name_)->uid, 1, 1);
      if (explanations.ok() && !explanations->empty()) explanation = explanations->front().body;
      return explanations.status();
    }));
    return explanation;
  }
};

TEST_F(WarmStudiesTest, TheFirstTrialsAreTheBestOfTheOtherStudyAndSayOfWhich) {
  CreateWarm("new", "DEFAULT");
  EXPECT_THAT(Search("new", 4), ElementsAre(4 / 12.0, 3 / 12.0, 5 / 12.0, 2 / 12.0));
  EXPECT_EQ(FirstExplanation().arm(), "warm_start");
  EXPECT_EQ(FirstExplanation().text(), "trial 5, one of the best of owners/ada/studies/old");
}

TEST_F(WarmStudiesTest, NothingThatBecomesOfTheOtherStudyChangesASuggestion) {
  for (const char* algorithm : {"DEFAULT", "TPE", "HYPER_FIREFLY"}) {
    const std::string before = absl::StrCat("before-", algorithm), after = absl::StrCat("after-", algorithm);
    CreateWarm(before, algorithm);
    CreateWarm(after, algorithm);
    const std::vector<double> points = Search(before, 14);
    AddToOld(0.99, 10);
    EXPECT_EQ(Search(after, 2), std::vector<double>(points.begin(), points.begin() + 2));
    ASSERT_OK(store_.Delete({"ada", "old"}));
    EXPECT_EQ(Search(after, 12), std::vector<double>(points.begin() + 2, points.end()));
    SetUp();
  }
}

}  // namespace
}  // namespace photinus
