#ifndef PHOTINUS_WORKER_BASE_RESULT_H_
#define PHOTINUS_WORKER_BASE_RESULT_H_

#include <cstdlib>
#include <string>
#include <utility>
#include <variant>

namespace photinus {

// Who has to act on a fault.
enum class ErrorCode {
  kInvalidArgument,  // the caller's values, or the content of a file
  kNotFound,         // a name or a file that does not exist
  kUnavailable,      // the environment: disk full, no permission
  kInternal,         // our bug
};

// A fault: the code is chosen where it is known; the message says what, which, and what to do.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
};

inline Error InvalidArgument(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }
inline Error NotFound(std::string message) { return {ErrorCode::kNotFound, std::move(message)}; }
inline Error Unavailable(std::string message) { return {ErrorCode::kUnavailable, std::move(message)}; }
inline Error Internal(std::string message) { return {ErrorCode::kInternal, std::move(message)}; }

// A value or the reason why there is none: what the worker's rooms return, which know no Abseil.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit, to `return value;`
  Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit, to `return Error;`

  bool ok() const { return content_.index() == 0; }

  // Only when ok(); the program stops otherwise.
  const T& value() const& {
    if (!ok()) std::abort();
    return *std::get_if<0>(&content_);
  }
  T& value() & {
    if (!ok()) std::abort();
    return *std::get_if<0>(&content_);
  }
  T&& value() && {
    if (!ok()) std::abort();
    return std::move(*std::get_if<0>(&content_));
  }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

  // Only when not ok(); the program stops otherwise.
  const Error& error() const {
    if (ok()) std::abort();
    return *std::get_if<1>(&content_);
  }

 private:
  std::variant<T, Error> content_;
};

// Success, or the reason for failure.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : failed_(true), error_(std::move(error)) {}  // NOLINT: implicit, to `return Error;`

  bool ok() const { return !failed_; }

  // Only when not ok(); the program stops otherwise.
  const Error& error() const {
    if (!failed_) std::abort();
    return error_;
  }

 private:
  bool failed_ = false;
  Error error_;
};

}  // namespace photinus

#define PHOTINUS_RESULT_CONCAT_INNER(a, b) a##b
#define PHOTINUS_RESULT_CONCAT(a, b) PHOTINUS_RESULT_CONCAT_INNER(a, b)

// Leaves the function with the error of a failed Result.
#define PHOTINUS_RETURN_IF_ERROR(expression)                        \
  if (auto photinus_result = (expression); !photinus_result.ok()) { \
    return ::photinus::Error(std::move(photinus_result).error());   \
  }                                                                 \
  static_assert(true)

// NOLINTBEGIN(bugprone-macro-parentheses): `target` may declare a variable.
// Stores the value of a Result in `target` (a declaration or an lvalue), or leaves the function with its error.
#define PHOTINUS_ASSIGN_OR_RETURN(target, expression) \
  PHOTINUS_ASSIGN_OR_RETURN_IMPL(PHOTINUS_RESULT_CONCAT(photinus_result_, __LINE__), target, expression)
#define PHOTINUS_ASSIGN_OR_RETURN_IMPL(result, target, expression) \
  auto result = (expression);                                      \
  if (!result.ok()) return ::photinus::Error(result.error());      \
  target = std::move(result).value()
// NOLINTEND(bugprone-macro-parentheses)

#endif  // PHOTINUS_WORKER_BASE_RESULT_H_
