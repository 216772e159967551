#include "worker/predictor/parameters_json.h"

#include <cstdint>
#include <string>
#include <variant>

namespace photinus::predictor {

nlohmann::ordered_json ParametersJson(const spaces::ParameterValues& parameters) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const auto& [name, value] : parameters) {
    std::visit([&json, key = name](const auto& content) { json[key] = content; }, value);
  }
  return json;
}

Result<spaces::ParameterValues> ParseParameters(const nlohmann::json& json) {
  if (!json.is_object()) return InvalidArgument("parameters must be an object");
  spaces::ParameterValues parameters;
  for (const auto& [name, value] : json.items()) {
    if (value.is_string()) {
      parameters[name] = value.get<std::string>();
    } else if (value.is_number_integer()) {
      parameters[name] = value.get<std::int64_t>();
    } else if (value.is_number()) {
      parameters[name] = value.get<double>();
    } else {
      return InvalidArgument("parameter '" + name + "' must be a number or a string");
    }
  }
  return parameters;
}

}  // namespace photinus::predictor
