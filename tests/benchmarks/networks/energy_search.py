"""Runs the searches of deploy/examples/energy-audio.yaml with a real server and two workers, and writes their reports.

One study for each algorithm: the search, then retests by the same schedule of its best networks, of baselines, and of the
best networks that take no more than a tenth of MobileNetV2's energy and 60 kB, of which one is the winner; then `photinus study
report` into a folder of its own under --reports. A line of JSON goes to WORK/results.jsonl whenever ten more
trials of a study have ended. Ended or killed at any time, also by --minutes, it goes on where it was when it is started
again with the same arguments. At last it prints all of them; exit status 1 where a study has no winner, or one that is
less accurate than a baseline. docs/benchmarks.md has the command and
what it takes.
"""
import argparse
import json
import pathlib
import re
import signal
import statistics
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT / "tests/benchmarks"))
from study_programs import StudyPrograms

STUDY = ROOT / "deploy/examples/energy-audio.yaml"
LINE_EVERY = 10  # trials
POLL_SECONDS = 20
OUT_OF_TIME = 3  # exit status
REQUIRED_BASELINES = ("mobilenet_v2", "tc_resnet8_1.0")
LARGEST_KB = 60
LARGEST_ENERGY_SHARE = 0.1  # of MobileNetV2's


def algorithm(name, trials):
    """What a study file says of it."""
    return f"{{name: HYBRID, switch_at: {trials // 2}}}" if name == "HYBRID" else name


def study_file(options, name):
    """The text of the study file for an algorithm; an error where the example no longer has what is replaced."""
    text = STUDY.read_text()
    for pattern, replacement in ((r"^study: .*$", f"study: {name_of(name)}"),
                                 (r"^algorithm: .*$", f"algorithm: {algorithm(name, options.trials)}"),
                                 (r"trials: \d+", f"trials: {options.trials}"),
                                 (r"epochs: \d+", f"epochs: {options.epochs}")):
        text, count = re.subn(pattern, replacement, text, flags=re.MULTILINE)
        if count != 1:
            sys.exit(f"{STUDY}: {pattern} occurs {count} times")
    return text


def name_of(algorithm_name):
    return "energy-audio-" + algorithm_name.lower().replace("_", "-")


def summary(trials):
    """Of the trials of a search: how many ended and how, and the best reward."""
    rewards = [trial["metrics"]["reward"] for trial in trials if trial["metrics"].get("reward") is not None]
    return {"finished": sum(trial["state"] == "SUCCEEDED" for trial in trials),
            "stopped": sum(trial["stop"].get("outcome") == "STOPPED" for trial in trials),
            "infeasible": sum(trial["state"] == "INFEASIBLE" for trial in trials),
            "seconds": round(sum(trial["seconds"] or 0 for trial in trials)), "best": max(rewards, default=None)}


class Runs:
    """The finished trainings of one network: means of what they report, None where none reports it."""

    def __init__(self, name, metrics):
        self.name, self.count, self._metrics = name, len(metrics), metrics

    def mean(self, metric):
        values = [run[metric] for run in self._metrics if run.get(metric) is not None]
        return statistics.mean(values) if values else None

    def measured_mj(self):
        measured = self.mean("measured_energy_mj")
        return self.mean("energy_mj") if measured is None else measured

    def predicted_mj(self):
        """By which a search chooses: the same for all runs, and known before them. A model may know nothing of baselines."""
        predicted = self.mean("energy_mj")
        return self.mean("measured_energy_mj") if predicted is None else predicted

    def row(self):
        values = (self.mean("int8_accuracy"), self.mean("test_accuracy"), self.measured_mj(), self.mean("memory_kb"))
        return f"{self.name:>16} {self.count:>5}" + "".join(f"{'-' if value is None else f'{value:.4f}':>14}" for value in values)


def runs_by_role(details):
    """Of what `photinus trial show` says of trials: retests and baselines that succeeded, as two lists of Runs."""
    found = {"retest": {}, "baseline": {}}
    for trial in details:
        entries = {entry["key"]: entry["value"] for entry in trial["metadata"] if entry["namespace"] == "photinus"}
        role = entries.get("role")
        if role not in found or trial["state"] != "SUCCEEDED":
            continue
        name = f"trial {entries['of']}" if role == "retest" else json.loads(entries["architecture"])["baseline"]
        found[role].setdefault(name, []).append(trial["metrics"])
    return tuple([Runs(name, metrics) for name, metrics in runs.items()] for runs in found.values())


def energy_limit(baselines):
    """In mJ: a share of what MobileNetV2 is predicted to take; None where that is not known."""
    energies = [runs.predicted_mj() for runs in baselines if runs.name == "mobilenet_v2"]
    return LARGEST_ENERGY_SHARE * energies[0] if energies and energies[0] is not None else None


def winner_of(retests, limit_mj):
    """The network with the best mean reward of those within the limits of energy and size; None: there is none."""
    def fits(runs):
        values = (runs.mean("reward"), runs.predicted_mj(), runs.mean("memory_kb"))
        return None not in values and values[1] <= limit_mj and values[2] <= LARGEST_KB

    return max(filter(fits, retests), key=lambda runs: runs.mean("reward"), default=None)


