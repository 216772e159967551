"""kill -9 at random moments of a running study: nothing acknowledged is lost, no id is used twice, the study finishes.

Usage: crash_test.py server|worker|trial|database KILLS sqlite|postgresql [SEED]

A study of the command executor runs on two workers while the named victim is killed again and again: the server
(restarted on the same address), a worker daemon (started anew under the same name), a trial's child process, or the
PostgreSQL server behind the server.
Meanwhile an observer reports trials of its own through the plain Vizier API and keeps a journal of every acknowledged
write; in the end the journal must be found in the server.
"""
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

import grpc

from photinus import PostgresServer, Program, Server, Wire, eventually, processes_of, temporary_folder

VIZIER, WORKER, QUERY = "vizier.VizierService", "photinus.v1.WorkerService", "photinus.v1.QueryService"
OWNER = "owners/crash"
STUDY = f"{OWNER}/studies/killed"
OBSERVED = f"{OWNER}/studies/observed"
LEASE = 2  # seconds
STEPS = 6

# The user's program: reports a step every 100 ms, so that kills fall between reports.
PROGRAM = """
import json, sys, time
x = float(sys.argv[1])
for step in range(1, %d + 1):
    print(json.dumps({'step': step, 'y': x * step}), flush=True)
    time.sleep(0.1)
""" % STEPS


def create(wire, study, document):
    wire.call(f"{VIZIER}/CreateStudy", {"parent": OWNER, "study": {"displayName": study.rsplit("/", 1)[1], "studySpec": {
        "algorithm": "RANDOM_SEARCH",
        "parameters": [{"parameterId": "x", "doubleValueSpec": {"minValue": 0, "maxValue": 1}}],
        "metrics": [{"metricId": "y", "goal": "MAXIMIZE"}],
        "metadata": [{"ns": "photinus", "key": "study", "value": document}] if document else []}}})


def study_document(trials):
    return json.dumps({"version": 1, "budget": {"trials": trials}, "trial": {
        "executor": "command", "argv": [sys.executable, "-c", PROGRAM, "{x}"]}})


class Observer(threading.Thread):
    """A plain Vizier client that never gives up and remembers every acknowledgement."""

    def __init__(self, endpoint):
        super().__init__(daemon=True)
        self._wire = Wire(endpoint)
        self._stopping = threading.Event()
        self.journal = []  # (trial name, steps acknowledged, final value or None)
        self.fault = None

    def insist(self, method, request):
        while True:
            try:
                return self._wire.call(method, request, timeout=10)
            except grpc.RpcError as error:
                if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
                    raise
                if self._stopping.is_set():
                    return None

    def run(self):
        try:
            while not self._stopping.is_set():
                self.one_trial()
        except Exception as error:  # reported by the main thread
            self.fault = error

    def one_trial(self):
        operation = self.insist(f"{VIZIER}/SuggestTrials", {"parent": OBSERVED, "clientId": "observer", "suggestionCount": 1})
        while operation is not None and not operation.get("done"):
            operation = self.insist("vizier.VizierService/GetOperation", {"name": operation["name"]})
        if operation is None:
            return
        trials = self._wire.message("vizier.SuggestTrialsResponse").FromString(self.response_bytes(operation)).trials
        name = trials[0].name
        known = len(trials[0].measurements)
        entry = [name, known, None]
        self.journal.append(entry)
        for step in range(known + 1, 4):
            if self.insist(f"{VIZIER}/AddTrialMeasurement", {"trialName": name, "measurement": {
                    "stepCount": step, "metrics": [{"metricId": "y", "value": step}]}}) is None:
                return
            entry[1] = step
        value = random.random()
        if self.insist(f"{VIZIER}/CompleteTrial", {"name": name, "finalMeasurement": {
                "stepCount": 3, "metrics": [{"metricId": "y", "value": value}]}}) is not None:
            entry[2] = value

    def response_bytes(self, operation):
        # MessageToDict unpacked the Any; pack it again.
        from google.protobuf import json_format
        message = self._wire.message("vizier.SuggestTrialsResponse")()
        response = {k: v for k, v in operation.get("response", {}).items() if k != "@type"}
        json_format.ParseDict(response, message)
        return message.SerializeToString()

    def finish(self):
        self._stopping.set()
        self.join(60)
        if self.fault:
            raise self.fault


