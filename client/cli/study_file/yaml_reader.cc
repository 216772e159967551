#include "client/cli/study_file/yaml_reader.h"

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

using Kind = YamlNode::Kind;

// YAML's ".inf" and ".nan" are not C's.
double ToDouble(const std::string& text) {
  if (text.find("nf") != std::string::npos || text.find("NF") != std::string::npos) return HUGE_VAL;
  if (text.find_first_of("nN") != std::string::npos) return NAN;
  return std::strtod(text.c_str(), nullptr);
}

}  // namespace

absl::Status CheckKeys(const YamlNode& node, std::string_view path, const KeySet& keys) {
  if (node.kind != Kind::kMap) return FieldError(path, absl::StrCat("must be a map of keys, not ", node.TypeName()));
  for (const YamlEntry& entry : node.entries) {
    const std::string field = FieldPath(path, entry.key);
    RETURN_IF_ERROR(CheckKey(entry.key, field, keys));
    if (entry.value.kind == Kind::kNull) return FieldError(field, "has no value; give one or remove the key");
  }
  return absl::OkStatus();
}

absl::StatusOr<double> AsDouble(const YamlNode& node, std::string_view path) {
  if (!node.IsNumber()) return FieldError(path, absl::StrCat("must be a number, not ", node.Shown()));
  const double value = ToDouble(node.text);
  if (!std::isfinite(value)) return FieldError(path, absl::StrCat("must be a finite number, not ", node.text));
  return value;
}

absl::StatusOr<int64_t> AsInteger(const YamlNode& node, std::string_view path) {
  if (node.kind != Kind::kInteger) return FieldError(path, absl::StrCat("must be an integer, not ", node.Shown()));
  int64_t value = 0;
  if (!absl::SimpleAtoi(node.text, &value)) {
    return FieldError(path, absl::StrCat("must be an integer of 64 bits, not ", node.text));
  }
  return value;
}

absl::StatusOr<std::string> AsText(const YamlNode& node, std::string_view path) {
  if (!node.IsScalar() || node.kind == Kind::kNull) {
    return FieldError(path, absl::StrCat("must be a string, not ", node.TypeName()));
  }
  if (node.text.empty()) return FieldError(path, "must not be empty");
  return node.text;
}

absl::StatusOr<const YamlNode*> Required(const YamlNode& map, std::string_view path, std::string_view key) {
  const YamlNode* node = map.Find(key);
  if (node == nullptr) return FieldError(FieldPath(path, key), "is required");
  return node;
}

absl::StatusOr<nlohmann::json> ToJson(const YamlNode& node, std::string_view path) {
  switch (node.kind) {
    case Kind::kNull:
      return nlohmann::json();
    case Kind::kBool:
      return nlohmann::json(node.text[0] == 't' || node.text[0] == 'T');
    case Kind::kInteger: {
      int64_t integer = 0;
      uint64_t large = 0;
      if (absl::SimpleAtoi(node.text, &integer)) {
        if (integer >= 0) return nlohmann::json(static_cast<uint64_t>(integer));
        return nlohmann::json(integer);
      }
      if (absl::SimpleAtoi(node.text, &large)) return nlohmann::json(large);
      [[fallthrough]];
    }
    case Kind::kDouble: {
      ASSIGN_OR_RETURN(const double number, AsDouble(node, path));
      return nlohmann::json(number);
    }
    case Kind::kString:
      return nlohmann::json(node.text);
    case Kind::kList: {
      nlohmann::json list = nlohmann::json::array();
      for (size_t i = 0; i < node.items.size(); ++i) {
        ASSIGN_OR_RETURN(nlohmann::json item, ToJson(node.items[i], absl::StrCat(std::string(path), "[", i, "]")));
        list.push_back(std::move(item));
      }
      return list;
    }
    case Kind::kMap: {
      nlohmann::json map = nlohmann::json::object();
      for (const YamlEntry& entry : node.entries) {
        ASSIGN_OR_RETURN(map[entry.key], ToJson(entry.value, FieldPath(path, entry.key)));
      }
      return map;
    }
  }
  return nlohmann::json();
}

}  // namespace photinus
