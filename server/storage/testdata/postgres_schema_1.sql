--
-- PostgreSQL database dump
--


-- Dumped from database version 15.20 (Debian 15.20-0+deb12u1)
-- Dumped by pg_dump version 15.20 (Debian 15.20-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: count_deleted_trials(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.count_deleted_trials() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  UPDATE trial_counts SET trials = trial_counts.trials - gone.trials
    FROM (SELECT study_uid, state, stop_requested, count(*) AS trials FROM deleted GROUP BY 1, 2, 3) AS gone
    WHERE trial_counts.study_uid = gone.study_uid AND trial_counts.state = gone.state
      AND trial_counts.stop_requested = gone.stop_requested;
  RETURN NULL;
END $$;


--
-- Name: count_put_trial(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.count_put_trial() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    UPDATE trial_counts SET trials = trials - 1
      WHERE study_uid = old.study_uid AND state = old.state AND stop_requested = old.stop_requested;
  END IF;
  INSERT INTO trial_counts AS counts VALUES (new.study_uid, new.state, new.stop_requested, 1)
    ON CONFLICT (study_uid, state, stop_requested) DO UPDATE SET trials = counts.trials + 1;
  RETURN NULL;
END $$;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: algorithm_states; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.algorithm_states (
    study_uid bigint NOT NULL,
    kind bytea NOT NULL,
    state bytea NOT NULL
);


--
-- Name: artifact_chunks; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.artifact_chunks (
    artifact bigint NOT NULL,
    chunk bigint NOT NULL,
    bytes bytea NOT NULL
);
ALTER TABLE ONLY public.artifact_chunks ALTER COLUMN bytes SET STORAGE EXTERNAL;


--
-- Name: artifacts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.artifacts (
    artifact bigint NOT NULL,
    study_uid bigint NOT NULL,
    trial_id bigint NOT NULL,
    name bytea NOT NULL,
    sha256 bytea NOT NULL,
    size bigint NOT NULL
);


--
-- Name: artifacts_artifact_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.artifacts ALTER COLUMN artifact ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.artifacts_artifact_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: attempts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.attempts (
    study_uid bigint NOT NULL,
    trial_id bigint NOT NULL,
    attempt integer NOT NULL,
    client_id bytea NOT NULL,
    lease_epoch bigint NOT NULL,
    outcome bytea NOT NULL,
    ended_us bigint NOT NULL,
    late_result bytea
);


--
-- Name: measurements; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.measurements (
    study_uid bigint NOT NULL,
    trial_id bigint NOT NULL,
    attempt integer NOT NULL,
    seq bigint NOT NULL,
    body bytea NOT NULL
);


--
-- Name: metadata; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.metadata (
    rank bigint NOT NULL,
    study_uid bigint NOT NULL,
    trial_id bigint NOT NULL,
    ns bytea NOT NULL,
    key bytea NOT NULL,
    entry bytea NOT NULL
);


--
-- Name: metadata_rank_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.metadata ALTER COLUMN rank ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.metadata_rank_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: operations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.operations (
    study_uid bigint NOT NULL,
    client_id bytea NOT NULL,
    number bigint NOT NULL,
    count integer NOT NULL,
    done boolean NOT NULL,
    created_us bigint NOT NULL,
    finished_us bigint NOT NULL,
    trial_ids bytea NOT NULL,
    error_code integer NOT NULL,
    error_message bytea NOT NULL
)
WITH (fillfactor='70');


--
-- Name: owners; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.owners (
    owner bytea NOT NULL
);


--
-- Name: photinus_migrations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.photinus_migrations (
    version bigint NOT NULL,
    checksum bytea NOT NULL,
    applied_us bigint NOT NULL
);


--
-- Name: settings; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.settings (
    key bytea NOT NULL,
    value bytea NOT NULL
);


--
-- Name: studies; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.studies (
    uid bigint NOT NULL,
    owner bytea NOT NULL,
    display_name bytea NOT NULL,
    state smallint NOT NULL,
    draining boolean NOT NULL,
    paused boolean NOT NULL,
    version bigint NOT NULL,
    next_trial_id bigint NOT NULL,
    inactive_reason bytea NOT NULL,
    created_us bigint NOT NULL,
    spec bytea NOT NULL
)
WITH (fillfactor='70');


--
-- Name: studies_uid_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.studies ALTER COLUMN uid ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.studies_uid_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: trial_counts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.trial_counts (
    study_uid bigint NOT NULL,
    state smallint NOT NULL,
    stop_requested boolean NOT NULL,
    trials bigint NOT NULL
)
WITH (fillfactor='70');


--
-- Name: trials; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.trials (
    study_uid bigint NOT NULL,
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
    body bytea NOT NULL
)
WITH (fillfactor='70');


--
-- Name: writers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.writers (
    writer bytea NOT NULL,
    last_commit bigint NOT NULL,
    last_allowed bigint DEFAULT '9223372036854775807'::bigint NOT NULL,
    seen_us bigint NOT NULL,
    CONSTRAINT writers_check CHECK ((last_commit <= last_allowed))
)
WITH (fillfactor='50');


--
-- Data for Name: algorithm_states; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.algorithm_states (study_uid, kind, state) VALUES (1, '\x534f424f4c', '\x0001ff');


--
-- Data for Name: artifact_chunks; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.artifact_chunks (artifact, chunk, bytes) VALUES (2, 0, '\x5b312c20322c20335d');


--
-- Data for Name: artifacts; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.artifacts (artifact, study_uid, trial_id, name, sha256, size) OVERRIDING SYSTEM VALUE VALUES (1, 1, 4, '\x656d707479', '\x65336230633434323938666331633134396166626634633839393666623932343237616534316534363439623933346361343935393931623738353262383535', 0);
INSERT INTO public.artifacts (artifact, study_uid, trial_id, name, sha256, size) OVERRIDING SYSTEM VALUE VALUES (2, 1, 4, '\x63757276652e6a736f6e', '\x61333662316632633366383435323264643130303531343536343636313764373035346330383531653937633732613033396330626466616339666130376633', 9);


--
-- Data for Name: attempts; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.attempts (study_uid, trial_id, attempt, client_id, lease_epoch, outcome, ended_us, late_result) VALUES (1, 1, 1, '\x77312e30', 3, '\x6c6f7374', 1700000000123456, '\x10091a0c0a017911000000000000f03f');
INSERT INTO public.attempts (study_uid, trial_id, attempt, client_id, lease_epoch, outcome, ended_us, late_result) VALUES (1, 5, 1, '\x77332e30', 2, '\x6c6f7374', 1700000200000000, NULL);


--
-- Data for Name: measurements; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.measurements (study_uid, trial_id, attempt, seq, body) VALUES (1, 1, 1, 1, '\x10011a0c0a0179119a9999999999b93f');
INSERT INTO public.measurements (study_uid, trial_id, attempt, seq, body) VALUES (1, 1, 1, 2, '\x10021a0c0a0179119a9999999999c93f');
INSERT INTO public.measurements (study_uid, trial_id, attempt, seq, body) VALUES (1, 1, 1, 3, '\x10031a0c0a017911343333333333d33f');
INSERT INTO public.measurements (study_uid, trial_id, attempt, seq, body) VALUES (1, 2, 1, 1, '\x10011a0c0a017911000000000000f87f1a0c0a017a110000000000000080');


--
-- Data for Name: metadata; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.metadata (rank, study_uid, trial_id, ns, key, entry) OVERRIDING SYSTEM VALUE VALUES (1, 1, 0, '\x6d696e65', '\x7a', '\x0a017a1205666972737422046d696e65');
INSERT INTO public.metadata (rank, study_uid, trial_id, ns, key, entry) OVERRIDING SYSTEM VALUE VALUES (2, 1, 0, '\x70686f74696e7573', '\x7374756479', '\x0a05737475647912257b2273656564223a20372c2022627564676574223a207b22747269616c73223a2035307d7d220870686f74696e7573');
INSERT INTO public.metadata (rank, study_uid, trial_id, ns, key, entry) OVERRIDING SYSTEM VALUE VALUES (3, 1, 0, '\x6d696e65', '\x61', '\x0a016112046c61737422046d696e65');
INSERT INTO public.metadata (rank, study_uid, trial_id, ns, key, entry) OVERRIDING SYSTEM VALUE VALUES (4, 1, 4, '\x', '\x6e6f7465', '\x0a046e6f7465121b74776f0a6c696e65732c202271756f7465642220616e6420e282ac');
INSERT INTO public.metadata (rank, study_uid, trial_id, ns, key, entry) OVERRIDING SYSTEM VALUE VALUES (5, 1, 4, '\x6f74686572', '\x616e79', '\x0a03616e791a270a20747970652e676f6f676c65617069732e636f6d2f6e6f626f64792e4b6e6f777312030001ff22056f74686572');


--
-- Data for Name: operations; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.operations (study_uid, client_id, number, count, done, created_us, finished_us, trial_ids, error_code, error_message) VALUES (1, '\x77322e30', 3, 2, true, 1700000000000001, 1700000001000002, '\x322c34', 9, '\x6f766572');


--
-- Data for Name: owners; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.owners (owner) VALUES ('\x616461');


--
-- Data for Name: photinus_migrations; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.photinus_migrations (version, checksum, applied_us) VALUES (1, '\x30663766303136326233623234363538', 1795236746874175);


--
-- Data for Name: settings; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.settings (key, value) VALUES ('\x6b6579', '\x736563726574');


--
-- Data for Name: studies; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.studies (uid, owner, display_name, state, draining, paused, version, next_trial_id, inactive_reason, created_us, spec) OVERRIDING SYSTEM VALUE VALUES (1, '\x616461', '\x6b7773', 1, true, true, 17, 9, '\x6e6f6e65', 1690000000000001, '\x0a050a01791001120e0a0178120911000000000000f03f1a0d52414e444f4d5f534541524348ea040f66726f6d2074686520667574757265');


--
-- Data for Name: trial_counts; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.trial_counts (study_uid, state, stop_requested, trials) VALUES (1, 1, false, 1);
INSERT INTO public.trial_counts (study_uid, state, stop_requested, trials) VALUES (1, 3, true, 1);
INSERT INTO public.trial_counts (study_uid, state, stop_requested, trials) VALUES (1, 4, false, 1);
INSERT INTO public.trial_counts (study_uid, state, stop_requested, trials) VALUES (1, 5, false, 1);


--
-- Data for Name: trials; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.trials (study_uid, id, state, client_id, attempt, lease_epoch, incarnation, mod_version, completion_hash, stop_requested, stop_reason, lost_count, lost, body) VALUES (1, 1, 1, '\x', 2, 3, '\x', 1, '\x', false, '\x', 1, false, '\x220e0a01781209119a9999999999b93f3a0b0881e2cfaa0610959aef3a');
INSERT INTO public.trials (study_uid, id, state, client_id, attempt, lease_epoch, incarnation, mod_version, completion_hash, stop_requested, stop_reason, lost_count, lost, body) VALUES (1, 2, 3, '\x77322e30', 1, 1, '\x70726f63657373', 2, '\x', true, '\x6d656469616e', 0, false, '\x220e0a01781209119a9999999999c93f3a0b0882e2cfaa0610959aef3a');
INSERT INTO public.trials (study_uid, id, state, client_id, attempt, lease_epoch, incarnation, mod_version, completion_hash, stop_requested, stop_reason, lost_count, lost, body) VALUES (1, 4, 4, '\x77322e31', 1, 0, '\x', 4, '\x616263', false, '\x', 0, false, '\x220e0a01781209119a9999999999d93f2a1e10071a0c0a017911555555555555d53f1a0c0a017a11000000000000f07f3a0b0884e2cfaa0610959aef3a420608e4e2cfaa06');
INSERT INTO public.trials (study_uid, id, state, client_id, attempt, lease_epoch, incarnation, mod_version, completion_hash, stop_requested, stop_reason, lost_count, lost, body) VALUES (1, 5, 5, '\x', 1, 0, '\x', 5, '\x', false, '\x', 3, true, '\x220e0a0178120911000000000000e03f3a0b0885e2cfaa0610959aef3a52046c6f7374');


--
-- Data for Name: writers; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.writers (writer, last_commit, last_allowed, seen_us) VALUES ('\x3835353531623361633033613631326233656239346332636164626630653365', 1, 9223372036854775807, 1795236747050778);


--
-- Name: artifacts_artifact_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.artifacts_artifact_seq', 2, true);


--
-- Name: metadata_rank_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.metadata_rank_seq', 5, true);


--
-- Name: studies_uid_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.studies_uid_seq', 1, true);


--
-- Name: algorithm_states algorithm_states_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.algorithm_states
    ADD CONSTRAINT algorithm_states_pkey PRIMARY KEY (study_uid, kind);


--
-- Name: artifact_chunks artifact_chunks_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.artifact_chunks
    ADD CONSTRAINT artifact_chunks_pkey PRIMARY KEY (artifact, chunk);


--
-- Name: artifacts artifacts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.artifacts
    ADD CONSTRAINT artifacts_pkey PRIMARY KEY (artifact);


--
-- Name: artifacts artifacts_study_uid_trial_id_name_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.artifacts
    ADD CONSTRAINT artifacts_study_uid_trial_id_name_key UNIQUE (study_uid, trial_id, name);


--
-- Name: attempts attempts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (study_uid, trial_id, attempt);


--
-- Name: measurements measurements_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.measurements
    ADD CONSTRAINT measurements_pkey PRIMARY KEY (study_uid, trial_id, attempt, seq);


--
-- Name: metadata metadata_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.metadata
    ADD CONSTRAINT metadata_pkey PRIMARY KEY (rank);


--
-- Name: operations operations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.operations
    ADD CONSTRAINT operations_pkey PRIMARY KEY (study_uid, client_id, number);


--
-- Name: owners owners_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.owners
    ADD CONSTRAINT owners_pkey PRIMARY KEY (owner);


--
-- Name: photinus_migrations photinus_migrations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.photinus_migrations
    ADD CONSTRAINT photinus_migrations_pkey PRIMARY KEY (version);


--
-- Name: settings settings_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (key);


--
-- Name: studies studies_owner_display_name_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.studies
    ADD CONSTRAINT studies_owner_display_name_key UNIQUE (owner, display_name);


--
-- Name: studies studies_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.studies
    ADD CONSTRAINT studies_pkey PRIMARY KEY (uid);


--
-- Name: trial_counts trial_counts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.trial_counts
    ADD CONSTRAINT trial_counts_pkey PRIMARY KEY (study_uid, state, stop_requested);


--
-- Name: trials trials_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.trials
    ADD CONSTRAINT trials_pkey PRIMARY KEY (study_uid, id);


--
-- Name: writers writers_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.writers
    ADD CONSTRAINT writers_pkey PRIMARY KEY (writer);


--
-- Name: metadata_by_key; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX metadata_by_key ON public.metadata USING btree (study_uid, trial_id, sha256(ns), sha256(key));


--
-- Name: operations_unfinished; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX operations_unfinished ON public.operations USING btree (study_uid, client_id, number) WHERE (NOT done);


--
-- Name: studies_by_owner; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX studies_by_owner ON public.studies USING btree (owner, uid);


--
-- Name: trials_by_version; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX trials_by_version ON public.trials USING btree (study_uid, mod_version, id);


--
-- Name: trials_requested; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX trials_requested ON public.trials USING btree (study_uid, id) WHERE (state = 1);


--
-- Name: trials_running; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX trials_running ON public.trials USING btree (study_uid, client_id, id) WHERE ((state = 2) OR (state = 3));


--
-- Name: trials count_deleted_trials; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER count_deleted_trials AFTER DELETE ON public.trials REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT EXECUTE FUNCTION public.count_deleted_trials();


--
-- Name: trials count_inserted_trial; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER count_inserted_trial AFTER INSERT ON public.trials FOR EACH ROW EXECUTE FUNCTION public.count_put_trial();


--
-- Name: trials count_updated_trial; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER count_updated_trial AFTER UPDATE ON public.trials FOR EACH ROW WHEN (((old.state <> new.state) OR (old.stop_requested <> new.stop_requested))) EXECUTE FUNCTION public.count_put_trial();


--
-- Name: algorithm_states algorithm_states_study_uid_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.algorithm_states
    ADD CONSTRAINT algorithm_states_study_uid_fkey FOREIGN KEY (study_uid) REFERENCES public.studies(uid) ON DELETE CASCADE;


--
-- Name: artifact_chunks artifact_chunks_artifact_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.artifact_chunks
    ADD CONSTRAINT artifact_chunks_artifact_fkey FOREIGN KEY (artifact) REFERENCES public.artifacts(artifact) ON DELETE CASCADE;


--
-- Name: artifacts artifacts_study_uid_trial_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.artifacts
    ADD CONSTRAINT artifacts_study_uid_trial_id_fkey FOREIGN KEY (study_uid, trial_id) REFERENCES public.trials(study_uid, id) ON DELETE CASCADE;


--
-- Name: attempts attempts_study_uid_trial_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_study_uid_trial_id_fkey FOREIGN KEY (study_uid, trial_id) REFERENCES public.trials(study_uid, id) ON DELETE CASCADE;


--
-- Name: measurements measurements_study_uid_trial_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.measurements
    ADD CONSTRAINT measurements_study_uid_trial_id_fkey FOREIGN KEY (study_uid, trial_id) REFERENCES public.trials(study_uid, id) ON DELETE CASCADE;


--
-- Name: metadata metadata_study_uid_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.metadata
    ADD CONSTRAINT metadata_study_uid_fkey FOREIGN KEY (study_uid) REFERENCES public.studies(uid) ON DELETE CASCADE;


--
-- Name: operations operations_study_uid_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.operations
    ADD CONSTRAINT operations_study_uid_fkey FOREIGN KEY (study_uid) REFERENCES public.studies(uid) ON DELETE CASCADE;


--
-- Name: studies studies_owner_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.studies
    ADD CONSTRAINT studies_owner_fkey FOREIGN KEY (owner) REFERENCES public.owners(owner);


--
-- Name: trial_counts trial_counts_study_uid_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.trial_counts
    ADD CONSTRAINT trial_counts_study_uid_fkey FOREIGN KEY (study_uid) REFERENCES public.studies(uid) ON DELETE CASCADE;


--
-- Name: trials trials_study_uid_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.trials
    ADD CONSTRAINT trials_study_uid_fkey FOREIGN KEY (study_uid) REFERENCES public.studies(uid) ON DELETE CASCADE;


--
-- PostgreSQL database dump complete
--


