#!/usr/bin/env python3
"""Trains the same networks on the CPU and on a GPU, with a photinus-trial built from this machine's PyTorch.

Both must learn alike, and the int8 file must score as training predicted. Prints one row per network: accuracies on
unseen voices and seconds of training. Exit status 1 when a check fails.

Needs no network, no Debian packages and no server: cmake, a C++20 compiler, the headers of nlohmann-json, CLI11 and
Eigen, headers and library of XGBoost and of OpenSSL (libcrypto), FlatBuffers with flatc (folders that hold them may be
named in CMAKE_PREFIX_PATH) and, where the data set is not there yet, espeak-ng.
"""
import argparse
import json
import os
import pathlib
import random
import subprocess
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BUILD = REPOSITORY / "build/gpu"
LEAST_ACCURACY = 0.70
LEAST_AGREEMENT = 0.99  # of the int8 file's predictions with those of simulated quantization
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


def train(program, data_dir, device, seed, epochs):
    folder = BUILD / f"runs/{device.replace(':', '-')}-{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    request = {"trial": f"owners/gpu/studies/check/trials/{seed}", "attempt": 1, "task": "keywords",
               "architecture": network(seed), "parameters": {"lr": 0.004}, "epochs": epochs, "evaluations": 12,
               "seed": seed, "device": device, "data_dir": str(data_dir), "work_dir": str(folder)}
    with open(folder / "lines.jsonl", "w") as lines:
        subprocess.run([program], input=json.dumps(request) + "\n", text=True, stdout=lines, check=True)
    return json.loads((folder / "profile.json").read_text())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--torch", help="prefix of a libtorch; default: that of the Python module torch")
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--data-dir", type=pathlib.Path, default=BUILD / "data")
    parser.add_argument("--networks", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=8)
    options = parser.parse_args()
    program = build_trial_program(options.torch or torch_prefix())
    subprocess.run([program, "--version"], check=True)
    subprocess.run([program, "check", "--device", options.device], check=True)
    subprocess.run([program, "data", "--data-dir", options.data_dir], check=True)
    faults = 0
    print(f"{'network':>8} {'accuracy cpu':>13} {options.device:>8} {'agreement':>10} {'seconds cpu':>12} {options.device:>8}")
    for seed in range(1, options.networks + 1):
        cpu, gpu = (train(program, options.data_dir, device, seed, options.epochs) for device in ("cpu", options.device))
        ok = (gpu["int8_test_accuracy"] >= LEAST_ACCURACY and gpu["int8_agreement"] >= LEAST_AGREEMENT and
              abs(gpu["int8_test_accuracy"] - cpu["int8_test_accuracy"]) <= LARGEST_DIFFERENCE)
        faults += not ok
        print(f"{seed:>8} {cpu['int8_test_accuracy']:>13.3f} {gpu['int8_test_accuracy']:>8.3f} {gpu['int8_agreement']:>10.4f} "
              f"{cpu['seconds']['train']:>12.1f} {gpu['seconds']['train']:>8.1f}{'' if ok else '  FAULT'}", flush=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
