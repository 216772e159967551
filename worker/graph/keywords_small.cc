#include "worker/graph/keywords_small.h"

#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace photinus::graph {
namespace {

using spaces::ParameterValues;
using spaces::Value;

constexpr int kStrides[] = {2, 1, 2, 1, 2};

using TypeNames = std::vector<std::pair<std::string_view, std::optional<BlockType>>>;

Result<const Value*> Find(const ParameterValues& values, const std::string& name) {
  const auto found = values.find(name);
  if (found == values.end()) return InvalidArgument("keywords-small: parameter '" + name + "' is missing");
  return &found->second;
}

// A whole number, however it was sent: JSON makes no difference between 24 and 24.0.
Result<int> WholeNumber(const ParameterValues& values, const std::string& name) {
  PHOTINUS_ASSIGN_OR_RETURN(const Value* value, Find(values, name));
  double number = std::nan("");
  if (const auto* integer = std::get_if<std::int64_t>(value)) number = static_cast<double>(*integer);
  if (const auto* real = std::get_if<double>(value)) number = *real;
  if (!(std::abs(number) <= 1e6) || number != std::floor(number)) {
    return InvalidArgument("keywords-small: parameter '" + name + "' must be a whole number");
  }
  return static_cast<int>(number);
}

Result<std::optional<BlockType>> Type(const ParameterValues& values, const std::string& name, const TypeNames& types) {
  PHOTINUS_ASSIGN_OR_RETURN(const Value* value, Find(values, name));
  std::string known;
  for (const auto& [type_name, type] : types) {
    const auto* text = std::get_if<std::string>(value);
    if (text != nullptr && *text == type_name) return type;
    known += (known.empty() ? "" : ", ") + std::string(type_name);
  }
  return InvalidArgument("keywords-small: parameter '" + name + "' must be one of " + known);
}

Result<void> AppendBlock(const ParameterValues& values, const std::string& name, const TypeNames& types, int stride,
                         Architecture& architecture) {
  PHOTINUS_ASSIGN_OR_RETURN(const std::optional<BlockType> type, Type(values, name, types));
  if (!type) return {};
  Block block;
  block.type = *type;
  PHOTINUS_ASSIGN_OR_RETURN(block.filters, WholeNumber(values, name + ".filters"));
  PHOTINUS_ASSIGN_OR_RETURN(block.kernel, WholeNumber(values, name + ".kernel"));
  block.stride = stride;
  architecture.blocks.push_back(block);
  return {};
}

}  // namespace

Result<Architecture> KeywordsSmall(const ParameterValues& values) {
  const TypeNames stems = {{"temporal", BlockType::kTemporal}, {"spectral", BlockType::kSpectral}};
  const TypeNames strided = {
      {"conv", BlockType::kConv}, {"separable", BlockType::kSeparable}, {"residual", BlockType::kResidual}};
  TypeNames unstrided = strided;
  unstrided.emplace_back("identity", std::nullopt);

  Architecture architecture;
  architecture.name = "keywords-small";
  PHOTINUS_RETURN_IF_ERROR(AppendBlock(values, "stem", stems, 1, architecture));
  for (int i = 0; i < static_cast<int>(std::size(kStrides)); ++i) {
    const TypeNames& types = kStrides[i] == 1 ? unstrided : strided;
    PHOTINUS_RETURN_IF_ERROR(AppendBlock(values, "block" + std::to_string(i + 1), types, kStrides[i], architecture));
  }
  return architecture;
}

}  // namespace photinus::graph
