#include "server/algorithms/drawn_search.h"

#include <gtest/gtest.h>

#include "server/algorithms/quasi_random_search.h"
#include "server/algorithms/random_search.h"
#include "tests/support/search_space.h"

namespace photinus {
namespace {

struct DrawnSpace {
  const char* situation;
  bool may_repeat;
  const char* text;
};

class DrawnSearchTest : public ::testing::TestWithParam<DrawnSpace> {};

TEST_P(DrawnSearchTest, LooksAtTrialsOnlyWhereAPointMayComeTwice) {
  const SearchSpace space = Space(GetParam().text);
  EXPECT_EQ(RandomSearch().UsesHistory(space, /*noisy=*/false), GetParam().may_repeat);
  EXPECT_EQ(QuasiRandomSearch().UsesHistory(space, /*noisy=*/false), GetParam().may_repeat);
  EXPECT_FALSE(RandomSearch().UsesHistory(space, /*noisy=*/true));
}

INSTANTIATE_TEST_SUITE_P(
    Table, DrawnSearchTest,
    ::testing::Values(DrawnSpace{"Nothing", true, ""},
                      DrawnSpace{
                          "SingleValue", true,
                          R"(parameters { parameter_id: "a" integer_value_spec { min_value: 7 max_value: 7 } })"},
                      DrawnSpace{"Double", false, R"(
          parameters { parameter_id: "x" double_value_spec { max_value: 1 } }
          parameters { parameter_id: "a" integer_value_spec { max_value: 9 } })"},
                      DrawnSpace{"Few", true, R"(
          parameters { parameter_id: "a" integer_value_spec { max_value: 9 } }
          parameters { parameter_id: "b" categorical_value_spec { values: "x" values: "y" } })"},
                      DrawnSpace{"Many", false, R"(
          parameters { parameter_id: "a" integer_value_spec { max_value: 999999 } }
          parameters { parameter_id: "b" integer_value_spec { max_value: 999999 } }
          parameters { parameter_id: "c" integer_value_spec { max_value: 999999 } })"},
                      DrawnSpace{"ManyOnLogScales", true, R"(
          parameters { parameter_id: "a" integer_value_spec { min_value: 1 max_value: 1000000 } scale_type: UNIT_LOG_SCALE }
          parameters { parameter_id: "b" integer_value_spec { min_value: 1 max_value: 1000000 } scale_type: UNIT_LOG_SCALE }
          parameters { parameter_id: "c" integer_value_spec { min_value: 1 max_value: 1000000 }
                       scale_type: UNIT_REVERSE_LOG_SCALE })"},
                      DrawnSpace{"ManyInABranch", true, R"(
          parameters { parameter_id: "op" categorical_value_spec { values: "skip" values: "conv" }
            conditional_parameter_specs { parent_categorical_values { values: "conv" }
              parameter_spec { parameter_id: "a" integer_value_spec { max_value: 999999999 } } }
            conditional_parameter_specs { parent_categorical_values { values: "conv" }
              parameter_spec { parameter_id: "b" integer_value_spec { max_value: 999999999 } } } })"},
                      DrawnSpace{"ManyInEveryBranch", false, R"(
          parameters { parameter_id: "op" categorical_value_spec { values: "skip" values: "conv" }
            conditional_parameter_specs { parent_categorical_values { values: "skip" values: "conv" }
              parameter_spec { parameter_id: "a" integer_value_spec { max_value: 999999999 } } }
            conditional_parameter_specs { parent_categorical_values { values: "skip" values: "conv" }
              parameter_spec { parameter_id: "b" integer_value_spec { max_value: 999999999 } } } })"},
                      DrawnSpace{"DoubleInABranch", true, R"(
          parameters { parameter_id: "op" categorical_value_spec { values: "skip" values: "conv" }
            conditional_parameter_specs { parent_categorical_values { values: "conv" }
              parameter_spec { parameter_id: "x" double_value_spec { max_value: 1 } } } })"}),
    [](const auto& info) { return info.param.situation; });

}  // namespace
}  // namespace photinus
