#include "server/storage/postgres_commit.h"

#include <cstdint>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"

namespace photinus {
namespace {

constexpr absl::Duration kOutcomeInterval = absl::Milliseconds(50);
constexpr absl::Duration kForgetAfter = absl::Hours(24 * 7);

// The writer's last commit, after which there will be none. Waits for a commit in progress, which holds the row.
absl::StatusOr<int64_t> LastCommitEver(const std::string& url, const std::string& writer, absl::Duration time) {
  ASSIGN_OR_RETURN(const std::unique_ptr<PostgresConnection> connection, PostgresConnection::Open(url, time));
  connection->Begin("READ COMMITTED READ WRITE");
  PostgresStatement statement(*connection,
                              "INSERT INTO writers AS w (writer, last_commit, last_allowed, seen_us) "
                              "VALUES ($1, 0, 0, $2) ON CONFLICT (writer) DO UPDATE SET last_allowed = w.last_commit, "
                              "seen_us = excluded.seen_us RETURNING last_commit",
                              writer, absl::Now());
  ASSIGN_OR_RETURN(const bool row, statement.Step());
  RETURN_IF_ERROR(connection->Commit());
  return row ? statement.Int() : 0;
}

absl::Status OutcomeOf(const std::string& url, const std::string& writer, int64_t commit, absl::Duration time) {
  const absl::Time deadline = absl::Now() + time;
  while (true) {
    const absl::StatusOr<int64_t> last = LastCommitEver(url, writer, time);
    if (last.ok()) return *last >= commit ? absl::OkStatus() : absl::AbortedError("the connection was lost");
    if (absl::Now() >= deadline) {
      return absl::UnavailableError(
          absl::StrCat("the connection to the database was lost during a commit: the change may have been stored, or "
                       "not; look before it is made again: ",
                       last.status().message()));
    }
    absl::SleepFor(kOutcomeInterval);
  }
}

}  // namespace

absl::Status CommitForSure(PostgresConnection& connection, const std::string& url, absl::Duration outcome_time) {
  const int64_t commit = connection.NextCommit();
  connection.Defer(
      "INSERT INTO writers (writer, last_commit, seen_us) VALUES ($1, $2, $3) "
      "ON CONFLICT (writer) DO UPDATE SET last_commit = excluded.last_commit, seen_us = excluded.seen_us",
      connection.writer(), commit, absl::Now());
  const absl::Status status = connection.Commit();
  if (status.ok() || !connection.lost()) return status;
  return OutcomeOf(url, connection.writer(), commit, outcome_time);
}

absl::Status ForgetOldWriters(PostgresConnection& connection) {
  return PostgresStatement(connection, "DELETE FROM writers WHERE seen_us < $1", absl::Now() - kForgetAfter).status();
}

}  // namespace photinus