def measurements_of(trial, measurements):
    """A set with one entry for each; the time since the attempt's start tells attempts apart."""
    return {(trial, int(m["stepCount"]), m["elapsedDuration"]) for m in measurements}


class Witness(threading.Thread):
    """Remembers every measurement of the killed study that the server has ever shown."""

    def __init__(self, endpoint):
        super().__init__(daemon=True)
        self._wire = Wire(endpoint)
        self._stopping = threading.Event()
        self.seen = set()

    def run(self):
        while not self._stopping.wait(0.05):  # how often it looks
            try:
                trials = self._wire.call(f"{VIZIER}/ListTrials", {"parent": STUDY}, timeout=10).get("trials", [])
            except grpc.RpcError:  # the server is being killed
                continue
            for trial in trials:
                self.seen |= measurements_of(trial["name"], trial.get("measurements", []))

    def finish(self):
        self._stopping.set()
        self.join(60)


def children_of(pid):
    listing = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout
    return [int(p) for p in listing.split()]


class Cluster:
    def __init__(self, folder, storage):
        self.folder = folder
        self.postgres = PostgresServer() if storage == "postgresql" else None
        self.database = self.postgres.url if self.postgres else folder / "db"
        self.server = Server(self.database, "--lease-ttl", LEASE, log=folder / "server.log")
        self.endpoint = self.server.endpoint
        self.workers = [self.start_worker(i) for i in range(2)]

    def start_worker(self, index):
        return Program("photinus-worker", "--server", self.endpoint, "--name", f"w{index}", "--slots", 2, "--data-dir",
                       self.folder / f"w{index}", "--exit-when-idle", log=self.folder / f"worker{index}.log")

    def kill_server(self):
        self.server.kill()
        self.server.close()
        self.server = Server(self.database, "--lease-ttl", LEASE, listen=self.endpoint, log=self.folder / "server.log")

    def kill_worker(self):
        index = random.randrange(2)
        trials = children_of(self.workers[index].process.pid)
        self.workers[index].kill()
        for pid in trials:
            eventually(lambda: not alive(pid), 10, f"the death of trial process {pid} after its worker")
        self.workers[index].close()
        self.workers[index] = self.start_worker(index)

    def kill_trial(self):
        trials = [pid for worker in self.workers for pid in children_of(worker.process.pid)]
        if not trials:
            return False
        try:
            os.kill(random.choice(trials), signal.SIGKILL)
        except ProcessLookupError:  # it finished in between
            return False
        return True

    def close(self):
        for worker in self.workers:
            worker.close()
        self.server.close()
        if self.postgres:
            self.postgres.close()


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def kill_repeatedly(cluster, victim, kills, wire):
    done = 0
    while done < kills:
        time.sleep(random.uniform(0.05, 0.6))  # the random moment of the kill is the point of this test
        if victim == "server":
            cluster.kill_server()
        elif victim == "worker":
            cluster.kill_worker()
        elif victim == "database":
            cluster.postgres.crash()
        elif not cluster.kill_trial():
            continue
        done += 1
    state = wire.call(f"{QUERY}/GetStudyStatus", {"name": STUDY})["study"]["state"]
    assert state == "ACTIVE", f"the study was {state} before the last kill: nothing was at stake"


