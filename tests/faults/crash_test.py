"""kill -9 at random moments of a study on real workers: nothing is lost, no id is used twice, the study finishes.

Usage: crash_test.py server|worker|trial KILLS [SEED]

A study of the command executor runs on two worker daemons while the named victim is killed again and again: the server
(restarted on the same address), a daemon (started anew under the same name), or a trial's child process. kill_test.py
kills the server under many clients of all kinds.
"""
import json
import random
import sys
import threading
import time

import grpc

from photinus import Program, Server, Wire, children_of, eventually, kill_any, processes_of, temporary_folder

VIZIER, WORKER, QUERY = "vizier.VizierService", "photinus.v1.WorkerService", "photinus.v1.QueryService"
OWNER = "owners/crash"
STUDY = f"{OWNER}/studies/killed"
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


def create_study(wire, document):
    wire.call(f"{VIZIER}/CreateStudy", {"parent": OWNER, "study": {"displayName": STUDY.rsplit("/", 1)[1], "studySpec": {
        "algorithm": "RANDOM_SEARCH",
        "parameters": [{"parameterId": "x", "doubleValueSpec": {"minValue": 0, "maxValue": 1}}],
        "metrics": [{"metricId": "y", "goal": "MAXIMIZE"}],
        "metadata": [{"ns": "photinus", "key": "study", "value": document}]}}})


def study_document(trials):
    return json.dumps({"version": 1, "budget": {"trials": trials}, "trial": {
        "executor": "command", "argv": [sys.executable, "-c", PROGRAM, "{x}"]}})


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


class Cluster:
    def __init__(self, folder):
        self.folder = folder
        self.server = Server(folder / "db", "--lease-ttl", LEASE, log=folder / "server.log")
        self.endpoint = self.server.endpoint
        self.workers = [self.start_worker(i) for i in range(2)]

    def start_worker(self, index):
        return Program("photinus-worker", "--server", self.endpoint, "--name", f"w{index}", "--slots", 2, "--data-dir",
                       self.folder / f"w{index}", "--exit-when-idle", log=self.folder / f"worker{index}.log")

    def kill_server(self):
        self.server.kill()
        self.server.close()
        self.server = Server(self.folder / "db", "--lease-ttl", LEASE, listen=self.endpoint, log=self.folder / "server.log")

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
        return kill_any(trials)

    def close(self):
        for worker in self.workers:
            worker.close()
        self.server.close()


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
        elif not cluster.kill_trial():
            continue
        done += 1
    state = wire.call(f"{QUERY}/GetStudyStatus", {"name": STUDY})["study"]["state"]
    assert state == "ACTIVE", f"the study was {state} before the last kill: nothing was at stake"


def verify(wire, witness, budget):
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
    return len(finished), len(lost), abandoned


def main():
    victim, kills = sys.argv[1], int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(10**6)
    random.seed(seed)
    budget = max(30, 6 * kills)
    with temporary_folder() as folder:
        cluster = Cluster(folder)
        try:
            wire = Wire(cluster.endpoint)
            create_study(wire, study_document(budget))
            witness = Witness(cluster.endpoint)
            witness.start()
            kill_repeatedly(cluster, victim, kills, wire)

            def completed():
                for index, worker in enumerate(cluster.workers):  # --exit-when-idle may end one early
                    if worker.process.poll() is not None:
                        worker.close()
                        cluster.workers[index] = cluster.start_worker(index)
                return wire.call(f"{QUERY}/GetStudyStatus", {"name": STUDY})["study"]["state"] == "COMPLETED"

            eventually(completed, 240, "the study's completion")
            witness.finish()
            finished, lost, abandoned = verify(wire, witness, budget)
            for worker in cluster.workers:
                assert worker.stop() == 0, "a worker did not end cleanly"
            assert cluster.server.stop() == 0, "the server did not drain"
            eventually(lambda: not processes_of(folder), 10, "the end of all processes")
            print(f"{victim}: {kills} kills (seed {seed}): {finished} trials finished, {lost} lost for good, "
                  f"{abandoned} abandoned attempts kept, {len(witness.seen)} measurements witnessed")
        except BaseException:
            print(f"seed {seed}", file=sys.stderr)
            for log in folder.glob("*.log"):
                print(f"--- {log.name}\n{log.read_text(errors='replace')[-4000:]}", file=sys.stderr)
            raise
        finally:
            cluster.close()


main()
