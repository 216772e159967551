"""kill -9 under 32 clients: nothing acknowledged is lost, no id is used twice, no operation stays unfinished.

Usage: kill_test.py sqlite|postgresql KILLS [SEED]

Clients of all kinds work all the time (lifecycle_clients.py) and keep a journal of what they were told (journal.py),
while the server is killed again and again at random moments and restarted on the same address; on PostgreSQL, every
other victim is PostgreSQL itself. In the end the journal must be found in the server.
"""
import json
import random
import sys
import time

from journal import VIZIER, Journal
from lifecycle_clients import OPERATION_SECONDS, Gardener, PlainClient, WorkerClient
from photinus import PostgresServer, Server, Wire, eventually, temporary_folder

OWNER = "owners/kill"
PLAIN_STUDIES = [f"{OWNER}/studies/plain{i}" for i in range(4)]
WORKER_STUDIES = [f"{OWNER}/studies/worked{i}" for i in range(2)]
PLAIN_CLIENTS, WORKERS, GARDENERS = 20, 8, 4
LONGEST_LIFE = 3  # seconds of a server
LEASE = 30  # seconds; longer than any outage, so that no worker may lose its trial


def spec(document=None):
    return {"algorithm": "RANDOM_SEARCH",
            "parameters": [{"parameterId": "x", "doubleValueSpec": {"minValue": 0, "maxValue": 1}}],
            "metrics": [{"metricId": "y", "goal": "MAXIMIZE"}],
            "metadata": [{"ns": "photinus", "key": "study", "value": json.dumps(document)}] if document else []}


def create_studies(wire):
    served = {"version": 1, "trial": {"executor": "command", "argv": ["true"]}}
    for study in PLAIN_STUDIES + WORKER_STUDIES:
        wire.call(f"{VIZIER}/CreateStudy", {"parent": OWNER, "study": {
            "displayName": study.rpartition("/")[2], "studySpec": spec(served if study in WORKER_STUDIES else None)}})


class Victims:
    """The server, and the PostgreSQL behind it."""

    def __init__(self, storage, folder):
        self.log = folder / "server.log"
        self.postgres = PostgresServer() if storage == "postgresql" else None
        self.database = self.postgres.url if self.postgres else folder / "db"
        self.server = Server(self.database, "--lease-ttl", LEASE, log=self.log)
        self.endpoint = self.server.endpoint

    def kill(self, number):
        if self.postgres and number % 2:
            self.postgres.crash()
            return
        self.server.kill()
        self.server.close()
        self.server = Server(self.database, "--lease-ttl", LEASE, listen=self.endpoint, log=self.log)

    def close(self):
        self.server.close()
        if self.postgres:
            self.postgres.close()


def start_clients(endpoint, journal):
    clients = [PlainClient(endpoint, journal, f"c{i}", PLAIN_STUDIES[i % len(PLAIN_STUDIES)]) for i in range(PLAIN_CLIENTS)]
    clients += [WorkerClient(endpoint, journal, f"w{i}") for i in range(WORKERS)]
    clients += [Gardener(endpoint, journal, f"g{i}", OWNER, spec()) for i in range(GARDENERS)]
    for client in clients:
        client.start()
    return clients


def kill_repeatedly(victims, kills, journal):
    for number in range(kills):
        before = journal.acknowledged
        time.sleep(LONGEST_LIFE * random.random() ** 2)  # the random moment is the point; many soon after the start
        victims.kill(number)
        # The next one shall meet clients at work, not all of them still waiting for the last restart.
        eventually(lambda: journal.faults or journal.acknowledged > before, OPERATION_SECONDS, "progress after a kill")
        if journal.faults:
            return


def verify(wire, clients, journal):
    for client in clients:
        client.finish()
    for client in clients:
        client.join(2 * OPERATION_SECONDS)
        if client.is_alive():
            journal.fault(f"{client.name} does not come to its end")
    plain = [client for client in clients if isinstance(client, PlainClient)]
    eventually(lambda: not any(client.unfinished_operations(wire) for client in plain), OPERATION_SECONDS,
               "the end of all operations")
    for study in PLAIN_STUDIES + WORKER_STUDIES:
        journal.verify(wire, study)


class FakeWire:
    """Answers ListTrials with the given trials."""

    def __init__(self, *trials):
        self._trials = list(trials)

    def call(self, method, request):
        return {"trials": self._trials}


def self_test():
    """The check itself must be able to fail."""
    def trial(number=1, x=0.5, steps=(1,), result=2.0):
        return {"name": f"s/trials/{number}", "id": str(number), "state": "SUCCEEDED", "clientId": "c",
                "parameters": [{"value": x}], "measurements": [{"stepCount": str(step)} for step in steps],
                "finalMeasurement": {"metrics": [{"value": result}]}}

    def faults(*stored, told=trial(), deleted=False):
        journal = Journal()
        journal.saw(told)
        journal.measured(told["name"], 1)
        journal.completed(told["name"], 2.0)
        if deleted:
            journal.deleted(told["name"])
        journal.verify(FakeWire(*stored), "s")
        return " ".join(journal.faults)

    assert not faults(trial())
    assert "is lost" in faults()
    assert "used again" in faults(trial(x=0.6))
    assert "steps" in faults(trial(steps=()))
    assert "twice" in faults(trial(steps=(1, 1)))
    assert "result" in faults(trial(result=3.0))
    assert "is back" in faults(trial(), deleted=True)
    assert "not dense" in faults(trial(), trial(3))
    assert "nobody made it" in faults(trial(), {**trial(2), "clientId": ""})


def main():
    self_test()
    storage, kills = sys.argv[1], int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(10**6)
    random.seed(seed)
    with temporary_folder() as folder:
        victims = Victims(storage, folder)
        try:
            wire, journal = Wire(victims.endpoint), Journal()
            create_studies(wire)
            clients = start_clients(victims.endpoint, journal)
            kill_repeatedly(victims, kills, journal)
            verify(wire, clients, journal)
            assert not journal.faults, "\n".join(journal.faults[:20])
            assert victims.server.stop() == 0, "the server did not drain"
            trials, results = journal.counts()
            print(f"{storage}: {kills} kills (seed {seed}) under {len(clients)} clients: {journal.acknowledged} "
                  f"acknowledgements, {trials} trials and {results} results found again")
            assert results >= kills, "nothing was at stake"
        except BaseException:
            print(f"seed {seed}\n{victims.log.read_text(errors='replace')[-4000:]}", file=sys.stderr)
            raise
        finally:
            victims.close()


main()
