// Storage in a PostgreSQL database, which any number of servers may share.
#ifndef PHOTINUS_SERVER_STORAGE_POSTGRES_STORAGE_H_
#define PHOTINUS_SERVER_STORAGE_POSTGRES_STORAGE_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/storage/postgres_pool.h"
#include "server/storage/postgres_shared.h"
#include "server/storage/postgres_writer.h"
#include "server/storage/storage.h"

namespace photinus {

struct PostgresOptions {
  int writers = 12;                          // connections that change things at the same time
  int readers = 4;                           // connections that only read
  absl::Duration answer_time = kAnswerTime;  // after which a connection on which the database is silent is given up
  PostgresWriter::Limits limits;
};

// PostgreSQL 15 or newer. What Transact acknowledged is as safe as the database's disk and its fsync setting make it. A
// lost connection is made anew by the next call; no statement waits for ever. A call of the storage from inside a body
// is refused (Internal): it could wait for itself. Thread-safe.
class PostgresStorage final : public Storage {
 public:
  // Connects and brings the schema up to date. `url`: as PostgresConnection::Open, whose errors it gives, and those of
  // MigratePostgres.
  static absl::StatusOr<std::unique_ptr<PostgresStorage>> Open(const std::string& url,
                                                               const PostgresOptions& options = {});

  absl::Status Transact(absl::FunctionRef<absl::Status(Transaction&)> body) override;
  absl::Status Read(absl::FunctionRef<absl::Status(Snapshot&)> body) override;
  bool Healthy() const override { return true; }
  // FailedPrecondition: pg_dump does it.
  absl::Status Backup(const std::string& path, const std::function<bool()>& stopped) override;
  SharedStorage* shared() override { return &shared_; }
  // Transactions that wait for another's commit now.
  size_t Queued() const { return writer_.Queued(); }

 private:
  PostgresStorage(const std::string& url, const PostgresOptions& options)
      : writers_(url, options.writers, options.answer_time),
        readers_(url, options.readers, options.answer_time),
        writer_(url, writers_, options.limits),
        shared_(url, options.answer_time) {}

  PostgresPool writers_;
  PostgresPool readers_;
  PostgresWriter writer_;
  PostgresShared shared_;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_POSTGRES_STORAGE_H_
