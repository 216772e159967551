// JSON read strictly: nothing is guessed, nothing is ignored, and every complaint names the field.
#ifndef PHOTINUS_COMMON_STUDY_DOCUMENT_STRICT_JSON_H_
#define PHOTINUS_COMMON_STUDY_DOCUMENT_STRICT_JSON_H_

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace photinus {

inline constexpr int kMaxJsonDepth = 64;
inline constexpr int64_t kMaxJsonBytes = int64_t{1} << 20;

// Parses one JSON text. InvalidArgument: a syntax error (with its byte), a duplicate key, more than kMaxJsonDepth
// levels or kMaxJsonBytes bytes, a number out of the range of double.
absl::StatusOr<nlohmann::json> ParseStrictJson(std::string_view text);

// The keys that an object may have.
struct KeySet {
  std::vector<std::string_view> known;
  std::vector<std::string_view> planned;    // refused as "not supported yet"
  std::vector<std::string_view> elsewhere;  // refused because they stand in the study's spec
};

// InvalidArgument, a FieldError at `field`, unless `key` is one of keys.known: with the nearest of them, or all of them
// where none is near.
absl::Status CheckKey(std::string_view key, std::string_view field, const KeySet& keys);

// "path.key", or "key" at the root; a key of hundreds of bytes is shortened.
std::string FieldPath(std::string_view path, std::string_view key);

// "unknown WHAT 'WORD'" with the nearest of `words`, whatever its case, or all of them where none is near.
std::string UnknownWordMessage(std::string_view what, std::string_view word,
                               const std::vector<std::string_view>& words);

// The fields of one JSON object. Its errors are FieldErrors whose paths begin with the object's own. Borrows the
// object.
class ObjectReader {
 public:
  // InvalidArgument unless `value` is an object with keys out of `keys` only.
  static absl::StatusOr<ObjectReader> Open(const nlohmann::json& value, std::string_view path, const KeySet& keys);

  bool Has(std::string_view key) const;
  // Whatever stands there; null if nothing does.
  const nlohmann::json* Find(std::string_view key) const;
  // The path of a field of this object.
  std::string PathOf(std::string_view key) const;

  // Each leaves `*out` alone where the key is absent; InvalidArgument for a wrong type or a value out of range.
  absl::Status ReadInteger(std::string_view key, int64_t min, int64_t max, int64_t* out) const;
  absl::Status ReadUnsigned(std::string_view key, uint64_t* out) const;
  absl::Status ReadPositive(std::string_view key, double* out) const;  // a finite number > 0
  absl::Status ReadNumber(std::string_view key, double min, double max, std::optional<double>* out) const;
  absl::Status ReadFlag(std::string_view key, bool* out) const;         // true or false
  absl::Status ReadText(std::string_view key, std::string* out) const;  // not empty, at most 64 KiB
  // InvalidArgument if the key is absent.
  absl::Status Require(std::string_view key) const;

 private:
  ObjectReader(const nlohmann::json& object, std::string_view path) : object_(object), path_(path) {}

  const nlohmann::json& object_;
  std::string path_;
};

// InvalidArgument unless `value` is a string of 1 to 65,536 bytes without NUL.
absl::Status CheckText(const nlohmann::json& value, std::string_view path);

// What a JSON value is, for messages: "a string", "an object".
std::string TypeName(const nlohmann::json& value);

}  // namespace photinus

#endif  // PHOTINUS_COMMON_STUDY_DOCUMENT_STRICT_JSON_H_
