"""`--check` of the training benchmark tells a training that is too slow by its exit status.

Usage: training_check_test.py BENCHMARK
"""
import re
import subprocess
import sys


def run(bar):
    return subprocess.run([sys.argv[1], "--pairs", "1", "--batches", "10", "--check", bar], text=True, capture_output=True)


slow = run("0.001")  # no training is that fast
assert slow.returncode == 1, slow
assert re.search(r"a whole training, wall: the median ratio \d+\.\d+ is above 0\.001", slow.stderr), slow
for clock in "wall", "CPU":
    assert f"| a whole training, {clock} |" in slow.stdout, slow
fast = run("1000")
assert fast.returncode == 0 and fast.stderr == "", fast
assert run("0").returncode not in (0, 1)
