"""Clients that live through a server's deaths: each never gives up, and writes what it was told into a journal."""
import random
import threading
import time
import uuid

import grpc

from journal import VIZIER, list_trials, x_of
from photinus import Wire

WORKER = "photinus.v1.WorkerService"
OPERATION_SECONDS = 35  # one that takes longer is stuck
CALL_SECONDS = 20
# Nobody knows whether such a call took effect.
UNKNOWN = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED)


class Stopped(Exception):
    pass


class Client(threading.Thread):
    """Lives one life after the other until `finish`."""

    def __init__(self, endpoint, journal, name):
        super().__init__(daemon=True)
        self.name = name
        self.journal = journal
        self.wire = Wire(endpoint)
        self.random = random.Random(name)
        self._stopping = threading.Event()

    def run(self):
        try:
            while not self._stopping.is_set():
                self.live()
        except Stopped:
            pass
        except grpc.RpcError as error:
            self.journal.fault(f"{self.name}: {error.code().name}: {error.details()}")
        except Exception as error:  # reported by the main thread
            self.journal.fault(f"{self.name}: {error!r}")

    def finish(self):
        self._stopping.set()

    def attempt(self, method, request, metadata=()):
        """The reply; None if it is unknown whether the call took effect."""
        try:
            return self.wire.call(method, request, metadata, timeout=CALL_SECONDS)
        except grpc.RpcError as error:
            if error.code() not in UNKNOWN:
                raise
            if self._stopping.is_set():
                raise Stopped() from error
            return None

    def insist(self, method, request, metadata=()):
        """The reply of a call that may be repeated."""
        while True:
            reply = self.attempt(method, request, metadata)
            if reply is not None:
                return reply

    def delete(self, method, name):
        """A repeated deletion may find nothing."""
        tries = 0
        while True:
            tries += 1
            try:
                if self.attempt(method, {"name": name}) is not None:
                    return
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.NOT_FOUND or tries == 1:
                    raise
                return

    def measure(self, name, metadata=()):
        for step in (1, 2):
            self.insist(f"{VIZIER}/AddTrialMeasurement", {"trialName": name, "measurement": measurement(step, step)}, metadata)
            self.journal.measured(name, step)

    def complete(self, name, metadata=()):
        if self.random.random() < 0.1:
            self.insist(f"{VIZIER}/CompleteTrial", {"name": name, "trialInfeasible": True, "infeasibleReason": "no"}, metadata)
            self.journal.completed(name, "infeasible")
            return
        value = self.random.random()
        self.insist(f"{VIZIER}/CompleteTrial", {"name": name, "finalMeasurement": measurement(3, value)}, metadata)
        self.journal.completed(name, value)


class PlainClient(Client):
    """Suggest, measure, annotate, complete; deletes some trials."""

    def __init__(self, endpoint, journal, name, study):
        super().__init__(endpoint, journal, name)
        self.study = study
        self.last_operation = 0

    def live(self):
        for trial in self.suggest():
            name = trial["name"]
            self.journal.saw(trial)
            if trial["state"] != "ACTIVE":
                self.journal.fault(f"{name} is {trial['state']} and was suggested")
            self.measure(name)
            note = str(uuid.UUID(int=self.random.getrandbits(128)))
            self.insist(f"{VIZIER}/UpdateMetadata", {"name": self.study, "delta": [
                {"trialId": name.rpartition("/")[2], "metadatum": {"key": "note", "value": note}}]})
            self.journal.noted(name, note)
            self.complete(name)
            if self.random.random() < 0.1:
                self.journal.deleting(name)
                self.delete(f"{VIZIER}/DeleteTrial", name)
                self.journal.deleted(name)

    def suggest(self):
        request = {"parent": self.study, "clientId": self.name, "suggestionCount": self.random.choice((1, 1, 2))}
        operation = self.insist(f"{VIZIER}/SuggestTrials", request)
        self.last_operation = int(operation["name"].rpartition("/")[2])
        begin = time.monotonic()
        while not operation.get("done"):
            if time.monotonic() - begin > OPERATION_SECONDS:
                raise RuntimeError(f"{operation['name']} is stuck")
            time.sleep(0.05)  # between polls, as every client does
            operation = self.insist(f"{VIZIER}/GetOperation", {"name": operation["name"]})
        if "error" in operation:
            raise RuntimeError(f"{operation['name']}: {operation['error']}")
        return operation["response"].get("trials", [])

    def unfinished_operations(self, wire):
        """Names of those around the last one that it knows of; the reply to a later one may have been lost."""
        owner, study = self.study.split("/")[1::2]
        names = [f"owners/{owner}/operations/suggestion/{study}/{self.name}/{number}"
                 for number in range(max(1, self.last_operation - 2), self.last_operation + 3)]
        return [name for name in names if not is_done(wire, name)]


