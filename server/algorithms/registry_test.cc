#include "server/algorithms/registry.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "gmock/gmock.h"
#include "tests/support/search_space.h"

namespace photinus {
namespace {

using ::testing::HasSubstr;

TEST(Registry, MakesEveryAlgorithmItNames) {
  const SearchSpace space = *SearchSpace::FromSpec(pb::StudySpec());
  for (const std::string& name : AlgorithmNames()) {
    EXPECT_TRUE(MakeAlgorithm(name).ok()) << name;
    EXPECT_TRUE(CheckAlgorithm(name, space, {}).ok()) << name;
  }
}

TEST(Registry, TakesNoNameForTheBestOne) { EXPECT_TRUE(MakeAlgorithm("").ok()); }

struct UnknownName {
  const char* situation;
  const char* name;
  const char* message;
};

class UnknownAlgorithm : public ::testing::TestWithParam<UnknownName> {};

TEST_P(UnknownAlgorithm, IsRefusedWithTheListAndTheNearest) {
  const absl::Status status = MakeAlgorithm(GetParam().name).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorField(status), "algorithm");
  EXPECT_THAT(std::string(status.message()), HasSubstr("QUASI_RANDOM_SEARCH"));
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().message));
  const SearchSpace space = *SearchSpace::FromSpec(pb::StudySpec());
  EXPECT_EQ(CheckAlgorithm(GetParam().name, space, {}), status);
}

INSTANTIATE_TEST_SUITE_P(Table, UnknownAlgorithm,
                         ::testing::Values(UnknownName{"Misspelt", "RANDOM_SERCH", "did you mean 'RANDOM_SEARCH'?"},
                                           UnknownName{"LowerCase", "random_search", "did you mean 'RANDOM_SEARCH'?"},
                                           UnknownName{"Nonsense", "x", "'x' is not an algorithm"}),
                         [](const auto& info) { return info.param.situation; });

struct UnservedProblem {
  const char* situation;
  const char* algorithm;
  const char* space;
  size_t objectives;
  const char* message;
};

class UnservedAlgorithm : public ::testing::TestWithParam<UnservedProblem> {};

TEST_P(UnservedAlgorithm, IsRefusedWithTheReasonAndWhatToUseInstead) {
  const UnservedProblem& problem = GetParam();
  const std::vector<Objective> objectives(problem.objectives);
  const absl::Status status = CheckAlgorithm(problem.algorithm, Space(problem.space), objectives);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorField(status), "algorithm");
  EXPECT_EQ(status.message(), problem.message);
}

constexpr char kHugeGrid[] = R"(
  parameters { parameter_id: "a" integer_value_spec { min_value: 1 max_value: 2147483648 } }
  parameters { parameter_id: "b" integer_value_spec { min_value: 1 max_value: 2147483648 } })";

constexpr char kBlock[] = R"(
  parameters { parameter_id: "block" categorical_value_spec { values: "conv" values: "pool" } })";

constexpr char kChild[] = R"(
  parameters { parameter_id: "layers" integer_value_spec { min_value: 0 max_value: 3 }
    conditional_parameter_specs { parent_int_values { values: 1 }
      parameter_spec { parameter_id: "width" integer_value_spec { min_value: 1 max_value: 8 } } } })";

TEST(Registry, RefusesTooManyNumbersForCmaEs) {
  pb::StudySpec spec;
  for (int i = 0; i < 200; ++i) {
    spec.add_parameters()->set_parameter_id(absl::StrCat("x", i));
    spec.mutable_parameters(i)->mutable_double_value_spec()->set_max_value(1);
  }
  EXPECT_TRUE(CheckAlgorithm("CMA_ES", *SearchSpace::FromSpec(spec), {}).ok());
  spec.add_parameters()->set_parameter_id("another");
  spec.mutable_parameters(200)->mutable_double_value_spec()->set_max_value(1);
  EXPECT_THAT(std::string(CheckAlgorithm("CMA_ES", *SearchSpace::FromSpec(spec), {}).message()),
              HasSubstr("up to 200 unconditional numbers, and the study has 201"));
}

INSTANTIATE_TEST_SUITE_P(
    Table, UnservedAlgorithm,
    ::testing::Values(UnservedProblem{"HugeGrid", "SHUFFLED_GRID_SEARCH", kHugeGrid, 1,
                                      "algorithm: the grid of SHUFFLED_GRID_SEARCH would have more than 2^53 points "
                                      "here; use QUASI_RANDOM_SEARCH, which fills any space evenly, or DEFAULT"},
                      UnservedProblem{"TwoObjectives", "REGULARIZED_EVOLUTION", "", 2,
                                      "algorithm: REGULARIZED_EVOLUTION searches for one objective, and this study has "
                                      "2; use NSGA2, TPE or DEFAULT"},
                      UnservedProblem{"Categories", "CMA_ES", kBlock, 1,
                                      "algorithm: CMA_ES searches up to 200 unconditional numbers, and 'block' is "
                                      "categorical; use DEFAULT or TPE"},
                      UnservedProblem{"Conditions", "CMA_ES", kChild, 1,
                                      "algorithm: CMA_ES searches up to 200 unconditional numbers, and 'width' is "
                                      "conditional; use DEFAULT or TPE"}),
    [](const auto& info) { return info.param.situation; });

}  // namespace
}  // namespace photinus
