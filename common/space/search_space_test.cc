#include "common/space/search_space.h"

#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "tests/support/search_space.h"

namespace photinus {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

pb::StudySpec Spec(const std::string& text) {
  pb::StudySpec spec;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &spec)) << text;
  return spec;
}

// block in {conv, none}; filters and kernel only for conv; norm only for kernel 3 or 5.
constexpr char kConditional[] = R"(
  parameters { parameter_id: "lr" double_value_spec { min_value: 1e-4 max_value: 1 } scale_type: UNIT_LOG_SCALE }
  parameters {
    parameter_id: "block" categorical_value_spec { values: "conv" values: "none" }
    conditional_parameter_specs {
      parent_categorical_values { values: "conv" }
      parameter_spec { parameter_id: "filters" discrete_value_spec { values: 8 values: 16 values: 32 } }
    }
    conditional_parameter_specs {
      parent_categorical_values { values: "conv" }
      parameter_spec {
        parameter_id: "kernel" integer_value_spec { min_value: 2 max_value: 5 }
        conditional_parameter_specs {
          parent_int_values { values: 3 values: 5 }
          parameter_spec { parameter_id: "norm" categorical_value_spec { values: "yes" values: "no" } }
        }
      }
    }
  })";

TEST(SearchSpace, ListsParentsBeforeChildren) {
  const SearchSpace space = Space(kConditional);
  std::vector<std::string> ids;
  for (const Parameter& p : space.parameters()) ids.push_back(p.id);
  EXPECT_THAT(ids, ElementsAre("lr", "block", "filters", "kernel", "norm"));
  EXPECT_EQ(space.parameters()[space.Find("norm")].parent, space.Find("kernel"));
  EXPECT_EQ(space.Find("nothing"), -1);
}

TEST(SearchSpace, AcceptsAnEmptySpec) {
  EXPECT_EQ(Space("").parameters().size(), 0);
  EXPECT_EQ(Space("").Cardinality(), 1);
}

// As the stock client sends select_values(["dnn", "cnn"]).add_float_param("lr") and a grandchild of its own.
TEST(SearchSpace, MergesEqualChildrenUnderDifferentValues) {
  constexpr char kOptimizer[] = R"( parameter_spec {
      parameter_id: "optimizer" categorical_value_spec { values: "sgd" values: "adam" }
      conditional_parameter_specs { parent_categorical_values { values: "adam" }
        parameter_spec { parameter_id: "beta" double_value_spec { max_value: 1 } } } })";
  const SearchSpace space = Space(absl::StrCat(
      R"(parameters { parameter_id: "model" categorical_value_spec { values: "dnn" values: "cnn" values: "tree" }
           conditional_parameter_specs { parent_categorical_values { values: "dnn" })",
      kOptimizer, "} conditional_parameter_specs { parent_categorical_values { values: \"cnn\" }", kOptimizer, "} }"));
  std::vector<std::string> ids;
  for (const Parameter& p : space.parameters()) ids.push_back(p.id);
  EXPECT_THAT(ids, ElementsAre("model", "optimizer", "beta"));
  EXPECT_THAT(space.parameters()[1].parent_values, ElementsAre(ParameterValue("dnn"), ParameterValue("cnn")));
  for (const char* model : {"dnn", "cnn"}) {
    EXPECT_TRUE(space.Validate({{"model", model}, {"optimizer", "adam"}, {"beta", 0.5}}).ok()) << model;
    EXPECT_FALSE(space.Validate({{"model", model}}).ok()) << model;
  }
  EXPECT_TRUE(space.Validate({{"model", "tree"}}).ok());
  EXPECT_FALSE(space.Validate({{"model", "tree"}, {"optimizer", "sgd"}}).ok());
}

TEST(SearchSpace, CountsMergedChildrenOnce) {
  EXPECT_EQ(Space(R"(parameters { parameter_id: "a" integer_value_spec { max_value: 2 }
      conditional_parameter_specs { parent_int_values { values: 0 }
        parameter_spec { parameter_id: "b" integer_value_spec { max_value: 3 } } }
      conditional_parameter_specs { parent_int_values { values: 2 }
        parameter_spec { parameter_id: "b" integer_value_spec { max_value: 3 } } } })")
                .Cardinality(),
            9);
}

