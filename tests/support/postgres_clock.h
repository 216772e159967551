// The time of a PostgreSQL database, in the hands of a test.
#ifndef PHOTINUS_TESTS_SUPPORT_POSTGRES_CLOCK_H_
#define PHOTINUS_TESTS_SUPPORT_POSTGRES_CLOCK_H_

#include <libpq-fe.h>

#include <memory>
#include <string>

#include "absl/time/time.h"

namespace photinus {

// For connections that are opened later than this, clock_timestamp() of the database at `url` stands still but for
// Advance. Not thread-safe.
class PostgresClock {
 public:
  // Throws std::runtime_error.
  explicit PostgresClock(const std::string& url);

  void Advance(absl::Duration duration);

 private:
  void Run(const std::string& sql);

  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

}  // namespace photinus

#endif  // PHOTINUS_TESTS_SUPPORT_POSTGRES_CLOCK_H_
