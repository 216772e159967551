"""Trial processes and workers are killed at random moments: every trial of networks ends, as if nothing had happened.

Usage: resume_test.py KILLS [SEED]

The same study runs twice: undisturbed, and while a trial's process, or a worker with all of its own, is killed again and
again. Two workers share a data folder, so that either goes on where the other one's trial was killed. Training is
deterministic, so the results must be equal to the last bit.
"""
import json
import random
import sys
import time
import wave

import numpy

from photinus import Program, Server, children_of, eventually, kill_any, processes_of, run, temporary_folder

TRIALS = 8
EPOCHS = 60
STEPS = 12
WORKERS_SHARE = 0.3  # of the kills
PATIENCE = 1500  # seconds

STUDY = f"""
study: %s
seed: 7
algorithm: RANDOM_SEARCH
space: keywords-small
metrics:
  - {{name: accuracy, goal: maximize}}
budget: {{trials: {TRIALS}, parallel: 2}}
trial: {{executor: network, task: speech-commands, folder: '%s', epochs: {EPOCHS}, evaluations: {STEPS}, max_attempts: 100}}
"""

RATE = 16000
WORDS = ["yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go", "bed", "cat"]
CLIPS = {"train": 24, "validation": 8, "testing": 4}  # of each word


def write_wav(path, samples):
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples * 32767).clip(-32767, 32767).astype("<i2").tobytes())


def make_clips(folder):
    """A folder in the layout of Speech Commands, whose words are tones in noise."""
    draw = numpy.random.default_rng(1)
    times = numpy.arange(RATE) / RATE
    lists = {split: [] for split in CLIPS}
    for word, name in enumerate(WORDS):
        for split, count in CLIPS.items():
            for clip in range(count):
                tone = numpy.sin(2 * numpy.pi * (250 * 1.12 ** (word + draw.normal(0, 0.4)) * times))
                loudness = draw.uniform(0.005, 0.05)
                lists[split].append(f"{name}/{split}{clip}_nohash_0.wav")
                write_wav(folder / lists[split][-1], loudness * tone + draw.normal(0, 0.05, RATE))
    write_wav(folder / "_background_noise_" / "hiss.wav", draw.normal(0, 0.05, 20 * RATE))
    for split in ("validation", "testing"):
        (folder / f"{split}_list.txt").write_text("\n".join(lists[split]) + "\n")


def is_trial(pid):
    try:
        with open(f"/proc/{pid}/comm") as name:
            return name.read().strip() == "photinus-trial"
    except OSError:
        return False


class Workers:
    """Two daemons with one data folder."""

    def __init__(self, endpoint, folder):
        self.endpoint, self.folder = endpoint, folder
        self.running = [self._start(i) for i in range(2)]

    def _start(self, index):
        return Program("photinus-worker", "--server", self.endpoint, "--name", f"w{index}", "--threads", 1, "--data-dir",
                       self.folder / "data", log=self.folder / f"worker{index}.log")

    def kill_one(self):
        index = random.randrange(2)
        self.running[index].kill()
        self.running[index].close()
        self.running[index] = self._start(index)

    def kill_trial(self):
        """False if none runs."""
        trials = [pid for worker in self.running for pid in children_of(worker.process.pid) if is_trial(pid)]
        return kill_any(trials)

    def stop(self):
        for worker in self.running:
            assert worker.stop() == 0, "a worker did not end cleanly"

    def close(self):
        for worker in self.running:
            worker.close()


