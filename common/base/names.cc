#include "common/base/names.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

constexpr size_t kMaxIdBytes = 256;
constexpr size_t kMaxArtifactNameBytes = 128;

absl::Status Malformed(std::string_view name, std::string_view form) {
  return FieldError("", absl::StrCat(Quoted(name), " is not a name of the form ", std::string(form)));
}

std::vector<std::string_view> SplitBySlash(std::string_view name) {
  std::vector<std::string_view> parts;
  size_t begin = 0;
  for (size_t slash; (slash = name.find('/', begin)) != std::string_view::npos; begin = slash + 1) {
    parts.push_back(name.substr(begin, slash - begin));
  }
  parts.push_back(name.substr(begin));
  return parts;
}

// 1..INT64_MAX in the one way that it is written; nullopt for any other text.
std::optional<int64_t> ParseCount(std::string_view text) {
  int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count < 1 || text[0] == '0') return std::nullopt;
  return count;
}

// How many bytes the UTF-8 sequence at the front of `s` takes; 0 if it is malformed (RFC 3629).
size_t Utf8SequenceLength(std::string_view s) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(s[i]); };
  const auto continues = [&](size_t i) { return i < s.size() && (byte(i) & 0xc0) == 0x80; };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return continues(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef && continues(1) && continues(2)) {
    if ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f)) return 0;
    return 3;
  }
  if (first >= 0xf0 && first <= 0xf4 && continues(1) && continues(2) && continues(3)) {
    if ((first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f)) return 0;
    return 4;
  }
  return 0;
}

// Whether a character, as its UTF-8 bytes, controls how text is shown: two names must not look the same by it.
bool IsControl(std::string_view character) {
  const unsigned char first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7f;
  return (character >= "\u0080" && character <= "\u009f") || character == "\u061c" ||  // C1, Arabic letter mark
         (character >= "\u200b" && character <= "\u200f") ||                           // zero width, direction marks
         (character >= "\u2028" && character <= "\u202e") ||                           // line breaks, embeddings
         (character >= "\u2060" && character <= "\u206f") || character == "\ufeff";    // joiners, isolates
}

bool IsPrintableUtf8(std::string_view s) {
  while (!s.empty()) {
    const size_t length = Utf8SequenceLength(s);
    if (length == 0 || IsControl(s.substr(0, length))) return false;
    s.remove_prefix(length);
  }
  return true;
}

}  // namespace

absl::Status ValidateId(std::string_view what, std::string_view id) {
  const std::string name(what);
  if (id.empty()) return FieldError(name, "must not be empty");
  if (id.size() > kMaxIdBytes) {
    return FieldError(name, absl::StrCat("has ", id.size(), " bytes; at most ", kMaxIdBytes, " are allowed"));
  }
  if (id.find('/') != std::string_view::npos) {
    return FieldError(name, absl::StrCat(Quoted(id), " must not contain '/'"));
  }
  if (id == "." || id == "..") return FieldError(name, absl::StrCat("must not be ", Quoted(id)));
  if (!IsPrintableUtf8(id)) return FieldError(name, "must be valid UTF-8 without control characters");
  return absl::OkStatus();
}

absl::Status ValidateArtifactName(std::string_view name) {
  const auto is_allowed = [](char c) { return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-'; };
  if (!name.empty() && name.size() <= kMaxArtifactNameBytes && name[0] != '.' &&
      std::all_of(name.begin(), name.end(), is_allowed)) {
    return absl::OkStatus();
  }
  return FieldError("name",
                    "must be 1 to 128 letters, digits, '.', '_' or '-', not beginning with '.', such as model.tflite");
}

absl::StatusOr<int64_t> ParseTrialId(std::string_view text) {
  const std::optional<int64_t> id = ParseCount(text);
  if (!id.has_value()) {
    return FieldError("",
                      absl::StrCat("trial id ", Quoted(text), " is not a decimal number of 1..9223372036854775807"));
  }
  return *id;
}

absl::StatusOr<OwnerName> OwnerName::Parse(std::string_view name) {
  const auto parts = SplitBySlash(name);
  if (parts.size() != 2 || parts[0] != "owners") return Malformed(name, "owners/{owner}");
  RETURN_IF_ERROR(ValidateId("owner", parts[1]));
  return OwnerName{std::string(parts[1])};
}

std::string OwnerName::ToString() const { return absl::StrCat("owners/", owner); }

absl::StatusOr<StudyName> StudyName::Parse(std::string_view name) {
  const auto parts = SplitBySlash(name);
  if (parts.size() != 4 || parts[0] != "owners" || parts[2] != "studies") {
    return Malformed(name, "owners/{owner}/studies/{study}");
  }
  RETURN_IF_ERROR(ValidateId("owner", parts[1]));
  RETURN_IF_ERROR(ValidateId("study", parts[3]));
  return StudyName{std::string(parts[1]), std::string(parts[3])};
}

std::string StudyName::ToString() const { return absl::StrCat("owners/", owner, "/studies/", study); }

absl::StatusOr<TrialName> TrialName::Parse(std::string_view name) {
  const auto parts = SplitBySlash(name);
  if (parts.size() != 6 || parts[0] != "owners" || parts[2] != "studies" || parts[4] != "trials") {
    return Malformed(name, "owners/{owner}/studies/{study}/trials/{id}");
  }
  RETURN_IF_ERROR(ValidateId("owner", parts[1]));
  RETURN_IF_ERROR(ValidateId("study", parts[3]));
  ASSIGN_OR_RETURN(const int64_t id, ParseTrialId(parts[5]));
  return TrialName{{std::string(parts[1]), std::string(parts[3])}, id};
}

std::string TrialName::ToString() const { return absl::StrCat(study.ToString(), "/trials/", id); }

absl::StatusOr<OperationName> OperationName::Parse(std::string_view name) {
  const auto parts = SplitBySlash(name);
  const bool shaped = parts.size() == 7 && parts[0] == "owners" && parts[2] == "operations" && parts[3] == "suggestion";
  const std::optional<int64_t> number = shaped ? ParseCount(parts[6]) : std::nullopt;
  if (!number.has_value()) return Malformed(name, "owners/{owner}/operations/suggestion/{study}/{client_id}/{number}");
  RETURN_IF_ERROR(ValidateId("owner", parts[1]));
  RETURN_IF_ERROR(ValidateId("study", parts[4]));
  RETURN_IF_ERROR(ValidateId("client_id", parts[5]));
  return OperationName{{std::string(parts[1]), std::string(parts[4])}, std::string(parts[5]), *number};
}

std::string OperationName::ToString() const {
  return absl::StrCat("owners/", study.owner, "/operations/suggestion/", study.study, "/", client_id, "/", number);
}

}  // namespace photinus
