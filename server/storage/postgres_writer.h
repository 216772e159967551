// How transactions reach PostgreSQL: those of one study that wait at the same time share a commit.
#ifndef PHOTINUS_SERVER_STORAGE_POSTGRES_WRITER_H_
#define PHOTINUS_SERVER_STORAGE_POSTGRES_WRITER_H_

#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "server/storage/postgres_pool.h"
#include "server/storage/postgres_transaction.h"
#include "server/storage/storage.h"

namespace photinus {

// Bodies on one study would wait for each other's row lock and commit anyway. So the first caller leads: it runs its
// own body and those of the callers that came meanwhile, each but the first in a savepoint, in one transaction; the
// next caller leads the next. Nothing depends on this: other processes' transactions on the study wait at its row.
//
// What fails by a conflict, or with its connection before the commit, is run again, a few times. After a connection
// that was lost during the commit, the database is asked what became of it. Thread-safe.
class PostgresWriter {
 public:
  using Body = absl::FunctionRef<absl::Status(Transaction&)>;

  struct Limits {
    size_t queue = 4096;  // callers waiting for another's commit; one more is refused
    size_t batch = 64;    // transactions in one commit: PostgreSQL keeps that many savepoints' numbers at hand
    absl::Duration outcome_time = absl::Seconds(10);  // in which a database that was lost must tell of a commit
  };

  // `url`: of the pool's database.
  PostgresWriter(std::string url, PostgresPool& pool, const Limits& limits)
      : url_(std::move(url)), pool_(pool), limits_(limits) {}

  // As Storage::Transact.
  absl::Status Transact(Body body);

  // Transactions that wait for another's commit now.
  size_t Queued() const;

 private:
  // One caller's transaction.
  struct Pending {
    explicit Pending(Body body) : body(body) {}

    const Body body;
    absl::Status result;  // once done
    bool leads = false;
    bool done = false;
    CondVar changed;
  };
  // The callers that wait while one of their study leads.
  using Queue = std::deque<Pending*>;

  // Waits until it is done, or leads.
  absl::Status Join(const std::string& study, Pending& pending);
  // Runs one batch, acknowledges its members, and has the next caller lead.
  void Lead(const std::string& study, Pending& first);
  // The caller who has waited longest; null where there is none.
  Pending* Pop(const std::string& study);

  // Runs and commits the batch, and adds to it those who waited meanwhile.
  void CommitBatch(const std::string& study, std::vector<Pending*>& batch);
  // Fills `batch`; a fault if the whole transaction was lost on the way.
  absl::Status RunBodies(PostgresConnection& connection, const std::string& study, std::vector<Pending*>& batch);
  // A transaction with a commit to itself, run again where that helps. Fills `result`, unless it returns a fault.
  absl::Status RunAlone(Body body, absl::Status& result);
  // Fills `result`; the fault that the body met, Aborted if it may be run again.
  absl::Status RunBody(PostgresConnection& connection, Body body, PostgresTransaction::LockedStudies& studies,
                       absl::Status& result);
  // As CommitForSure; what was never begun is committed.
  absl::Status Commit(PostgresConnection& connection);

  const std::string url_;
  PostgresPool& pool_;
  const Limits limits_;

  mutable Mutex mutex_;
  std::unordered_map<std::string, Queue> queues_ ABSL_GUARDED_BY(mutex_);  // of the studies that someone leads
  size_t waiting_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace photinus

#endif  // PHOTINUS_SERVER_STORAGE_POSTGRES_WRITER_H_
