"""What clients were told, to be found in the server afterwards."""
import collections
import threading

VIZIER = "vizier.VizierService"
PAGE = 1000


class Told:
    """What was acknowledged of one trial."""

    def __init__(self, x):
        self.x = x  # the trial's parameter: another value under the same id is another trial
        self.steps = set()
        self.note = None  # of its metadata
        self.result = None  # a final value, or "infeasible"
        self.deletion = None  # "asked", "acknowledged"


class Journal:
    """Thread-safe. Faults that show at once are collected in `faults`."""

    def __init__(self):
        self._lock = threading.Lock()
        self._trials = collections.defaultdict(dict)  # study -> id -> Told
        self._unknown = collections.defaultdict(set)  # study -> values of trials that may or may not have been created
        self.acknowledged = 0
        self.faults = []

    def fault(self, text):
        with self._lock:
            self.faults.append(text)

    def saw(self, trial):
        """A trial as the server showed it."""
        study, number = study_and_id(trial["name"])
        x = x_of(trial)
        with self._lock:
            told = self._trials[study].setdefault(number, Told(x))
            if told.x != x:
                self.faults.append(f"{trial['name']} had x = {told.x}, now {x}: the id was used again")
            if told.deletion == "acknowledged":
                self.faults.append(f"{trial['name']} was deleted and is back")

    def may_create(self, study, x):
        with self._lock:
            self._unknown[study].add(x)

    def measured(self, name, step):
        self._note(name, lambda told: told.steps.add(step))

    def noted(self, name, text):
        self._note(name, lambda told: setattr(told, "note", text))

    def completed(self, name, result):
        self._note(name, lambda told: setattr(told, "result", result))

    def released(self, name):
        """The next attempt measures anew."""
        self._note(name, lambda told: told.steps.clear())

    def deleting(self, name):
        self._note(name, lambda told: setattr(told, "deletion", "asked"), acknowledged=0)

    def deleted(self, name):
        self._note(name, lambda told: setattr(told, "deletion", "acknowledged"))

    def _note(self, name, change, acknowledged=1):
        study, number = study_and_id(name)
        with self._lock:
            change(self._trials[study][number])
            self.acknowledged += acknowledged

    def forget(self, study):
        """It was deleted with all its trials; one of the same name begins anew."""
        with self._lock:
            self._trials.pop(study, None)
            self._unknown.pop(study, None)

    def verify(self, wire, study):
        """Compares the study's trials with what was told; they change no more."""
        stored = {int(t["id"]): t for t in list_trials(wire, study)}
        for trial in stored.values():
            known = int(trial["id"]) in self._trials[study]
            if known or trial["state"] == "REQUESTED" or trial.get("clientId"):
                self.saw(trial)
            elif x_of(trial) not in self._unknown[study]:
                self.fault(f"{trial['name']}: nobody made it")
        gone = {number for number, told in self._trials[study].items() if told.deletion}
        if missing := set(range(1, max(stored, default=0) + 1)) - set(stored) - gone:
            self.fault(f"{study}: ids are not dense: {sorted(missing)[:10]}")
        for number, told in self._trials[study].items():
            if number in stored:
                self._compare(stored[number], told)
            elif not told.deletion:
                self.fault(f"{study}/trials/{number} is lost")

    def _compare(self, trial, told):
        name = trial["name"]
        steps = [int(m["stepCount"]) for m in trial.get("measurements", [])]
        if len(steps) != len(set(steps)):
            self.fault(f"{name}: a step is stored twice: {steps}")
        if not told.steps <= set(steps):
            self.fault(f"{name}: steps {told.steps} were acknowledged, {steps} are stored")
        notes = [entry.get("value") for entry in trial.get("metadata", []) if entry.get("key") == "note"]
        if told.note is not None and notes != [told.note]:
            self.fault(f"{name}: the note {told.note!r} was acknowledged, {notes} is stored")
        if told.result is not None and told.result != result_of(trial):
            self.fault(f"{name}: the result {told.result} was acknowledged, {result_of(trial)} is stored")

    def counts(self):
        trials = [told for study in self._trials.values() for told in study.values()]
        return len(trials), sum(told.result is not None for told in trials)


def study_and_id(name):
    study, _, number = name.rpartition("/trials/")
    return study, int(number)


def x_of(trial):
    return trial["parameters"][0]["value"]


def result_of(trial):
    if trial["state"] == "INFEASIBLE":
        return "infeasible"
    return trial["finalMeasurement"]["metrics"][0]["value"] if trial["state"] == "SUCCEEDED" else None


def list_trials(wire, study):
    trials, token = [], ""
    while True:
        page = wire.call(f"{VIZIER}/ListTrials", {"parent": study, "pageSize": PAGE, "pageToken": token})
        trials += page.get("trials", [])
        token = page.get("nextPageToken", "")
        if not token:
            return trials
