// Connections that are lent and given back.
#ifndef PHOTINUS_SERVER_STORAGE_POSTGRES_POOL_H_
#define PHOTINUS_SERVER_STORAGE_POSTGRES_POOL_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "server/storage/postgres_connection.h"

namespace photinus {

// Up to `size` connections to one database, each made when it is first needed. Thread-safe.
class PostgresPool {
 public:
  // A connection until the end of the scope, outside any transaction. It goes back to the pool if it is usable then.
  class Loan {
   public:
    Loan(PostgresPool& pool, std::unique_ptr<PostgresConnection> connection)
        : pool_(&pool), connection_(std::move(connection)) {}
    Loan(Loan&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), connection_(std::move(other.connection_)) {}
    Loan& operator=(Loan&&) = delete;
    ~Loan() {
      if (pool_ != nullptr) pool_->Return(std::move(connection_));
    }

    PostgresConnection& operator*() const { return *connection_; }
    PostgresConnection* operator->() const { return connection_.get(); }

   private:
    PostgresPool* pool_;
    std::unique_ptr<PostgresConnection> connection_;
  };

  // `url`, `answer_time`: as PostgresConnection::Open.
  PostgresPool(std::string url, int size, absl::Duration answer_time)
      : url_(std::move(url)), size_(size), answer_time_(answer_time) {}

  // Waits while all are lent. Unavailable: the database cannot be reached.
  absl::StatusOr<Loan> Take();

 private:
  void Return(std::unique_ptr<PostgresConnection> connection);

  const std::string url_;
  const int size_;
  const absl::Duration answer_time_;

  Mutex mutex_;
  CondVar returned_;
  std::vector<std::unique_ptr<PostgresConnection>> idle_ ABSL_GUARDED_BY(mutex_);
  int connections_ ABSL_GUARDED_BY(mutex_) = 0;  // idle, lent, or being made
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_POSTGRES_POOL_H_
