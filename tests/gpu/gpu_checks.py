#!/usr/bin/env python3
"""Trains the same networks on the CPU and on a GPU, with a photinus-trial built from this machine's PyTorch.

Both must learn alike, and the int8 file must score as training predicted. On the GPU one network is trained again, and
once more with a kill in between: both must end with the same file, or, where libtorch warned that it has no algorithm
that repeats, with its accuracy. Prints one row per network: accuracies on unseen voices and seconds of training. Exit
status 1 when a check fails.

Needs no network, no Debian packages and no server: cmake, a C++20 compiler, the headers of nlohmann-json, CLI11 and
Eigen, headers and library of XGBoost and of OpenSSL (libcrypto), FlatBuffers with flatc (folders that hold them may be
named in CMAKE_PREFIX_PATH) and, where the data set is not there yet, espeak-ng.
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BUILD = REPOSITORY / "build/gpu"
LEAST_ACCURACY = 0.70
LEAST_AGREEMENT = 0.99  # of the int8 file's predictions with those of simulated quantization
EVALUATIONS = 12
KILL_AT_STEP = 7  # of 12; a checkpoint is written at the end of each epoch
THREADS = 2  # as with many slots on a GPU
NO_ALGORITHM_THAT_REPEATS = "does not have a deterministic implementation"  # as libtorch words it
LARGEST_DIFFERENCE = 0.06  # of the accuracies on both devices: sums differ in their last bits, training amplifies


def torch_prefix():
    import torch
    return torch.utils.cmake_prefix_path


def build(prefix, target="photinus-trial", folder=BUILD, tests="OFF"):
    """Builds a target in `folder` with the libtorch of that prefix; tests: "ON" for what is built with the tests."""
    subprocess.run(["cmake", "-S", REPOSITORY, "-B", folder, "-DCMAKE_BUILD_TYPE=Release",
                    "-DPHOTINUS_BUILD_SERVICES=OFF", f"-DPHOTINUS_BUILD_TESTS={tests}",
                    f"-DPHOTINUS_TORCH_PREFIX={prefix}"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", folder, "--target", target, "-j", str(os.cpu_count())], check=True)


def build_trial_program(prefix):
    build(prefix)
    return BUILD / "bin/photinus-trial"


def network(seed):
    draw = random.Random(seed)
    blocks = [{"type": "temporal", "filters": draw.choice([16, 24, 32]), "kernel": draw.choice([3, 5, 9]), "stride": 1}]
    for _ in range(4):
        blocks.append({"type": draw.choice(["separable", "residual"]), "filters": draw.choice([24, 32, 48]),
                       "kernel": draw.choice([3, 5, 9]), "stride": draw.choice([1, 2])})
    return {"name": f"gpu-check-{seed}", "input": {"channels": 1, "height": 49, "width": 40}, "classes": 12, "blocks": blocks}


def slot_environment(device, threads):
    """Of a trial, besides that of this process: as worker/agent/devices.cc sets it."""
    environment = {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    if device != "cpu":
        environment["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"
    return environment


class Trainer:
    def __init__(self, program, data_dir, epochs, folder):
        self._program = program
        self._data_dir = data_dir
        self._epochs = epochs
        self._folder = folder

    def folder(self, name):
        return self._folder / name

    def train(self, device, seed, suffix=""):
        """One network, in a folder of its own."""
        folder = self.folder(f"{device.replace(':', '-')}-{seed}{suffix}")
        self._attempt(device, seed, folder, {"attempt": 1})
        return Training(folder)

    def train_with_a_kill(self, device, seed):
        """The same, by two attempts, of which the first is killed."""
        folder = self.folder(f"{device.replace(':', '-')}-{seed}-resumed")
        kept = folder / "checkpoint"
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        self._attempt(device, seed, folder, {"attempt": 1, "checkpoint_dir": str(kept)}, KILL_AT_STEP)
        self._attempt(device, seed, folder, {"attempt": 2, "checkpoint_dir": str(kept)})
        return Training(folder)

    def _attempt(self, device, seed, folder, members, kill_at_step=None):
        folder.mkdir(parents=True, exist_ok=True)
        request = {"trial": f"owners/gpu/studies/check/trials/{seed}", "task": "keywords",
                   "architecture": network(seed), "parameters": {"lr": 0.004}, "epochs": self._epochs,
                   "evaluations": EVALUATIONS, "seed": seed, "device": device, "threads": THREADS,
                   "data_dir": str(self._data_dir), "work_dir": str(folder), **members}
        with open(folder / "lines.jsonl", "w") as lines, open(folder / "log", "w") as log:
            process = subprocess.Popen([self._program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                                       text=True, env={**os.environ, **slot_environment(device, THREADS)})
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.close()
            killed = False
            for line in process.stdout:
                lines.write(line)
                if kill_at_step is not None and not killed and json.loads(line).get("step") == kill_at_step:
                    process.kill()
                    killed = True
            process.stdout.close()
        status = process.wait()
        if status != (0 if kill_at_step is None else -signal.SIGKILL):
            raise SystemExit(f"{folder}: photinus-trial ended with {status}: {(folder / 'log').read_text()[-1000:]}")


class Training:
    """What photinus-trial left of one."""

    def __init__(self, folder):
        self.profile = json.loads((folder / "profile.json").read_text())
        self.accuracy = self.profile["int8_test_accuracy"]
        self.file = (folder / "model.tflite").read_bytes()
        self.may_vary = NO_ALGORITHM_THAT_REPEATS in (folder / "log").read_text()


def differences(whole, other):
    """What is wrong with a training that is to be equal to another one; empty: nothing."""
    if other.file == whole.file:
        return ""
    if not (whole.may_vary or other.may_vary):
        return "other bits, and no warning of libtorch that there may be"
    if abs(other.accuracy - whole.accuracy) > LARGEST_DIFFERENCE:
        return f"accuracy {other.accuracy:.3f} instead of {whole.accuracy:.3f}"
    return ""


def check_repeats(trainer, device, seed, whole):
    """Trains a network again, and with a kill in between. Returns how many faults there are."""
    resumed = trainer.train_with_a_kill(device, seed)
    faults = {"again": differences(whole, trainer.train(device, seed, "-again")),
              "resumed after a kill": differences(whole, resumed)}
    if not resumed.profile["resumed_at_epoch"] > 0:
        faults["resumed after a kill"] = "began anew"
    for what, fault in faults.items():
        print(f"network {seed} on {device}, {what}: {f'{fault}  FAULT' if fault else 'the same'}", flush=True)
    return sum(map(bool, faults.values()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--torch", help="prefix of a libtorch; default: that of the Python module torch")
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--data-dir", type=pathlib.Path, default=BUILD / "data")
    parser.add_argument("--networks", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=8, help="at least 2")
    options = parser.parse_args()
    program = build_trial_program(options.torch or torch_prefix())
    subprocess.run([program, "--version"], check=True)
    subprocess.run([program, "check", "--device", options.device], check=True)
    subprocess.run([program, "data", "--data-dir", options.data_dir], check=True)
    trainer = Trainer(program, options.data_dir, options.epochs, BUILD / "runs")
    faults = 0
    print(f"{'network':>8} {'accuracy cpu':>13} {options.device:>8} {'agreement':>10} {'seconds cpu':>12} {options.device:>8}")
    for seed in range(1, options.networks + 1):
        cpu, gpu = (trainer.train(device, seed) for device in ("cpu", options.device))
        agreement = gpu.profile["int8_agreement"]
        ok = (gpu.accuracy >= LEAST_ACCURACY and agreement >= LEAST_AGREEMENT and
              abs(gpu.accuracy - cpu.accuracy) <= LARGEST_DIFFERENCE)
        faults += not ok
        print(f"{seed:>8} {cpu.accuracy:>13.3f} {gpu.accuracy:>8.3f} {agreement:>10.4f} "
              f"{cpu.profile['seconds']['train']:>12.1f} {gpu.profile['seconds']['train']:>8.1f}"
              f"{'' if ok else '  FAULT'}", flush=True)
        if seed == 1:
            faults += check_repeats(trainer, options.device, seed, gpu)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
