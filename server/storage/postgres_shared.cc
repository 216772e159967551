#include "server/storage/postgres_shared.h"

#include <utility>

#include "common/base/status_macros.h"
#include "server/storage/stored_rows.h"

namespace photinus {
namespace {

int64_t Micros(absl::Duration duration) { return absl::ToInt64Microseconds(duration); }

// Adds to the clock of leases what has passed since the last look at it.
absl::Status PassTime(PostgresConnection& connection, const SharedStorage::LeaseTimes& times) {
  // First the lock, so that the database's clock is read after all that another server read.
  connection.Defer("SELECT 1 FROM lease_clock FOR UPDATE");
  return PostgresStatement(
             connection,
             "UPDATE lease_clock SET seen_us = now.us, timeline = now.timeline, elapsed_us = elapsed_us + "
             "CASE WHEN lease_clock.timeline = now.timeline AND abs(now.us - seen_us) <= $1 "
             "THEN greatest(now.us - seen_us, 0) ELSE - $2 END "
             "FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS us, "
             "left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) AS timeline) AS now",
             Micros(times.longest_gap), Micros(times.grace))
      .status();
}

void NoteBeats(PostgresConnection& connection, absl::Span<const LeaseBeat> beats, absl::Duration lifetime) {
  for (const LeaseBeat& beat : beats) {
    connection.Defer(
        "INSERT INTO leases AS l SELECT $1, $2, $3, elapsed_us + $4 FROM lease_clock "
        "ON CONFLICT (study_uid, trial_id) DO UPDATE SET epoch = excluded.epoch, expires_us = excluded.expires_us "
        "WHERE l.epoch < excluded.epoch OR (l.epoch = excluded.epoch AND l.expires_us < excluded.expires_us)",
        beat.study_uid, beat.trial_id, beat.epoch, Micros(lifetime - beat.age));
  }
}

// One lease for each trial that is held, and none besides.
absl::Status MatchLeases(PostgresConnection& connection, absl::Duration lifetime) {
  const PostgresStatement missing(
      connection,
      "INSERT INTO leases SELECT t.study_uid, t.id, t.lease_epoch, elapsed_us + $1 "
      "FROM lease_clock, trials t JOIN studies s ON s.uid = t.study_uid WHERE " PHOTINUS_IS_LEASED
      "AND NOT EXISTS (SELECT 1 FROM leases l WHERE l.study_uid = t.study_uid AND l.trial_id = t.id "
      "AND l.epoch >= t.lease_epoch) "
      "ON CONFLICT (study_uid, trial_id) DO UPDATE SET epoch = excluded.epoch, expires_us = excluded.expires_us",
      Micros(lifetime));
  RETURN_IF_ERROR(missing.status());
  return PostgresStatement(connection,
                           "DELETE FROM leases l WHERE NOT EXISTS (SELECT 1 FROM trials t JOIN studies s "
                           "ON s.uid = t.study_uid WHERE t.study_uid = l.study_uid AND t.id = l.trial_id "
                           "AND t.lease_epoch = l.epoch AND " PHOTINUS_IS_LEASED ")")
      .status();
}

absl::StatusOr<std::vector<LeaseRow>> Sweep(PostgresConnection& connection, absl::Span<const LeaseBeat> beats,
                                            const SharedStorage::LeaseTimes& times) {
  connection.Begin("READ COMMITTED READ WRITE");
  connection.Defer("SET LOCAL synchronous_commit = off");  // the last second of it may be lost
  RETURN_IF_ERROR(PassTime(connection, times));
  NoteBeats(connection, beats, times.lifetime);
  RETURN_IF_ERROR(MatchLeases(connection, times.lifetime));
  PostgresStatement expired(connection,
                            "UPDATE leases l SET expires_us = elapsed_us + $1 FROM lease_clock, trials t, studies s "
                            "WHERE expires_us <= elapsed_us AND t.study_uid = l.study_uid AND t.id = l.trial_id "
                            "AND s.uid = l.study_uid RETURNING " PHOTINUS_LEASE_COLUMNS,
                            Micros(times.longest_gap));
  ASSIGN_OR_RETURN(std::vector<LeaseRow> leases, AllRows(expired, &ReadLease<PostgresStatement>));
  RETURN_IF_ERROR(connection.Commit());
  return leases;
}

}  // namespace

absl::StatusOr<ChangedStudies> PostgresShared::ListChanges(int64_t since) {
  ASSIGN_OR_RETURN(const PostgresPool::Loan connection, changes_.Take());
  {
    // Where the connection is another, the database may have crashed, and may give its last numbers again.
    const MutexLock lock(mutex_);
    if (std::exchange(last_writer_, connection->writer()) != connection->writer()) since = 0;
  }
  // Transactions below the snapshot's xmin are over: whatever they changed is seen here. The others are looked for
  // again.
  PostgresStatement statement(
      *connection,
      "SELECT next, changed.uid, changed.version, changed.deleted "
      "FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS next) AS here LEFT JOIN "
      "(SELECT uid, version + deleted::int AS version, deleted FROM studies "
      "WHERE changed_era >= $1 >> 16 AND changed_by >= $1 "
      "UNION ALL SELECT uid, version, true FROM deleted_studies WHERE changed_by >= $1) AS changed ON true",
      since);
  ChangedStudies changes;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, statement.Step());
    if (!more) return changes;
    changes.next = statement.Int();
    if (statement.IsNull()) continue;
    const int64_t uid = statement.Int();
    const int64_t version = statement.Int();
    changes.studies.push_back({uid, version, statement.Bool()});
  }
}

absl::StatusOr<std::vector<LeaseRow>> PostgresShared::SweepLeases(absl::Span<const LeaseBeat> beats,
                                                                  const LeaseTimes& times) {
  ASSIGN_OR_RETURN(const PostgresPool::Loan connection, leases_.Take());
  auto leases = Sweep(*connection, beats, times);
  connection->Rollback();
  return leases;
}

}  // namespace photinus