class WorkerClient(Client):
    """Pulls, beats, measures and completes under a lease; gives some trials back."""

    def __init__(self, endpoint, journal, name):
        super().__init__(endpoint, journal, name)
        self.incarnation = str(uuid.uuid4())

    def live(self):
        pull = {"worker": self.name, "clientId": f"{self.name}.0", "incarnation": self.incarnation,
                "executors": ["command"], "waitSeconds": 1}
        reply = self.insist(f"{WORKER}/PullTrial", pull)
        if "trial" not in reply:
            return
        name, token = reply["trial"]["name"], reply["leaseToken"]
        self.journal.saw(reply["trial"])
        lease = (("x-lease-token", token),)
        if self.random.random() < 0.1:
            self.give_back(name, token)
            return
        self.measure(name, lease)
        self.beat(name, token)
        self.complete(name, lease)

    def beat(self, name, token):
        beat = {"worker": self.name, "incarnation": self.incarnation, "slots": 1,
                "leases": [{"trial": name, "leaseToken": token}]}
        verdict = self.insist(f"{WORKER}/Heartbeat", beat)["answers"][0]["verdict"]
        if verdict != "OK":
            self.journal.fault(f"{name}: the lease of a living worker is {verdict}")

    def give_back(self, name, token):
        self.journal.released(name)
        while True:
            try:
                if self.attempt(f"{WORKER}/Release", {"trial": name, "leaseToken": token}) is not None:
                    return
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.FAILED_PRECONDITION:  # a repeated one finds the lease gone
                    raise
                return


class Gardener(Client):
    """Makes a study and trials of its own, deletes some, then the study, and makes it anew."""

    def __init__(self, endpoint, journal, name, owner, spec):
        super().__init__(endpoint, journal, name)
        self.owner = owner
        self.study = f"{owner}/studies/{name}"
        self.create = {"parent": owner, "study": {"displayName": name, "studySpec": spec}}
        self.next_x = 1

    def live(self):
        self.insist(f"{VIZIER}/CreateStudy", self.create)
        names = [name for name in (self.create_trial() for _ in range(6)) if name]
        for name in names[::3]:
            self.journal.deleting(name)
            self.delete(f"{VIZIER}/DeleteTrial", name)
            self.journal.deleted(name)
        self.check()
        self.delete(f"{VIZIER}/DeleteStudy", self.study)
        self.journal.forget(self.study)

    def create_trial(self):
        """Its name, or None if nobody knows whether it was made."""
        x = self.next_x / 2**20  # each once
        self.next_x += 1
        self.journal.may_create(self.study, x)
        trial = self.attempt(f"{VIZIER}/CreateTrial", {"parent": self.study, "trial": {
            "state": "SUCCEEDED", "parameters": [{"parameterId": "x", "value": x}], "finalMeasurement": measurement(1, x)}})
        if trial is None:
            return None
        self.journal.saw(trial)
        self.journal.completed(trial["name"], x)
        return trial["name"]

    def check(self):
        """Nobody else changes this study, so it can be verified at any time."""
        while True:
            try:
                self.journal.verify(self.wire, self.study)
                return
            except grpc.RpcError as error:
                if error.code() not in UNKNOWN:
                    raise


def measurement(step, value):
    return {"stepCount": step, "metrics": [{"metricId": "y", "value": value}]}


def is_done(wire, operation):
    """True also of one that does not exist."""
    try:
        return bool(wire.call(f"{VIZIER}/GetOperation", {"name": operation}).get("done"))
    except grpc.RpcError as error:
        if error.code() != grpc.StatusCode.NOT_FOUND:
            raise
        return True
