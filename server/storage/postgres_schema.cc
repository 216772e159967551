#include "server/storage/postgres_schema.h"

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

// As in SQLite's schema: states are the numbers of vizier.Study.State and vizier.Trial.State, times are microseconds
// since 1970. Texts are bytea too, UTF-8 by custom (convert_from(display_name, 'UTF8') shows one): they are told apart
// and ordered byte by byte, and may hold what text refuses, a zero byte for one. Rows that change often leave room in
// their pages for the next version.
constexpr std::string_view kInitialSchema = R"sql(
CREATE TABLE owners (owner bytea PRIMARY KEY);

CREATE TABLE studies (
  uid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,  -- never reused
  owner bytea NOT NULL REFERENCES owners,
  display_name bytea NOT NULL,
  state smallint NOT NULL,
  draining boolean NOT NULL,
  paused boolean NOT NULL,
  version bigint NOT NULL,
  next_trial_id bigint NOT NULL,
  inactive_reason bytea NOT NULL,
  created_us bigint NOT NULL,
  spec bytea NOT NULL,
  UNIQUE (owner, display_name)
) WITH (fillfactor = 70);
CREATE INDEX studies_by_owner ON studies (owner, uid);

CREATE TABLE trials (
  study_uid bigint NOT NULL REFERENCES studies ON DELETE CASCADE,
  id bigint NOT NULL,
  state smallint NOT NULL,
  client_id bytea NOT NULL,
  attempt integer NOT NULL,
  lease_epoch bigint NOT NULL,
  incarnation bytea NOT NULL,
  mod_version bigint NOT NULL,
  completion_hash bytea NOT NULL,
  stop_requested boolean NOT NULL,
  stop_reason bytea NOT NULL,
  lost_count integer NOT NULL,
  lost boolean NOT NULL,
  body bytea NOT NULL,
  PRIMARY KEY (study_uid, id)
) WITH (fillfactor = 70);
CREATE INDEX trials_requested ON trials (study_uid, id) WHERE state = 1;
CREATE INDEX trials_running ON trials (study_uid, client_id, id) WHERE state = 2 OR state = 3;
CREATE INDEX trials_by_version ON trials (study_uid, mod_version, id);

-- How many trials a study has of each kind, so that budgets need no scan.
CREATE TABLE trial_counts (
  study_uid bigint NOT NULL REFERENCES studies ON DELETE CASCADE,
  state smallint NOT NULL,
  stop_requested boolean NOT NULL,
  trials bigint NOT NULL,
  PRIMARY KEY (study_uid, state, stop_requested)
) WITH (fillfactor = 70);
CREATE FUNCTION count_put_trial() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    UPDATE trial_counts SET trials = trials - 1
      WHERE study_uid = old.study_uid AND state = old.state AND stop_requested = old.stop_requested;
  END IF;
  INSERT INTO trial_counts AS counts VALUES (new.study_uid, new.state, new.stop_requested, 1)
    ON CONFLICT (study_uid, state, stop_requested) DO UPDATE SET trials = counts.trials + 1;
  RETURN NULL;
END $$;
CREATE TRIGGER count_inserted_trial AFTER INSERT ON trials FOR EACH ROW EXECUTE FUNCTION count_put_trial();
CREATE TRIGGER count_updated_trial AFTER UPDATE ON trials FOR EACH ROW
  WHEN (old.state <> new.state OR old.stop_requested <> new.stop_requested) EXECUTE FUNCTION count_put_trial();
-- Once for all rows of a statement: a study's end deletes all of its trials in one.
CREATE FUNCTION count_deleted_trials() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE trial_counts SET trials = trial_counts.trials - gone.trials
    FROM (SELECT study_uid, state, stop_requested, count(*) AS trials FROM deleted GROUP BY 1, 2, 3) AS gone
    WHERE trial_counts.study_uid = gone.study_uid AND trial_counts.state = gone.state
      AND trial_counts.stop_requested = gone.stop_requested;
  RETURN NULL;
END $$;
CREATE TRIGGER count_deleted_trials AFTER DELETE ON trials REFERENCING OLD TABLE AS deleted
  FOR EACH STATEMENT EXECUTE FUNCTION count_deleted_trials();

