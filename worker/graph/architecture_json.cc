#include "worker/graph/architecture_json.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "worker/graph/baselines.h"

namespace photinus::graph {
namespace {

using nlohmann::json;

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

Result<int> IntegerOf(const json& value, const std::string& place) {
  if (!value.is_number_integer()) {
    return InvalidArgument("architecture: " + place + " must be an integer, not " + value.dump());
  }
  constexpr int kLeast = std::numeric_limits<int>::min(), kMost = std::numeric_limits<int>::max();
  if (value < kLeast || value > kMost) {
    return InvalidArgument("architecture: " + place + " is too " + (value < 0 ? "small: " : "large: ") + value.dump());
  }
  return value.get<int>();
}

// The document; discarded where it is no JSON. `repeated` gets a key that stands twice in one object, of which JSON's
// readers take this or that.
json ParseJson(std::string_view text, std::string& repeated) {
  std::vector<std::set<std::string>> open;  // the keys of each object that has begun
  const auto note = [&](int /*depth*/, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start) open.emplace_back();
    if (event == json::parse_event_t::object_end) open.pop_back();
    if (event == json::parse_event_t::key && !open.back().insert(parsed.get<std::string>()).second)
      repeated = parsed.get<std::string>();
    return true;
  };
  return json::parse(text, note, /*allow_exceptions=*/false);
}

// Reads an integer into `value`, which keeps its default if the key is absent and not required.
Result<void> ReadInt(const json& object, const std::string& place, const char* key, bool required, int& value) {
  const auto found = object.find(key);
  if (found == object.end()) {
    if (required) return InvalidArgument("architecture: " + place + " has no '" + key + "'");
    return {};
  }
  PHOTINUS_ASSIGN_OR_RETURN(value, IntegerOf(*found, place + "." + key));
  return {};
}

Result<void> ReadString(const json& object, const std::string& label, const char* key, std::string& value) {
  const auto found = object.find(key);
  if (found == object.end()) return {};
  if (!found->is_string()) return InvalidArgument("architecture: " + label + " must be a string, not " + found->dump());
  value = found->get<std::string>();
  return {};
}

Result<BlockType> ReadBlockType(const json& block, const std::string& place) {
  std::string known;
  for (const BlockType type : AllBlockTypes()) known += (known.empty() ? "" : ", ") + std::string(BlockTypeName(type));
  const auto found = block.find("type");
  if (found == block.end()) return InvalidArgument("architecture: " + place + " has no 'type'; known: " + known);
  for (const BlockType type : AllBlockTypes()) {
    if (*found == BlockTypeName(type)) return type;
  }
  return InvalidArgument("architecture: " + place + ".type " + found->dump() + " is unknown; known: " + known);
}

Result<void> ReadStride(const json& object, const std::string& place, Block& block) {
  const auto found = object.find("stride");
  if (found == object.end() || !found->is_array()) return ReadInt(object, place, "stride", false, block.stride);
  if (found->size() != 2) {
    return InvalidArgument("architecture: " + place + ".stride must be a number or [over time, over frequency]");
  }
  PHOTINUS_ASSIGN_OR_RETURN(block.stride, IntegerOf((*found)[0], place + ".stride[0]"));
  PHOTINUS_ASSIGN_OR_RETURN(block.frequency_stride, IntegerOf((*found)[1], place + ".stride[1]"));
  return {};
}

// The keys of a block of this type.
std::vector<std::string> KeysOf(BlockType type) {
  if (type == BlockType::kIdentity) return {"type", "name"};
  if (Expands(type)) return {"type", "filters", "kernel", "stride", "expansion", "name"};
  return {"type", "filters", "kernel", "stride", "name"};
}

Result<Block> ReadBlock(const json& object, const std::string& place) {
  Block block;
  if (!object.is_object()) return InvalidArgument("architecture: " + place + " must be an object");
  PHOTINUS_ASSIGN_OR_RETURN(block.type, ReadBlockType(object, place));
  PHOTINUS_RETURN_IF_ERROR(CheckKeys(object, place, KeysOf(block.type)));
  PHOTINUS_RETURN_IF_ERROR(ReadString(object, place + ".name", "name", block.name));
  if (block.type == BlockType::kIdentity) return block;
  PHOTINUS_RETURN_IF_ERROR(ReadInt(object, place, "filters", true, block.filters));
  PHOTINUS_RETURN_IF_ERROR(ReadInt(object, place, "kernel", true, block.kernel));
  PHOTINUS_RETURN_IF_ERROR(ReadInt(object, place, "expansion", Expands(block.type), block.expansion));
  PHOTINUS_RETURN_IF_ERROR(ReadStride(object, place, block));
  return block;
}

Result<void> ReadBlocks(const json& document, Architecture& architecture) {
  const auto blocks = document.find("blocks");
  if (blocks == document.end() || !blocks->is_array()) {
    return InvalidArgument("architecture: the document needs 'blocks', an array of objects, or 'baseline'");
  }
  for (std::size_t i = 0; i < blocks->size(); ++i) {
    PHOTINUS_ASSIGN_OR_RETURN(Block block, ReadBlock((*blocks)[i], "blocks[" + std::to_string(i) + "]"));
    architecture.blocks.push_back(std::move(block));
  }
  return {};
}

Result<void> ReadActivation(const json& document, Architecture& architecture) {
  const auto found = document.find("activation");
  if (found == document.end()) return {};
  if (*found != "relu" && *found != "relu6") {
    return InvalidArgument("architecture: activation must be relu or relu6, not " + found->dump());
  }
  architecture.activation = *found == "relu6" ? Activation::kRelu6 : Activation::kRelu;
  return {};
}

Result<void> ReadInput(const json& document, Architecture& architecture) {
  const auto input = document.find("input");
  if (input == document.end()) return {};
  PHOTINUS_RETURN_IF_ERROR(CheckKeys(*input, "input", {"height", "width", "channels"}));
  PHOTINUS_RETURN_IF_ERROR(ReadInt(*input, "input", "height", false, architecture.height));
  PHOTINUS_RETURN_IF_ERROR(ReadInt(*input, "input", "width", false, architecture.width));
  return ReadInt(*input, "input", "channels", false, architecture.channels);
}

// What both kinds of document may say.
Result<void> ReadCommon(const json& document, Architecture& architecture) {
  PHOTINUS_RETURN_IF_ERROR(ReadString(document, "name", "name", architecture.name));
  PHOTINUS_RETURN_IF_ERROR(ReadInput(document, architecture));
  return ReadInt(document, "the document", "classes", false, architecture.classes);
}

Result<Architecture> ReadBaseline(const json& document) {
  PHOTINUS_RETURN_IF_ERROR(CheckKeys(document, "the document", {"baseline", "name", "input", "classes"}));
  std::string name;
  PHOTINUS_RETURN_IF_ERROR(ReadString(document, "baseline", "baseline", name));
  Result<Architecture> baseline = Baseline(name);
  if (!baseline.ok()) return InvalidArgument("architecture: " + baseline.error().message);
  PHOTINUS_RETURN_IF_ERROR(ReadCommon(document, *baseline));
  return baseline;
}

std::string BlockJson(const Block& block) {
  nlohmann::ordered_json object = {{"type", BlockTypeName(block.type)}};
  if (!block.name.empty()) object["name"] = block.name;
  if (block.type != BlockType::kIdentity) {
    object["filters"] = block.filters;
    object["kernel"] = block.kernel;
    object["stride"] = block.stride;
    if (RunsOverFrequency(block.type)) object["stride"] = {block.stride, block.frequency_stride};
    if (Expands(block.type)) object["expansion"] = block.expansion;
  }
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

Result<Architecture> ParseArchitecture(std::string_view text) {
  std::string repeated;
  const json document = ParseJson(text, repeated);
  if (document.is_discarded()) return InvalidArgument("architecture: not valid JSON");
  if (!repeated.empty()) return InvalidArgument("architecture: key '" + repeated + "' stands twice in one object");
  if (document.is_object() && document.contains("baseline")) return ReadBaseline(document);
  PHOTINUS_RETURN_IF_ERROR(
      CheckKeys(document, "the document", {"name", "input", "activation", "hidden", "classes", "blocks"}));
  Architecture architecture;
  PHOTINUS_RETURN_IF_ERROR(ReadCommon(document, architecture));
  PHOTINUS_RETURN_IF_ERROR(ReadActivation(document, architecture));
  PHOTINUS_RETURN_IF_ERROR(ReadInt(document, "the document", "hidden", false, architecture.hidden));
  PHOTINUS_RETURN_IF_ERROR(ReadBlocks(document, architecture));
  return architecture;
}

std::string ToJson(const Architecture& architecture) {
  const nlohmann::ordered_json input = {
      {"height", architecture.height}, {"width", architecture.width}, {"channels", architecture.channels}};
  // A name that is no UTF-8 is written with replacement characters rather than refused.
  const std::string name = json(architecture.name).dump(-1, ' ', false, json::error_handler_t::replace);
  std::string text = "{\n  \"name\": " + name + ",\n  \"input\": " + input.dump() + ",\n  \"activation\": \"" +
                     (architecture.activation == Activation::kRelu6 ? "relu6" : "relu") +
                     "\",\n  \"hidden\": " + std::to_string(architecture.hidden) +
                     ",\n  \"classes\": " + std::to_string(architecture.classes) + ",\n  \"blocks\": [";
  for (std::size_t i = 0; i < architecture.blocks.size(); ++i) {
    text += (i == 0 ? "\n    " : ",\n    ") + BlockJson(architecture.blocks[i]);
  }
  return text + "\n  ]\n}\n";
}

}  // namespace photinus::graph