TEST(SearchSpace, KeepsScalesAndDefaults) {
  const SearchSpace space = Space(R"(
    parameters { parameter_id: "a" scale_type: UNIT_REVERSE_LOG_SCALE
                 double_value_spec { min_value: 1 max_value: 2 default_value { value: 1.5 } } }
    parameters { parameter_id: "b" scale_type: UNIT_LOG_SCALE categorical_value_spec { values: "x" } })");
  EXPECT_EQ(space.parameters()[0].scale, Parameter::Scale::kReverseLog);
  EXPECT_EQ(std::get<double>(*space.parameters()[0].default_value), 1.5);
  EXPECT_EQ(space.parameters()[1].scale, Parameter::Scale::kLinear);
}

struct BadSpec {
  const char* situation;
  const char* parameter;
  const char* field;
  const char* message;
};

class MalformedSpec : public ::testing::TestWithParam<BadSpec> {};

TEST_P(MalformedSpec, IsAnInvalidArgumentThatNamesTheField) {
  const std::string good = R"(parameters { parameter_id: "good" double_value_spec { max_value: 1 } })";
  const auto space = SearchSpace::FromSpec(Spec(absl::StrCat(good, " parameters { ", GetParam().parameter, " }")));
  ASSERT_EQ(space.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorField(space.status()), GetParam().field);
  EXPECT_THAT(std::string(space.status().message()), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Table, MalformedSpec,
    ::testing::Values(
        BadSpec{"NoName", "double_value_spec { max_value: 1 }", "parameters[1].name", "missing"},
        BadSpec{"ControlCharacter", R"(parameter_id: "a\nb" double_value_spec { max_value: 1 })", "parameters[1].name",
                "control"},
        BadSpec{"NoDomain", R"(parameter_id: "a")", "parameters[1].type", "no domain"},
        BadSpec{"Duplicate", R"(parameter_id: "good" double_value_spec { max_value: 1 })", "parameters[1].name",
                "'good' stands twice"},
        BadSpec{"InvertedBounds", R"(parameter_id: "a" double_value_spec { min_value: 2 max_value: 1 })",
                "parameters[1].min", "above its max"},
        BadSpec{"InvertedIntegers", R"(parameter_id: "a" integer_value_spec { min_value: 2 max_value: -1 })",
                "parameters[1].min", "above its max"},
        BadSpec{"NanMin", R"(parameter_id: "a" double_value_spec { min_value: nan max_value: 1 })", "parameters[1].min",
                "needs a number"},
        BadSpec{"NanMax", R"(parameter_id: "a" double_value_spec { max_value: nan })", "parameters[1].max",
                "needs a number"},
        BadSpec{"InfiniteMax", R"(parameter_id: "a" double_value_spec { max_value: inf })", "parameters[1].max",
                "needs a number"},
        BadSpec{"HugeInteger", R"(parameter_id: "a" integer_value_spec { max_value: 9223372036854775807 })",
                "parameters[1].max", "2^53"},
        BadSpec{"IntegerThatRoundsTo2To53", R"(parameter_id: "a" integer_value_spec { max_value: 9007199254740993 })",
                "parameters[1].max", "2^53"},
        BadSpec{"LogAtZero", R"(parameter_id: "a" double_value_spec { max_value: 1 } scale_type: UNIT_LOG_SCALE)",
                "parameters[1].scale", "above 0"},
        BadSpec{"ReverseLogBelowZero",
                R"(parameter_id: "a" integer_value_spec { min_value: -1 } scale_type: UNIT_REVERSE_LOG_SCALE)",
                "parameters[1].scale", "above 0"},
        BadSpec{"UnknownScale", R"(parameter_id: "a" double_value_spec { max_value: 1 } scale_type: 17)",
                "parameters[1].scale", "unknown scale"},
        BadSpec{"NoDiscreteValues", R"(parameter_id: "a" discrete_value_spec { })", "parameters[1].values", "missing"},
        BadSpec{"NoCategories", R"(parameter_id: "a" categorical_value_spec { })", "parameters[1].values", "missing"},
        BadSpec{"UnsortedValues", R"(parameter_id: "a" discrete_value_spec { values: 1 values: 3 values: 2 })",
                "parameters[1].values[2]", "out of order"},
        BadSpec{"ValuesTooClose", R"(parameter_id: "a" discrete_value_spec { values: 1 values: 1.00000000001 })",
                "parameters[1].values[1]", "closer than"},
        BadSpec{"NanValue", R"(parameter_id: "a" discrete_value_spec { values: 1 values: nan })",
                "parameters[1].values[1]", "not a finite"},
        BadSpec{"DuplicateCategory", R"(parameter_id: "a" categorical_value_spec { values: "x" values: "x" })",
                "parameters[1].values[1]", "stands twice"},
        BadSpec{"DefaultOutside", R"(parameter_id: "a" double_value_spec { max_value: 1 default_value { value: 2 } })",
                "parameters[1].default", "outside [0, 1]"},
        BadSpec{"DefaultNan", R"(parameter_id: "a" double_value_spec { max_value: 1 default_value { value: nan } })",
                "parameters[1].default", "outside [0, 1]"},
        BadSpec{"DefaultUnknown",
                R"(parameter_id: "a" categorical_value_spec { values: "relu" default_value { value: "rellu" } })",
                "parameters[1].default", "did you mean 'relu'?"},
        BadSpec{"ChildOfADouble", R"(parameter_id: "a" double_value_spec { max_value: 1 } conditional_parameter_specs {
                  parent_int_values { values: 0 } parameter_spec { parameter_id: "b" double_value_spec { } } })",
                "parameters[1].conditional_parameter_specs[0].when", "a double"},
        BadSpec{"ConditionOutsideTheDomain",
                R"(parameter_id: "a" integer_value_spec { max_value: 1 } conditional_parameter_specs {
                  parent_int_values { values: 2 } parameter_spec { parameter_id: "b" double_value_spec { } } })",
                "parameters[1].conditional_parameter_specs[0].when", "outside [0, 1]"},
        BadSpec{"ConditionOfAnotherType",
                R"(parameter_id: "a" integer_value_spec { max_value: 1 } conditional_parameter_specs {
                  parent_discrete_values { values: 1 } parameter_spec { parameter_id: "b" double_value_spec { } } })",
                "parameters[1].conditional_parameter_specs[0].when", "type"},
        BadSpec{"SiblingsThatDiffer",
                R"(parameter_id: "a" integer_value_spec { max_value: 1 }
                   conditional_parameter_specs { parent_int_values { values: 0 }
                     parameter_spec { parameter_id: "b" double_value_spec { max_value: 1 } } }
                   conditional_parameter_specs { parent_int_values { values: 1 }
                     parameter_spec { parameter_id: "b" double_value_spec { max_value: 2 } } })",
                "parameters[1].conditional_parameter_specs[1].name", "different domains"},
        BadSpec{"SiblingsUnderOneValue",
                R"(parameter_id: "a" integer_value_spec { max_value: 1 }
                   conditional_parameter_specs { parent_int_values { values: 0 values: 1 }
                     parameter_spec { parameter_id: "b" double_value_spec { max_value: 1 } } }
                   conditional_parameter_specs { parent_int_values { values: 1 }
                     parameter_spec { parameter_id: "b" double_value_spec { max_value: 1 } } })",
                "parameters[1].conditional_parameter_specs[1].when", "twice under one value of 'a'"},
        BadSpec{"CousinsOfOneName",
                R"(parameter_id: "a" integer_value_spec { max_value: 1 }
                   conditional_parameter_specs { parent_int_values { values: 0 }
                     parameter_spec { parameter_id: "good" double_value_spec { max_value: 1 } } })",
                "parameters[1].conditional_parameter_specs[0].name", "'good' stands twice"},
        BadSpec{"NoCondition", R"(parameter_id: "a" integer_value_spec { max_value: 1 } conditional_parameter_specs {
                  parameter_spec { parameter_id: "b" double_value_spec { } } })",
                "parameters[1].conditional_parameter_specs[0].when", "names no value"},
        BadSpec{"BadChild", R"(parameter_id: "a" integer_value_spec { max_value: 1 } conditional_parameter_specs {
                  parent_int_values { values: 1 } parameter_spec { parameter_id: "b" discrete_value_spec { } } })",
                "parameters[1].conditional_parameter_specs[0].values", "missing"}),
    [](const auto& info) { return info.param.situation; });

