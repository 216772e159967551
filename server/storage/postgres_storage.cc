#include "server/storage/postgres_storage.h"

#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "server/storage/postgres_commit.h"
#include "server/storage/postgres_schema.h"
#include "server/storage/postgres_transaction.h"
#include "server/storage/storage_guard.h"

namespace photinus {

absl::StatusOr<std::unique_ptr<PostgresStorage>> PostgresStorage::Open(const std::string& url,
                                                                       const PostgresOptions& options) {
  std::unique_ptr<PostgresStorage> storage(new PostgresStorage(url, options));
  ASSIGN_OR_RETURN(const PostgresPool::Loan connection, storage->writers_.Take());
  RETURN_IF_ERROR(MigratePostgres(*connection, PostgresMigrations(), absl::Now()));
  RETURN_IF_ERROR(ForgetOldWriters(*connection));
  return storage;
}

absl::Status PostgresStorage::Transact(absl::FunctionRef<absl::Status(Transaction&)> body) {
  RETURN_IF_ERROR(InsideStorage::CheckNot(*this));
  return writer_.Transact([&](Transaction& transaction) {
    const InsideStorage mark(*this);
    return body(transaction);
  });
}

absl::Status PostgresStorage::Read(absl::FunctionRef<absl::Status(Snapshot&)> body) {
  RETURN_IF_ERROR(InsideStorage::CheckNot(*this));
  const InsideStorage mark(*this);
  for (bool again = true;; again = false) {
    ASSIGN_OR_RETURN(const PostgresPool::Loan connection, readers_.Take());
    connection->Begin("REPEATABLE READ READ ONLY");
    PostgresTransaction snapshot(*connection, PostgresTransaction::Mode::kRead);
    const absl::Status status = body(snapshot);
    // The connection may have ended when it was lent, or just before; the body knows nothing of the database yet.
    again = again && connection->lost() && !connection->silent() && !connection->answered();
    connection->Rollback();
    if (!again) return status;
  }
}

absl::Status PostgresStorage::Backup(const std::string& /*path*/, const std::function<bool()>& /*stopped*/) {
  return absl::FailedPreconditionError(
      "the server's database is in PostgreSQL; copy it with pg_dump --format=custom (docs/operations.md)");
}

}  // namespace photinus
