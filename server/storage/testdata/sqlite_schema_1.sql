PRAGMA foreign_keys = OFF;
PRAGMA application_id = 1349021556;
BEGIN TRANSACTION;
CREATE TABLE algorithm_states (
  study_uid INTEGER NOT NULL REFERENCES studies ON DELETE CASCADE,
  kind TEXT NOT NULL,
  state BLOB NOT NULL,  -- the algorithm's own format
  PRIMARY KEY (study_uid, kind)
) STRICT;
INSERT INTO "algorithm_states" VALUES(1,'SOBOL',X'0001FF');
CREATE TABLE artifact_chunks (
  artifact INTEGER NOT NULL REFERENCES artifacts ON DELETE CASCADE,
  chunk INTEGER NOT NULL,  -- from 0; each of 1 MiB but the last
  bytes BLOB NOT NULL,
  PRIMARY KEY (artifact, chunk)
) STRICT;
INSERT INTO "artifact_chunks" VALUES(2,0,X'5B312C20322C20335D');
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
INSERT INTO "artifacts" VALUES(1,1,4,'empty','e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',0);
INSERT INTO "artifacts" VALUES(2,1,4,'curve.json','a36b1f2c3f84522dd1005145646617d7054c0851e97c72a039c0bdfac9fa07f3',9);
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
INSERT INTO "attempts" VALUES(1,1,1,'w1.0',3,'lost',1700000000123456,X'10091A0C0A017911000000000000F03F');
INSERT INTO "attempts" VALUES(1,5,1,'w3.0',2,'lost',1700000200000000,NULL);
CREATE TABLE measurements (
  study_uid INTEGER NOT NULL,
  trial_id INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (study_uid, trial_id, attempt, seq),
  FOREIGN KEY (study_uid, trial_id) REFERENCES trials ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO "measurements" VALUES(1,1,1,1,X'10011A0C0A0179119A9999999999B93F');
INSERT INTO "measurements" VALUES(1,1,1,2,X'10021A0C0A0179119A9999999999C93F');
INSERT INTO "measurements" VALUES(1,1,1,3,X'10031A0C0A017911343333333333D33F');
INSERT INTO "measurements" VALUES(1,2,1,1,X'10011A0C0A017911000000000000F87F1A0C0A017A110000000000000080');
CREATE TABLE metadata (
  rank INTEGER PRIMARY KEY,  -- grows in the order in which keys were first set
  study_uid INTEGER NOT NULL REFERENCES studies ON DELETE CASCADE,
  trial_id INTEGER NOT NULL,  -- 0: the study's own
  ns TEXT NOT NULL,
  key TEXT NOT NULL,
  entry BLOB NOT NULL,
  UNIQUE (study_uid, trial_id, ns, key)
) STRICT;
INSERT INTO "metadata" VALUES(1,1,0,'mine','z',X'0A017A1205666972737422046D696E65');
INSERT INTO "metadata" VALUES(2,1,0,'photinus','study',X'0A05737475647912257B2273656564223A20372C2022627564676574223A207B22747269616C73223A2035307D7D220870686F74696E7573');
INSERT INTO "metadata" VALUES(3,1,0,'mine','a',X'0A016112046C61737422046D696E65');
INSERT INTO "metadata" VALUES(4,1,4,'','note',X'0A046E6F7465121B74776F0A6C696E65732C202271756F7465642220616E6420E282AC');
INSERT INTO "metadata" VALUES(5,1,4,'other','any',X'0A03616E791A270A20747970652E676F6F676C65617069732E636F6D2F6E6F626F64792E4B6E6F777312030001FF22056F74686572');
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
INSERT INTO "operations" VALUES(1,'w2.0',3,2,1,1700000000000001,1700000001000002,'2,4',9,'over');
CREATE TABLE owners (owner TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO "owners" VALUES('ada');
CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, checksum TEXT NOT NULL, applied_us INTEGER NOT NULL) STRICT;
INSERT INTO "schema_migrations" VALUES(1,'a800e4c0dd775e3e',1795236742423497);
CREATE TABLE settings (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "settings" VALUES('key',X'736563726574');
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
INSERT INTO "studies" VALUES(1,'ada','kws',1,1,1,17,9,'none',1690000000000001,X'0A050A01791001120E0A0178120911000000000000F03F1A0D52414E444F4D5F534541524348EA040F66726F6D2074686520667574757265');
CREATE TABLE trial_counts (
  study_uid INTEGER NOT NULL REFERENCES studies ON DELETE CASCADE,
  state INTEGER NOT NULL,
  stop_requested INTEGER NOT NULL,
  trials INTEGER NOT NULL,
  PRIMARY KEY (study_uid, state, stop_requested)
) STRICT, WITHOUT ROWID;
INSERT INTO "trial_counts" VALUES(1,1,0,1);
INSERT INTO "trial_counts" VALUES(1,3,1,1);
INSERT INTO "trial_counts" VALUES(1,4,0,1);
INSERT INTO "trial_counts" VALUES(1,5,0,1);
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
INSERT INTO "trials" VALUES(1,1,1,'',2,3,'',1,'',0,'',1,0,X'220E0A01781209119A9999999999B93F3A0B0881E2CFAA0610959AEF3A');
INSERT INTO "trials" VALUES(1,2,3,'w2.0',1,1,'process',2,'',1,'median',0,0,X'220E0A01781209119A9999999999C93F3A0B0882E2CFAA0610959AEF3A');
INSERT INTO "trials" VALUES(1,4,4,'w2.1',1,0,'',4,'abc',0,'',0,0,X'220E0A01781209119A9999999999D93F2A1E10071A0C0A017911555555555555D53F1A0C0A017A11000000000000F07F3A0B0884E2CFAA0610959AEF3A420608E4E2CFAA06');
INSERT INTO "trials" VALUES(1,5,5,'',1,0,'',5,'',0,'',3,1,X'220E0A0178120911000000000000E03F3A0B0885E2CFAA0610959AEF3A52046C6F7374');
CREATE INDEX studies_by_owner ON studies (owner, uid);
CREATE INDEX trials_requested ON trials (study_uid, id) WHERE state = 1;
CREATE INDEX trials_running ON trials (study_uid, client_id, id) WHERE state = 2 OR state = 3;
CREATE INDEX trials_by_version ON trials (study_uid, mod_version, id);
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
CREATE INDEX operations_unfinished ON operations (study_uid, client_id, number) WHERE done = 0;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('studies',1);
COMMIT;
