#include "worker/graph/keywords_small.h"

#include <string>
#include <vector>

#include "worker/graph/space_point.h"

namespace photinus::graph {
namespace {

constexpr int kStrides[] = {2, 1, 2, 1, 2};

Result<void> AppendBlock(const SpacePoint& point, const std::string& name, const std::vector<NamedType>& types,
                         int stride, Architecture& architecture) {
  Block block;
  PHOTINUS_ASSIGN_OR_RETURN(block.type, point.Type(name, types));
  if (block.type == BlockType::kIdentity) return {};
  PHOTINUS_ASSIGN_OR_RETURN(block.filters, point.WholeNumber(name + ".filters"));
  PHOTINUS_ASSIGN_OR_RETURN(block.kernel, point.WholeNumber(name + ".kernel"));
  block.stride = stride;
  architecture.blocks.push_back(block);
  return {};
}

}  // namespace

Result<Architecture> KeywordsSmall(const spaces::ParameterValues& values) {
  const std::vector<NamedType> stems = {{"temporal", BlockType::kTemporal}, {"spectral", BlockType::kSpectral}};
  const std::vector<NamedType> strided = {
      {"conv", BlockType::kConv}, {"separable", BlockType::kSeparable}, {"residual", BlockType::kResidual}};
  std::vector<NamedType> unstrided = strided;
  unstrided.push_back({"identity", BlockType::kIdentity});

  Architecture architecture;
  architecture.name = "keywords-small";
  const SpacePoint point(architecture.name, values);
  PHOTINUS_RETURN_IF_ERROR(AppendBlock(point, "stem", stems, 1, architecture));
  for (int i = 0; i < static_cast<int>(std::size(kStrides)); ++i) {
    const std::vector<NamedType>& types = kStrides[i] == 1 ? unstrided : strided;
    PHOTINUS_RETURN_IF_ERROR(AppendBlock(point, "block" + std::to_string(i + 1), types, kStrides[i], architecture));
  }
  return architecture;
}

}  // namespace photinus::graph
