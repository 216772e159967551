// What is remembered, beside a database file, of a write-ahead log that it needs.
#ifndef PHOTINUS_SERVER_STORAGE_LOG_MARK_H_
#define PHOTINUS_SERVER_STORAGE_LOG_MARK_H_

#include <string>
#include <utility>

#include "absl/status/status.h"

namespace photinus {

// The file `<path>.open`: there from the first commit to the log until all of the log is in the database file, so that
// a log that got lost meanwhile is missed. SQLite itself takes a database without a log for one that was closed.
class LogMark {
 public:
  explicit LogMark(std::string path) : path_(std::move(path)), mark_(path_ + ".open") {}

  bool IsSet() const;
  // FailedPrecondition, with a message that says what to do: the log of a database that is there is missing.
  absl::Status Check() const;

  // On disk when it returns, or logged.
  void Set() const;
  // The log may be removed once it returns true.
  bool Clear() const;

 private:
  const std::string path_;
  const std::string mark_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_LOG_MARK_H_
