#!/usr/bin/env python3
"""Our training loop beside a bare one of libtorch on a GPU: builds `./run bench training` with this machine's PyTorch
(2.7 or newer) and runs it.

Exit status 1 where a whole training takes more than --check times the bare loop's. What gpu_checks.py needs, and
GoogleTest's library.
"""
import argparse
import subprocess
import sys

import gpu_checks

FOLDER = gpu_checks.REPOSITORY / "build/gpu-benchmarks"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--torch", help="prefix of a libtorch; default: that of the Python module torch")
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--check", default="1.05")
    options, others = parser.parse_known_args()  # others: of the benchmark, such as --pairs 20 --seed 2
    gpu_checks.build(options.torch or gpu_checks.torch_prefix(), "training_benchmark", FOLDER, tests="ON")
    return subprocess.run([FOLDER / "benchmarks/training", "--device", options.device, "--check", options.check,
                           *others]).returncode


if __name__ == "__main__":
    sys.exit(main())
