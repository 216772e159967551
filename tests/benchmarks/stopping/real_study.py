"""Searches keyword networks under several stopping rules with real training, and compares what they save and reach.

Starts a server and a worker, creates one study for each rule and seed, and appends a line of JSON to
WORK/results.jsonl whenever ten more trials of a study have finished. Ended or killed at any time, it goes on where it was
when it is started again with the same arguments. docs/benchmarks.md has the command and what came of it.
"""
import argparse
import collections
import json
import pathlib
import signal
import statistics
import sys
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
from study_programs import StudyPrograms

STUDY = """\
study: {name}
seed: {seed}
algorithm: {algorithm}
space: keywords-small
metrics:
  - {{name: reward, goal: maximize, expression: 'int8_accuracy - 0.02 * max(0, memory_kb - 60)'}}
early_stopping: {{rule: {rule}, curve: accuracy, goal: maximize, horizon: {evaluations}}}
budget: {{trials: {trials}, parallel: 1}}
trial: {{executor: network, task: keywords, epochs: {epochs}, evaluations: {evaluations}}}
"""
LINE_EVERY = 10  # trials
POLL_SECONDS = 20


def name_of(rule, seed):
    return f"{rule.lower()}-{seed}"


def create_studies(programs, work, options):
    known = {row["study"] for row in programs.rows("study", "list")}
    for seed in range(1, options.seeds + 1):
        for rule in options.rules:
            name = name_of(rule, seed)
            if name in known:
                continue
            file = work / "study.yaml"
            file.write_text(STUDY.format(name=name, seed=seed, rule=rule, algorithm=options.algorithm,
                                         trials=options.trials, epochs=options.epochs, evaluations=options.evaluations))
            programs.client("study", "create", "-f", str(file))


def summary(trials, horizon):
    """Of finished trials: how many, what share of their compute was saved, and the best reward."""
    done = [trial for trial in trials if trial["state"] == "SUCCEEDED"]
    steps = sum(min(trial["step"] or 0, horizon) for trial in done)
    rewards = [trial["metrics"]["reward"] for trial in done if trial["metrics"].get("reward") is not None]
    return {"finished": len(done), "infeasible": sum(trial["state"] == "INFEASIBLE" for trial in trials),
            "stopped": sum(trial["step"] is not None and trial["step"] < horizon for trial in done),
            "saved": round(1 - steps / (horizon * len(done)), 4) if done else 0, "best": max(rewards, default=None)}


def read_lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def ended_trials(line):
    return line["finished"] + line["infeasible"]


def record_progress(programs, results, options):
    """Appends lines for what is new; True once all studies are complete."""
    written = collections.defaultdict(int)
    for line in read_lines(results):
        written[line["rule"], line["seed"]] = ended_trials(line)
    complete = True
    for seed in range(1, options.seeds + 1):
        for rule in options.rules:
            trials = programs.rows("trial", "list", name_of(rule, seed), "-n", "1000000")
            line = {"rule": rule, "seed": seed, **summary(trials, options.evaluations)}
            ended = ended_trials(line)
            complete = complete and ended >= options.trials
            if ended >= written[rule, seed] + LINE_EVERY or (ended >= options.trials > written[rule, seed]):
                with results.open("a") as file:
                    file.write(json.dumps(line) + "\n")
    return complete


def is_complete(programs, results, options):
    """record_progress; on a machine that is too busy to answer in time, False."""
    try:
        return record_progress(programs, results, options)
    except RuntimeError as error:
        print(error, file=sys.stderr, flush=True)
        return False


def write_curves(programs, path, options):
    """The full curves of the studies without stops, a line of JSON for each trial, for `./run bench stopping --replay`."""
    with path.open("w") as file:
        for seed in range(1, options.seeds + 1):
            name = name_of("NONE", seed)
            for trial in sorted(programs.rows("trial", "list", name, "-n", "1000000"), key=lambda trial: trial["id"]):
                if trial["state"] != "SUCCEEDED":
                    continue
                details = programs.rows("trial", "show", name, str(trial["id"]))
                values = [round(row["metrics"]["accuracy"], 4) for row in details["measurements"]
                          if "accuracy" in row["metrics"]]
                penalty = trial["metrics"]["reward"] - trial["metrics"]["int8_accuracy"]
                file.write(json.dumps({"study": name, "trial": trial["id"], "parameters": trial["parameters"],
                                       "curve": values, "goal": round(trial["metrics"]["reward"], 4),
                                       "offset": round(penalty, 4)}) + "\n")


def comparable(lines):
    """By (rule, seed), the line of each rule at the most ended trials that all rules have reached of that seed; of the
    seeds that all have. Lines are not written at the same counts: the last one up to that many trials."""
    rules = {line["rule"] for line in lines}
    chosen = {}
    for seed in {line["seed"] for line in lines}:
        of_seed = {rule: [line for line in lines if (line["rule"], line["seed"]) == (rule, seed)] for rule in rules}
        if not all(of_seed.values()):
            continue
        reached = min(max(map(ended_trials, own)) for own in of_seed.values())
        latest = {rule: [line for line in own if ended_trials(line) <= reached] for rule, own in of_seed.items()}
        if all(latest.values()):
            chosen.update({(rule, seed): max(own, key=ended_trials) for rule, own in latest.items()})
    return chosen


def report(results):
    """A table by rule, of the seeds and trial counts that all rules have."""
    lines = comparable(read_lines(results))
    rules = sorted({rule for rule, _ in lines})
    print("| rule | seeds | trials | stopped | saved % | best reward, mean (each) |\n|---|---|---|---|---|---|")
    for rule in rules:
        own = [line for (name, _), line in sorted(lines.items()) if name == rule]
        best = [line["best"] for line in own if line["best"] is not None]
        print(f"| {rule} | {len(own)} | {sum(line['finished'] for line in own)} | {sum(line['stopped'] for line in own)} | "
              f"{100 * statistics.mean(line['saved'] for line in own):.1f} | {statistics.mean(best):.4f} "
              f"({', '.join(f'{value:.4f}' for value in best)}) |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder for database, data set and results")
    parser.add_argument("--bin", default="build/release/bin", help="folder of Photinus' programs, with libtorch")
    parser.add_argument("--rules", type=lambda text: text.split(","), default=["NONE", "MEDIAN", "TSGP"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--trials", type=int, default=150, help="of each study")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--evaluations", type=int, default=20)
    parser.add_argument("--algorithm", default="GAUSSIAN_PROCESS_BANDIT")
    parser.add_argument("--slots", type=int, default=1)
    parser.add_argument("--curves", type=pathlib.Path, help="run nothing: write the full curves so far to this file")
    parser.add_argument("--report", action="store_true", help="run nothing: print the table of WORK/results.jsonl")
    options = parser.parse_args()
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    results = work / "results.jsonl"
    if options.report:
        return report(results)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    programs = StudyPrograms(options.bin, work, slots=options.slots)
    try:
        if options.curves is not None:
            return write_curves(programs, options.curves, options)
        create_studies(programs, work, options)
        while not is_complete(programs, results, options):
            programs.keep_running()
            time.sleep(POLL_SECONDS)
    finally:
        programs.end()
    report(results)


if __name__ == "__main__":
    main()
