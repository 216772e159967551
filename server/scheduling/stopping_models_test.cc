#include "server/scheduling/stopping_models.h"

#include <gtest/gtest.h>

#include <future>
#include <utility>
#include <vector>

namespace photinus {
namespace {

struct FakeModel final : StoppingModel {
  explicit FakeModel(int64_t trials) : trials(trials) {}
  size_t bytes() const override { return 1 << 20; }
  const int64_t trials;
};

// Learns from every two further trials.
class FakeRule final : public StoppingRule {
 public:
  absl::StatusOr<StoppingDecision> Decide(const StoppingRequest&) const override { return StoppingDecision(); }
  bool LearnsAnew(int64_t then, int64_t now) const override { return now >= then + 2; }
  std::shared_ptr<const StoppingModel> Learn(const StudyCurves& study,
                                             const std::function<bool()>& cancelled) const override {
    if (during) during();
    ++lessons;
    if (cancelled() || learns_nothing) return nullptr;
    return std::make_shared<const FakeModel>(static_cast<int64_t>(study.finished.size()));
  }
  std::function<void()> during;
  bool learns_nothing = false;
  mutable int lessons = 0;
};

class StoppingModelsTest : public ::testing::Test {
 protected:
  ~StoppingModelsTest() override {
    models_.Stop();
    learning_.Stop();
  }

  void Settle() {
    std::promise<void> done;
    ASSERT_TRUE(learning_.Submit([&done] { done.set_value(); }));
    done.get_future().wait();
  }
  // How many trials taught what is known; 0: nothing is.
  int64_t Known(const StudyRow& study) {
    const auto model = models_.Find(study);
    return model == nullptr ? 0 : static_cast<const FakeModel&>(*model).trials;
  }

  const std::shared_ptr<FakeRule> rule_ = std::make_shared<FakeRule>();
  const StudyRow study_{.uid = 1};
  ThreadPool learning_{1, 10};
  StoppingModels models_{learning_, size_t{5} << 20};
};

// There is no goal to compare with in an empty curve; what CurveIsObjective makes of it does not matter here.
LearningCurveCache::Shared EmptyCurves(int64_t count) {
  return std::make_shared<const LearningCurveCache::Curves>(static_cast<size_t>(count),
                                                            std::make_shared<const LearningCurve>());
}

TEST_F(StoppingModelsTest, LearnsInTheBackgroundWhenItIsDue) {
  std::promise<void> begun, go_on;
  rule_->during = [&] {
    begun.set_value();
    go_on.get_future().wait();
  };
  const auto lesson = [&](int64_t trials) {
    return StoppingModels::Lesson{.rule = rule_, .finished = EmptyCurves(trials), .finished_trials = trials};
  };
  EXPECT_EQ(Known(study_), 0);
  models_.Learn(study_, lesson(1));  // not due
  models_.Learn(study_, lesson(2));
  begun.get_future().wait();
  EXPECT_EQ(Known(study_), 0) << "nobody waits";
  models_.Learn(study_, lesson(9));  // one lesson at a time
  go_on.set_value();
  Settle();
  EXPECT_EQ(Known(study_), 2);
  rule_->during = nullptr;
  models_.Learn(study_, lesson(3));
  Settle();
  EXPECT_EQ(Known(study_), 2) << "not due";
  models_.Learn(study_, lesson(4));
  Settle();
  EXPECT_EQ(Known(study_), 4);
}

// As of TSGP where of 20 finished trials only 19 are full.
TEST_F(StoppingModelsTest, ALessonThatTaughtNothingIsTriedAgainWithTheNextTrial) {
  const auto learn = [&](int64_t trials) {
    models_.Learn(study_, {.rule = rule_, .finished = EmptyCurves(trials), .finished_trials = trials});
    Settle();
  };
  rule_->learns_nothing = true;
  learn(2);
  EXPECT_EQ(rule_->lessons, 1);
  EXPECT_FALSE(models_.IsDue(study_, *rule_, 2)) << "it would teach nothing again";
  learn(2);
  EXPECT_EQ(rule_->lessons, 1);
  EXPECT_TRUE(models_.IsDue(study_, *rule_, 3));
  rule_->learns_nothing = false;
  learn(3);
  EXPECT_EQ(Known(study_), 3);
  rule_->learns_nothing = true;
  learn(5);
  EXPECT_EQ(Known(study_), 3) << "what was learnt before stays";
  EXPECT_TRUE(models_.IsDue(study_, *rule_, 6));
}

TEST_F(StoppingModelsTest, LearnsAnewOnceTrialsAreDeleted) {
  const auto learn = [&](int64_t trials) {
    models_.Learn(study_, {.rule = rule_, .finished = EmptyCurves(trials), .finished_trials = trials});
    Settle();
  };
  learn(9);
  EXPECT_FALSE(models_.IsDue(study_, *rule_, 8)) << "by one that looked a little earlier";
  EXPECT_TRUE(models_.IsDue(study_, *rule_, 4));
  learn(4);
  EXPECT_EQ(Known(study_), 4);
  EXPECT_FALSE(models_.IsDue(study_, *rule_, 5));
  rule_->learns_nothing = true;
  learn(1);
  EXPECT_EQ(Known(study_), 0) << "what is left teaches nothing";
}

TEST_F(StoppingModelsTest, AnotherProblemIsLearntAnew) {
  StudyRow changed = study_;
  ++changed.problem_version;
  const auto lesson = [&] {
    return StoppingModels::Lesson{.rule = rule_, .finished = EmptyCurves(2), .finished_trials = 2};
  };
  // What was learnt of the problem that there was before comes to nothing.
  rule_->during = [&] { EXPECT_EQ(Known(changed), 0); };
  models_.Learn(study_, lesson());
  Settle();
  EXPECT_EQ(Known(changed), 0);
  rule_->during = nullptr;
  models_.Learn(changed, lesson());
  Settle();
  EXPECT_EQ(Known(changed), 2);
  EXPECT_EQ(Known(study_), 0) << "of one who read it before it changed";
  EXPECT_FALSE(models_.IsDue(study_, *rule_, 9));
  models_.Learn(study_, lesson());
  Settle();
  EXPECT_EQ(Known(changed), 2) << "he forgets nothing";
}

TEST_F(StoppingModelsTest, RemembersTheStudiesUsedLast) {
  for (int64_t uid = 1; uid <= 6; ++uid) {
    models_.Learn({.uid = uid}, {.rule = rule_, .finished = EmptyCurves(2), .finished_trials = 2});
    Settle();
  }
  EXPECT_EQ(Known({.uid = 6}), 2);
  EXPECT_EQ(Known({.uid = 1}), 0);
}

TEST_F(StoppingModelsTest, LearnsNothingOnceStopped) {
  models_.Stop();
  models_.Learn(study_, {.rule = rule_, .finished = EmptyCurves(2), .finished_trials = 2});
  Settle();
  EXPECT_EQ(Known(study_), 0);
}

}  // namespace
}  // namespace photinus