CREATE TABLE measurements (
  study_uid bigint NOT NULL,
  trial_id bigint NOT NULL,
  attempt integer NOT NULL,
  seq bigint NOT NULL,
  body bytea NOT NULL,
  PRIMARY KEY (study_uid, trial_id, attempt, seq),
  FOREIGN KEY (study_uid, trial_id) REFERENCES trials ON DELETE CASCADE
);

CREATE TABLE metadata (
  rank bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,  -- grows in the order in which keys were first set
  study_uid bigint NOT NULL REFERENCES studies ON DELETE CASCADE,
  trial_id bigint NOT NULL,  -- 0: the study's own
  ns bytea NOT NULL,
  key bytea NOT NULL,
  entry bytea NOT NULL
);
-- By digests, because an index holds no long keys.
CREATE UNIQUE INDEX metadata_by_key ON metadata (study_uid, trial_id, sha256(ns), sha256(key));

CREATE TABLE attempts (
  study_uid bigint NOT NULL,
  trial_id bigint NOT NULL,
  attempt integer NOT NULL,
  client_id bytea NOT NULL,
  lease_epoch bigint NOT NULL,
  outcome bytea NOT NULL,
  ended_us bigint NOT NULL,
  late_result bytea,
  PRIMARY KEY (study_uid, trial_id, attempt),
  FOREIGN KEY (study_uid, trial_id) REFERENCES trials ON DELETE CASCADE
);

CREATE TABLE operations (
  study_uid bigint NOT NULL REFERENCES studies ON DELETE CASCADE,
  client_id bytea NOT NULL,
  number bigint NOT NULL,
  count integer NOT NULL,
  done boolean NOT NULL,
  created_us bigint NOT NULL,
  finished_us bigint NOT NULL,
  trial_ids bytea NOT NULL,  -- decimal, separated by commas
  error_code integer NOT NULL,
  error_message bytea NOT NULL,
  PRIMARY KEY (study_uid, client_id, number)
) WITH (fillfactor = 70);
CREATE INDEX operations_unfinished ON operations (study_uid, client_id, number) WHERE NOT done;

CREATE TABLE algorithm_states (
  study_uid bigint NOT NULL REFERENCES studies ON DELETE CASCADE,
  kind bytea NOT NULL,
  state bytea NOT NULL,  -- the algorithm's own format
  PRIMARY KEY (study_uid, kind)
);

CREATE TABLE artifacts (
  artifact bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  study_uid bigint NOT NULL,
  trial_id bigint NOT NULL,
  name bytea NOT NULL,
  sha256 bytea NOT NULL,
  size bigint NOT NULL,
  UNIQUE (study_uid, trial_id, name),
  FOREIGN KEY (study_uid, trial_id) REFERENCES trials ON DELETE CASCADE
);
CREATE TABLE artifact_chunks (
  artifact bigint NOT NULL REFERENCES artifacts ON DELETE CASCADE,
  chunk bigint NOT NULL,  -- from 0; each of 1 MiB but the last
  bytes bytea NOT NULL,
  PRIMARY KEY (artifact, chunk)
);
ALTER TABLE artifact_chunks ALTER COLUMN bytes SET STORAGE EXTERNAL;  -- they are compressed already

-- Each connection that writes, and the number of its last commit: how one learns what became of a commit that lost its
-- connection. Whoever asks sets last_allowed, so that a commit which is still on its way then fails.
CREATE TABLE writers (
  writer bytea PRIMARY KEY,
  last_commit bigint NOT NULL,
  last_allowed bigint NOT NULL DEFAULT 9223372036854775807,
  seen_us bigint NOT NULL,
  CHECK (last_commit <= last_allowed)
) WITH (fillfactor = 50);

CREATE TABLE settings (key bytea PRIMARY KEY, value bytea NOT NULL);
)sql";

// Who computes an unfinished operation, and until when.
constexpr std::string_view kOperationLeases = R"sql(
ALTER TABLE operations ADD COLUMN holder bytea NOT NULL DEFAULT '', ADD COLUMN lease_until_us bigint NOT NULL DEFAULT 0;
)sql";

// Studies whose rows are still to be erased. They have given up their name for one that no study can have: '/' and uid.
constexpr std::string_view kDeletedStudies = R"sql(
ALTER TABLE studies ADD COLUMN deleted boolean NOT NULL DEFAULT false;
CREATE INDEX studies_deleted ON studies (uid) WHERE deleted;
)sql";

