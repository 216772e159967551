#include "server/algorithms/firefly_search.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "tests/support/search_space.h"
#include "tests/support/searched_study.h"

namespace photinus {
namespace {

constexpr char kMixed[] = R"(
  parameters { parameter_id: "x" double_value_spec { min_value: 0 max_value: 1 } }
  parameters { parameter_id: "n" integer_value_spec { min_value: 1 max_value: 30 } }
  parameters { parameter_id: "block" categorical_value_spec { values: "conv" values: "none" }
    conditional_parameter_specs { parent_categorical_values { values: "conv" }
      parameter_spec { parameter_id: "kernel" integer_value_spec { min_value: 2 max_value: 5 } } } })";

double Goal(const Point& point) {
  const double x = std::get<double>(point.at("x")), n = std::get<double>(point.at("n"));
  return -(x - 0.3) * (x - 0.3) - 0.001 * (n - 20) * (n - 20) + (point.count("kernel") > 0 ? 0.1 : 0);
}

// A study whose answers go on from a cache, and one whose answers go on from bytes.
struct Twins {
  SearchedStudy cached, plain;
  std::unique_ptr<AlgorithmCache> cache;

  SuggestResult Suggest(const FireflySearch& algorithm) {
    SuggestRequest request = cached.Request();
    request.cache = &cache;
    const SuggestResult from_cache = *algorithm.Suggest(request), from_bytes = *algorithm.Suggest(plain.Request());
    EXPECT_EQ(from_cache.suggestions.at(0).point, from_bytes.suggestions.at(0).point);
    EXPECT_EQ(from_cache.state, from_bytes.state);
    return from_cache;
  }
  void Complete(const Point& point, bool failed) {
    cached.Complete(point, {Goal(point)}, failed);
    plain.Complete(point, {Goal(point)}, failed);
  }
};

class FireflySearchTest : public ::testing::TestWithParam<firefly::Species> {};

TEST_P(FireflySearchTest, AnswersFromItsCacheAsFromItsBytes) {
  const FireflySearch algorithm(GetParam());
  Twins twins{.cached = {.space = Space(kMixed)}, .plain = {.space = Space(kMixed)}, .cache = nullptr};
  for (int i = 0; i < 200; ++i) {
    SuggestResult result = twins.Suggest(algorithm);
    if (i % 7 == 0) twins.Suggest(algorithm);  // an answer of which nothing became: its cache is of another state
    twins.cached.state = twins.plain.state = std::move(result.state);
    twins.Complete(result.suggestions[0].point, i % 11 == 0);
    ASSERT_FALSE(HasFailure()) << "trial " << i + 1;
  }
}

INSTANTIATE_TEST_SUITE_P(BothSpecies, FireflySearchTest,
                         ::testing::Values(firefly::Species::kEagle, firefly::Species::kHyper),
                         [](const auto& param) { return param.param == firefly::Species::kEagle ? "Eagle" : "Hyper"; });

}  // namespace
}  // namespace photinus