pb::StudySpec Chain(int depth) {
  pb::StudySpec spec;
  pb::StudySpec::ParameterSpec* parameter = spec.add_parameters();
  for (int i = 1; i <= depth; ++i) {
    parameter->set_parameter_id(absl::StrCat("p", i));
    parameter->mutable_integer_value_spec()->set_max_value(9);
    if (i == depth) break;
    auto* child = parameter->add_conditional_parameter_specs();
    for (int v = 0; v <= 9; ++v) child->mutable_parent_int_values()->add_values(v);
    parameter = child->mutable_parameter_spec();
  }
  return spec;
}

TEST(SearchSpace, StopsAtDepthSixteen) {
  const auto deepest = SearchSpace::FromSpec(Chain(16));
  ASSERT_TRUE(deepest.ok()) << deepest.status();
  EXPECT_FALSE(deepest->Cardinality().has_value());  // 10^16 > 2^53, and counted without walking them
  for (const int depth : {17, 60, 5000}) {
    EXPECT_EQ(SearchSpace::FromSpec(Chain(depth)).status().code(), absl::StatusCode::kInvalidArgument) << depth;
  }
}

TEST(SearchSpace, HoldsAThousandParametersAndAThousandValues) {
  pb::StudySpec spec;
  for (int i = 0; i < 1000; ++i) {
    spec.add_parameters()->set_parameter_id(absl::StrCat("p", i));
    spec.mutable_parameters(i)->mutable_double_value_spec()->set_max_value(1);
  }
  EXPECT_TRUE(SearchSpace::FromSpec(spec).ok());
  *spec.add_parameters() = spec.parameters(0);
  spec.mutable_parameters(1000)->set_parameter_id("one too many");
  EXPECT_EQ(SearchSpace::FromSpec(spec).status().code(), absl::StatusCode::kInvalidArgument);

  pb::StudySpec values;
  values.add_parameters()->set_parameter_id("a");
  for (int i = 0; i < 1000; ++i) values.mutable_parameters(0)->mutable_discrete_value_spec()->add_values(i);
  EXPECT_TRUE(SearchSpace::FromSpec(values).ok());
  values.mutable_parameters(0)->mutable_discrete_value_spec()->add_values(1000);
  EXPECT_EQ(ErrorField(SearchSpace::FromSpec(values).status()), "parameters[0].values");
}

