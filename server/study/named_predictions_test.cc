#include "server/study/named_predictions.h"

#include <gtest/gtest.h>

#include <cmath>

namespace photinus {
namespace {

v1::Explanation::Prediction* Add(v1::Explanation& explanation, double median, double lower, double upper) {
  v1::Explanation::Prediction* const added = explanation.add_predictions();
  added->set_median(median);
  added->set_lower(lower);
  added->set_upper(upper);
  return added;
}

void ExpectIs(const v1::Explanation::Prediction& prediction, const char* metric, double median, double lower,
              double upper) {
  EXPECT_EQ(prediction.metric(), metric);
  EXPECT_DOUBLE_EQ(prediction.median(), median);
  EXPECT_DOUBLE_EQ(prediction.lower(), lower);
  EXPECT_DOUBLE_EQ(prediction.upper(), upper);
}

TEST(NamePredictions, MakesValuesOfTheSlacksOfConstraints) {
  StudyProblem problem;
  problem.objectives = {{.metric = "loss", .maximize = false}};
  problem.constraints = {{.outcome = {.metric = "memory", .at_most = true, .bound = 100}},
                         {.outcome = {.metric = "safety", .at_most = false, .bound = 0.5}},
                         {.outcome = {.metric = "loss", .at_most = true, .bound = 2}}};
  v1::Explanation explanation;
  Add(explanation, 1, 0.5, 1.5);
  Add(explanation, 10, -20, 30);
  Add(explanation, 0.1, 0, INFINITY);
  Add(explanation, 1, 0, 2);
  NamePredictions(problem, explanation);
  ASSERT_EQ(explanation.predictions_size(), 3) << "loss is an objective";
  ExpectIs(explanation.predictions(0), "loss", 1, 0.5, 1.5);
  ExpectIs(explanation.predictions(1), "memory", 90, 70, 120);
  ExpectIs(explanation.predictions(2), "safety", 0.6, 0.5, INFINITY);
}

TEST(NamePredictions, LeavesWhatHasNoModelAndWhatIsNoMetricAsItIs) {
  StudyProblem problem;
  problem.constraints = {{.outcome = {.metric = "memory", .at_most = true, .bound = 100}}};
  v1::Explanation explanation;
  explanation.add_predictions();
  Add(explanation, 3, 2, 4);
  NamePredictions(problem, explanation);
  EXPECT_EQ(explanation.predictions(0).metric(), "memory");
  EXPECT_FALSE(explanation.predictions(0).has_median());
  ExpectIs(explanation.predictions(1), "", 3, 2, 4);
}

}  // namespace
}  // namespace photinus
