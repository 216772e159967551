#include "common/spaces/make_parameter.h"

#include <utility>

namespace photinus::spaces {
namespace {

Parameter Named(std::string name, ParameterType type, Value default_value) {
  Parameter parameter;
  parameter.name = std::move(name);
  parameter.type = type;
  parameter.default_value = std::move(default_value);
  return parameter;
}

}  // namespace

Parameter Categorical(std::string name, std::vector<std::string> categories, std::string default_value) {
  Parameter parameter = Named(std::move(name), ParameterType::kCategorical, std::move(default_value));
  parameter.categories = std::move(categories);
  return parameter;
}

Parameter Discrete(std::string name, std::vector<double> numbers, double default_value) {
  Parameter parameter = Named(std::move(name), ParameterType::kDiscrete, default_value);
  parameter.numbers = std::move(numbers);
  return parameter;
}

Parameter Integer(std::string name, int min, int max, std::int64_t default_value) {
  Parameter parameter = Named(std::move(name), ParameterType::kInteger, default_value);
  parameter.min = min;
  parameter.max = max;
  return parameter;
}

Parameter LogDouble(std::string name, double min, double max, double default_value) {
  Parameter parameter = Named(std::move(name), ParameterType::kDouble, default_value);
  parameter.min = min;
  parameter.max = max;
  parameter.scale = Scale::kLog;
  return parameter;
}

}  // namespace photinus::spaces
