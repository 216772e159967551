"""Runs the searches of deploy/examples/energy-audio.yaml with a real server and two workers, and writes their reports.

One study for each algorithm: the search, then retests of its best networks and of baselines by the same schedule, then
`photinus study report` into a folder of its own under --reports. A line of JSON goes to WORK/results.jsonl whenever ten more
trials of a study have ended. Ended or killed at any time, also by --minutes, it goes on where it was when it is started
again with the same arguments. docs/benchmarks.md has the command and what it takes.
"""
import argparse
import json
import pathlib
import re
import signal
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT / "tests/benchmarks"))
from study_programs import StudyPrograms

STUDY = ROOT / "deploy/examples/energy-audio.yaml"
LINE_EVERY = 10  # trials
POLL_SECONDS = 20
OUT_OF_TIME = 3  # exit status


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
        report = self._options.reports / self._study / "report.html"
        if report.exists():
            return
        if self._study not in {row["study"] for row in self._programs.rows("study", "list")}:
            file = self._work / f"{self._study}.yaml"
            file.write_text(study_file(self._options, self._algorithm))
            self._programs.client("study", "create", "-f", str(file))
        self._complete("search")
        self._programs.client("study", "retest", self._study, "--top", str(self._options.top), "--repeats",
                              str(self._options.repeats), "--baselines", self._options.baselines)
        self._complete("retests")
        self._programs.client("study", "report", self._study, "--output", str(report.parent))

    def _complete(self, phase):
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
    parser.add_argument("--energy", default="phone", help="a simulated device, or a model of `photinus-worker energy fit`")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--minutes", type=float, help="end after so long, with status 3 where something is left to do")
    options = parser.parse_args()
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    programs = StudyPrograms(options.bin, work, workers=options.workers, worker_options=("--energy", options.energy))
    try:
        clock = Clock(options.minutes)
        for name in options.algorithms:
            Search(programs, name, work, options, clock).run()
    finally:
        programs.end()


if __name__ == "__main__":
    main()