// Requests that were served, by the id that the client gave them; study_uid 0: not of one study.
constexpr std::string_view kRequestIds = R"sql(
CREATE TABLE requests (
  study_uid bigint NOT NULL,
  id bytea NOT NULL,
  seq bigint NOT NULL,  -- grows within the study
  call bytea NOT NULL,
  result bigint NOT NULL,
  received_us bigint NOT NULL,
  PRIMARY KEY (study_uid, id)
);
CREATE INDEX requests_by_age ON requests (study_uid, seq);
)sql";

// As in SQLite's schema.
constexpr std::string_view kCacheVersions = R"sql(
ALTER TABLE studies ADD COLUMN problem_version bigint NOT NULL DEFAULT 1;
CREATE TABLE deleted_trials (
  study_uid bigint NOT NULL REFERENCES studies ON DELETE CASCADE,
  version bigint NOT NULL,  -- the study's that the deletion made
  id bigint NOT NULL,
  PRIMARY KEY (study_uid, version, id)
);
CREATE INDEX trials_requeued ON trials (study_uid, id) WHERE state = 1 AND attempt > 1;
)sql";

constexpr std::string_view kLeasedTrials = R"sql(
CREATE INDEX trials_leased ON trials (client_id, study_uid, id) WHERE incarnation <> '' AND (state = 2 OR state = 3);
)sql";

// When the leases of running trials end, on a clock of our own that stands still while no server runs. Who holds them
// stands with the trials.
constexpr std::string_view kLeases = R"sql(
CREATE TABLE leases (
  study_uid bigint NOT NULL,
  trial_id bigint NOT NULL,
  epoch bigint NOT NULL,  -- the trial's lease_epoch
  expires_us bigint NOT NULL,  -- by lease_clock.elapsed_us
  PRIMARY KEY (study_uid, trial_id)
) WITH (fillfactor = 50);
CREATE TABLE lease_clock (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  elapsed_us bigint NOT NULL,
  seen_us bigint NOT NULL,  -- by the database's clock, when elapsed_us was set
  timeline text NOT NULL    -- of the write-ahead log then; another one: a standby has taken over
) WITH (fillfactor = 50);
INSERT INTO lease_clock VALUES (true, 0, 0, '');
)sql";

// Which studies changed lately, for servers that look for the changes of others. Transaction numbers, not times or
// versions: with them nobody overlooks a change that was committed late.
constexpr std::string_view kStudyChanges = R"sql(
ALTER TABLE studies ADD COLUMN changed_by bigint NOT NULL DEFAULT 0;  -- the transaction
CREATE FUNCTION note_changed_study() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  new.changed_by := pg_current_xact_id()::text::bigint;
  RETURN new;
END $$;
CREATE TRIGGER note_changed_study BEFORE INSERT OR UPDATE ON studies FOR EACH ROW
  EXECUTE FUNCTION note_changed_study();
CREATE TABLE deleted_studies (uid bigint PRIMARY KEY, version bigint NOT NULL, changed_by bigint NOT NULL);
CREATE FUNCTION note_deleted_study() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO deleted_studies VALUES (old.uid, old.version + 1, pg_current_xact_id()::text::bigint);
  RETURN NULL;
END $$;
CREATE TRIGGER note_deleted_study AFTER DELETE ON studies FOR EACH ROW EXECUTE FUNCTION note_deleted_study();
)sql";

// As in SQLite's schema.
constexpr std::string_view kMetadataSizes = R"sql(
CREATE TABLE metadata_sizes (
  study_uid bigint NOT NULL REFERENCES studies ON DELETE CASCADE,
  trial_id bigint NOT NULL,  -- 0: the study's own
  entries bigint NOT NULL,
  bytes bigint NOT NULL,
  PRIMARY KEY (study_uid, trial_id)
) WITH (fillfactor = 70);
INSERT INTO metadata_sizes
  SELECT study_uid, trial_id, count(*), sum(length(entry)) FROM metadata GROUP BY study_uid, trial_id;
