#include "server/algorithms/gp_proposals.h"

#include <cmath>
#include <map>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "server/algorithms/gp_training.h"
#include "tests/support/search_space.h"
#include "tests/support/searched_study.h"

namespace photinus {
namespace {

class GpProposalsTest : public ::testing::Test {
 protected:
  // Trials 1 to 8 at i / 9 of the space: (x - 0.4)^2, to be minimised, with the slack x - least.
  void Finish(const std::string& space, double least) {
    study_.space = Space(space);
    study_.objectives = {{.metric = "loss", .maximize = false}};
    study_.constraints.resize(1);
    trials_ = std::make_unique<EncodedTrials>(study_.space, study_.objectives, study_.constraints.size());
    const Flatten& flatten = trials_->flatten();
    for (int i = 1; i <= 8; ++i) {
      const Point point = flatten.ToPoint({i / 9.0});
      const double x = Number(point, "x");
      trials_->Add(i, point);
      trials_->SetFinished(i, {std::pow(x - 0.4, 2)}, /*infeasible=*/false, {x - least});
    }
    state_ = *Learn(MakeLesson(*trials_, nullptr), nullptr);
    posteriors_ = *GpPosteriors::Make(*trials_, state_, cache_);
    excluded_ = std::make_unique<VisitedPoints>(flatten);
  }
  std::optional<Choice> Propose() {
    SuggestRequest request = study_.Request();
    request.cancelled = [this] { return cancelled_; };
    return ProposeByGp(request, *posteriors_, *excluded_, /*prior=*/nullptr, random_);
  }

  SearchedStudy study_;
  std::unique_ptr<EncodedTrials> trials_;
  GpState state_;
  GpCache cache_;
  std::unique_ptr<GpPosteriors> posteriors_;
  std::unique_ptr<VisitedPoints> excluded_;
  Random random_{7};
  bool cancelled_ = false;
};

constexpr char kLine[] = "parameters { parameter_id: 'x' double_value_spec { max_value: 1 } }";
constexpr char kLevels[] = "parameters { parameter_id: 'x' integer_value_spec { max_value: 2 } }";

TEST_F(GpProposalsTest, ExploresWhereTheBestPointIsNextToOneBeingEvaluated) {
  Finish(kLine, /*least=*/0);
  std::map<std::string, int> arms;
  for (int64_t trial_id = 9; trial_id < 15; ++trial_id) {
    const std::optional<Choice> choice = Propose();
    ASSERT_TRUE(choice.has_value());
    ++arms[choice->explanation.arm];
    if (choice->explanation.arm == "log_ei") {
      for (const UnitPoint& pending : posteriors_->pending()) EXPECT_GE(std::abs(choice->unit[0] - pending[0]), 0.01);
    }
    posteriors_->AddPending(trial_id, choice->unit);
  }
  EXPECT_GE(arms["log_ei"], 1);
  EXPECT_GE(arms["exploration"], 1);
}

TEST_F(GpProposalsTest, LooksNearTheBestPointEverySecondTimeWhereThereIsNoNoise) {
  Finish(kLine, /*least=*/0);
  std::map<std::string, int> arms;
  for (int i = 0; i < 40; ++i) {
    const std::optional<Choice> choice = Propose();
    ++arms[choice->explanation.arm];
    if (choice->explanation.arm == "trust_region") {
      EXPECT_LT(std::abs(choice->unit[0] - 4 / 9.0), 0.31);
    }
  }
  EXPECT_GE(arms["trust_region"], 10);
  EXPECT_GE(arms["log_ei"], 10);
  EXPECT_EQ(arms["trust_region"] + arms["log_ei"], 40);
  state_.metrics[0].models[0].parameters.noise_variance = 0.01;
  posteriors_ = *GpPosteriors::Make(*trials_, state_, cache_);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Propose()->explanation.arm, "log_ei");
}

// A finished trial from elsewhere may lie outside, and be better than all that may be suggested.
TEST_F(GpProposalsTest, TakesTheBestPointWithinTheBoundsForTheIncumbent) {
  Finish(kLine, /*least=*/0);
  trials_->Add(9, {{"x", 5.0}});
  trials_->SetFinished(9, {-0.2}, /*infeasible=*/false, {5});
  state_ = *Learn(MakeLesson(*trials_, nullptr), nullptr);
  state_.metrics[0].models[0].parameters.noise_variance = 0;
  posteriors_ = *GpPosteriors::Make(*trials_, state_, cache_);
  int near = 0;
  for (int i = 0; i < 20; ++i) {
    const std::optional<Choice> choice = Propose();
    ASSERT_GE(choice->unit[0], 0);
    ASSERT_LE(choice->unit[0], 1);
    if (choice->explanation.arm != "trust_region") continue;
    ++near;
    EXPECT_LT(std::abs(choice->unit[0] - 4 / 9.0), 0.31);
  }
  EXPECT_GE(near, 5);
}

TEST_F(GpProposalsTest, LooksForFeasiblePointsWhileNoTrialSatisfiesTheConstraints) {
  Finish(kLine, /*least=*/0.95);
  const std::optional<Choice> choice = Propose();
  EXPECT_EQ(choice->explanation.arm, "feasibility");
  EXPECT_GE(choice->unit[0], 0.94);
}

TEST_F(GpProposalsTest, ProposesWhatIsNotExcludedOrNothing) {
  Finish(kLevels, /*least=*/0);
  excluded_->Add({1 / 6.0});
  excluded_->Add({5 / 6.0});
  EXPECT_NEAR(Propose()->unit[0], 0.5, 1e-12);
  excluded_->Add({0.5});
  EXPECT_FALSE(Propose().has_value());
}

TEST_F(GpProposalsTest, ProposesNothingWhenCancelled) {
  Finish(kLine, /*least=*/0);
  cancelled_ = true;
  EXPECT_FALSE(Propose().has_value());
}

}  // namespace
}  // namespace photinus
