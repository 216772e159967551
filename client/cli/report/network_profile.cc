#include "client/cli/report/network_profile.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace photinus {
namespace {

using Json = nlohmann::json;

// Null where there is no such member.
const Json& Member(const Json& json, const char* key) {
  static const Json kNothing;
  if (!json.is_object()) return kNothing;
  const auto found = json.find(key);
  return found != json.end() ? *found : kNothing;
}

std::string TextOf(const Json& json) { return json.is_string() ? json.get<std::string>() : ""; }
double NumberOf(const Json& json) { return json.is_number() ? json.get<double>() : 0; }
bool IsTrue(const Json& json) { return json.is_boolean() && json.get<bool>(); }

// A number as it stands, and sizes as "25 x 40 x 8", from place `from` on.
std::string SizesOf(const Json& json, size_t from = 0) {
  if (json.is_number()) return json.dump();
  if (!json.is_array()) return "";
  std::string text;
  for (size_t i = from; i < json.size(); ++i) {
    if (json[i].is_number()) absl::StrAppend(&text, text.empty() ? "" : " x ", json[i].dump());
  }
  return text;
}

// Adds the layers of the block to it; whether there are any.
bool AddLayers(const Json& layers, const std::string& prefix, BlockProfile& block) {
  bool any = false;
  for (const Json& layer : layers) {
    if (!absl::StartsWith(TextOf(Member(layer, "name")), prefix)) continue;
    any = true;
    block.params += NumberOf(Member(layer, "params"));
    block.flops += NumberOf(Member(layer, "flops"));
    block.output = SizesOf(Member(layer, "output"), /*from=*/1);  // without the batch
  }
  return any;
}

std::vector<BlockProfile> BlocksOf(const Json& blocks, const Json& layers) {
  std::vector<BlockProfile> profiles;
  if (!blocks.is_array() || !layers.is_array()) return profiles;
  BlockProfile all, inside;
  AddLayers(layers, "", all);
  for (size_t i = 0; i < blocks.size(); ++i) {
    const Json& block = blocks[i];
    BlockProfile profile;
    profile.name = TextOf(Member(block, "name"));
    if (profile.name.empty()) profile.name = absl::StrCat("block", i);
    profile.type = TextOf(Member(block, "type"));
    profile.filters = SizesOf(Member(block, "filters"));
    profile.kernel = SizesOf(Member(block, "kernel"));
    profile.stride = SizesOf(Member(block, "stride"));
    profile.expansion = SizesOf(Member(block, "expansion"));
    if (!AddLayers(layers, profile.name + ".", profile)) {
      if (profile.type != "identity") return {};
      profile.output = profiles.empty() ? "" : profiles.back().output;
    }
    inside.params += profile.params;
    inside.flops += profile.flops;
    profiles.push_back(std::move(profile));
  }
  if (profiles.empty()) return profiles;
  profiles.push_back(
      {.name = "head", .output = all.output, .params = all.params - inside.params, .flops = all.flops - inside.flops});
  return profiles;
}

}  // namespace

NetworkProfile ParseNetworkProfile(const std::string& text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  const Json& energy = Member(json, "energy");
  return {.synthetic_data = IsTrue(Member(json, "synthetic_data")),
          .energy_source = TextOf(Member(energy, "source")),
          .energy_meter = TextOf(Member(energy, "meter")),
          .simulated_meter = IsTrue(Member(energy, "simulated")),
          .blocks = BlocksOf(Member(Member(json, "architecture"), "blocks"), Member(json, "layers"))};
}

}  // namespace photinus
