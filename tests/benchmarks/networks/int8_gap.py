"""Trains random networks of a space and compares float, fake-quantized and int8 accuracy.

Each network is trained shortly by photinus-trial; a line of JSON per network goes to --out. Ended or killed at any time, it
goes on where it was when it is started again with the same arguments. All three accuracies are of the validation split,
from which no weight learns: float without any rounding, fake-quantized as training simulates int8, int8 from the bytes of
the .tflite by XNNPACK. With --check the exit status is 1 where the gap of a network is above one point, or where its
fake-quantized and int8 predictions agree on less than 99 % of the clips. docs/benchmarks.md has what came of it.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

BIN = pathlib.Path(os.environ.get("PHOTINUS_BIN", "build/release/bin"))
MOST_GAP, LEAST_AGREEMENT = 0.01, 0.99
KEPT = ("params", "flops", "size_bytes", "float_accuracy", "accuracy", "int8_accuracy", "int8_test_accuracy",
        "int8_agreement")


def sampled(space, seed):
    """A random architecture of the space."""
    text = subprocess.run([BIN / "photinus-worker", "net", "sample", space, "--seed", str(seed)], check=True,
                          capture_output=True, text=True).stdout
    return json.loads(text)


def trained(options, seed):
    """What profile.json says of a network that was trained."""
    with tempfile.TemporaryDirectory() as work:
        request = {"trial": f"int8-gap/{seed}", "architecture": sampled(options.space, seed), "parameters": {},
                   "task": options.task, "epochs": options.epochs, "evaluations": 1, "seed": seed,
                   "data_dir": str(options.data_dir.resolve()), "work_dir": work}
        result = subprocess.run([BIN / "photinus-trial"], input=json.dumps(request) + "\n", capture_output=True, text=True)
        profile = pathlib.Path(work, "profile.json")
        if result.returncode != 0 or not profile.exists():
            sys.exit(f"network {seed}: photinus-trial ended with {result.returncode}: {result.stderr or result.stdout}")
        found = json.loads(profile.read_text())
        return {"seed": seed, "space": options.space, "task": options.task, "epochs": options.epochs,
                **{key: found[key] for key in KEPT}}


def lines_of(path, options):
    """The networks that are there already; an error where they were trained otherwise."""
    if not path.exists():
        return []
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        for key in ("space", "task", "epochs"):
            if line[key] != getattr(options, key):
                sys.exit(f"{path} was begun with --{key} {line[key]}; name another file with --out")
    return lines


def report(lines):
    """Prints the comparison; whether gap and agreement of each network are within their bounds."""
    def column(key):
        return [line[key] for line in lines]

    gaps = [abs(line["int8_accuracy"] - line["accuracy"]) for line in lines]
    print("| | mean | least | greatest |\n|---|---|---|---|")
    for name, values in (("float accuracy, %", column("float_accuracy")), ("fake-quantized accuracy, %", column("accuracy")),
                         ("int8 accuracy, %", column("int8_accuracy")), ("gap of int8 to fake-quantized, points", gaps),
                         ("their argmax agreement, %", column("int8_agreement"))):
        print(f"| {name} | {100 * statistics.mean(values):.2f} | {100 * min(values):.2f} | {100 * max(values):.2f} |")
    if len(lines) > 2:
        for name, x, y in (("float and int8 accuracy", "float_accuracy", "int8_accuracy"),
                           ("parameters and file size", "params", "size_bytes")):
            correlation = statistics.correlation(column(x), column(y))
            print(f"\nCorrelation of {name}: {correlation:.4f}, R2 {correlation ** 2:.4f}")
    return max(gaps) <= MOST_GAP and min(column("int8_agreement")) >= LEAST_AGREEMENT


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="file of results, a line of JSON per network")
    parser.add_argument("--data-dir", type=pathlib.Path, required=True, help="folder for the data set; made if missing")
    parser.add_argument("--space", default="energy-audio-49")
    parser.add_argument("--task", default="events")
    parser.add_argument("--networks", type=int, default=20)
    parser.add_argument("--epochs", type=float, default=3)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    lines = lines_of(options.out, options)
    known = {line["seed"] for line in lines}
    for seed in range(1, options.networks + 1):
        if seed in known:
            continue
        lines.append(trained(options, seed))
        with options.out.open("a") as file:
            file.write(json.dumps(lines[-1]) + "\n")
    within = report(lines)
    return 0 if within or not options.check else 1


if __name__ == "__main__":
    sys.exit(main())
