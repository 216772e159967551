#include "server/storage/postgres_pool.h"

namespace photinus {

absl::StatusOr<PostgresPool::Loan> PostgresPool::Take() {
  {
    MutexLock lock(mutex_);
    while (true) {
      while (idle_.empty() && connections_ >= size_) returned_.Wait(mutex_);
      if (idle_.empty()) break;
      std::unique_ptr<PostgresConnection> connection = std::move(idle_.back());
      idle_.pop_back();
      if (connection->Usable()) return Loan(*this, std::move(connection));
      --connections_;  // the server ended it meanwhile
    }
    ++connections_;
  }
  absl::StatusOr<std::unique_ptr<PostgresConnection>> connection = PostgresConnection::Open(url_, answer_time_);
  if (connection.ok()) return Loan(*this, *std::move(connection));
  Return(nullptr);
  return connection.status();
}

void PostgresPool::Return(std::unique_ptr<PostgresConnection> connection) {
  if (connection != nullptr && !connection->Usable()) connection.reset();
  {
    MutexLock lock(mutex_);
    if (connection != nullptr) {
      idle_.push_back(std::move(connection));
    } else {
      --connections_;
    }
  }
  returned_.NotifyOne();
}

}  // namespace photinus
