#include "server/storage/sqlite_schema.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "server/storage/migrations.h"
#include "server/storage/stored_rows.h"

namespace photinus {
namespace {

constexpr int64_t kApplicationId = 0x50686f74;  // "Phot": what file(1) and we know our databases by

// States are the numbers of vizier.Study.State and vizier.Trial.State; times are microseconds since 1970; blobs are
// serialized messages unless noted. Bodies come last, so that a scan which skips them need not follow their pages.
constexpr std::string_view kInitialSchema = R"sql(
CREATE TABLE owners (owner TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

CREATE TABLE studies (
  uid INTEGER PRIMARY KEY AUTOINCREMENT,  -- never reused
  owner TEXT NOT NULL REFERENCES owners,
  display_name TEXT NOT NULL,
  state INTEGER NOT NULL,
  draining INTEGER NOT NULL,
  paused INTEGER NOT NULL,
  version INTEGER NOT NULL,
  next_trial_id INTEGER NOT NULL,
  inactive_reason TEXT NOT NULL,
  created_us INTEGER NOT NULL,
  spec BLOB NOT NULL,
  UNIQUE (owner, display_name)
) STRICT;
CREATE INDEX studies_by_owner ON studies (owner, uid);

CREATE TABLE trials (
  study_uid INTEGER NOT NULL REFERENCES studies ON DELETE CASCADE,
  id INTEGER NOT NULL,
  state INTEGER NOT NULL,
  client_id TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  lease_epoch INTEGER NOT NULL,
  incarnation TEXT NOT NULL,
  mod_version INTEGER NOT NULL,
  completion_hash TEXT NOT NULL,
  stop_requested INTEGER NOT NULL,
  stop_reason TEXT NOT NULL,
  lost_count INTEGER NOT NULL,
  lost INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (study_uid, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX trials_requested ON trials (study_uid, id) WHERE state = 1;
CREATE INDEX trials_running ON trials (study_uid, client_id, id) WHERE state = 2 OR state = 3;
CREATE INDEX trials_by_version ON trials (study_uid, mod_version, id);

-- How many trials a study has of each kind, so that budgets need no scan.
CREATE TABLE trial_counts (
  study_uid INTEGER NOT NULL REFERENCES studies ON DELETE CASCADE,
  state INTEGER NOT NULL,
  stop_requested INTEGER NOT NULL,
  trials INTEGER NOT NULL,
  PRIMARY KEY (study_uid, state, stop_requested)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER count_inserted_trial AFTER INSERT ON trials BEGIN
  INSERT INTO trial_counts VALUES (new.study_uid, new.state, new.stop_requested, 1)
    ON CONFLICT (study_uid, state, stop_requested) DO UPDATE SET trials = trials + 1;
END;
CREATE TRIGGER count_updated_trial AFTER UPDATE OF state, stop_requested ON trials
WHEN old.state <> new.state OR old.stop_requested <> new.stop_requested BEGIN
  UPDATE trial_counts SET trials = trials - 1
    WHERE study_uid = old.study_uid AND state = old.state AND stop_requested = old.stop_requested;
  INSERT INTO trial_counts VALUES (new.study_uid, new.state, new.stop_requested, 1)
    ON CONFLICT (study_uid, state, stop_requested) DO UPDATE SET trials = trials + 1;
END;
CREATE TRIGGER count_deleted_trial AFTER DELETE ON trials BEGIN
  UPDATE trial_counts SET trials = trials - 1
    WHERE study_uid = old.study_uid AND state = old.state AND stop_requested = old.stop_requested;
END;

CREATE TABLE measurements (
  study_uid INTEGER NOT NULL,
  trial_id INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (study_uid, trial_id, attempt, seq),
  FOREIGN KEY (study_uid, trial_id) REFERENCES trials ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE metadata (
  rank INTEGER PRIMARY KEY,  -- grows in the order in which keys were first set
  study_uid INTEGER NOT NULL REFERENCES studies ON DELETE CASCADE,
  trial_id INTEGER NOT NULL,  -- 0: the study's own
  ns TEXT NOT NULL,
  key TEXT NOT NULL,
  entry BLOB NOT NULL,
  UNIQUE (study_uid, trial_id, ns, key)
) STRICT;

CREATE TABLE attempts (
  study_uid INTEGER NOT NULL,
  trial_id INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  client_id TEXT NOT NULL,
  lease_epoch INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  ended_us INTEGER NOT NULL,
  late_result BLOB,
  PRIMARY KEY (study_uid, trial_id, attempt),
  FOREIGN KEY (study_uid, trial_id) REFERENCES trials ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE operations (
  study_uid INTEGER NOT NULL REFERENCES studies ON DELETE CASCADE,
  client_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  count INTEGER NOT NULL,
  done INTEGER NOT NULL,
  created_us INTEGER NOT NULL,
  finished_us INTEGER NOT NULL,
  trial_ids TEXT NOT NULL,  -- decimal, separated by commas
  error_code INTEGER NOT NULL,
  error_message TEXT NOT NULL,
  PRIMARY KEY (study_uid, client_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX operations_unfinished ON operations (study_uid, client_id, number) WHERE done = 0;

CREATE TABLE algorithm_states (
  study_uid INTEGER NOT NULL REFERENCES studies ON DELETE CASCADE,
  kind TEXT NOT NULL,
  state BLOB NOT NULL,  -- the algorithm's own format
  PRIMARY KEY (study_uid, kind)
) STRICT;

CREATE TABLE artifacts (
  artifact INTEGER PRIMARY KEY,
  study_uid INTEGER NOT NULL,
  trial_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size INTEGER NOT NULL,
  UNIQUE (study_uid, trial_id, name),
  FOREIGN KEY (study_uid, trial_id) REFERENCES trials ON DELETE CASCADE
) STRICT;
CREATE TABLE artifact_chunks (
  artifact INTEGER NOT NULL REFERENCES artifacts ON DELETE CASCADE,
  chunk INTEGER NOT NULL,  -- from 0; each of 1 MiB but the last
  bytes BLOB NOT NULL,
  PRIMARY KEY (artifact, chunk)
) STRICT;

CREATE TABLE settings (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
)sql";

// Who computes an unfinished operation, and until when.
constexpr std::string_view kOperationLeases = R"sql(
ALTER TABLE operations ADD COLUMN holder TEXT NOT NULL DEFAULT '';
ALTER TABLE operations ADD COLUMN lease_until_us INTEGER NOT NULL DEFAULT 0;
)sql";

// Studies whose rows are still to be erased. They have given up their name for one that no study can have: '/' and uid.
constexpr std::string_view kDeletedStudies = R"sql(
ALTER TABLE studies ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;
CREATE INDEX studies_deleted ON studies (uid) WHERE deleted = 1;
)sql";

// Requests that were served, by the id that the client gave them; study_uid 0: not of one study.
constexpr std::string_view kRequestIds = R"sql(
CREATE TABLE requests (
  study_uid INTEGER NOT NULL,
  id TEXT NOT NULL,
  seq INTEGER NOT NULL,  -- grows within the study
  call TEXT NOT NULL,
  result INTEGER NOT NULL,
  received_us INTEGER NOT NULL,
  PRIMARY KEY (study_uid, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX requests_by_age ON requests (study_uid, seq);
)sql";

// What tells a server that remembers a study what to read anew: its problem, and which trials are gone. Besides, the
// trials that wait to be tried again.
constexpr std::string_view kCacheVersions = R"sql(
ALTER TABLE studies ADD COLUMN problem_version INTEGER NOT NULL DEFAULT 1;
CREATE TABLE deleted_trials (
  study_uid INTEGER NOT NULL REFERENCES studies ON DELETE CASCADE,
  version INTEGER NOT NULL,  -- the study's that the deletion made
  id INTEGER NOT NULL,
  PRIMARY KEY (study_uid, version, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX trials_requeued ON trials (study_uid, id) WHERE state = 1 AND attempt > 1;
)sql";

constexpr std::string_view kLeasedTrials = R"sql(
CREATE INDEX trials_leased ON trials (client_id, study_uid, id) WHERE incarnation <> '' AND (state = 2 OR state = 3);
)sql";

// How much metadata a study or trial has, so that a limit needs no reading of all. Entries are only deleted together
// with their trial or study.
constexpr std::string_view kMetadataSizes = R"sql(
CREATE TABLE metadata_sizes (
  study_uid INTEGER NOT NULL REFERENCES studies ON DELETE CASCADE,
  trial_id INTEGER NOT NULL,  -- 0: the study's own
  entries INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (study_uid, trial_id)
) STRICT, WITHOUT ROWID;
INSERT INTO metadata_sizes
  SELECT study_uid, trial_id, count(*), sum(length(entry)) FROM metadata GROUP BY study_uid, trial_id;
CREATE TRIGGER size_inserted_metadata AFTER INSERT ON metadata BEGIN
  INSERT INTO metadata_sizes VALUES (new.study_uid, new.trial_id, 1, length(new.entry))
    ON CONFLICT (study_uid, trial_id) DO UPDATE SET entries = entries + 1, bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER size_updated_metadata AFTER UPDATE OF entry ON metadata BEGIN
  UPDATE metadata_sizes SET bytes = bytes + length(new.entry) - length(old.entry)
    WHERE study_uid = new.study_uid AND trial_id = new.trial_id;
END;
)sql";

// Trials whose rows are still to be erased have state 0.
constexpr std::string_view kDeletedTrials = R"sql(
CREATE INDEX trials_deleted ON trials (study_uid, id) WHERE state = 0;
)sql";

// What an equal measurement is found by; NULL: stored before this step.
constexpr std::string_view kMeasurementDigests = R"sql(
ALTER TABLE measurements ADD COLUMN digest INTEGER;
CREATE INDEX measurements_by_digest ON measurements (study_uid, trial_id, attempt, digest) WHERE digest IS NOT NULL;
)sql";

// The worker daemons that were heard of, and which of the processes under one name counts.
constexpr std::string_view kWorkers = R"sql(
CREATE TABLE workers (
  name TEXT PRIMARY KEY,
  incarnation TEXT NOT NULL,  -- the process that counts
  superseded TEXT NOT NULL,   -- those before it, the latest first, each with a '/' behind it
  slots INTEGER NOT NULL,
  version TEXT NOT NULL,
  seen_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

// Late results in full: those that were infeasible, too.
constexpr std::string_view kLateResults = R"sql(
ALTER TABLE attempts ADD COLUMN late_infeasible INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN late_reason TEXT NOT NULL DEFAULT '';
)sql";

// The first trial that was made since a study drains. Of those that drain already none is known.
constexpr std::string_view kDrainedFrom = R"sql(
ALTER TABLE studies ADD COLUMN drained_from INTEGER NOT NULL DEFAULT 0;
UPDATE studies SET drained_from = next_trial_id WHERE draining;
)sql";

// What a trial's lists take, so that nobody needs to read them to know whether they fit into a reply.
constexpr std::string_view kTrialBytes = R"sql(
ALTER TABLE trials ADD COLUMN measurement_bytes INTEGER NOT NULL DEFAULT 0;  -- of the current attempt
ALTER TABLE trials ADD COLUMN metadata_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN measurement_bytes INTEGER NOT NULL DEFAULT 0;
UPDATE trials SET
  measurement_bytes = (SELECT coalesce(sum(length(m.body) + 8), 0) FROM measurements m
    WHERE m.study_uid = trials.study_uid AND m.trial_id = trials.id AND m.attempt = trials.attempt),
  metadata_bytes = coalesce((SELECT s.bytes + 8 * s.entries FROM metadata_sizes s
    WHERE s.study_uid = trials.study_uid AND s.trial_id = trials.id), 0);
UPDATE attempts SET measurement_bytes = (SELECT coalesce(sum(length(m.body) + 8), 0) FROM measurements m
  WHERE m.study_uid = attempts.study_uid AND m.trial_id = attempts.trial_id AND m.attempt = attempts.attempt);
)sql";

// Why an attempt crashed or was given back.
constexpr std::string_view kAttemptCauses = R"sql(
ALTER TABLE attempts ADD COLUMN cause TEXT NOT NULL DEFAULT '';
)sql";

// What a repeated Release and a late result look for.
constexpr std::string_view kAttemptsByEpoch = R"sql(
CREATE INDEX attempts_by_epoch ON attempts (study_uid, trial_id, lease_epoch, attempt);
)sql";

// Where trials that an algorithm suggested come from: beside the trials, so that changes of those need not write it
// again. Bodies are photinus.v1.Explanation.
constexpr std::string_view kExplanations = R"sql(
CREATE TABLE explanations (
  study_uid INTEGER NOT NULL,
  trial_id INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (study_uid, trial_id),
  FOREIGN KEY (study_uid, trial_id) REFERENCES trials ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
)sql";

// What the stopping rule decided about a trial, of its current attempt: a photinus.v1.StopDecision.
constexpr std::string_view kStopDecisions = R"sql(
ALTER TABLE trials ADD COLUMN stop_decision BLOB NOT NULL DEFAULT x'';
)sql";

// What a trial is for, besides the search; empty: it is part of that.
constexpr std::string_view kTrialRoles = R"sql(
ALTER TABLE trials ADD COLUMN role TEXT NOT NULL DEFAULT '';
)sql";

