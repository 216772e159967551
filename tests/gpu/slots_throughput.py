#!/usr/bin/env python3
"""Trials per hour with several slots on one device, and how busy a GPU is meanwhile.

Each slot is a process at a time, as under photinus-worker: it trains random networks of a space on generated events, one
after the other. All slots train the same ones from the same seeds, so that rows differ in the number of slots alone.
Prints one row per number of slots. Needs no server; builds like gpu_checks.py, or takes a photinus-trial.
"""
import argparse
import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
import threading
import time

import gpu_checks


class Utilisation:
    """The share of time in which a GPU ran something, sampled each second by nvidia-smi; none on a CPU."""

    def __init__(self, device):
        self._samples = []
        self._process = None
        if device == "cpu":
            return
        index = device.partition(":")[2] or "0"
        self._process = subprocess.Popen(
            ["nvidia-smi", "-i", index, "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits", "-l", "1"],
            stdout=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            self._samples.append(float(line))

    def finish(self):
        if self._process is None:
            return None
        self._process.terminate()
        self._process.wait()
        self._reader.join()
        return statistics.mean(self._samples) if self._samples else None


@dataclasses.dataclass
class Trial:
    request: dict
    environment: dict  # besides that of this process
    work_dir: pathlib.Path


def draw_networks(options, folder):
    """Those that every slot trains, by seed."""
    seeds = range(1, 1 + options.trials)
    if options.worker is None:
        return {seed: {**gpu_checks.network(seed), "classes": 9} for seed in seeds}
    networks = {}
    for seed in seeds:
        path = folder / f"net-{seed}.json"
        subprocess.run([options.worker, "net", "sample", options.space, "--seed", str(seed), "-o", path], check=True)
        networks[seed] = json.loads(path.read_text())
    return networks


def threads_of_slot(device, cores, slots):
    """As the worker shares them (worker/agent/devices.cc, SharedThreads)."""
    least, most = (1, 2) if device == "cpu" else (2, 5)
    return max(least, min(cores // slots, most))


def plan_slot(options, networks, threads, folder):
    """The trials of one slot, in order; `folder` is its own."""
    environment = gpu_checks.slot_environment(options.device, threads)
    trials = []
    for seed, network in networks.items():
        work_dir = folder / f"work-{seed}"
        request = {"trial": f"owners/gpu/studies/slots/trials/{seed}", "task": options.task, "architecture": network,
                   "parameters": {"lr": 0.004}, "epochs": options.epochs, "evaluations": 12, "seed": seed,
                   "device": options.device, "threads": threads, "data_dir": str(options.data_dir),
                   "work_dir": str(work_dir)}
        trials.append(Trial(request, environment, work_dir))
    return trials


def run_slot(program, trials, faults):
    for trial in trials:
        profile = trial.work_dir / "profile.json"
        trial.work_dir.mkdir(parents=True, exist_ok=True)
        profile.unlink(missing_ok=True)
        with open(trial.work_dir / "lines.jsonl", "w") as lines:
            ended = subprocess.run([program], input=json.dumps(trial.request) + "\n", text=True, stdout=lines,
                                   stderr=subprocess.PIPE, env={**os.environ, **trial.environment})
        if ended.returncode != 0 or not profile.exists():
            faults.append(f"{trial.request['trial']} ended with {ended.returncode}: {ended.stderr[-1000:]}")


def measure(program, options, slots, networks, folder):
    """How many trials, with how many threads, the seconds for all of them, and the GPU's utilisation in percent."""
    threads = threads_of_slot(options.device, len(os.sched_getaffinity(0)), slots)
    faults = []
    plans = [plan_slot(options, networks, threads, folder / f"slots-{slots}/{slot}") for slot in range(slots)]
    utilisation = Utilisation(options.device)
    start = time.monotonic()
    workers = [threading.Thread(target=run_slot, args=(program, trials, faults)) for trials in plans]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    seconds = time.monotonic() - start
    busy = utilisation.finish()
    if faults:
        raise SystemExit("\n".join(faults))
    return sum(map(len, plans)), threads, seconds, busy


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--torch", help="prefix of a libtorch; default: that of the Python module torch")
    parser.add_argument("--program", type=pathlib.Path, help="a photinus-trial that is built already")
    parser.add_argument("--worker", type=pathlib.Path, help="a photinus-worker, which draws networks of --space; without it "
                                                            "networks are those of gpu_checks.py")
    parser.add_argument("--space", default="energy-audio-49")
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--task", default="events")
    parser.add_argument("--data-dir", type=pathlib.Path, default=gpu_checks.BUILD / "data")
    parser.add_argument("--slots", default="1,4,16")
    parser.add_argument("--trials", type=int, default=3, help="of each slot, the same ones")
    parser.add_argument("--epochs", type=float, default=10)
    options = parser.parse_args()
    program = options.program or gpu_checks.build_trial_program(options.torch or gpu_checks.torch_prefix())
    program = program.resolve()
    options.data_dir = options.data_dir.resolve()
    subprocess.run([program, "check", "--device", options.device], check=True)
    subprocess.run([program, "data", "--data-dir", options.data_dir, "--task", options.task], check=True)
    folder = gpu_checks.BUILD / "throughput"
    folder.mkdir(parents=True, exist_ok=True)
    networks = draw_networks(options, folder)
    print(f"{'slots':>6} {'threads':>8} {'trials':>7} {'seconds':>8} {'per hour':>9} {'GPU %':>6}")
    for slots in map(int, options.slots.split(",")):
        count, threads, seconds, busy = measure(program, options, slots, networks, folder)
        print(f"{slots:>6} {threads:>8} {count:>7} {seconds:>8.1f} {3600 * count / seconds:>9.1f} "
              f"{'-' if busy is None else f'{busy:.0f}':>6}", flush=True)


if __name__ == "__main__":
    main()
