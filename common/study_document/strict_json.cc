#include "common/study_document/strict_json.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxTextBytes = 64 * 1024;
constexpr size_t kMaxKeyBytes = 100;  // of a key in a path; a longer one is shortened

absl::string_view View(std::string_view s) { return absl::string_view(s.data(), s.size()); }

// Watches the parser for what JSON leaves open: how deep, and which of two equal keys counts.
class Watcher {
 public:
  bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
    if (too_deep_) return false;  // whatever comes
    switch (event) {
      case Json::parse_event_t::object_start:
      case Json::parse_event_t::array_start:
        too_deep_ = depth >= kMaxJsonDepth;
        if (too_deep_) return false;
        open_.push_back({.path = NextPath(), .is_list = event == Json::parse_event_t::array_start});
        return true;
      case Json::parse_event_t::key:
        open_.back().key = parsed.get<std::string>();
        if (!open_.back().keys.insert(open_.back().key).second && !duplicate_.has_value()) {
          duplicate_ = FieldPath(open_.back().path, open_.back().key);
        }
        return true;
      case Json::parse_event_t::object_end:
      case Json::parse_event_t::array_end:
        open_.pop_back();
        return true;
      case Json::parse_event_t::value:
        if (!open_.empty()) ++open_.back().items;
        return true;
    }
    return true;
  }

  absl::Status Verdict() const {
    if (too_deep_) return FieldError("", absl::StrCat("more than ", kMaxJsonDepth, " levels of nesting"));
    if (duplicate_.has_value()) return FieldError(*duplicate_, "the key stands twice in one object");
    return absl::OkStatus();
  }

 private:
  struct Open {  // an object or a list that is not at its end yet
    std::string path;
    bool is_list = false;
    std::string key = {};             // the latest
    std::set<std::string> keys = {};  // all
    int items = 0;                    // of a list that have begun
  };

  // Of the object or list that begins.
  std::string NextPath() {
    if (open_.empty()) return "";
    Open& in = open_.back();
    return in.is_list ? absl::StrCat(in.path, "[", in.items++, "]") : FieldPath(in.path, in.key);
  }

  std::vector<Open> open_;
  std::optional<std::string> duplicate_;  // its path
  bool too_deep_ = false;
};

std::string Range(int64_t min, int64_t max) { return min == max ? absl::StrCat(min) : absl::StrCat(min, " to ", max); }

// The parser gives integers beyond 64 bits as floating-point numbers.
bool IsHugeInteger(const Json& value) { return value.is_number_float() && std::abs(value.get<double>()) >= 0x1p63; }

}  // namespace

absl::StatusOr<Json> ParseStrictJson(std::string_view text) {
  if (static_cast<int64_t>(text.size()) > kMaxJsonBytes) {
    return FieldError("", absl::StrCat("is ", text.size(), " bytes long; at most ", kMaxJsonBytes, " are allowed"));
  }
  Watcher watcher;
  Json json;
  try {
    json = Json::parse(
        text, [&watcher](int depth, Json::parse_event_t event, Json& parsed) { return watcher(depth, event, parsed); });
  } catch (const Json::parse_error& error) {
    return FieldError("", absl::StrCat("is not valid JSON: error at byte ", error.byte));
  } catch (const Json::exception& error) {
    return FieldError("", absl::StrCat("is not valid JSON: ", error.what()));
  }
  RETURN_IF_ERROR(watcher.Verdict());
  return json;
}

std::string FieldPath(std::string_view path, std::string_view key) {
  const std::string name = Shortened(key, kMaxKeyBytes);
  return path.empty() ? name : absl::StrCat(std::string(path), ".", name);
}

std::string UnknownWordMessage(std::string_view what, std::string_view word,
                               const std::vector<std::string_view>& words) {
  const std::string nearest = DidYouMean(word, words);
  const std::vector<std::string> names(words.begin(), words.end());
  return absl::StrCat("unknown ", View(what), " ", Quoted(word),
                      nearest.empty() ? absl::StrCat("; known are ", absl::StrJoin(names, ", ")) : nearest);
}

absl::Status CheckKey(std::string_view key, std::string_view field, const KeySet& keys) {
  const auto stands_in = [&](const std::vector<std::string_view>& words) {
    return std::find(words.begin(), words.end(), key) != words.end();
  };
  if (stands_in(keys.known)) return absl::OkStatus();
  if (stands_in(keys.planned)) return FieldError(field, "not supported yet; remove it");
  if (stands_in(keys.elsewhere)) {
    return FieldError(field, "does not belong in the study document; set it in the study's spec");
  }
  const std::string nearest = DidYouMean(key, keys.known);
  if (!nearest.empty()) return FieldError(field, absl::StrCat("unknown key", nearest));
  const std::vector<std::string> names(keys.known.begin(), keys.known.end());
  return FieldError(field, absl::StrCat("unknown key; the keys here are ", absl::StrJoin(names, ", ")));
}

absl::StatusOr<ObjectReader> ObjectReader::Open(const Json& value, std::string_view path, const KeySet& keys) {
  if (!value.is_object()) return FieldError(path, absl::StrCat("must be an object, not ", TypeName(value)));
  for (const auto& [key, unused] : value.items()) {
    const std::string field = FieldPath(path, key);
    RETURN_IF_ERROR(CheckKey(key, field, keys));
  }
  return ObjectReader(value, path);
}

