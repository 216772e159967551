#include "server/algorithms/history.h"

#include <limits>

#include "gmock/gmock.h"
#include "server/algorithms/encoded_trials.h"
#include "tests/support/search_space.h"
#include "tests/support/searched_study.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;

class HistoryTest : public ::testing::Test {
 protected:
  History Read() const { return ReadHistory(flatten_, study_.Request()); }

  SearchedStudy study_ = {.space = Space("parameters { parameter_id: 'x' double_value_spec { max_value: 10 } }"),
                          .objectives = {{.metric = "up"}, {.metric = "down", .maximize = false}}};
  const Flatten flatten_ = Flatten(study_.space);
};

TEST_F(HistoryTest, HasGoalsOfWhichMoreIsBetter) {
  study_.completed = {{.trial_id = 4, .point = {{"x", 2.0}}, .objectives = {3, 5}}};
  const History history = Read();
  ASSERT_EQ(history.evaluations.size(), 1);
  EXPECT_EQ(history.evaluations[0].trial_id, 4);
  EXPECT_EQ(history.evaluations[0].unit, UnitPoint{0.2});
  EXPECT_THAT(history.evaluations[0].goals, ElementsAre(3, -5));
  EXPECT_FALSE(history.evaluations[0].failed);
}

TEST_F(HistoryTest, CountsTrialsWithoutFiniteObjectivesAsFailed) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  study_.completed = {{.trial_id = 1, .point = {{"x", 1.0}}, .objectives = {3, 5}, .infeasible = true},
                      {.trial_id = 2, .point = {{"x", 2.0}}, .objectives = {3, nan}},
                      {.trial_id = 3, .point = {{"x", 3.0}}, .objectives = {inf, 5}},
                      {.trial_id = 4, .point = {{"x", 4.0}}, .objectives = {3}}};
  const History history = Read();
  ASSERT_EQ(history.evaluations.size(), 4);
  for (const Evaluation& evaluation : history.evaluations) {
    EXPECT_TRUE(evaluation.failed);
    EXPECT_TRUE(evaluation.goals.empty());
  }
}

TEST_F(HistoryTest, CountsTrialsThatViolateAConstraintOrMayAsFailed) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  study_.completed = {{.trial_id = 1, .point = {{"x", 1.0}}, .objectives = {3, 5}, .slacks = {1, 0}},
                      {.trial_id = 2, .point = {{"x", 2.0}}, .objectives = {3, 5}, .slacks = {1, -1}},
                      {.trial_id = 3, .point = {{"x", 3.0}}, .objectives = {3, 5}, .slacks = {1, nan}}};
  const History history = Read();
  EXPECT_FALSE(history.evaluations[0].failed);
  EXPECT_TRUE(history.evaluations[1].failed);
  EXPECT_TRUE(history.evaluations[2].failed);
}

