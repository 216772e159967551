#include "server/algorithms/cma_es.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

SearchSpace Space(const std::string& text) {
  pb::StudySpec spec;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &spec)) << text;
  return *SearchSpace::FromSpec(spec);
}

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
    const auto result = CmaEs().Suggest({.space = space_,
                                         .objectives = objectives_,
                                         .completed = completed_,
                                         .pending = pending_,
                                         .count = count,
                                         .seed = 4,
                                         .first_trial_id = next_id_,
                                         .state = state_});
    EXPECT_TRUE(result.ok()) << result.status();
    return *result;
  }

  Suggestion Suggest() {
    SuggestResult result = Ask();
    state_ = result.state;
    return result.suggestions.at(0);
  }

  void Complete(int64_t trial_id, const Point& point, double objective, bool infeasible = false) {
    completed_.push_back({.trial_id = trial_id, .point = point, .objectives = {objective}, .infeasible = infeasible});
    std::sort(completed_.begin(), completed_.end(),
              [](const auto& a, const auto& b) { return a.trial_id < b.trial_id; });
  }

  template <typename Function>
  double Minimize(int trials, Function f) {
    double best = INFINITY;
    for (int i = 0; i < trials; ++i) {
      const Point point = Suggest().point;
      const double value = f(point);
      Complete(next_id_++, point, value);
      best = std::min(best, value);
    }
    return best;
  }

  SearchSpace space_ = Space(Doubles(5));
  std::vector<Objective> objectives_ = {{.metric = "loss", .maximize = false}};
  std::vector<EvaluatedPoint> completed_;
  std::vector<PendingPoint> pending_;
  std::string state_;
  int64_t next_id_ = 1;
};

TEST_F(CmaEsTest, FindsTheBottomOfASphere) {
  EXPECT_LT(Minimize(600, [](const Point& p) { return SquaredDistance(p, 0.3); }), 1e-6);
}

TEST_F(CmaEsTest, FindsAnOptimumOnTheBorder) {
  EXPECT_LT(Minimize(600, [](const Point& p) { return SquaredDistance(p, 1); }), 1e-3);
}

TEST_F(CmaEsTest, SearchesIntegersAndDiscreteValues) {
  space_ = Space(absl::StrCat(Doubles(2), R"(
    parameters { parameter_id: "binary" integer_value_spec { min_value: 0 max_value: 1 } }
    parameters { parameter_id: "units" integer_value_spec { min_value: 1 max_value: 200 } scale_type: UNIT_LOG_SCALE }
    parameters { parameter_id: "filters" discrete_value_spec { values: 8 values: 16 values: 64 values: 100 } }
    parameters { parameter_id: "fixed" integer_value_spec { min_value: 3 max_value: 3 } })"));
  const auto number = [](const Point& p, const char* id) { return std::get<double>(p.at(id)); };
  const double best = Minimize(500, [&](const Point& p) {
    return std::pow(number(p, "x0") - 0.2, 2) + std::pow(number(p, "x1") + 0.4, 2) + (1 - number(p, "binary")) +
           std::abs(number(p, "units") - 37) + (number(p, "filters") == 64 ? 0 : 2);
  });
  EXPECT_LT(best, 1e-3);  // so every discrete parameter is right
}

TEST_F(CmaEsTest, LeavesALevelThatItsMeanWasSureOf) {
  space_ = Space(
      absl::StrCat(Doubles(2), "parameters { parameter_id: 'late' integer_value_spec { min_value: 0 max_value: 1 } }"));
  const auto sphere = [](const Point& p) {
    return std::pow(std::get<double>(p.at("x0")), 2) + std::pow(std::get<double>(p.at("x1")), 2);
  };
  Minimize(150, [&](const Point& p) { return sphere(p) + std::get<double>(p.at("late")); });
  int ones = 0;
  Minimize(150, [&](const Point& p) {
    ones += p.at("late") == ParameterValue(1.0) ? 1 : 0;
    return sphere(p) + 10 * (1 - std::get<double>(p.at("late")));
  });
  EXPECT_GT(ones, 50);
}

TEST_F(CmaEsTest, RestartsWithTwiceThePopulationWhereItHasConverged) {
  space_ = Space(Doubles(2));
  std::set<std::string> runs;
  for (int i = 0; i < 900; ++i) {
    const Suggestion suggestion = Suggest();
    Complete(next_id_++, suggestion.point, SquaredDistance(suggestion.point, 0));
    if (suggestion.explanation.text.find("run 2, lambda 12") != std::string::npos) return;
  }
  FAIL() << "no restart";
}

TEST_F(CmaEsTest, UsesAGenerationWhoeverProposedItAndInWhateverOrderItFinishes) {
  const std::vector<Suggestion> first = Ask(16).suggestions;
  EXPECT_THAT(first[3].explanation.text, StartsWith("generation 1 of CMA-ES run 1, lambda 8, sigma 0.3"));
  for (int64_t id = 16; id > 9; --id) Complete(id, first[id - 1].point, SquaredDistance(first[id - 1].point, 0.3));
  next_id_ = 17;
  for (int64_t id = 1; id <= 9; ++id) pending_.push_back({id, first[id - 1].point});
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
  state_.clear();
  const SuggestResult without = Ask(3);
  EXPECT_EQ(with.state, without.state);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(with.suggestions[i].point, without.suggestions[i].point);
}

TEST_F(CmaEsTest, LearnsNothingFromAGenerationThatFailed) {
  for (int i = 0; i < 8; ++i) Complete(next_id_++, Suggest().point, 0, true);
  EXPECT_THAT(Suggest().explanation.text, HasSubstr("generation 1 "));
}

TEST_F(CmaEsTest, TakesFailedTrialsAsTheWorst) {
  double best = INFINITY;
  for (int i = 0; i < 400; ++i) {
    const Point point = Suggest().point;
    const bool failed = std::get<double>(point.at("x0")) > 0;
    const double value = SquaredDistance(point, 0.5);
    Complete(next_id_++, point, value, failed);
    if (!failed) best = std::min(best, value);
  }
  EXPECT_LT(best, 0.25 + 0.01);
}

}  // namespace
}  // namespace photinus
