// Errors that say a field as the user wrote it.
#ifndef PHOTINUS_CLIENT_CLI_AT_FIELD_H_
#define PHOTINUS_CLIENT_CLI_AT_FIELD_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/base/errors.h"

namespace photinus {

// The same FieldError with its field called `field`, such as "--filter"; an error without a field gets this one.
inline absl::Status AtField(std::string_view field, const absl::Status& status) {
  const std::string message(status.message()), old = ErrorField(status);
  return FieldError(field, old.empty() ? message : message.substr(old.size() + 2));  // it begins with "old: "
}

}  // namespace photinus

#endif  // PHOTINUS_CLIENT_CLI_AT_FIELD_H_
