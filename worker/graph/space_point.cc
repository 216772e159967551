#include "worker/graph/space_point.h"

#include <cmath>
#include <cstdint>

namespace photinus::graph {

Result<int> SpacePoint::WholeNumber(const std::string& parameter) const {
  PHOTINUS_ASSIGN_OR_RETURN(const spaces::Value* value, Find(parameter));
  double number = std::nan("");
  if (const auto* integer = std::get_if<std::int64_t>(value)) number = static_cast<double>(*integer);
  if (const auto* real = std::get_if<double>(value)) number = *real;
  if (!(std::abs(number) <= 1e6) || number != std::floor(number)) return Fault(parameter, "must be a whole number");
  return static_cast<int>(number);
}

Result<BlockType> SpacePoint::Type(const std::string& parameter, const std::vector<NamedType>& types) const {
  PHOTINUS_ASSIGN_OR_RETURN(const spaces::Value* value, Find(parameter));
  std::string known;
  for (const NamedType& named : types) {
    const auto* text = std::get_if<std::string>(value);
    if (text != nullptr && *text == named.name) return named.type;
    known += (known.empty() ? "" : ", ") + std::string(named.name);
  }
  return Fault(parameter, "must be one of " + known);
}

Error SpacePoint::Fault(const std::string& parameter, const std::string& what) const {
  return InvalidArgument(std::string(space_) + ": parameter '" + parameter + "' " + what);
}

Result<const spaces::Value*> SpacePoint::Find(const std::string& parameter) const {
  const auto found = values_.find(parameter);
  if (found == values_.end()) return Fault(parameter, "is missing");
  return &found->second;
}

}  // namespace photinus::graph
