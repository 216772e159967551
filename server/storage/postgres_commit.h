// A commit whose outcome can be learned when its connection is lost on the way.
#ifndef PHOTINUS_SERVER_STORAGE_POSTGRES_COMMIT_H_
#define PHOTINUS_SERVER_STORAGE_POSTGRES_COMMIT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/storage/postgres_connection.h"

namespace photinus {

// Commits the connection's transaction, and with it the number of this commit in the table of writers. If the
// connection is lost meanwhile, asks the database at `url`, for up to `outcome_time`, whether that number is there, and
// sees to it that it never comes later. Aborted: it was not committed and may be run again. Unavailable: the database
// did not answer, and the transaction may have been committed. Otherwise the fault for which it was not committed.
absl::Status CommitForSure(PostgresConnection& connection, const std::string& url, absl::Duration outcome_time);

// Forgets the writers of long ago.
absl::Status ForgetOldWriters(PostgresConnection& connection);

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_POSTGRES_COMMIT_H_
