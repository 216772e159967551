#include "server/algorithms/cma_es.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "server/algorithms/cma_es/cma_state.h"
#include "tests/support/search_space.h"
#include "tests/support/searched_study.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string Doubles(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    absl::StrAppend(&text, "parameters { parameter_id: 'x", i, "' double_value_spec { min_value: -1 max_value: 1 } } ");
  }
  return text;
}

double SquaredDistance(const Point& point, double centre) {
  double sum = 0;
  for (const auto& [id, value] : point) sum += std::pow(std::get<double>(value) - centre, 2);
  return sum;
}

class CmaEsTest : public ::testing::Test {
 protected:
  SuggestResult Ask(int count = 1) const {
    const auto result = CmaEs().Suggest(study_.Request(count));
    EXPECT_TRUE(result.ok()) << result.status();
    return *result;
  }

  Suggestion Suggest() {
    SuggestResult result = Ask();
    study_.state = result.state;
    return result.suggestions.at(0);
  }

  void Complete(int64_t trial_id, const Point& point, double objective, bool infeasible = false) {
    std::vector<EvaluatedPoint>& completed = study_.completed;
    completed.push_back({.trial_id = trial_id, .point = point, .objectives = {objective}, .infeasible = infeasible});
    std::sort(completed.begin(), completed.end(), [](const auto& a, const auto& b) { return a.trial_id < b.trial_id; });
  }

  template <typename Function>
  double Minimize(int trials, Function f) {
    double best = INFINITY;
    for (int i = 0; i < trials; ++i) {
      const Point point = Suggest().point;
      const double value = f(point);
      Complete(study_.NextTrialId(), point, value);
      best = std::min(best, value);
    }
    return best;
  }

  SearchedStudy study_ = {.space = Space(Doubles(5)), .objectives = {{.metric = "loss", .maximize = false}}, .seed = 4};
};

TEST_F(CmaEsTest, FindsTheBottomOfASphere) {
  EXPECT_LT(Minimize(600, [](const Point& p) { return SquaredDistance(p, 0.3); }), 1e-6);
}

TEST_F(CmaEsTest, FindsAnOptimumOnTheBorder) {
  EXPECT_LT(Minimize(600, [](const Point& p) { return SquaredDistance(p, 1); }), 1e-3);
}

