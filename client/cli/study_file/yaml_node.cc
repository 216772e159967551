#include "client/cli/study_file/yaml_node.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <cctype>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "absl/strings/str_cat.h"

namespace photinus {
namespace {

constexpr size_t kMaxBytes = size_t{1} << 20;
constexpr int kMaxNodes = 100'000;
constexpr size_t kMaxDepth = 64;

// Thrown out of yaml-cpp's parser and caught in ParseYaml.
struct Fault {
  int line;
  std::string message;
};

bool AllDigits(std::string_view text) {
  for (char c : text) {
    if (!std::isdigit(static_cast<unsigned char>(c))) return false;
  }
  return !text.empty();
}

std::string_view WithoutSign(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return text;
}

// digits[.digits][e[sign]digits] or .digits...
bool LooksLikeDouble(std::string_view text) {
  text = WithoutSign(text);
  if (text == ".inf" || text == ".Inf" || text == ".INF" || text == ".nan" || text == ".NaN" || text == ".NAN") {
    return true;
  }
  const size_t e = text.find_first_of("eE");
  if (e != std::string_view::npos) {
    if (!AllDigits(WithoutSign(text.substr(e + 1)))) return false;
    text = text.substr(0, e);
  }
  const size_t dot = text.find('.');
  if (dot == std::string_view::npos) return AllDigits(text);
  const std::string_view whole = text.substr(0, dot), fraction = text.substr(dot + 1);
  if (whole.empty()) return AllDigits(fraction);
  return AllDigits(whole) && (fraction.empty() || AllDigits(fraction));
}

YamlNode::Kind KindOfPlain(std::string_view text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return YamlNode::Kind::kNull;
  for (const char* word : {"true", "True", "TRUE", "false", "False", "FALSE"}) {
    if (text == word) return YamlNode::Kind::kBool;
  }
  if (AllDigits(WithoutSign(text))) return YamlNode::Kind::kInteger;
  return LooksLikeDouble(text) ? YamlNode::Kind::kDouble : YamlNode::Kind::kString;
}

bool IsUtf8(std::string_view text) {
  try {
    (void)nlohmann::json(text).dump();
    return true;
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

int CountNodes(const YamlNode& node) {
  int count = 1;
  for (const YamlNode& item : node.items) count += CountNodes(item);
  for (const YamlEntry& entry : node.entries) count += CountNodes(entry.value);
  return count;
}

// Builds the tree from the parser's events.
class TreeBuilder : public YAML::EventHandler {
 public:
  YamlNode Take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { AddScalar(mark, "?", anchor, ""); }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    AddScalar(mark, tag, anchor, value);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto it = anchored_.find(anchor);
    if (it == anchored_.end()) throw Fault{mark.line + 1, "an alias stands inside its own anchor"};
    Count(mark, CountNodes(it->second));
    YamlNode copy = it->second;
    Place(mark, std::move(copy));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(mark, anchor, YamlNode::Kind::kList);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(mark, anchor, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override { Close(); }

 private:
  // A list or map whose end has not come yet.
  struct Unfinished {
    YamlNode node;
    YAML::anchor_t anchor = 0;
    std::optional<std::string> key;  // of the map's next value
    int key_line = 0;
  };

  void Count(const YAML::Mark& mark, int nodes) {
    count_ += nodes;
    if (count_ > kMaxNodes) throw Fault{mark.line + 1, absl::StrCat("more than ", kMaxNodes, " values")};
  }

  void AddScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) {
    Count(mark, 1);
    YamlNode node;
    node.line = mark.line + 1;
    node.text = value;
    node.kind = tag == "?" || tag.empty() ? KindOfPlain(value) : YamlNode::Kind::kString;
    if (tag != "?" && tag != "!" && !tag.empty())
      throw Fault{node.line, absl::StrCat("tags such as ", tag, " have no meaning here")};
    if (anchor != 0) anchored_[anchor] = node;
    Place(mark, std::move(node));
  }

  void Open(const YAML::Mark& mark, YAML::anchor_t anchor, YamlNode::Kind kind) {
    Count(mark, 1);
    if (open_.size() >= kMaxDepth) throw Fault{mark.line + 1, absl::StrCat("more than ", kMaxDepth, " levels")};
    if (!open_.empty()) CheckKey(mark);
    Unfinished unfinished;
    unfinished.node.kind = kind;
    unfinished.node.line = mark.line + 1;
    unfinished.anchor = anchor;
    open_.push_back(std::move(unfinished));
  }

  // A list or map cannot be a key.
  void CheckKey(const YAML::Mark& mark) {
    const Unfinished& parent = open_.back();
    if (parent.node.kind == YamlNode::Kind::kMap && !parent.key.has_value()) {
      throw Fault{mark.line + 1, "a key must be a word"};
    }
  }

  void Close() {
    Unfinished done = std::move(open_.back());
    open_.pop_back();
    if (done.anchor != 0) anchored_[done.anchor] = done.node;
    YAML::Mark mark;
    mark.line = done.node.line - 1;
    Place(mark, std::move(done.node));
  }

  void Place(const YAML::Mark& mark, YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Unfinished& parent = open_.back();
    if (parent.node.kind == YamlNode::Kind::kList) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key.has_value()) {
      if (!node.IsScalar()) throw Fault{mark.line + 1, "a key must be a word"};  // what an alias stands for
      parent.key = node.text;
      parent.key_line = mark.line + 1;
    } else {
      AddEntry(parent, std::move(node));
    }
  }

  // Of the latest key.
  std::string Path() const {
    std::string path;
    for (const Unfinished& level : open_) {
      if (level.node.kind == YamlNode::Kind::kList) {
        absl::StrAppend(&path, "[", level.node.items.size(), "]");
      } else {
        absl::StrAppend(&path, path.empty() ? "" : ".", *level.key);
      }
    }
    return path;
  }

  void AddEntry(Unfinished& parent, YamlNode value) const {
    for (const YamlEntry& entry : parent.node.entries) {
      if (entry.key != *parent.key) continue;
      throw Fault{parent.key_line, absl::StrCat(Path(), ": the key stands twice; first on line ", entry.line)};
    }
    parent.node.entries.push_back({*std::move(parent.key), parent.key_line, std::move(value)});
    parent.key.reset();
  }

  YamlNode root_;
  std::vector<Unfinished> open_;
  std::map<YAML::anchor_t, YamlNode> anchored_;
  int count_ = 0;
};

// One step of a path: a key, or an index if `key` is empty.
const YamlNode* Step(const YamlNode& node, std::string_view& rest, int& line) {
  if (!rest.empty() && rest[0] == '[') {
    const size_t close = rest.find(']');
    if (node.kind != YamlNode::Kind::kList || close == std::string_view::npos) return nullptr;
    const std::string digits(rest.substr(1, close - 1));
    if (!AllDigits(digits) || digits.size() > 6) return nullptr;
    const size_t index = std::stoul(digits);
    if (index >= node.items.size()) return nullptr;
    rest.remove_prefix(close + 1);
    line = node.items[index].line;
    return &node.items[index];
  }
  if (!rest.empty() && rest[0] == '.') rest.remove_prefix(1);
  const YamlEntry* best = nullptr;  // keys may have dots themselves: the longest that fits
  for (const YamlEntry& entry : node.entries) {
    if (entry.key.empty() || rest.substr(0, entry.key.size()) != entry.key) continue;
    const char next = rest.size() == entry.key.size() ? '.' : rest[entry.key.size()];
    if ((next == '.' || next == '[') && (best == nullptr || best->key.size() < entry.key.size())) best = &entry;
  }
  if (best == nullptr) return nullptr;
  rest.remove_prefix(best->key.size());
  line = best->line;
  return &best->value;
}

}  // namespace

const YamlNode* YamlNode::Find(std::string_view key) const {
  for (const YamlEntry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

std::string YamlNode::TypeName() const {
  switch (kind) {
    case Kind::kNull:
      return "nothing";
    case Kind::kBool:
      return "a boolean";
    case Kind::kInteger:
      return "a number";
    case Kind::kDouble:
      return "a fractional number";
    case Kind::kString:
      return "a string";
    case Kind::kList:
      return "a list";
    case Kind::kMap:
      return "a map of keys";
  }
  return "";
}

std::string YamlNode::Shown() const {
  constexpr size_t kMaxShown = 40;
  return IsScalar() && !text.empty() && text.size() <= kMaxShown ? absl::StrCat("'", text, "'") : TypeName();
}

absl::StatusOr<YamlNode> ParseYaml(std::string_view text) {
  if (text.size() > kMaxBytes) return absl::InvalidArgumentError("1: the file is larger than 1 MiB");
  if (text.find('\0') != std::string_view::npos) return absl::InvalidArgumentError("1: the file is not text");
  if (!IsUtf8(text)) return absl::InvalidArgumentError("1: the file is not valid UTF-8");
  std::istringstream stream{std::string(text)};
  try {
    YAML::Parser parser(stream);
    TreeBuilder builder;
    if (!parser.HandleNextDocument(builder)) return absl::InvalidArgumentError("1: the file is empty");
    YamlNode root = builder.Take();
    TreeBuilder second;
    if (parser.HandleNextDocument(second)) {
      return absl::InvalidArgumentError(absl::StrCat(second.Take().line, ": one file holds one study"));
    }
    return root;
  } catch (const Fault& fault) {
    return absl::InvalidArgumentError(absl::StrCat(fault.line, ": ", fault.message));
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(absl::StrCat(error.mark.line + 1, ": not valid YAML: ", error.msg));
  }
}

int LineOf(const YamlNode& root, std::string_view path) {
  int line = root.line;
  const YamlNode* node = &root;
  while (node != nullptr && !path.empty()) node = Step(*node, path, line);
  return line;
}

}  // namespace photinus
