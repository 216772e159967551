// Resource names: owners/{owner}/studies/{study}/trials/{id}. One place parses and prints them.
#ifndef PHOTINUS_COMMON_BASE_NAMES_H_
#define PHOTINUS_COMMON_BASE_NAMES_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/errors.h"

namespace photinus {

// InvalidArgument unless `id` is 1..256 bytes of valid UTF-8 without '/' and control characters, among them those that
// turn the direction of text or break lines, and not "." or "..".
// `what` names it in the message: "owner", "client_id".
absl::Status ValidateId(std::string_view what, std::string_view id);

// InvalidArgument, a FieldError at "name", unless `name` can name an artifact, and so a file in whatever folder people
// fetch it into: [A-Za-z0-9._-]{1,128}, not beginning with a dot.
absl::Status ValidateArtifactName(std::string_view name);

// Parse functions give InvalidArgument, with the expected form in the message, on anything else.
struct OwnerName {
  std::string owner;

  static absl::StatusOr<OwnerName> Parse(std::string_view name);
  std::string ToString() const;
  friend bool operator==(const OwnerName&, const OwnerName&) = default;
};

struct StudyName {
  std::string owner;
  std::string study;

  static absl::StatusOr<StudyName> Parse(std::string_view name);
  std::string ToString() const;
  friend bool operator==(const StudyName&, const StudyName&) = default;
};

struct TrialName {
  StudyName study;
  int64_t id = 0;  // >= 1

  static absl::StatusOr<TrialName> Parse(std::string_view name);
  std::string ToString() const;
  friend bool operator==(const TrialName&, const TrialName&) = default;
};

// owners/{owner}/operations/suggestion/{study}/{client_id}/{number}
struct OperationName {
  StudyName study;
  std::string client_id;
  int64_t number = 0;  // >= 1, dense per (study, client)

  static absl::StatusOr<OperationName> Parse(std::string_view name);
  std::string ToString() const;
  friend bool operator==(const OperationName&, const OperationName&) = default;
};

// The name in a field of a request, such as ParseField<StudyName>("parent", request.parent()): its error begins with
// the field's path.
template <typename Name>
absl::StatusOr<Name> ParseField(std::string_view field, std::string_view text) {
  absl::StatusOr<Name> name = Name::Parse(text);
  if (!name.ok()) return InField(field, name.status());
  return name;
}

// A trial id in decimal, 1..2^63-1 without sign, spaces or leading zeros.
absl::StatusOr<int64_t> ParseTrialId(std::string_view text);

}  // namespace photinus

#endif  // PHOTINUS_COMMON_BASE_NAMES_H_