TEST_F(HistoryTest, IsTheSameOfEncodedTrials) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  study_.constraints.resize(1);
  study_.completed = {{.trial_id = 1, .point = {{"x", 1.0}}, .objectives = {3, 5}, .slacks = {1}},
                      {.trial_id = 2, .point = {{"x", 2.0}}, .objectives = {3, 5}, .slacks = {-1}},
                      {.trial_id = 3, .point = {{"x", 3.0}}, .objectives = {3, nan}, .slacks = {1}},
                      {.trial_id = 4, .point = {{"x", 4.0}}, .objectives = {3, 5}, .infeasible = true, .slacks = {1}},
                      {.trial_id = 5, .point = {{"y", 5.0}}, .objectives = {3, 5}, .slacks = {1}}};
  study_.pending = {{6, {{"x", 6.0}}}, {7, {{"y", 7.0}}}};
  EncodedTrials trials(study_.space, study_.objectives, 1);
  for (const EvaluatedPoint& trial : study_.completed) {
    trials.Add(trial.trial_id, trial.point);
    trials.SetFinished(trial.trial_id, trial.objectives, trial.infeasible, trial.slacks);
  }
  for (const PendingPoint& trial : study_.pending) trials.Add(trial.trial_id, trial.point);
  for (const bool noisy : {false, true}) {
    study_.noisy = noisy;
    const std::vector<EvaluatedPoint> none;
    const std::vector<PendingPoint> none_running;
    SuggestRequest request = study_.RequestWith(none, none_running, 1);
    request.trials = &trials;
    const History listed = Read(), decoded = ReadHistory(flatten_, request);
    ASSERT_EQ(decoded.evaluations.size(), listed.evaluations.size());
    for (size_t i = 0; i < listed.evaluations.size(); ++i) {
      EXPECT_EQ(decoded.evaluations[i].trial_id, listed.evaluations[i].trial_id);
      EXPECT_EQ(decoded.evaluations[i].unit, listed.evaluations[i].unit);
      EXPECT_EQ(decoded.evaluations[i].goals, listed.evaluations[i].goals);
      EXPECT_EQ(decoded.evaluations[i].failed, listed.evaluations[i].failed);
    }
    EXPECT_EQ(decoded.pending, listed.pending);
    for (int tenth = 0; tenth <= 10; ++tenth) {
      const UnitPoint unit = {tenth * 0.1};
      EXPECT_EQ(decoded.excluded.Contains(unit), listed.excluded.Contains(unit)) << tenth;
    }
  }
}

TEST_F(HistoryTest, SaysWhichOfTwoTrialsIsBetter) {
  const Evaluation good{.goals = {3}}, bad{.goals = {2}}, failed{.failed = true}, without_goals{};
  EXPECT_TRUE(IsBetter(good, bad));
  EXPECT_FALSE(IsBetter(bad, good));
  EXPECT_FALSE(IsBetter(good, good));
  EXPECT_TRUE(IsBetter(bad, failed));
  EXPECT_FALSE(IsBetter(failed, failed));
  EXPECT_FALSE(IsBetter(without_goals, without_goals));
}

TEST_F(HistoryTest, LeavesPointsOfAnotherSpaceOut) {
  study_.completed = {{.trial_id = 1, .point = {{"y", 1.0}}, .objectives = {3, 5}}};
  study_.pending = {{1, {{"y", 1.0}}}, {2, {{"x", 1.0}}}};
  const History history = Read();
  EXPECT_TRUE(history.evaluations.empty());
  EXPECT_THAT(history.pending, ElementsAre(UnitPoint{0.1}));
}

TEST_F(HistoryTest, ExcludesWhatIsKnownAndWhereRepeatsAreWorthwhileWhatIsPendingOrOnlyFailed) {
  study_.constraints.resize(1);
  study_.completed = {{.trial_id = 1, .point = {{"x", 1.0}}, .objectives = {3, 5}, .slacks = {1}},
                      {.trial_id = 2, .point = {{"x", 2.0}}, .objectives = {3, 5}, .infeasible = true, .slacks = {1}},
                      {.trial_id = 3, .point = {{"x", 1.0}}, .objectives = {3, 5}, .infeasible = true, .slacks = {1}},
                      {.trial_id = 4, .point = {{"x", 5.0}}, .objectives = {3, 5}, .slacks = {-1}}};
  study_.pending = {{5, {{"x", 3.0}}}};
  for (const bool noisy : {false, true}) {
    study_.noisy = noisy;
    History history = Read();
    EXPECT_EQ(history.excluded.Contains({0.1}), !noisy);
    EXPECT_EQ(history.excluded.Contains({0.5}), !noisy);
    EXPECT_TRUE(history.excluded.Contains({0.2}));
    EXPECT_TRUE(history.excluded.Contains({0.3}));
    EXPECT_FALSE(history.excluded.Contains({0.4}));
    EXPECT_EQ(history.AllowFailures(), noisy);
    EXPECT_EQ(history.excluded.Contains({0.2}), !noisy);
    EXPECT_TRUE(history.excluded.Contains({0.3}));
    EXPECT_FALSE(history.AllowFailures());
  }
}

}  // namespace
}  // namespace photinus
