#include "worker/predictor/features.h"

#include <algorithm>
#include <variant>

namespace photinus::predictor {
namespace {

using spaces::Parameter;
using spaces::ParameterType;

Error Unusable(const Parameter& parameter, const std::string& why) {
  return InvalidArgument("parameter '" + parameter.name + "' " + why);
}

Result<float> NumberOf(const Parameter& parameter, const spaces::Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<float>(*integer);
  if (const auto* real = std::get_if<double>(&value)) return static_cast<float>(*real);
  return Unusable(parameter, "must be a number");
}

// The position of the value among the parameter's categories.
Result<int> CategoryOf(const Parameter& parameter, const spaces::Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return Unusable(parameter, "must be a category");
  const auto found = std::find(parameter.categories.begin(), parameter.categories.end(), *text);
  if (found == parameter.categories.end()) return Unusable(parameter, "has no category '" + *text + "'");
  return static_cast<int>(found - parameter.categories.begin());
}

bool ShapesNetworks(const Parameter& parameter) { return parameter.type != ParameterType::kDouble; }

}  // namespace

Features::Features(const spaces::Space& space, Encoding encoding) : space_(space), encoding_(encoding) {
  const auto add = [this](const std::string& name, const std::string& source) {
    names_.push_back(name);
    sources_.push_back(source);
  };
  for (const Parameter& parameter : space_.parameters) {
    if (!ShapesNetworks(parameter)) continue;
    if (parameter.type == ParameterType::kCategorical && encoding_ == Encoding::kOneHot) {
      for (const std::string& category : parameter.categories) add(parameter.name + "=" + category, parameter.name);
    } else {
      add(parameter.name, parameter.name);
    }
  }
  add("flops", "flops");
  add("size_bytes", "size_bytes");
}

Result<std::vector<float>> Features::Row(const Network& network) const {
  std::vector<float> row;
  row.reserve(names_.size());
  for (const Parameter& parameter : space_.parameters) {
    if (!ShapesNetworks(parameter)) continue;
    const auto found = network.parameters.find(parameter.name);
    const bool active = found != network.parameters.end();
    if (parameter.type != ParameterType::kCategorical) {
      PHOTINUS_ASSIGN_OR_RETURN(const float number, active ? NumberOf(parameter, found->second) : Result<float>(0.0F));
      row.push_back(number);
      continue;
    }
    PHOTINUS_ASSIGN_OR_RETURN(const int category, active ? CategoryOf(parameter, found->second) : Result<int>(-1));
    if (encoding_ == Encoding::kOrdinal) {
      row.push_back(static_cast<float>(category + 1));
      continue;
    }
    for (int i = 0; i < static_cast<int>(parameter.categories.size()); ++i) row.push_back(i == category ? 1.0F : 0.0F);
  }
  row.push_back(static_cast<float>(network.flops));
  row.push_back(static_cast<float>(network.size_bytes));
  return row;
}

Result<FeatureMatrix> Features::Matrix(const std::vector<Network>& networks) const {
  FeatureMatrix matrix(networks.size(), names_.size());
  for (std::size_t i = 0; i < networks.size(); ++i) {
    PHOTINUS_ASSIGN_OR_RETURN(const std::vector<float> row, Row(networks[i]));
    std::copy(row.begin(), row.end(), matrix.row(static_cast<Eigen::Index>(i)).data());
  }
  return matrix;
}

}  // namespace photinus::predictor
