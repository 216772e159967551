#include "worker/graph/architecture_json.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

namespace photinus::graph {
namespace {

using nlohmann::json;

constexpr BlockType kBlockTypes[] = {BlockType::kTemporal, BlockType::kSpectral, BlockType::kConv,
                                     BlockType::kSeparable, BlockType::kResidual};

Result<void> CheckKeys(const json& object, const std::string& place, const std::vector<std::string>& known) {
  if (!object.is_object()) return InvalidArgument("architecture: " + place + " must be an object");
  const auto is_unknown = [&known](const auto& item) {
    return std::find(known.begin(), known.end(), item.key()) == known.end();
  };
  const auto items = object.items();
  const auto unknown = std::find_if(items.begin(), items.end(), is_unknown);
  if (unknown == items.end()) return {};
  std::string list;
  for (const std::string& name : known) list.append(list.empty() ? "" : ", ").append(name);
  return InvalidArgument("architecture: unknown key '" + unknown.key() + "' in " + place + "; known: " + list);
}

// Reads an integer into `value`, which keeps its default if the key is absent and not required.
Result<void> ReadInt(const json& object, const std::string& place, const char* key, bool required, int& value) {
  const auto found = object.find(key);
  if (found == object.end()) {
    if (required) return InvalidArgument("architecture: " + place + " has no '" + key + "'");
    return {};
  }
  if (!found->is_number_integer() || *found < std::numeric_limits<int>::min() ||
      *found > std::numeric_limits<int>::max()) {
    return InvalidArgument("architecture: " + place + "." + key + " must be an integer, not " + found->dump());
  }
  value = found->get<int>();
  return {};
}

Result<BlockType> ReadBlockType(const json& block, const std::string& place) {
  std::string known;
  for (const BlockType type : kBlockTypes) known += (known.empty() ? "" : ", ") + std::string(BlockTypeName(type));
  const auto found = block.find("type");
  if (found == block.end()) return InvalidArgument("architecture: " + place + " has no 'type'; known: " + known);
  for (const BlockType type : kBlockTypes) {
    if (*found == BlockTypeName(type)) return type;
  }
  return InvalidArgument("architecture: " + place + ".type " + found->dump() + " is unknown; known: " + known);
}

Result<Block> ReadBlock(const json& object, const std::string& place) {
  PHOTINUS_RETURN_IF_ERROR(CheckKeys(object, place, {"type", "filters", "kernel", "stride"}));
  Block block;
  PHOTINUS_ASSIGN_OR_RETURN(block.type, ReadBlockType(object, place));
  PHOTINUS_RETURN_IF_ERROR(ReadInt(object, place, "filters", true, block.filters));
  PHOTINUS_RETURN_IF_ERROR(ReadInt(object, place, "kernel", true, block.kernel));
  PHOTINUS_RETURN_IF_ERROR(ReadInt(object, place, "stride", false, block.stride));
  return block;
}

Result<void> ReadInput(const json& document, Architecture& architecture) {
  const auto input = document.find("input");
  if (input == document.end()) return {};
  PHOTINUS_RETURN_IF_ERROR(CheckKeys(*input, "input", {"height", "width", "channels"}));
  PHOTINUS_RETURN_IF_ERROR(ReadInt(*input, "input", "height", false, architecture.height));
  PHOTINUS_RETURN_IF_ERROR(ReadInt(*input, "input", "width", false, architecture.width));
  return ReadInt(*input, "input", "channels", false, architecture.channels);
}

Result<void> ReadName(const json& document, Architecture& architecture) {
  const auto name = document.find("name");
  if (name == document.end()) return {};
  if (!name->is_string()) return InvalidArgument("architecture: name must be a string, not " + name->dump());
  architecture.name = name->get<std::string>();
  return {};
}

}  // namespace

Result<Architecture> ParseArchitecture(std::string_view text) {
  const json document = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (document.is_discarded()) return InvalidArgument("architecture: not valid JSON");
  PHOTINUS_RETURN_IF_ERROR(CheckKeys(document, "the document", {"name", "input", "classes", "blocks"}));
  Architecture architecture;
  PHOTINUS_RETURN_IF_ERROR(ReadName(document, architecture));
  PHOTINUS_RETURN_IF_ERROR(ReadInput(document, architecture));
  PHOTINUS_RETURN_IF_ERROR(ReadInt(document, "the document", "classes", false, architecture.classes));
  const auto blocks = document.find("blocks");
  if (blocks == document.end() || !blocks->is_array()) {
    return InvalidArgument("architecture: the document needs 'blocks', an array of objects");
  }
  for (std::size_t i = 0; i < blocks->size(); ++i) {
    PHOTINUS_ASSIGN_OR_RETURN(Block block, ReadBlock((*blocks)[i], "blocks[" + std::to_string(i) + "]"));
    architecture.blocks.push_back(block);
  }
  return architecture;
}

std::string ToJson(const Architecture& architecture) {
  const json input = {
      {"height", architecture.height}, {"width", architecture.width}, {"channels", architecture.channels}};
  // A name that is no UTF-8 is written with replacement characters rather than refused.
  const std::string name = json(architecture.name).dump(-1, ' ', false, json::error_handler_t::replace);
  std::string text = "{\n  \"name\": " + name + ",\n  \"input\": " + input.dump() +
                     ",\n  \"classes\": " + std::to_string(architecture.classes) + ",\n  \"blocks\": [";
  for (std::size_t i = 0; i < architecture.blocks.size(); ++i) {
    const Block& block = architecture.blocks[i];
    text += (i == 0 ? "\n    {\"type\": \"" : ",\n    {\"type\": \"") + std::string(BlockTypeName(block.type)) +
            "\", \"filters\": " + std::to_string(block.filters) + ", \"kernel\": " + std::to_string(block.kernel) +
            ", \"stride\": " + std::to_string(block.stride) + "}";
  }
  return text + "\n  ]\n}\n";
}

}  // namespace photinus::graph