def misses(winner, baselines, repeats):
    """What the winner misses of what it is to show, in words; accuracies are those of the int8 files on the test set."""
    by_name = {runs.name: runs for runs in baselines}
    missed = [f"{name} was not trained" for name in REQUIRED_BASELINES if name not in by_name]
    if winner is None:
        return missed + ["no retested network has a reward and is within the limits of energy and size"]
    missed += [f"{runs.name} has {runs.count} finished runs of {repeats}" for runs in [winner, *baselines]
               if runs.count < repeats]
    if "mobilenet_v2" in by_name:
        value, limit = winner.measured_mj(), LARGEST_ENERGY_SHARE * by_name["mobilenet_v2"].measured_mj()
        if value > limit:
            missed.append(f"measured energy above a tenth of mobilenet_v2's: {value:.4f} against {limit:.4f}")
    for name, runs in by_name.items():
        value, reference = winner.mean("test_accuracy"), runs.mean("test_accuracy")
        if value is None or reference is None:
            missed.append(f"test accuracy beside {name}: unknown")
        elif value < reference:
            missed.append(f"test accuracy below that of {name}: {value:.4f} against {reference:.4f}")
    return missed


def compare(study, details, repeats):
    """Prints the retested networks of a study beside the baselines; whether its winner shows all that it is to show."""
    retests, baselines = runs_by_role(details)
    limit_mj = energy_limit(baselines)
    winner = None if limit_mj is None else winner_of(retests, limit_mj)
    missed = misses(winner, baselines, repeats)
    print(f"{study}: means of the runs\n{'network':>16} {'runs':>5}" +
          "".join(f"{title:>14}" for title in ("int8 accuracy", "test accuracy", "energy, mJ", "kB")))
    for runs in retests + baselines:
        print(runs.row())
    if winner is not None:
        print(f"the winner within {limit_mj:.4f} mJ and {LARGEST_KB} kB: {winner.name}")
    print("\n".join(f"MISSED {what}" for what in missed) or "all met", flush=True)
    return not missed


class Clock:
    """Ends the script once its minutes are over."""

    def __init__(self, minutes):
        self._end = time.monotonic() + 60 * minutes if minutes else None

    def wait(self):
        if self._end is not None and time.monotonic() > self._end:
            print("out of time; start again with the same arguments to go on", file=sys.stderr)
            sys.exit(OUT_OF_TIME)
        time.sleep(POLL_SECONDS)


class Search:
    """The study of one algorithm."""

    def __init__(self, programs, name, work, options, clock):
        self._programs, self._work, self._options, self._clock = programs, work, options, clock
        self._algorithm, self._study = name, name_of(name)

    def run(self):
        """Whether the winner shows what it is to show."""
        report = self._options.reports / self._study / "report.html"
        if not report.exists():
            self._search(report.parent)
        return compare(self._study, self._tested(), self._options.repeats)

    def _search(self, report):
        if self._study not in {row["study"] for row in self._programs.rows("study", "list")}:
            file = self._work / f"{self._study}.yaml"
            file.write_text(study_file(self._options, self._algorithm))
            self._programs.client("study", "create", "-f", str(file))
        self._complete()
        self._retest("--baselines", self._options.baselines)
        limit_mj = energy_limit(runs_by_role(self._tested())[1])
        if limit_mj is None:
            sys.exit(f"{self._study}: without a run of mobilenet_v2 that has an energy no network can win; its trials say why")
        limits = ("--filter", f"energy_mj <= {limit_mj:.6g} and memory_kb <= {LARGEST_KB}")
        self._retest(*limits)
        self._programs.client("study", "report", self._study, "--output", str(report), *limits)

    def _tested(self):
        """The trials with a role, as `photinus trial show` has them: only they look at the test set."""
        trials = self._programs.rows("trial", "list", self._study, "-n", "1000000")
        return [self._programs.rows("trial", "show", self._study, str(trial["id"])) for trial in trials
                if "test_accuracy" in trial["metrics"]]

    def _retest(self, *which):
        self._programs.client("study", "retest", self._study, "--top", str(self._options.top), "--repeats",
                              str(self._options.repeats), *which)
        self._complete()

    def _complete(self):
        """Waits until the study is completed, and notes what came."""
        written = 0
        while True:
            self._programs.keep_running()
            try:
                state = self._programs.rows("study", "show", self._study)["state"]
                trials = self._programs.rows("trial", "list", self._study, "-n", "1000000")
            except RuntimeError as error:  # on a machine that is too busy to answer in time
                print(error, file=sys.stderr, flush=True)
                self._clock.wait()
                continue
            phase = "search" if len(trials) <= self._options.trials else "retests"
            line = {"study": self._study, "phase": phase, **summary(trials)}
            ended = line["finished"] + line["infeasible"]
            if ended >= written + LINE_EVERY or state == "COMPLETED":
                with (self._work / "results.jsonl").open("a") as file:
                    file.write(json.dumps(line) + "\n")
                written = ended
            if state == "COMPLETED":
                return
            self._clock.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder for database, data set and results")
    parser.add_argument("--reports", type=pathlib.Path, default=ROOT / "docs/reports", help="a folder per study goes here")
    parser.add_argument("--bin", default="build/release/bin", help="folder of Photinus' programs, with libtorch")
    parser.add_argument("--algorithms", type=lambda text: text.split(","), default=["HYPER_FIREFLY", "HYBRID"])
    parser.add_argument("--trials", type=int, default=300, help="of each study; HYBRID switches at half of them")
    parser.add_argument("--epochs", type=int, default=3, help="of a searched network; retests get 4/3 of them")
    parser.add_argument("--top", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--baselines", default="mobilenet_v2,tc_resnet8_1.0")
    parser.add_argument("--energy", default="watch", help="a simulated device, or a model of `photinus-worker energy fit`")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--minutes", type=float, help="end after so long, with status 3 where something is left to do")
    options = parser.parse_args()
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    programs = StudyPrograms(options.bin, work, workers=options.workers, worker_options=("--energy", options.energy))
    try:
        clock = Clock(options.minutes)
        met = [Search(programs, name, work, options, clock).run() for name in options.algorithms]
    finally:
        programs.end()
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