CREATE FUNCTION size_put_metadata() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    UPDATE metadata_sizes SET bytes = bytes + length(new.entry) - length(old.entry)
      WHERE study_uid = new.study_uid AND trial_id = new.trial_id;
  ELSE
    INSERT INTO metadata_sizes AS sizes VALUES (new.study_uid, new.trial_id, 1, length(new.entry))
      ON CONFLICT (study_uid, trial_id)
      DO UPDATE SET entries = sizes.entries + 1, bytes = sizes.bytes + excluded.bytes;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER size_put_metadata AFTER INSERT OR UPDATE ON metadata FOR EACH ROW EXECUTE FUNCTION size_put_metadata();
)sql";

constexpr std::string_view kDeletedTrials = R"sql(
CREATE INDEX trials_deleted ON trials (study_uid, id) WHERE state = 0;
)sql";

// What an equal measurement is found by; NULL: stored before this step.
constexpr std::string_view kMeasurementDigests = R"sql(
ALTER TABLE measurements ADD COLUMN digest bigint;
CREATE INDEX measurements_by_digest ON measurements (study_uid, trial_id, attempt, digest) WHERE digest IS NOT NULL;
)sql";

// As in SQLite's schema; seen_us is by the database's clock.
constexpr std::string_view kWorkers = R"sql(
CREATE TABLE workers (
  name bytea PRIMARY KEY,
  incarnation bytea NOT NULL,
  superseded bytea NOT NULL,
  slots integer NOT NULL,
  version bytea NOT NULL,
  seen_us bigint NOT NULL
) WITH (fillfactor = 50);
)sql";

// As in SQLite's schema.
constexpr std::string_view kLateResults = R"sql(
ALTER TABLE attempts ADD COLUMN late_infeasible boolean NOT NULL DEFAULT false;
ALTER TABLE attempts ADD COLUMN late_reason bytea NOT NULL DEFAULT '';
)sql";

constexpr std::string_view kDrainedFrom = R"sql(
ALTER TABLE studies ADD COLUMN drained_from bigint NOT NULL DEFAULT 0;
UPDATE studies SET drained_from = next_trial_id WHERE draining;
)sql";

// So that nobody looks through all studies for those that changed. The index is on a column of its own that stays the
// same for 65,536 transactions: most changes of a study leave it alone, and so touch no index at all.
constexpr std::string_view kChangesByEra = R"sql(
ALTER TABLE studies ADD COLUMN changed_era bigint GENERATED ALWAYS AS (changed_by >> 16) STORED;
CREATE INDEX studies_by_era ON studies (changed_era);
ALTER TABLE deleted_studies ADD COLUMN deleted_us bigint NOT NULL DEFAULT (extract(epoch FROM now()) * 1000000)::bigint;
CREATE INDEX deleted_studies_by_change ON deleted_studies (changed_by);
CREATE INDEX deleted_studies_by_age ON deleted_studies (deleted_us);
)sql";

// As in SQLite's schema.
constexpr std::string_view kTrialBytes = R"sql(
ALTER TABLE trials ADD COLUMN measurement_bytes bigint NOT NULL DEFAULT 0;
ALTER TABLE trials ADD COLUMN metadata_bytes bigint NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN measurement_bytes bigint NOT NULL DEFAULT 0;
UPDATE trials SET
  measurement_bytes = (SELECT coalesce(sum(length(m.body) + 8), 0) FROM measurements m
    WHERE m.study_uid = trials.study_uid AND m.trial_id = trials.id AND m.attempt = trials.attempt),
  metadata_bytes = coalesce((SELECT s.bytes + 8 * s.entries FROM metadata_sizes s
    WHERE s.study_uid = trials.study_uid AND s.trial_id = trials.id), 0);
UPDATE attempts SET measurement_bytes = (SELECT coalesce(sum(length(m.body) + 8), 0) FROM measurements m
  WHERE m.study_uid = attempts.study_uid AND m.trial_id = attempts.trial_id AND m.attempt = attempts.attempt);
)sql";

constexpr std::string_view kAttemptCauses = R"sql(
ALTER TABLE attempts ADD COLUMN cause bytea NOT NULL DEFAULT '';
)sql";

constexpr std::string_view kAttemptsByEpoch = R"sql(
CREATE INDEX attempts_by_epoch ON attempts (study_uid, trial_id, lease_epoch, attempt);
)sql";