def verify(wire, observer, witness, budget):
    trials = wire.call(f"{VIZIER}/ListTrials", {"parent": STUDY})["trials"]
    ids = [int(t["id"]) for t in trials]
    assert ids == list(range(1, len(ids) + 1)), f"ids are not dense and unique: {ids}"
    finished = [t for t in trials if t["state"] == "SUCCEEDED"]
    lost = [t for t in trials if t["state"] == "INFEASIBLE"]
    assert len(finished) + len(lost) == len(trials) == budget, [t["state"] for t in trials]
    abandoned, stored = 0, set()
    for trial in trials:
        stored |= measurements_of(trial["name"], trial.get("measurements", []))
        attempts = wire.call(f"{QUERY}/ListAttempts", {"trial": trial["name"]}).get("attempts", [])
        # A worker that was cut off for longer than its lease lives reports no measurements, but its result still counts
        # as long as nobody else has the trial.
        cut_off = any(attempt["outcome"] == "late result" for attempt in attempts)
        steps = [int(m["stepCount"]) for m in trial.get("measurements", [])]
        if trial["state"] == "SUCCEEDED" and not cut_off:
            assert steps == list(range(1, STEPS + 1)), f"{trial['name']} has steps {steps}"
        for attempt in attempts:
            abandoned += 1
            steps = [int(m["stepCount"]) for m in attempt.get("measurements", [])]
            assert steps == list(range(1, len(steps) + 1)), f"attempt of {trial['name']} has steps {steps}"
            stored |= measurements_of(trial["name"], attempt.get("measurements", []))
    assert witness.seen, "the witness saw nothing"
    assert witness.seen <= stored, f"measurements that were there are gone: {sorted(witness.seen - stored)}"
    check_journal(wire, observer)
    return len(finished), len(lost), abandoned


def check_journal(wire, observer):
    stored = {t["name"]: t for t in wire.call(f"{VIZIER}/ListTrials", {"parent": OBSERVED}).get("trials", [])}
    names = [entry[0] for entry in observer.journal]
    for name, steps, value in observer.journal:
        trial = stored.get(name)
        assert trial, f"{name} was acknowledged and is gone"
        have = [int(m["stepCount"]) for m in trial.get("measurements", [])]
        assert set(range(1, steps + 1)) <= set(have), f"{name}: steps 1..{steps} were acknowledged, {have} are stored"
        assert len(have) == len(set(have)), f"{name}: a step is stored twice: {have}"
        if value is not None:
            assert trial["state"] == "SUCCEEDED", f"{name}: its completion was acknowledged, it is {trial['state']}"
            assert trial["finalMeasurement"]["metrics"][0]["value"] == value, f"{name}: final value changed"
    ids = sorted(int(t["id"]) for t in stored.values())
    assert ids == list(range(1, len(ids) + 1)), f"ids are not dense: {ids}"
    completed = [n for n, _, v in observer.journal if v is not None]
    assert len(completed) == len(set(completed)), "a completed trial was handed out again"
    assert names, "the observer did nothing"


def main():
    victim, kills, storage = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else random.randrange(10**6)
    random.seed(seed)
    budget = max(30, 6 * kills)
    with temporary_folder() as folder:
        cluster = Cluster(folder, storage)
        try:
            wire = Wire(cluster.endpoint)
            create(wire, OBSERVED, None)
            create(wire, STUDY, study_document(budget))
            observer, witness = Observer(cluster.endpoint), Witness(cluster.endpoint)
            observer.start()
            witness.start()
            kill_repeatedly(cluster, victim, kills, wire)

            def completed():
                for index, worker in enumerate(cluster.workers):  # --exit-when-idle may end one early
                    if worker.process.poll() is not None:
                        worker.close()
                        cluster.workers[index] = cluster.start_worker(index)
                return wire.call(f"{QUERY}/GetStudyStatus", {"name": STUDY})["study"]["state"] == "COMPLETED"

            eventually(completed, 240, "the study's completion")
            observer.finish()
            witness.finish()
            finished, lost, abandoned = verify(wire, observer, witness, budget)
            for worker in cluster.workers:
                assert worker.stop() == 0, "a worker did not end cleanly"
            assert cluster.server.stop() == 0, "the server did not drain"
            eventually(lambda: not processes_of(folder), 10, "the end of all processes")
            print(f"{victim} on {storage}: {kills} kills (seed {seed}): {finished} trials finished, {lost} lost for good, "
                  f"{abandoned} abandoned attempts kept, {len(witness.seen)} measurements witnessed, {len(observer.journal)} observed trials intact")
        except BaseException:
            print(f"seed {seed}", file=sys.stderr)
            for log in folder.glob("*.log"):
                print(f"--- {log.name}\n{log.read_text(errors='replace')[-4000:]}", file=sys.stderr)
            raise
        finally:
            cluster.close()


main()