struct PointCase {
  const char* situation;
  Point point;
  const char* fault;     // "" if Validate accepts it
  bool history = false;  // whether ValidateHistory accepts it
};

class PointOfAConditionalSpace : public ::testing::TestWithParam<PointCase> {};

TEST_P(PointOfAConditionalSpace, IsJudgedWithAReason) {
  const PointCase& c = GetParam();
  const SearchSpace space = Space(kConditional);
  const absl::Status status = space.Validate(c.point);
  EXPECT_EQ(status.ok(), std::string(c.fault).empty()) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(c.fault));
  EXPECT_EQ(space.ValidateHistory(c.point).ok(), c.history);
}

const double kNan = std::numeric_limits<double>::quiet_NaN();

INSTANTIATE_TEST_SUITE_P(
    Table, PointOfAConditionalSpace,
    ::testing::Values(
        PointCase{"WithoutChildren", {{"lr", 0.1}, {"block", "none"}}, "", true},
        PointCase{"WithChildren", {{"lr", 1.0}, {"block", "conv"}, {"filters", 16.0}, {"kernel", 2.0}}, "", true},
        PointCase{"WithGrandchild",
                  {{"lr", 1e-4}, {"block", "conv"}, {"filters", 8.0}, {"kernel", 5.0}, {"norm", "no"}},
                  "",
                  true},
        PointCase{"MissingRoot", {{"block", "none"}}, "'lr' is missing", true},
        PointCase{"MissingChild", {{"lr", 0.1}, {"block", "conv"}, {"kernel", 2.0}}, "'filters' is missing", true},
        PointCase{"MissingGrandchild",
                  {{"lr", 0.1}, {"block", "conv"}, {"filters", 8.0}, {"kernel", 3.0}},
                  "'norm' is missing",
                  true},
        PointCase{"InactiveChild", {{"lr", 0.1}, {"block", "none"}, {"kernel", 2.0}}, "'kernel' is present", true},
        PointCase{"Unknown", {{"lr", 0.1}, {"block", "none"}, {"lrr", 2.0}}, "did you mean 'lr'?", false},
        PointCase{"WrongType", {{"lr", "0.1"}, {"block", "none"}}, "takes a number", false},
        PointCase{"NumberForACategory", {{"lr", 0.1}, {"block", 1.0}}, "takes a string", false},
        PointCase{"OutOfBounds", {{"lr", 1.1}, {"block", "none"}}, "outside", true},
        PointCase{"NaN", {{"lr", kNan}, {"block", "none"}}, "outside", true},
        PointCase{"UnknownCategory", {{"lr", 0.1}, {"block", "con"}}, "did you mean 'conv'?", true},
        PointCase{"NotADiscreteValue",
                  {{"lr", 0.1}, {"block", "conv"}, {"filters", 9.0}, {"kernel", 2.0}},
                  "9 is not one of its 3 values",
                  true},
        PointCase{"FractionalInteger",
                  {{"lr", 0.1}, {"block", "conv"}, {"filters", 8.0}, {"kernel", 2.5}},
                  "2.5 is not an integer",
                  true}),
    [](const auto& info) { return info.param.situation; });

