// What the servers of one PostgreSQL database learn of each other.
#ifndef PHOTINUS_SERVER_STORAGE_POSTGRES_SHARED_H_
#define PHOTINUS_SERVER_STORAGE_POSTGRES_SHARED_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/base/mutex.h"
#include "server/storage/postgres_connection.h"
#include "server/storage/postgres_pool.h"
#include "server/storage/shared_storage.h"

namespace photinus {

// On connections of its own, so that it neither waits for busy ones nor keeps any from work. Thread-safe.
class PostgresShared final : public SharedStorage {
 public:
  // As PostgresConnection::Open.
  PostgresShared(const std::string& url, absl::Duration answer_time)
      : changes_(url, 1, answer_time), leases_(url, 1, answer_time) {}

  absl::StatusOr<ChangedStudies> ListChanges(int64_t since) override;
  absl::StatusOr<std::vector<LeaseRow>> SweepLeases(absl::Span<const LeaseBeat> beats,
                                                    const LeaseTimes& times) override;

 private:
  PostgresPool changes_;
  PostgresPool leases_;

  Mutex mutex_;
  std::string last_writer_ ABSL_GUARDED_BY(mutex_);  // the connection that listed changes last
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_POSTGRES_SHARED_H_