// As in SQLite's schema.
constexpr std::string_view kExplanations = R"sql(
CREATE TABLE explanations (
  study_uid bigint NOT NULL,
  trial_id bigint NOT NULL,
  body bytea NOT NULL,
  PRIMARY KEY (study_uid, trial_id),
  FOREIGN KEY (study_uid, trial_id) REFERENCES trials ON DELETE CASCADE
);
)sql";

// As in SQLite's schema.
constexpr std::string_view kStopDecisions = R"sql(
ALTER TABLE trials ADD COLUMN stop_decision bytea NOT NULL DEFAULT '';
)sql";

// As in SQLite's schema.
constexpr std::string_view kTrialRoles = R"sql(
ALTER TABLE trials ADD COLUMN role bytea NOT NULL DEFAULT '';
)sql";

// Steps are appended, never changed: a database remembers each one's checksum.
constexpr std::string_view kMigrations[] = {
    kInitialSchema, kOperationLeases, kDeletedStudies, kRequestIds,    kCacheVersions,      kLeasedTrials,
    kLeases,        kStudyChanges,    kMetadataSizes,  kDeletedTrials, kMeasurementDigests, kWorkers,
    kLateResults,   kDrainedFrom,     kChangesByEra,   kTrialBytes,    kAttemptCauses,      kAttemptsByEpoch,
    kExplanations,  kStopDecisions,   kTrialRoles};

// Fails unless the schema is empty or ours.
absl::Status CheckSchema(PostgresConnection& connection) {
  PostgresStatement statement(
      connection,
      "SELECT current_schema() IS NULL, to_regclass(quote_ident(current_schema()) || '.photinus_migrations') IS NULL, "
      "(SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
      "WHERE nspname = current_schema() AND relkind IN ('r', 'p'))");
  RETURN_IF_ERROR(statement.Step().status());
  if (statement.Bool()) {
    return absl::FailedPreconditionError(
        "the database has no schema of the search_path (by default, public); create one, or choose another database");
  }
  const bool is_new = statement.Bool();
  if (!is_new || statement.Int() == 0) return absl::OkStatus();
  return absl::FailedPreconditionError("the database holds tables of another program; choose an empty database");
}

absl::StatusOr<std::vector<AppliedMigration>> Applied(PostgresConnection& connection) {
  PostgresStatement statement(connection, "SELECT version, checksum FROM photinus_migrations ORDER BY version");
  return AllRows(statement, &ReadMigration<PostgresStatement>);
}

// In a transaction. Servers that start at once take turns here, at the list of steps.
absl::Status Migrate(PostgresConnection& connection, absl::Span<const std::string_view> steps, absl::Time now) {
  RETURN_IF_ERROR(CheckSchema(connection));
  connection.Defer(
      "CREATE TABLE IF NOT EXISTS photinus_migrations (version bigint PRIMARY KEY, checksum bytea NOT NULL, "
      "applied_us bigint NOT NULL)");
  connection.Defer("LOCK TABLE photinus_migrations IN SHARE ROW EXCLUSIVE MODE");
  connection.Defer("SET LOCAL statement_timeout = 0");  // a step on a large table takes its time
  ASSIGN_OR_RETURN(const std::vector<AppliedMigration> applied, Applied(connection));
  RETURN_IF_ERROR(VerifyMigrations(applied, steps));
  for (size_t i = applied.size(); i < steps.size(); ++i) {
    RETURN_IF_ERROR(connection.Execute(std::string(steps[i])));
    const PostgresStatement note(connection, "INSERT INTO photinus_migrations VALUES ($1, $2, $3)",
                                 static_cast<int64_t>(i + 1), MigrationChecksum(steps[i]), now);
    RETURN_IF_ERROR(note.status());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Span<const std::string_view> PostgresMigrations() { return kMigrations; }

absl::Status MigratePostgres(PostgresConnection& connection, absl::Span<const std::string_view> steps, absl::Time now) {
  constexpr int kAttempts = 3;
  for (int attempt = 1;; ++attempt) {
    connection.Begin("READ COMMITTED READ WRITE");
    absl::Status status = Migrate(connection, steps, now);
    if (status.ok()) status = connection.Commit();
    if (status.ok()) return status;
    connection.Rollback();
    // Two servers that make the list of steps at the same moment: one of them fails, and finds it the next time.
    if (!absl::IsAlreadyExists(status) || attempt == kAttempts) return status;
  }
}

}  // namespace photinus
