#include "server/algorithms/nsga2.h"

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "server/algorithms/evolution/pareto_selection.h"
#include "server/algorithms/random_search.h"
#include "tests/support/search_space.h"
#include "tests/support/searched_study.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

SearchSpace Cube(int dimension) {
  std::string text;
  for (int i = 0; i < dimension; ++i) {
    absl::StrAppend(&text, "parameters { parameter_id: 'x", i, "' double_value_spec { max_value: 1 } } ");
  }
  return Space(text);
}

// ZDT1 [Zitzler, Deb, Thiele 2000], both to be minimised; the front is f2 = 1 - sqrt(f1).
std::vector<double> Zdt1(const Point& point) {
  std::vector<double> x;
  for (const auto& [id, value] : point) x.push_back(std::get<double>(value));
  double rest = 0;
  for (size_t i = 1; i < x.size(); ++i) rest += x[i];
  const double g = 1 + 9 * rest / static_cast<double>(x.size() - 1);
  return {x[0], g * (1 - std::sqrt(x[0] / g))};
}

struct Search : SearchedStudy {
  explicit Search(const SuggestionAlgorithm& a)
      : SearchedStudy{.space = Cube(6),
                      .objectives = {{.metric = "f1", .maximize = false}, {.metric = "f2", .maximize = false}},
                      .seed = 5},
        algorithm(a) {}

  Suggestion Next() const {
    const auto result = algorithm.Suggest(Request());
    EXPECT_TRUE(result.ok()) << result.status();
    return result->suggestions.at(0);
  }

  // Of the area below (1.1, 4) that is not dominated by the front found.
  double DominatedArea() const {
    double area = 0;
    constexpr int kSteps = 2000;
    for (int i = 0; i < kSteps; ++i) {
      const double f1 = 1.1 * (i + 0.5) / kSteps;
      double lowest = 4;
      for (const EvaluatedPoint& e : completed) {
        if (e.objectives[0] <= f1) lowest = std::min(lowest, e.objectives[1]);
      }
      area += (4 - lowest) * 1.1 / kSteps;
    }
    return area;
  }

  const SuggestionAlgorithm& algorithm;
};

TEST(Nsga2, BeginsWithAPopulationOfFifty) {
  const Nsga2 nsga2;
  Search search(nsga2);
  for (int i = 0; i < 50; ++i) {
    const Suggestion suggestion = search.Next();
    EXPECT_THAT(suggestion.explanation.text, HasSubstr("initial population"));
    search.Complete(suggestion.point, Zdt1(suggestion.point));
  }
  EXPECT_THAT(search.Next().explanation.text, StartsWith("child of trial "));
}

TEST(Nsga2, ComesNearTheFrontOfZdt1) {
  const Nsga2 nsga2;
  const RandomSearch random_search;
  Search evolution(nsga2), random(random_search);
  for (int i = 0; i < 500; ++i) {
    for (Search* search : {&evolution, &random}) {
      const Point point = search->Next().point;
      search->Complete(point, Zdt1(point));
    }
  }
  const double best = 4 * 1.1 - (1 - 2.0 / 3);  // the front itself has 1/3 below it
  EXPECT_GT(evolution.DominatedArea(), best - 0.35);
  EXPECT_LT(random.DominatedArea(), best - 0.8);
}

TEST(Nsga2, NeverBreedsFromFailedTrials) {
  const Nsga2 nsga2;
  Search search(nsga2);
  for (int i = 0; i < 60; ++i) {
    const Point point = search.Next().point;
    search.Complete(point, Zdt1(point), i >= 10);
  }
  for (int i = 0; i < 40; ++i) {
    const Suggestion child = search.Next();
    for (int64_t failed = 11; failed <= 60; ++failed) {
      EXPECT_FALSE(::testing::Matches(HasSubstr(absl::StrCat("trial ", failed)))(child.explanation.text));
    }
    search.pending.push_back({200 + static_cast<int64_t>(search.pending.size()), child.point});
  }
}

TEST(Nsga2, ServesHugeHistories) {
  const Nsga2 nsga2;
  Search search(nsga2);
  for (int i = 0; i < 20000; ++i) {
    Point point;
    for (int k = 0; k < 6; ++k) point.emplace(absl::StrCat("x", k), 0.5 + 0.5 * std::sin(1.1 * i + k));
    search.Complete(point, Zdt1(point));
  }
  EXPECT_THAT(search.Next().explanation.text, StartsWith("child of trial "));
}

}  // namespace
}  // namespace photinus