TEST_F(CmaEsTest, SearchesIntegersAndDiscreteValues) {
  study_.space = Space(absl::StrCat(Doubles(2), R"(
    parameters { parameter_id: "binary" integer_value_spec { min_value: 0 max_value: 1 } }
    parameters { parameter_id: "units" integer_value_spec { min_value: 1 max_value: 200 } scale_type: UNIT_LOG_SCALE }
    parameters { parameter_id: "filters" discrete_value_spec { values: 8 values: 16 values: 64 values: 100 } }
    parameters { parameter_id: "fixed" integer_value_spec { min_value: 3 max_value: 3 } })"));
  const double best = Minimize(500, [&](const Point& p) {
    return std::pow(Number(p, "x0") - 0.2, 2) + std::pow(Number(p, "x1") + 0.4, 2) + (1 - Number(p, "binary")) +
           std::abs(Number(p, "units") - 37) + (Number(p, "filters") == 64 ? 0 : 2);
  });
  EXPECT_LT(best, 1e-3);  // so every discrete parameter is right
}

TEST_F(CmaEsTest, LeavesALevelThatItsMeanWasSureOf) {
  study_.space = Space(
      absl::StrCat(Doubles(2), "parameters { parameter_id: 'late' integer_value_spec { min_value: 0 max_value: 1 } }"));
  const auto sphere = [](const Point& p) { return std::pow(Number(p, "x0"), 2) + std::pow(Number(p, "x1"), 2); };
  Minimize(150, [&](const Point& p) { return sphere(p) + Number(p, "late"); });
  int ones = 0;
  Minimize(150, [&](const Point& p) {
    ones += p.at("late") == ParameterValue(1.0) ? 1 : 0;
    return sphere(p) + 10 * (1 - Number(p, "late"));
  });
  EXPECT_GT(ones, 50);
}

TEST_F(CmaEsTest, RestartsWithTwiceThePopulationWhereItHasConverged) {
  study_.space = Space(Doubles(2));
  std::set<std::string> runs;
  for (int i = 0; i < 900; ++i) {
    const Suggestion suggestion = Suggest();
    Complete(study_.NextTrialId(), suggestion.point, SquaredDistance(suggestion.point, 0));
    if (suggestion.explanation.text.find("run 2, lambda 12") != std::string::npos) return;
  }
  FAIL() << "no restart";
}

TEST_F(CmaEsTest, UsesAGenerationWhoeverProposedItAndInWhateverOrderItFinishes) {
  const std::vector<Suggestion> first = Ask(16).suggestions;
  EXPECT_THAT(first[3].explanation.text, StartsWith("generation 1 of CMA-ES run 1, lambda 8, sigma 0.3"));
  for (int64_t id = 16; id > 9; --id) Complete(id, first[id - 1].point, SquaredDistance(first[id - 1].point, 0.3));
  for (int64_t id = 1; id <= 9; ++id) study_.pending.push_back({id, first[id - 1].point});
  EXPECT_THAT(Suggest().explanation.text, StartsWith("generation 1 "));
  Complete(9, first[8].point, SquaredDistance(first[8].point, 0.3));
  EXPECT_THAT(Suggest().explanation.text, StartsWith("generation 2 "));
  for (int64_t id = 1; id <= 8; ++id) Complete(id, first[id - 1].point, SquaredDistance(first[id - 1].point, 0.3));
  EXPECT_THAT(Suggest().explanation.text, StartsWith("generation 3 "));
  EXPECT_THAT(Suggest().explanation.text, StartsWith("generation 3 "));  // each trial has its effect once
}

TEST_F(CmaEsTest, GoesThroughTheTrialsAgainWithoutItsState) {
  Minimize(100, [](const Point& p) { return SquaredDistance(p, 0.3); });
  const SuggestResult with = Ask(3);
  study_.state.clear();
  const SuggestResult without = Ask(3);
  EXPECT_EQ(with.state, without.state);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(with.suggestions[i].point, without.suggestions[i].point);
}

// Such as in an imported study: a generation makes C infinite.
TEST_F(CmaEsTest, RestartsWhereItsStateLeadsNowhere) {
  study_.space = Space(R"(parameters { parameter_id: "i" integer_value_spec { max_value: 9 } }
                          parameters { parameter_id: "d" discrete_value_spec { values: 1 values: 2 values: 10 } })");
  CmaState state;
  state.lambda = 6;
  state.distribution = CmaDistribution::Begin(Eigen::VectorXd::Constant(2, 0.5), 0.3);
  state.distribution.path_c.setConstant(1e200);
  study_.state = SerializeCmaState(state);
  for (const Suggestion& suggestion : Ask(6).suggestions) {
    Complete(study_.NextTrialId(), suggestion.point, Number(suggestion.point, "i"));
  }
  for (const Suggestion& suggestion : Ask(6).suggestions) {
    EXPECT_TRUE(study_.space.Validate(suggestion.point).ok());
    EXPECT_THAT(suggestion.explanation.text, HasSubstr("run 2, lambda 12"));
  }
}

TEST_F(CmaEsTest, LearnsNothingFromAGenerationThatFailed) {
  for (int i = 0; i < 8; ++i) Complete(study_.NextTrialId(), Suggest().point, 0, true);
  EXPECT_THAT(Suggest().explanation.text, HasSubstr("generation 1 "));
}

TEST_F(CmaEsTest, GoesWhereAFewTrialsSucceededAndNowhereElse) {
  Suggest();
  const Eigen::VectorXd before = ParseCmaState(study_.state, 5)->distribution.mean;
  const std::vector<Suggestion> generation = Ask(8).suggestions;
  for (int64_t id = 1; id <= 8; ++id) {
    Complete(id, generation[static_cast<size_t>(id - 1)].point, 0, /*infeasible=*/id != 3);
  }
  Suggest();
  const Eigen::VectorXd moved = ParseCmaState(study_.state, 5)->distribution.mean - before;
  Eigen::VectorXd there(5);
  for (int i = 0; i < 5; ++i)
    there[i] = (Number(generation[2].point, absl::StrCat("x", i).c_str()) + 1) / 2 - before[i];
  EXPECT_GT(moved.norm(), 0.01);
  EXPECT_NEAR(moved.dot(there), moved.norm() * there.norm(), 1e-9);
}

TEST_F(CmaEsTest, TakesFailedTrialsAsTheWorst) {
  double best = INFINITY;
  for (int i = 0; i < 400; ++i) {
    const Point point = Suggest().point;
    const bool failed = Number(point, "x0") > 0;
    const double value = SquaredDistance(point, 0.5);
    Complete(study_.NextTrialId(), point, value, failed);
    if (!failed) best = std::min(best, value);
  }
  EXPECT_LT(best, 0.25 + 0.01);
}

}  // namespace
}  // namespace photinus
