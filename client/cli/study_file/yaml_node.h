// A YAML text as a tree that remembers its lines.
#ifndef PHOTINUS_CLIENT_CLI_STUDY_FILE_YAML_NODE_H_
#define PHOTINUS_CLIENT_CLI_STUDY_FILE_YAML_NODE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace photinus {

struct YamlEntry;

// One node. Scalars keep the text that the file has; plain ones are typed as YAML's core schema says, quoted ones are
// strings.
struct YamlNode {
  enum class Kind { kNull, kBool, kInteger, kDouble, kString, kList, kMap };

  Kind kind = Kind::kNull;
  std::string text;                // scalars
  int line = 0;                    // counted from 1
  std::vector<YamlNode> items;     // kList
  std::vector<YamlEntry> entries;  // kMap, in the file's order, keys unique

  bool IsScalar() const { return kind != Kind::kList && kind != Kind::kMap; }
  bool IsNumber() const { return kind == Kind::kInteger || kind == Kind::kDouble; }
  // The value of a key of a map; null if there is none.
  const YamlNode* Find(std::string_view key) const;
  // "a list", "a string", for messages.
  std::string TypeName() const;
  // What stands there, for messages: a short scalar as it is, in quotes, else TypeName.
  std::string Shown() const;
};

struct YamlEntry {
  std::string key;
  int line = 0;
  YamlNode value;
};

// The one document in `text`. InvalidArgument: a syntax error, duplicate keys, a second document, more than 1 MiB, more
// than 100,000 nodes after aliases are expanded, more than 64 levels; the message begins with "LINE: ".
absl::StatusOr<YamlNode> ParseYaml(std::string_view text);

// The line of the field at `path` ("parameters[2].min"), or of its nearest ancestor that exists.
int LineOf(const YamlNode& root, std::string_view path);

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_STUDY_FILE_YAML_NODE_H_
