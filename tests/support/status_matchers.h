// What tests expect of absl::Status and absl::StatusOr; Debian's Abseil has no matchers.
#ifndef PHOTINUS_TESTS_SUPPORT_STATUS_MATCHERS_H_
#define PHOTINUS_TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/errors.h"

namespace photinus {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

MATCHER(IsOk, "is OK") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}

// An error of this code and reason, such as Fails(absl::StatusCode::kFailedPrecondition, "LEASE_LOST").
MATCHER_P2(Fails, code, reason, "") {
  *result_listener << StatusOf(arg).ToString() << " with reason " << ErrorReason(StatusOf(arg));
  return StatusOf(arg).code() == code && ErrorReason(StatusOf(arg)) == reason;
}

// An error of this code whose message contains the text.
MATCHER_P2(FailsWith, code, text, "") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).code() == code && std::string(StatusOf(arg).message()).find(text) != std::string::npos;
}

#define ASSERT_OK(expression) ASSERT_THAT(expression, ::photinus::IsOk())
#define EXPECT_OK(expression) EXPECT_THAT(expression, ::photinus::IsOk())

}  // namespace photinus

#endif  // PHOTINUS_TESTS_SUPPORT_STATUS_MATCHERS_H_