class Client:
    def __init__(self, endpoint, folder):
        self.endpoint, self.folder = endpoint, folder

    def call(self, *arguments):
        return run("photinus", "--server", self.endpoint, "--owner", "e2e", *arguments).stdout

    def json(self, *arguments):
        return json.loads(self.call(*arguments, "-o", "json"))

    def create(self, study):
        path = self.folder / f"{study}.yaml"
        path.write_text(STUDY % (study, self.folder / "clips"))
        self.call("study", "create", "-f", path)

    def is_completed(self, study):
        return self.json("study", "show", study)["state"] == "COMPLETED"

    def await_completion(self, study):
        deadline = time.monotonic() + PATIENCE
        while not self.is_completed(study):
            assert time.monotonic() < deadline, f"{study} was not completed within {PATIENCE} s"
            time.sleep(1)  # a poll that leaves the cores to the trials

    def trials(self, study):
        return [self.json("trial", "show", study, number) for number in range(1, TRIALS + 1)]

    def profile(self, study, trial):
        self.call("trial", "fetch", study, trial, "--artifact", "profile.json", "-o", self.folder / f"{study}-{trial}")
        return json.loads((self.folder / f"{study}-{trial}" / "profile.json").read_text())


def kill_repeatedly(workers, client, kills, calm_seconds):
    """Kills over about half of the time that the undisturbed study took. Returns how many of which were killed."""
    killed = {"trial": 0, "worker": 0}
    while sum(killed.values()) < kills:
        time.sleep(random.uniform(0, calm_seconds / kills))  # the random moment of the kill is the point of this test
        assert not client.is_completed("killed"), f"the study was completed after {killed}: nothing was at stake"
        if random.random() < WORKERS_SHARE:
            workers.kill_one()
            killed["worker"] += 1
        elif workers.kill_trial():
            killed["trial"] += 1
    return killed


def compare(client):
    """Returns the epochs that trials found done, of their last attempts, and how many attempts were abandoned."""
    found, abandoned = [], 0
    for calm, killed in zip(client.trials("undisturbed"), client.trials("killed")):
        number = killed["id"]
        assert killed["state"] == calm["state"] == "SUCCEEDED", (number, killed["state"], killed["infeasible_reason"])
        assert killed["parameters"] == calm["parameters"], number
        assert killed["metrics"]["accuracy"] == calm["metrics"]["accuracy"], (number, killed["metrics"], calm["metrics"])
        assert killed["metrics"]["int8_accuracy"] == calm["metrics"]["int8_accuracy"], number
        curves = [[(m["step"], m["metrics"].get("accuracy")) for m in trial["measurements"]] for trial in (calm, killed)]
        assert curves[0] == curves[1], (number, curves)
        assert [step for step, _ in curves[1]] == list(range(STEPS + 1)), number
        abandoned += len(killed["attempts"])
        found.append(client.profile("killed", number)["resumed_at_epoch"])
    return found, abandoned


def main():
    kills = int(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)
    random.seed(seed)
    with temporary_folder() as folder:
        server = Server(folder / "db", "--lease-ttl", 2, log=folder / "server.log")
        workers = None
        try:
            client = Client(server.endpoint, folder)
            workers = Workers(server.endpoint, folder)
            make_clips(folder / "clips")
            client.create("undisturbed")
            start = time.monotonic()
            client.await_completion("undisturbed")
            calm_seconds = time.monotonic() - start
            client.create("killed")
            killed = kill_repeatedly(workers, client, kills, calm_seconds)
            client.await_completion("killed")
            found, abandoned = compare(client)
            assert any(found), "no trial went on from a checkpoint"
            workers.stop()
            left = list((folder / "data" / "checkpoints").iterdir())
            assert not left, f"checkpoints are left: {left}"
            server.end()
            eventually(lambda: not processes_of(folder), 10, "the end of all processes")
            print(f"{killed['trial']} trial processes and {killed['worker']} workers killed (seed {seed}): {TRIALS} trials "
                  f"ended with the accuracies of undisturbed ones, {abandoned} attempts were abandoned, "
                  f"{sum(epochs > 0 for epochs in found)} last attempts went on from epoch "
                  f"{', '.join(f'{epochs:g}' for epochs in found if epochs > 0)} of {EPOCHS}")
        except BaseException:
            print(f"seed {seed}", file=sys.stderr)
            for log in folder.glob("*.log"):
                print(f"--- {log.name}\n{log.read_text(errors='replace')[-4000:]}", file=sys.stderr)
            raise
        finally:
            if workers:
                workers.close()
            server.close()


main()
