// Early return on errors, as in Abseil's own code base.
//   RETURN_IF_ERROR(expression);              returns the Status if it is not OK
//   ASSIGN_OR_RETURN(declaration, expression); declares from a StatusOr, or returns its Status
#ifndef PHOTINUS_COMMON_BASE_STATUS_MACROS_H_
#define PHOTINUS_COMMON_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define PHOTINUS_CONCAT_INNER(a, b) a##b
#define PHOTINUS_CONCAT(a, b) PHOTINUS_CONCAT_INNER(a, b)

#define RETURN_IF_ERROR(expression)                                           \
  do {                                                                        \
    if (absl::Status photinus_status = (expression); !photinus_status.ok()) { \
      return photinus_status;                                                 \
    }                                                                         \
  } while (false)

#define ASSIGN_OR_RETURN(declaration, expression) \
  PHOTINUS_ASSIGN_OR_RETURN(PHOTINUS_CONCAT(photinus_statusor_, __LINE__), declaration, expression)

// NOLINTBEGIN(bugprone-macro-parentheses): a declaration cannot stand in parentheses.
#define PHOTINUS_ASSIGN_OR_RETURN(statusor, declaration, expression) \
  auto statusor = (expression);                                      \
  if (!statusor.ok()) return std::move(statusor).status();           \
  declaration = *std::move(statusor)
// NOLINTEND(bugprone-macro-parentheses)

#endif  // PHOTINUS_COMMON_BASE_STATUS_MACROS_H_
