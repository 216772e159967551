#include "server/storage/postgres_writer.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/backoff.h"
#include "common/base/status_macros.h"
#include "server/storage/first_study.h"
#include "server/storage/postgres_commit.h"

namespace photinus {
namespace {

constexpr int kAttempts = 8;
constexpr absl::Duration kFirstPause = absl::Milliseconds(1), kLongestPause = absl::Milliseconds(100);
constexpr char kMode[] = "READ COMMITTED READ WRITE";

}  // namespace

absl::Status PostgresWriter::Transact(Body body) {
  FirstStudy study;
  const absl::Status status = body(study);
  if (!study.called()) return status;
  if (study.key().empty()) {
    absl::Status result;
    const absl::Status fault = RunAlone(body, result);
    return fault.ok() ? result : fault;
  }
  Pending pending(body);
  RETURN_IF_ERROR(Join(study.key(), pending));
  if (!pending.done) Lead(study.key(), pending);
  return std::move(pending.result);
}

size_t PostgresWriter::Queued() const {
  MutexLock lock(mutex_);
  return waiting_;
}

absl::Status PostgresWriter::Join(const std::string& study, Pending& pending) {
  MutexLock lock(mutex_);
  const auto [queue, leads] = queues_.try_emplace(study);
  if (leads) return absl::OkStatus();
  if (waiting_ >= limits_.queue) {
    return absl::UnavailableError("too many changes are waiting to be stored; try again in a moment");
  }
  ++waiting_;
  queue->second.push_back(&pending);
  while (!pending.done && !pending.leads) pending.changed.Wait(mutex_);
  return absl::OkStatus();
}

void PostgresWriter::Lead(const std::string& study, Pending& first) {
  std::vector<Pending*> batch = {&first};
  CommitBatch(study, batch);
  MutexLock lock(mutex_);
  for (Pending* pending : batch) {
    pending->done = true;
    pending->changed.NotifyOne();  // under the mutex: once it is free, the pending may be gone
  }
  const auto queue = queues_.find(study);
  if (queue->second.empty()) {
    queues_.erase(queue);
    return;
  }
  Pending* const next = queue->second.front();
  queue->second.pop_front();
  --waiting_;
  next->leads = true;
  next->changed.NotifyOne();
}

PostgresWriter::Pending* PostgresWriter::Pop(const std::string& study) {
  MutexLock lock(mutex_);
  Queue& queue = queues_[study];
  if (queue.empty()) return nullptr;
  Pending* const next = queue.front();
  queue.pop_front();
  --waiting_;
  return next;
}

void PostgresWriter::CommitBatch(const std::string& study, std::vector<Pending*>& batch) {
  absl::Status status;
  {
    const absl::StatusOr<PostgresPool::Loan> connection = pool_.Take();
    status = connection.status();
    if (status.ok()) status = RunBodies(**connection, study, batch);
    if (status.ok()) status = Commit(**connection);
    if (status.ok()) return;
    if (connection.ok()) (*connection)->Rollback();
  }
  // Of an unknown outcome, all are told. Otherwise nothing of the batch is stored; one member may be to blame, so each
  // gets a commit of its own and its own answer. Once the database cannot be reached, each try may take long: those who
  // come after, and who wait, are told the same.
  for (Pending* pending : batch) {
    if (!absl::IsUnavailable(status)) status = RunAlone(pending->body, pending->result);
    if (!status.ok()) pending->result = status;
  }
  if (!absl::IsUnavailable(status)) return;
  while (Pending* const waiting = Pop(study)) {
    waiting->result = status;
    batch.push_back(waiting);
  }
}

absl::Status PostgresWriter::RunBodies(PostgresConnection& connection, const std::string& study,
                                       std::vector<Pending*>& batch) {
  bool begun = false;  // with something to keep
  PostgresTransaction::LockedStudies studies;
  for (Pending* pending = batch.front(); pending != nullptr;) {
    if (begun) connection.BeginPart();
    if (!begun) connection.Begin(kMode);
    RETURN_IF_ERROR(RunBody(connection, pending->body, studies, pending->result));
    const bool keep = pending->result.ok();
    if (!keep) studies.clear();  // it may have changed them
    if (!begun && !keep) connection.Rollback();
    if (begun && !keep) connection.UndoPart();
    if (begun && keep) connection.KeepPart();
    begun = begun || keep;
    if (batch.size() >= limits_.batch) break;
    pending = Pop(study);
    if (pending != nullptr) batch.push_back(pending);
  }
  return absl::OkStatus();
}

absl::Status PostgresWriter::RunAlone(Body body, absl::Status& result) {
  Backoff pause = MakeBackoff(kFirstPause, kLongestPause);
  for (int attempt = 1;; ++attempt) {
    absl::Status status;
    {
      ASSIGN_OR_RETURN(const PostgresPool::Loan connection, pool_.Take());
      connection->Begin(kMode);
      PostgresTransaction::LockedStudies studies;
      status = RunBody(*connection, body, studies, result);
      if (status.ok() && result.ok()) status = Commit(*connection);
      connection->Rollback();
    }
    if (!absl::IsAborted(status)) return status;
    if (attempt == kAttempts) {
      return absl::AbortedError(
          absl::StrCat("the database has too many conflicts; try again in a moment: ", status.message()));
    }
    absl::SleepFor(pause.Next());
  }
}

absl::Status PostgresWriter::RunBody(PostgresConnection& connection, Body body,
                                     PostgresTransaction::LockedStudies& studies, absl::Status& result) {
  connection.TakeFault().IgnoreError();
  PostgresTransaction transaction(connection, PostgresTransaction::Mode::kChange, studies);
  result = body(transaction);
  // A body may overlook a failed statement; the database's word counts.
  const absl::Status fault = connection.TakeFault();
  return connection.lost() && !connection.silent() ? absl::AbortedError(fault.message()) : fault;
}

absl::Status PostgresWriter::Commit(PostgresConnection& connection) {
  if (connection.InTransaction()) return CommitForSure(connection, url_, limits_.outcome_time);
  connection.Rollback();  // nothing was asked of it
  return absl::OkStatus();
}

}  // namespace photinus