struct CountCase {
  const char* situation;
  const char* spec;
  std::optional<uint64_t> count;
};

class SizeOfASpace : public ::testing::TestWithParam<CountCase> {};

TEST_P(SizeOfASpace, CountsDistinctPoints) { EXPECT_EQ(Space(GetParam().spec).Cardinality(), GetParam().count); }

INSTANTIATE_TEST_SUITE_P(
    Table, SizeOfASpace,
    ::testing::Values(
        CountCase{"Continuous", R"(parameters { parameter_id: "a" double_value_spec { max_value: 1 } })", std::nullopt},
        CountCase{"SinglePoint", R"(parameters { parameter_id: "a" double_value_spec { min_value: 1 max_value: 1 } })",
                  1},
        CountCase{"Product", R"(parameters { parameter_id: "a" integer_value_spec { min_value: -1 max_value: 3 } }
                                parameters { parameter_id: "b" discrete_value_spec { values: 1 values: 5 } })",
                  10},
        CountCase{"Conditional",  // none, or conv x 3 filters x (kernels 2 and 4 + kernels 3 and 5 x 2 norms)
                  R"(parameters { parameter_id: "block" categorical_value_spec { values: "conv" values: "none" }
                      conditional_parameter_specs { parent_categorical_values { values: "conv" } parameter_spec {
                        parameter_id: "filters" integer_value_spec { min_value: 1 max_value: 3 } } }
                      conditional_parameter_specs { parent_categorical_values { values: "conv" } parameter_spec {
                        parameter_id: "kernel" integer_value_spec { min_value: 2 max_value: 5 }
                        conditional_parameter_specs { parent_int_values { values: 3 values: 5 } parameter_spec {
                          parameter_id: "norm" categorical_value_spec { values: "y" values: "n" } } } } } })",
                  19},
        CountCase{"ContinuousChild",
                  R"(parameters { parameter_id: "a" integer_value_spec { max_value: 1 } conditional_parameter_specs {
                      parent_int_values { values: 1 }
                      parameter_spec { parameter_id: "b" double_value_spec { max_value: 1 } } } })",
                  std::nullopt},
        CountCase{"TooMany", R"(parameters { parameter_id: "a" integer_value_spec { max_value: 1000000000 } }
                                parameters { parameter_id: "b" integer_value_spec { max_value: 1000000000 } })",
                  std::nullopt}),
    [](const auto& info) { return info.param.situation; });

TEST(PointFromTrial, IsUndoneByPointToTrial) {
  const Point point = {{"lr", 0.1}, {"block", "conv"}, {"kernel", 3.0}};
  pb::Trial trial;
  PointToTrial(point, trial);
  EXPECT_EQ(*PointFromTrial(trial), point);
}

TEST(PointFromTrial, RefusesWhatIsNeitherNumberNorStringAndRepeats) {
  pb::Trial trial;
  trial.add_parameters()->set_parameter_id("a");
  EXPECT_EQ(ErrorField(PointFromTrial(trial).status()), "parameters[0]");
  trial.mutable_parameters(0)->mutable_value()->set_bool_value(true);
  EXPECT_EQ(PointFromTrial(trial).status().code(), absl::StatusCode::kInvalidArgument);
  trial.mutable_parameters(0)->mutable_value()->set_number_value(1);
  *trial.add_parameters() = trial.parameters(0);
  EXPECT_EQ(ErrorField(PointFromTrial(trial).status()), "parameters[1]");
}

}  // namespace
}  // namespace photinus
