#include "common/spaces/space.h"

#include <algorithm>

namespace photinus::spaces {

bool IsActive(const Parameter& parameter, const ParameterValues& values) {
  if (!parameter.when) return true;
  const auto parent = values.find(parameter.when->parent);
  if (parent == values.end()) return false;
  const std::string* category = std::get_if<std::string>(&parent->second);
  if (category == nullptr) return false;
  const std::vector<std::string>& wanted = parameter.when->values;
  return std::find(wanted.begin(), wanted.end(), *category) != wanted.end();
}

ParameterValues Defaults(const Space& space) {
  ParameterValues values;
  for (const Parameter& parameter : space.parameters) {
    if (IsActive(parameter, values)) values[parameter.name] = parameter.default_value;
  }
  return values;
}

}  // namespace photinus::spaces