// Steps are appended, never changed: a database remembers each one's checksum.
constexpr std::string_view kMigrations[] = {
    kInitialSchema, kOperationLeases, kDeletedStudies,     kRequestIds,   kCacheVersions, kLeasedTrials,
    kMetadataSizes, kDeletedTrials,   kMeasurementDigests, kWorkers,      kLateResults,   kDrainedFrom,
    kTrialBytes,    kAttemptCauses,   kAttemptsByEpoch,    kExplanations, kStopDecisions, kTrialRoles};

// Whether there are tables yet. FailedPrecondition: those of another program.
absl::StatusOr<bool> HasTables(SqliteConnection& connection) {
  ASSIGN_OR_RETURN(const int64_t tables, OneInt(connection, "SELECT count(*) FROM sqlite_schema"));
  ASSIGN_OR_RETURN(const int64_t application, OneInt(connection, "PRAGMA application_id"));
  if (tables == 0 || application == kApplicationId) return tables > 0;
  return absl::FailedPreconditionError("the file is a database of another program; choose another file");
}

absl::Status Migrate(SqliteConnection& connection, absl::Span<const std::string_view> steps, absl::Time now) {
  ASSIGN_OR_RETURN(const bool has_tables, HasTables(connection));
  if (!has_tables) {
    RETURN_IF_ERROR(connection.Execute(
        absl::StrCat("PRAGMA application_id = ", kApplicationId,
                     "; CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, checksum TEXT NOT NULL, "
                     "applied_us INTEGER NOT NULL) STRICT")));
  }
  ASSIGN_OR_RETURN(const int64_t applied, SqliteSchemaVersion(connection, steps));
  for (size_t i = applied; i < steps.size(); ++i) {
    RETURN_IF_ERROR(connection.Execute(std::string(steps[i])));
    SqliteStatement note(connection, "INSERT INTO schema_migrations VALUES (?, ?, ?)", static_cast<int64_t>(i + 1),
                         MigrationChecksum(steps[i]), now);
    RETURN_IF_ERROR(note.Run());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Span<const std::string_view> SqliteMigrations() { return kMigrations; }

absl::StatusOr<int64_t> SqliteSchemaVersion(SqliteConnection& connection, absl::Span<const std::string_view> steps) {
  ASSIGN_OR_RETURN(const bool has_tables, HasTables(connection));
  if (!has_tables) return 0;
  SqliteStatement statement(connection, "SELECT version, checksum FROM schema_migrations ORDER BY version");
  ASSIGN_OR_RETURN(const auto applied, AllRows(statement, &ReadMigration<SqliteStatement>));
  RETURN_IF_ERROR(VerifyMigrations(applied, steps));
  return static_cast<int64_t>(applied.size());
}

absl::Status MigrateSqlite(SqliteConnection& connection, absl::Span<const std::string_view> steps, absl::Time now) {
  RETURN_IF_ERROR(connection.Execute("BEGIN IMMEDIATE"));
  if (absl::Status status = Migrate(connection, steps, now); !status.ok()) {
    if (!connection.autocommit()) connection.Execute("ROLLBACK").IgnoreError();
    return status;
  }
  return connection.Execute("COMMIT");
}

}  // namespace photinus
