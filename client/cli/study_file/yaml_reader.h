// The fields of one YAML map, with errors that name the field.
#ifndef PHOTINUS_CLIENT_CLI_STUDY_FILE_YAML_READER_H_
#define PHOTINUS_CLIENT_CLI_STUDY_FILE_YAML_READER_H_

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/study_file/yaml_node.h"
#include "common/study_document/strict_json.h"

namespace photinus {

// InvalidArgument (FieldErrors) unless the node is a map with keys out of `keys` only.
absl::Status CheckKeys(const YamlNode& node, std::string_view path, const KeySet& keys);

// A finite number, an integer of 64 bits, a text; numbers and booleans count as text where text is wanted.
// InvalidArgument, a FieldError at `path`, for anything else.
absl::StatusOr<double> AsDouble(const YamlNode& node, std::string_view path);
absl::StatusOr<int64_t> AsInteger(const YamlNode& node, std::string_view path);
absl::StatusOr<std::string> AsText(const YamlNode& node, std::string_view path);

// The value of a required key. InvalidArgument: it is missing.
absl::StatusOr<const YamlNode*> Required(const YamlNode& map, std::string_view path, std::string_view key);

// The node as JSON. InvalidArgument: an infinite number or NaN.
absl::StatusOr<nlohmann::json> ToJson(const YamlNode& node, std::string_view path);

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_STUDY_FILE_YAML_READER_H_
