#include "common/spaces/keywords_small.h"

#include <utility>

namespace photinus::spaces {
namespace {

Parameter Categorical(std::string name, std::vector<std::string> categories, std::string default_value) {
  Parameter parameter;
  parameter.name = std::move(name);
  parameter.type = ParameterType::kCategorical;
  parameter.categories = std::move(categories);
  parameter.default_value = std::move(default_value);
  return parameter;
}

Parameter Discrete(std::string name, std::vector<double> numbers, double default_value) {
  Parameter parameter;
  parameter.name = std::move(name);
  parameter.type = ParameterType::kDiscrete;
  parameter.numbers = std::move(numbers);
  parameter.default_value = default_value;
  return parameter;
}

Parameter Integer(std::string name, int min, int max, std::int64_t default_value) {
  Parameter parameter;
  parameter.name = std::move(name);
  parameter.type = ParameterType::kInteger;
  parameter.min = min;
  parameter.max = max;
  parameter.default_value = default_value;
  return parameter;
}

Parameter LearningRate() {
  Parameter parameter;
  parameter.name = "lr";
  parameter.type = ParameterType::kDouble;
  parameter.min = 1e-4;
  parameter.max = 3e-2;
  parameter.scale = Scale::kLog;
  parameter.default_value = 4e-3;
  return parameter;
}

struct BlockChoices {
  std::vector<double> filters;
  int max_kernel;
  bool may_be_identity;
};

void AddBlock(int number, const BlockChoices& choices, std::vector<Parameter>& parameters) {
  const std::string name = "block" + std::to_string(number);
  std::vector<std::string> types = {"conv", "separable", "residual"};
  const std::vector<std::string> with_filters = types;
  if (choices.may_be_identity) types.push_back("identity");
  parameters.push_back(Categorical(name, types, "conv"));
  Parameter filters = Discrete(name + ".filters", choices.filters, choices.filters[1]);
  Parameter kernel = Integer(name + ".kernel", 3, choices.max_kernel, 5);
  if (choices.may_be_identity) {
    filters.when = Condition{name, with_filters};
    kernel.when = Condition{name, with_filters};
  }
  parameters.push_back(std::move(filters));
  parameters.push_back(std::move(kernel));
}

}  // namespace

Space KeywordsSmall() {
  Space space;
  space.name = "keywords-small";
  space.description =
      "Spoken keywords, 49 x 40 log-mel to 12 classes: a stem and five blocks over time, about 10-50k parameters";
  space.parameters.push_back(LearningRate());
  space.parameters.push_back(Categorical("stem", {"temporal", "spectral"}, "temporal"));
  space.parameters.push_back(Discrete("stem.filters", {16, 24, 32}, 24));
  space.parameters.push_back(Integer("stem.kernel", 3, 5, 3));
  AddBlock(1, {{16, 24, 32}, 9, false}, space.parameters);
  AddBlock(2, {{16, 24, 32}, 9, true}, space.parameters);
  AddBlock(3, {{24, 32, 40}, 7, false}, space.parameters);
  AddBlock(4, {{24, 32, 40}, 7, true}, space.parameters);
  AddBlock(5, {{32, 40, 48}, 5, false}, space.parameters);
  return space;
}

}  // namespace photinus::spaces