bool ObjectReader::Has(std::string_view key) const { return Find(key) != nullptr; }

const Json* ObjectReader::Find(std::string_view key) const {
  const auto it = object_.find(std::string(key));
  return it == object_.end() ? nullptr : &*it;
}

std::string ObjectReader::PathOf(std::string_view key) const { return FieldPath(path_, key); }

absl::Status ObjectReader::ReadInteger(std::string_view key, int64_t min, int64_t max, int64_t* out) const {
  const Json* value = Find(key);
  if (value == nullptr) return absl::OkStatus();
  if (IsHugeInteger(*value)) {
    return FieldError(PathOf(key), absl::StrCat("must be ", Range(min, max), ", not ", value->dump()));
  }
  if (!value->is_number_integer()) {
    return FieldError(PathOf(key), absl::StrCat("must be an integer, not ", TypeName(*value)));
  }
  const bool beyond_int64 =
      value->is_number_unsigned() && value->get<uint64_t>() > uint64_t{std::numeric_limits<int64_t>::max()};
  if (beyond_int64 || value->get<int64_t>() < min || value->get<int64_t>() > max) {
    return FieldError(PathOf(key), absl::StrCat("must be ", Range(min, max), ", not ", value->dump()));
  }
  *out = value->get<int64_t>();
  return absl::OkStatus();
}

absl::Status ObjectReader::ReadUnsigned(std::string_view key, uint64_t* out) const {
  const Json* value = Find(key);
  if (value == nullptr) return absl::OkStatus();
  if (!value->is_number_unsigned()) {
    const std::string what = value->is_number() ? value->dump() : TypeName(*value);
    return FieldError(PathOf(key), absl::StrCat("must be an integer from 0 to 2^64-1, not ", what));
  }
  *out = value->get<uint64_t>();
  return absl::OkStatus();
}

absl::Status ObjectReader::ReadPositive(std::string_view key, double* out) const {
  const Json* value = Find(key);
  if (value == nullptr) return absl::OkStatus();
  if (!value->is_number()) return FieldError(PathOf(key), absl::StrCat("must be a number, not ", TypeName(*value)));
  const double number = value->get<double>();
  if (!std::isfinite(number) || number <= 0) {
    return FieldError(PathOf(key), absl::StrCat("must be a finite number greater than 0, not ", value->dump()));
  }
  *out = number;
  return absl::OkStatus();
}

absl::Status ObjectReader::ReadNumber(std::string_view key, double min, double max, std::optional<double>* out) const {
  const Json* value = Find(key);
  if (value == nullptr) return absl::OkStatus();
  if (!value->is_number()) return FieldError(PathOf(key), absl::StrCat("must be a number, not ", TypeName(*value)));
  const double number = value->get<double>();
  if (!(number >= min && number <= max)) {
    const std::string range = max < std::numeric_limits<double>::max() ? absl::StrCat(min, " to ", max)
                                                                       : absl::StrCat("a finite number from ", min);
    return FieldError(PathOf(key), absl::StrCat("must be ", range, ", not ", value->dump()));
  }
  *out = number;
  return absl::OkStatus();
}

absl::Status ObjectReader::ReadFlag(std::string_view key, bool* out) const {
  const Json* value = Find(key);
  if (value == nullptr) return absl::OkStatus();
  if (!value->is_boolean()) {
    return FieldError(PathOf(key), absl::StrCat("must be true or false, not ", TypeName(*value)));
  }
  *out = value->get<bool>();
  return absl::OkStatus();
}

absl::Status ObjectReader::ReadText(std::string_view key, std::string* out) const {
  const Json* value = Find(key);
  if (value == nullptr) return absl::OkStatus();
  RETURN_IF_ERROR(CheckText(*value, PathOf(key)));
  *out = value->get<std::string>();
  return absl::OkStatus();
}

absl::Status ObjectReader::Require(std::string_view key) const {
  return Has(key) ? absl::OkStatus() : FieldError(PathOf(key), "is required");
}

absl::Status CheckText(const Json& value, std::string_view path) {
  if (!value.is_string()) return FieldError(path, absl::StrCat("must be a string, not ", TypeName(value)));
  const std::string& text = value.get_ref<const std::string&>();
  if (text.empty()) return FieldError(path, "must not be empty");
  if (text.size() > kMaxTextBytes) {
    return FieldError(path, absl::StrCat("is ", text.size(), " bytes long; at most ", kMaxTextBytes, " are allowed"));
  }
  if (text.find('\0') != std::string::npos) return FieldError(path, "must not contain a NUL byte");
  return absl::OkStatus();
}

std::string TypeName(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return "null";
    case Json::value_t::boolean:
      return "a boolean";
    case Json::value_t::string:
      return "a string";
    case Json::value_t::array:
      return "a list";
    case Json::value_t::object:
      return "an object";
    default:
      return value.is_number_float() ? "a fractional number" : "a number";
  }
}

}  // namespace photinus
