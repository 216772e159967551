// The study document together with the spec that carries it.
#include <google/protobuf/any.pb.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "common/base/errors.h"
#include "common/spaces/named_spaces.h"
#include "common/study_document/named_space.h"
#include "common/study_document/problem_entries.h"
#include "common/study_document/study_document.h"

namespace photinus {
namespace {

void SetDocument(pb::StudySpec& spec, const std::string& json) {
  pb::KeyValue* entry = spec.add_metadata();
  entry->set_ns(kDocumentNamespace);
  entry->set_key(kDocumentKey);
  entry->set_value(json);
}

pb::StudySpec KeywordsSpec() {
  pb::StudySpec spec;
  AppendSpace(*spaces::FindSpace("keywords-small"), spec);
  pb::StudySpec::MetricSpec* metric = spec.add_metrics();
  metric->set_metric_id("reward");
  metric->set_goal(pb::StudySpec::MetricSpec::MAXIMIZE);
  return spec;
}

TEST(StudyDocumentOf, ASpecWithoutOneHasAnEmptyDocument) {
  const auto document = StudyDocumentOf(pb::StudySpec());
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_FALSE(document->early_stopping.has_value());
  EXPECT_FALSE(document->trial.has_value());
}

TEST(StudyDocumentOf, OtherMetadataIsNotTheDocument) {
  pb::StudySpec spec;
  pb::KeyValue* entry = spec.add_metadata();
  entry->set_key(kDocumentKey);
  entry->set_value("not JSON");
  EXPECT_TRUE(StudyDocumentOf(spec).ok());
}

TEST(StudyDocumentOf, TheDefaultStoppingSpecMeansTsgp) {
  pb::StudySpec spec;
  spec.mutable_default_stopping_spec();
  auto document = StudyDocumentOf(spec);
  ASSERT_TRUE(document.ok()) << document.status();
  ASSERT_TRUE(document->early_stopping.has_value());
  EXPECT_EQ(document->early_stopping->rule, "TSGP");

  SetDocument(spec, R"({"early_stopping": {"rule": "NONE"}})");
  document = StudyDocumentOf(spec);
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(document->early_stopping->rule, "NONE");
}

TEST(StudyDocumentOf, AcceptsANamedSpaceWithNarrowerAndFurtherParameters) {
  pb::StudySpec spec = KeywordsSpec();
  for (auto& parameter : *spec.mutable_parameters()) {
    if (parameter.parameter_id() == "lr") parameter.mutable_double_value_spec()->set_max_value(1e-2);
    if (parameter.parameter_id() != "block2") continue;
    parameter.mutable_categorical_value_spec()->mutable_values()->DeleteSubrange(0, 1);  // no conv
    for (auto& child : *parameter.mutable_conditional_parameter_specs()) {
      child.mutable_parent_categorical_values()->mutable_values()->DeleteSubrange(0, 1);
    }
  }
  auto* extra = spec.add_parameters();
  extra->set_parameter_id("momentum");
  extra->mutable_double_value_spec()->set_max_value(1);
  SetDocument(spec, R"({"space": "keywords-small"})");
  EXPECT_TRUE(StudyDocumentOf(spec).ok()) << StudyDocumentOf(spec).status();
}

struct BadPair {
  std::string name;
  std::string json;
  std::function<void(pb::StudySpec&)> change;
  std::string message;
};

class StudyDocumentOfRefusesTest : public ::testing::TestWithParam<BadPair> {};

TEST_P(StudyDocumentOfRefusesTest, WhatDoesNotFitTogether) {
  pb::StudySpec spec = KeywordsSpec();
  SetDocument(spec, GetParam().json);
  if (GetParam().change) GetParam().change(spec);
  const auto document = StudyDocumentOf(spec);
  ASSERT_FALSE(document.ok());
  EXPECT_EQ(document.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(document.status().message()), GetParam().message);
}

pb::StudySpec::ParameterSpec& Find(pb::StudySpec& spec, const std::string& id) {
  for (auto& parameter : *spec.mutable_parameters()) {
    if (parameter.parameter_id() == id) return parameter;
  }
  ADD_FAILURE() << "no parameter " << id;
  return *spec.add_parameters();
}

constexpr char kInSpace[] = R"({"space": "keywords-small"})";

INSTANTIATE_TEST_SUITE_P(
    NamedSpace, StudyDocumentOfRefusesTest,
    ::testing::Values(
        BadPair{"Missing", kInSpace, [](pb::StudySpec& spec) { spec.mutable_parameters()->RemoveLast(); },
                "space: keywords-small: parameter 'block5.kernel' is missing from the study's parameters"},
        BadPair{"Type", kInSpace, [](pb::StudySpec& spec) { Find(spec, "lr").mutable_integer_value_spec(); },
                "space: keywords-small: parameter 'lr' must be of type double"},
        BadPair{"Bounds", kInSpace,
                [](pb::StudySpec& spec) { Find(spec, "stem.kernel").mutable_integer_value_spec()->set_max_value(6); },
                "space: keywords-small: parameter 'stem.kernel' must lie within 3 .. 5"},
        BadPair{"Values", kInSpace,
                [](pb::StudySpec& spec) { Find(spec, "stem").mutable_categorical_value_spec()->add_values("other"); },
                "space: keywords-small: parameter 'stem' has values that the space lacks"},
        BadPair{"Unconditional", kInSpace,
                [](pb::StudySpec& spec) {
                  auto& block = Find(spec, "block2");
                  *spec.add_parameters() = block.conditional_parameter_specs(0).parameter_spec();
                  block.mutable_conditional_parameter_specs()->DeleteSubrange(0, 1);
                },
                "space: keywords-small: parameter 'block2.filters' must be conditional on block2"},
        BadPair{"OtherCondition", kInSpace,
                [](pb::StudySpec& spec) {
                  auto* child = Find(spec, "block2").mutable_conditional_parameter_specs(0);
                  child->mutable_parent_categorical_values()->add_values("identity");
                },
                "space: keywords-small: parameter 'block2.filters' is conditional on other values of "
                "block2"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(Constraints, StudyDocumentOfRefusesTest,
                         ::testing::Values(BadPair{
                             "OfAParameter", R"({"outcome_constraints": ["size <= 3", "lr <= 0.1"]})", nullptr,
                             "outcome_constraints[1]: 'lr' is a parameter, not a metric that trials report"}),
                         [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Rest, StudyDocumentOfRefusesTest,
    ::testing::Values(
        BadPair{"Twice", "{}", [](pb::StudySpec& spec) { SetDocument(spec, "{}"); },
                "metadata: the study document stands twice"},
        BadPair{"Message", "{}",
                [](pb::StudySpec& spec) { spec.mutable_metadata(0)->mutable_proto()->set_type_url("x"); },
                "metadata: the study document must be a string of JSON, not a message"},
        BadPair{"DerivedOfNothing", R"({"metrics": [{"name": "score", "goal": "maximize", "expression": "accuracy"}]})",
                nullptr, "metrics[0].name: 'score' is no metric of the study's spec"},
        BadPair{"OtherGoal", R"({"metrics": [{"name": "reward", "goal": "minimize", "expression": "accuracy"}]})",
                nullptr, "metrics[0].goal: differs from the goal of 'reward' in the study's spec"},
        BadPair{"Placeholder", R"({"trial": {"executor": "command", "argv": ["x", "--k={stem.kernle}"]}})", nullptr,
                "trial.argv[1]: {stem.kernle} is no parameter of the study; did you mean 'stem.kernel'?"},
        BadPair{"Document", R"({"budget": {"trials": 0}})", nullptr, "budget.trials: must be 1 to 1000000, not 0"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace photinus
